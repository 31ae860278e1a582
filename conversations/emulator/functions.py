"""Function tools: which the model calls, with which arguments, and what it makes of their outputs."""

import json
import re
from collections.abc import Iterator
from typing import Any

from conversations.emulator.errors import invalid
from conversations.emulator.hosted import Plan
from conversations.emulator.objects import new_id
from conversations.emulator.streaming.calls import Call

Json = dict[str, Any]
Wanted = tuple[str, str]
"""A tool's name and its arguments as text."""

MOST = 16
LONGEST_WHOLE = 5
# Parts of names that say nothing of what the tool is about.
EMPTY = {"get", "set", "ask", "for", "the", "current", "find", "make", "run", "conversations"}
SUM = re.compile(r"\(*-?\d[\d\s.+*/%()-]*\d\)*")
PLACES = re.compile(r"\b(?:in|for|at|and|or|,)\s+([A-Z][\w'-]+(?: [A-Z][\w'-]+)*)")
ZONE = re.compile(r"\b[A-Z][A-Za-z]+/[A-Z][A-Za-z_]+\b")
ZONES = {
    "paris": "Europe/Paris",
    "tokyo": "Asia/Tokyo",
    "new york": "America/New_York",
    "berlin": "Europe/Berlin",
}


def plan(request: Json, question: str, context: list[Json], hosted: Plan) -> Plan:
    """With what the hosted tools do beside. Calls that were made since the question aren't made again."""
    made = _since_the_question(context)
    wanted = [] if request.get("tool_choice") == "none" else list(_wanted(request, question, made))
    if request.get("parallel_tool_calls") is False or request["model"].startswith("o"):
        wanted = wanted[:1]
    calls = [_call(*each) for each in wanted[:MOST]]
    if calls:
        return Plan([*hosted.calls, *calls], hosted.said, hosted.notes, waits=True)
    said = "".join(f"{_told(item, made)}\n\n" for item in made if item["type"] == "function_call_output")
    return Plan(hosted.calls, (hosted.said or "") + said, hosted.notes, hosted.waits) if said else hosted


def answered(context: list[Json]) -> bool:
    """Whether outputs have come since the question."""
    return any(item["type"] == "function_call_output" for item in _since_the_question(context))


def check_tools(tools: list[Json]) -> None:
    """Raises the refusal of a function without a name, or whose schema isn't strict where it says so."""
    for number, tool in enumerate(tools):
        if tool["type"] == "function":
            _check(tool, f"tools[{number}]")


def _check(tool: Json, place: str) -> None:
    if not tool.get("name"):
        param = f"{place}.name"
        raise invalid(
            f"Missing required parameter: '{param}'.", param=param, code="missing_required_parameter"
        )
    schema = tool.get("parameters")
    if not tool.get("strict") or not isinstance(schema, dict):
        return
    lacking = set(schema.get("properties") or {}) - set(schema.get("required") or [])
    if schema.get("additionalProperties") is not False:
        problem = "'additionalProperties' is required to be supplied and to be false."
    elif lacking:
        missing = min(lacking)
        problem = (
            "'required' is required to be supplied and to be an array including every key in properties. "
            f"Missing '{missing}'."
        )
    else:
        return
    message = f"Invalid schema for function '{tool['name']}': In context=(), {problem}"
    raise invalid(message, param=f"{place}.parameters", code="invalid_function_parameters")


def _since_the_question(context: list[Json]) -> list[Json]:
    asked = [at for at, item in enumerate(context) if item.get("role") == "user"]
    return context[asked[-1] + 1 :] if asked else context


def _wanted(request: Json, question: str, made: list[Json]) -> Iterator[Wanted]:
    tools = [tool for tool in request.get("tools") or [] if tool["type"] == "function"]
    known = {(item["name"], item["arguments"]) for item in made if item["type"] == "function_call"}
    again = "for ever" in question.lower()
    if tools and "unknown tool" in question.lower() and not known:
        yield "no_such_tool", "{}"
    found = [tool for tool in tools if _asked_for(tool, request.get("tool_choice"), question)]
    if not found and not made and request.get("tool_choice") == "required":
        found = tools[:1]
    for tool in found:
        for arguments in _arguments(tool, question):
            if again or (tool["name"], arguments) not in known:
                yield tool["name"], arguments


def _asked_for(tool: Json, choice: Any, question: str) -> bool:
    if isinstance(choice, dict) and choice.get("type") == "function":
        return bool(choice.get("name") == tool["name"])
    words = [word for word in re.split(r"[_-]", tool["name"].lower()) if word not in EMPTY]
    stems = "|".join(_stem(word) for word in words) or re.escape(tool["name"])
    return bool(re.search(rf"\b(?:{stems})", question, re.IGNORECASE))


def _stem(word: str) -> str:
    """Of short words the whole: a timeline isn't about the time."""
    return re.escape(word[:7]) if len(word) > LONGEST_WHOLE else rf"{re.escape(word)}\b"


def _arguments(tool: Json, question: str) -> list[str]:
    """Of one call, or of one for each place that is named."""
    properties = (tool.get("parameters") or {}).get("properties") or {}
    if "wrong arguments" in question.lower():
        return ['{"nonsense":true}']
    one = {name: _value(name, schema, question) for name, schema in properties.items()}
    place = next((name for name in properties if name in ("location", "city", "place")), None)
    places = dict.fromkeys(PLACES.findall(question)) if place else {}
    return [json.dumps(one | {place: each}) for each in places] or [json.dumps(one)]


def _value(name: str, schema: Json, question: str) -> Any:
    if "enum" in schema:
        return schema["enum"][0]
    number = re.search(r"-?\d+", question)
    kinds: dict[str, Any] = {
        "integer": int(number[0]) if number else 1,
        "number": float(number[0]) if number else 1.0,
        "boolean": True,
        "array": [],
        "null": None,
    }
    if schema.get("type") == "object":
        inner = schema.get("properties") or {}
        return {key: _value(key, each, question) for key, each in inner.items()}
    return kinds[schema["type"]] if schema.get("type") in kinds else _text(name, question)


def _text(name: str, question: str) -> str:
    if name == "expression":
        found = SUM.search(question)
        return found[0].strip() if found else "1 + 1"
    if name == "zone":
        named = ZONE.search(question)
        city = next((ZONES[each] for each in ZONES if each in question.lower()), "UTC")
        return named[0] if named else city
    about = re.search(r"\b(?:for|about) (.+)", question)
    return " ".join((about[1] if about else question).rstrip("?!.").split()[:8])


def _call(name: str, arguments: str) -> Call:
    opened = {"id": new_id("fc"), "type": "function_call", "status": "in_progress", "arguments": ""}
    named = {"call_id": f"call_{new_id('')[1:25]}", "name": name}
    done = {"status": "completed", "arguments": arguments}
    return Call({**opened, **named}, done, stem="function_call_arguments", key="arguments")


def _told(item: Json, made: list[Json]) -> str:
    """An output in words."""
    calls = {each["call_id"]: each["name"] for each in made if each["type"] == "function_call"}
    name, output = calls.get(item["call_id"], "The tool"), item["output"]
    try:
        read = json.loads(output) if isinstance(output, str) else output
    except ValueError:
        read = output
    if isinstance(read, dict) and "error" in read:
        return f"`{name}` could not tell me: {read['error']}"
    if isinstance(read, dict):
        read = ", ".join(f"{key} {value}" for key, value in read.items() if key != "note")
    return f"`{name}` says: {read if isinstance(read, str) else json.dumps(read)}"

"""JSON schemas that an answer must fit, in the strict form of the API, and whether it does.

why_not({"type": "object", ...}) == ""      # or a sentence that says where and what
verdict(parameters, "completed", items)     # {"fits": False, "why": "mismatch", "at": "/a", "rule": "type"}
"""

import re
from collections.abc import Iterator
from typing import Any

import orjson
from django.utils.translation import gettext as _
from jsonschema import Draft202012Validator, SchemaError
from jsonschema.exceptions import best_match
from jsonschema.validators import extend
from referencing import Registry

Json = Any

LARGEST, DEEPEST, MOST_PROPERTIES = 20_000, 10, 1_000
# What the strict form doesn't know.
UNKNOWN = (
    *("allOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas"),
    *("patternProperties", "unevaluatedProperties", "propertyNames", "$id", "$dynamicRef"),
)
# What is said beside these is no answer yet: that comes in a later round.
CALLS = ("function_call", "custom_tool_call", "computer_call", "mcp_approval_request")
NAME = re.compile(r"[^A-Za-z0-9_-]+")


def _nothing(*_given: Any) -> Iterator[Any]:
    """A pattern that somebody wrote could keep a thread busy for hours; upstream heeds it already."""
    return iter(())


Validator = extend(Draft202012Validator, {"pattern": _nothing})


def as_text(schema: Json) -> Json:
    """As rows have it, whose databases would sort its keys; what is no JSON stays as it is."""
    return orjson.dumps(schema).decode() if isinstance(schema, dict) else schema


def format_of(schema: str) -> Json:
    """As `text.format` takes it, but for the schema, which is text until it is sent."""
    name = NAME.sub("_", str(_read(schema).get("title") or "")).strip("_")[:64] or "answer"
    return {"type": "json_schema", "name": name, "schema": schema, "strict": True}


def why_not(schema: Json) -> str:
    """Empty where the API would take it. As an object, or as text."""
    schema = _read(schema)
    if not isinstance(schema, dict):
        return _("A schema is a JSON object.")
    if len(orjson.dumps(schema)) > LARGEST:
        return _("It has more than %(most)d bytes.") % {"most": LARGEST}
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        told = {"at": _pointer(error.absolute_path), "why": error.message[:200]}
        return _("At %(at)s it is no JSON schema: %(why)s") % told
    except RecursionError:
        return _("It is nested too deep.")
    if schema.get("type") != "object" or "anyOf" in schema:
        return _("At its root it must be of type object, without anyOf.")
    found = next(_faults(schema, schema), None)
    return _("At %(at)s: %(why)s") % found if found else _too_much(schema)


def _read(schema: Json) -> Json:
    try:
        return orjson.loads(schema) if isinstance(schema, str) else schema
    except orjson.JSONDecodeError:
        return None


def _too_much(schema: Json) -> str:
    nodes = list(_nodes(schema))
    if max(path.count("/properties/") for path, _node in nodes) > DEEPEST:
        return _("Objects may be nested %(most)d deep.") % {"most": DEEPEST}
    if sum(len(node.get("properties", ())) for _path, node in nodes) > MOST_PROPERTIES:
        return _("It may have %(most)d properties together.") % {"most": MOST_PROPERTIES}
    return ""


def _faults(schema: Json, root: Json) -> Iterator[dict[str, str]]:
    for path, node in _nodes(schema):
        why = _fault(node, root)
        if why:
            yield {"at": path or "/", "why": why}


def _fault(node: Json, root: Json) -> str:
    unknown = [word for word in UNKNOWN if word in node]
    if unknown:
        return _("“%(word)s” is not part of the strict form.") % {"word": unknown[0]}
    if "$ref" in node and not _resolves(str(node["$ref"]), root):
        return _("“$ref” leads nowhere within the schema.")
    if "properties" not in node and node.get("type") != "object":
        return ""
    if node.get("additionalProperties") is not False:
        return _("every object needs “additionalProperties”: false.")
    missing = [name for name in node.get("properties", {}) if name not in node.get("required", [])]
    if missing:
        told = {"name": missing[0]}
        return _("“%(name)s” must be among “required”; let its type be null too if it may be empty.") % told
    return ""


def _nodes(node: Json, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema within the schema."""
    if not isinstance(node, dict):
        return
    yield path, node
    for word in ("properties", "$defs", "definitions"):
        for name, inner in (node.get(word) or {}).items():
            yield from _nodes(inner, f"{path}/{word}/{name}")
    yield from _nodes(node.get("items"), f"{path}/items")
    for word in ("anyOf", "oneOf", "prefixItems"):
        for number, inner in enumerate(node.get(word) or ()):
            yield from _nodes(inner, f"{path}/{word}/{number}")


def _resolves(reference: str, root: Json) -> bool:
    at = root
    for step in reference.removeprefix("#").split("/")[1:]:
        at = at.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(at, dict) else None
    return reference.startswith("#") and isinstance(at, dict)


def asked_by(parameters: Json) -> Json:
    """The schema of a request; none where it asks for plain text."""
    wanted = (parameters.get("text") or {}).get("format") or {}
    return _read(wanted.get("schema"))


def verdict(parameters: Json, status: str, items: list[Json]) -> Json:
    """Whether an answer fits, and where it doesn't, in no word of it; None where nothing is to be judged."""
    schema, parts = asked_by(parameters), _last_parts(items)
    calls = any(item.get("type") in CALLS for item in items)
    if schema is None or not parts or calls:
        return None
    if any(part.get("type") == "refusal" for part in parts):
        return _unfit("refused")
    try:
        value = orjson.loads("".join(str(part.get("text") or "") for part in parts))
    except orjson.JSONDecodeError:
        return _unfit("not_json" if status == "completed" else "cut")
    try:
        error = best_match(Validator(schema, registry=Registry()).iter_errors(value))
    except RecursionError:
        return _unfit("endless")
    if error is None:
        return {"fits": True}
    return _unfit("mismatch", at=_pointer(error.absolute_path), rule=str(error.validator))


def _unfit(why: str, **where: str) -> Json:
    return {"fits": False, "why": why, **where}


def _last_parts(items: list[Json]) -> list[Json]:
    messages = [item for item in items if item.get("type") == "message"]
    content = messages[-1].get("content") if messages else None
    return [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []


def _pointer(path: Any) -> str:
    return "/" + "/".join(map(str, path))

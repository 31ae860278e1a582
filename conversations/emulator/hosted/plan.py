"""Which hosted tools answer a question, and what they bring together."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from conversations.emulator.errors import invalid
from conversations.emulator.hosted import code, files, mcp, pictures, web
from conversations.emulator.hosted.work import Work, moved
from conversations.emulator.streaming.calls import Call

Json = dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """``said`` goes before the answer, with ``notes`` on it; None where the tools have nothing to say, and
    ``waits`` where somebody must answer first. ``thoughts`` are its own, for the summary of the reasoning."""

    calls: list[Call] = field(default_factory=list)
    said: str | None = None
    notes: list[Json] = field(default_factory=list)
    waits: bool = False
    thoughts: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Tool:
    asked: str
    work: Callable[[Work], Work]
    needs: tuple[str, ...] = ()


HOSTED = {
    "web_search": Tool(r"\b(?:web|online|internet|news|latest)\b", web.work),
    "web_search_preview": Tool(r"\b(?:web|online|internet|news|latest)\b", web.work),
    "file_search": Tool(
        r"\b(?:files?|documents?|handbook|knowledge base)\b", files.work, ("vector_store_ids",)
    ),
    "code_interpreter": Tool(
        r"\b(?:run|execute|calculate|compute|plot)\b|\bpython\b", code.work, ("container",)
    ),
    "image_generation": Tool(r"\b(?:draw|paint|sketch|generate an? (?:image|picture))\b", pictures.work),
    "mcp": Tool(r"\bmcp\b", mcp.work, ("server_label",)),
}


def plan(request: Json, question: str, context: list[Json]) -> Plan:
    """What the tools of this request do about the question."""
    works = [
        HOSTED[tool["type"]].work(Work(request, tool, question, context))
        for tool in request.get("tools") or []
        if tool["type"] in HOSTED and _asked(tool, request, question, context)
    ]
    said, notes = "", []
    for work in works:
        notes += moved(work.notes, len(said))
        said += work.said
    waits = any(work.waits for work in works)
    return Plan([call for work in works for call in work.calls], said or None, notes, waits)


def _asked(tool: Json, request: Json, question: str, context: list[Json]) -> bool:
    choice = request.get("tool_choice")
    if choice == "none":
        return False
    if isinstance(choice, dict) and choice.get("type") == tool["type"]:
        return True
    if tool["type"] == "mcp" and mcp.answered(context):
        return True
    label = f"|{re.escape(tool['server_label'])}" if tool["type"] == "mcp" else ""
    return bool(re.search(HOSTED[tool["type"]].asked + label, question, re.IGNORECASE))


OTHERS = ("function", "custom", "computer", "computer_use_preview", "shell", "local_shell", "apply_patch")


def check_tools(tools: list[Any], model: str, lacks: tuple[str, ...]) -> None:
    """Raises the refusal of a tool that is not known, lacks what it needs or is not for this model."""
    for number, tool in enumerate(tools):
        place, kind = f"tools[{number}]", tool.get("type") if isinstance(tool, dict) else None
        if kind not in (*HOSTED, *OTHERS):
            known = ", ".join(f"'{each}'" for each in (*OTHERS, *HOSTED))
            message = f"Invalid value: '{kind}'. Supported values are: {known}."
            raise invalid(message, param=f"{place}.type", code="invalid_value")
        if kind in lacks:
            raise invalid(f"Hosted tool '{kind}' is not supported with {model}.", param="tools")
        if kind in HOSTED:
            _check_hosted(place, tool)


def _check_hosted(place: str, tool: Json) -> None:
    missing = [name for name in HOSTED[tool["type"]].needs if not tool.get(name)]
    if tool["type"] == "mcp" and not (tool.get("server_url") or tool.get("connector_id")):
        missing.append("server_url")
    if missing:
        param = f"{place}.{missing[0]}"
        message = f"Missing required parameter: '{param}'."
        raise invalid(message, param=param, code="missing_required_parameter")


def shown(tool: Json) -> Json:
    """A tool as a response repeats it: an MCP server's secrets are taken out, also of the path of its URL."""
    if tool["type"] != "mcp":
        return tool
    told = {key: value for key, value in tool.items() if key != "authorization"}
    if tool.get("headers"):
        told["headers"] = dict.fromkeys(tool["headers"], "<redacted>")
    if tool.get("server_url"):
        parts = urlsplit(tool["server_url"])
        told["server_url"] = f"{parts.scheme}://{parts.netloc}/<redacted>"
    return told

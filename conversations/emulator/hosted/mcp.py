"""An MCP server: its tools are listed once, a call asks first unless it needn't, and then it is made."""

import json
from itertools import takewhile
from typing import Any

from conversations.emulator.hosted.work import Work
from conversations.emulator.objects import new_id
from conversations.emulator.streaming.calls import Call

Json = dict[str, Any]

SEARCH, READ = "search_docs", "read_page"
UNREACHABLE = "unreachable"
APPROVAL = "mcp_approval_response"
BROUGHT = (APPROVAL, "function_call_output")


def answered(context: list[Json]) -> Json | None:
    """A person's answer to a request for approval, if it is among the last outputs."""
    came_last = takewhile(lambda item: item["type"] in BROUGHT, reversed(context))
    return next((item for item in came_last if item["type"] == APPROVAL), None)


def work(given: Work) -> Work:
    label = given.tool["server_label"]
    if not any(item["type"] == "mcp_list_tools" and item["server_label"] == label for item in given.context):
        given.calls.append(_listing(given.tool))
    if UNREACHABLE in given.tool.get("server_url", ""):
        return given.say(f"The MCP server {label} could not be reached.\n\n")
    answer = answered(given.context)
    if answer is None and _asks_first(given.tool):
        return _ask(given)
    return _answer(given, answer)


def _ask(given: Work) -> Work:
    item = {"id": new_id("mcpr"), "type": "mcp_approval_request", **_called(given)}
    given.calls.append(Call(item, {}))
    given.waits = True
    return given


def _answer(given: Work, answer: Json | None) -> Work:
    request = _request_of(given.context, answer)
    if answer and (request is None or request["server_label"] != given.tool["server_label"]):
        return given
    if answer and not answer["approve"]:
        return given.say("You declined the call, so I answer without it.\n\n")
    called = (
        {key: request[key] for key in ("name", "arguments", "server_label")} if request else _called(given)
    )
    asked = {"approval_request_id": request["id"] if request else None}
    opened = {"id": new_id("mcp"), "type": "mcp_call", "status": "in_progress", **asked, **called}
    output = json.dumps({"results": [{"title": "Deleting a response", "url": "https://docs.example.com/7"}]})
    given.calls.append(
        Call(
            {**opened, "arguments": "", "output": None, "error": None},
            {"status": "completed", "arguments": called["arguments"], "output": output, "error": None},
            at_first=("in_progress",),
            stem="mcp_call_arguments",
            key="arguments",
            at_last=("completed",),
        )
    )
    return given.say(f"{called['server_label']} knows one page about it: Deleting a response.\n\n")


def _request_of(context: list[Json], answer: Json | None) -> Json | None:
    wanted = answer["approval_request_id"] if answer else None
    return next((item for item in context if item.get("id") == wanted), None) if wanted else None


def _called(given: Work) -> Json:
    arguments = json.dumps({"query": given.subject})
    return {"name": SEARCH, "arguments": arguments, "server_label": given.tool["server_label"]}


def _asks_first(tool: Json) -> bool:
    """Approval is asked for unless the request says that it needn't be."""
    required = tool.get("require_approval") or "always"
    if isinstance(required, dict):
        never = (required.get("never") or {}).get("tool_names") or []
        return SEARCH not in never
    return bool(required != "never")


def _listing(tool: Json) -> Call:
    label = {"server_label": tool["server_label"]}
    opened = {"id": new_id("mcpl"), "type": "mcp_list_tools", **label, "tools": []}
    if UNREACHABLE in tool.get("server_url", ""):
        error = "Error retrieving tool list from MCP server: the connection was refused."
        return Call(opened, {"error": error}, at_first=("in_progress",), at_last=("failed",))
    allowed = tool.get("allowed_tools") or [SEARCH, READ]
    allowed = allowed.get("tool_names") or [] if isinstance(allowed, dict) else allowed
    tools = [each for each in TOOLS if each["name"] in allowed]
    return Call(opened, {"tools": tools}, at_first=("in_progress",), at_last=("completed",))


def _tool(name: str, description: str, argument: str) -> Json:
    schema = {"type": "object", "properties": {argument: {"type": "string"}}, "required": [argument]}
    return {
        "name": name,
        "description": description,
        "input_schema": schema,
        "annotations": {"read_only": True},
    }


TOOLS = (
    _tool(SEARCH, "Finds pages of the documentation", "query"),
    _tool(READ, "Reads one page of the documentation", "url"),
)

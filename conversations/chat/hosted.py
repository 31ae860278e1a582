"""The tools that run upstream: what switching them on puts into a request.

tools({"code_interpreter": {}}, team) == [{"type": "code_interpreter", "container": {"type": "auto"}}]
includes({"web_search": {}}, EndpointKind.AZURE_V1) == ["web_search_call.action.sources"]
"""

from typing import Any

from django.utils.translation import gettext as _

from conversations.chat.choices import Choices
from conversations.chat.refusals import Refusal
from conversations.models import McpServer
from conversations.models.endpoints import Auth, EndpointKind
from conversations.models.mcp_servers import Approval
from conversations.people import rights
from conversations.responses_api import reference

Json = dict[str, Any]

# What a call found is left out of the answer unless it is asked for.
INCLUDES = {
    "web_search": "web_search_call.action.sources",
    "file_search": "file_search_call.results",
    "code_interpreter": "code_interpreter_call.outputs",
}
NAMES = (*INCLUDES, "image_generation")
BEFORE_V1 = ("file_search",)


def tools(chosen: Choices, team: int) -> list[Json]:
    """As a request takes them, but for the secrets of MCP servers, which are named."""
    servers = _servers(team, chosen["mcp"]) if "mcp" in chosen else []
    return [_tool(name, chosen[name]) for name in NAMES if name in chosen] + list(map(_mcp, servers))


def check(chosen: Choices, team: int) -> None:
    """Raises Refusal for an MCP server that the team can't use."""
    if "mcp" in chosen:
        _servers(team, chosen["mcp"])


def _servers(team: int, labels: list[str]) -> list[McpServer]:
    known = {server.label: server for server in rights.mcp_servers_of(team).filter(label__in=labels)}
    missing = [label for label in labels if label not in known]
    if missing:
        told = {"labels": ", ".join(missing)}
        raise Refusal("cannot", _("This team has no MCP server named %(labels)s.") % told, choice="mcp")
    return [known[label] for label in labels]


def includes(chosen: Choices, kind: str) -> list[str]:
    """What the dated previews don't know isn't asked of them."""
    known = BEFORE_V1 if kind == EndpointKind.AZURE_DATED else INCLUDES
    return [INCLUDES[name] for name in known if name in chosen]


def _tool(name: str, settings: Json) -> Json:
    if name == "code_interpreter":
        return {"type": name, "container": {"type": "auto", **settings}}
    return {"type": name, **settings}


def _mcp(server: McpServer) -> Json:
    """What has no value is left out: the API then takes its own."""
    fields = {
        "server_description": server.description,
        "allowed_tools": server.allowed_tools,
        "authorization": server.authorization_name and _named(server, server.authorization_name),
        "headers": {header: _named(server, name) for header, name in server.headers.items()},
    }
    given = {name: value for name, value in fields.items() if value}
    label = {"server_label": server.label, "server_url": server.url}
    return {"type": "mcp", **label, **given, "require_approval": _approval(server)}


def _approval(server: McpServer) -> str | Json:
    exempt = server.trusted_tools and server.require_approval != Approval.NEVER
    return {"never": {"tool_names": server.trusted_tools}} if exempt else server.require_approval


def _named(server: McpServer, name: str) -> str:
    return reference(name, server.vault_url if server.auth == Auth.KEY_VAULT else "")

"""Names of secrets in a request's MCP tools, which become values where the request leaves.

reference("MCP_DOCS_TOKEN", "") == "secret:env:MCP_DOCS_TOKEN"
check_reference("AZURE_OPENAI_API_KEY", "")     # raises BadConfiguration: that one isn't for MCP servers
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from conversations.responses_api.endpoints import Auth, check_named
from conversations.responses_api.errors import BadConfiguration

Json = dict[str, Any]

ENV, VAULT = "secret:env:", "secret:vault:"
# Others are no MCP server's business: whoever sets one up could have them sent anywhere.
VARIABLES, SECRETS = "MCP_", "mcp-"


def reference(name: str, vault_url: str) -> str:
    return f"{VAULT}{vault_url}:{name}" if vault_url else f"{ENV}{name}"


def check_reference(name: str, vault_url: str) -> None:
    prefix = SECRETS if vault_url else VARIABLES
    if not name.startswith(prefix):
        raise BadConfiguration(f"The name of an MCP server's secret must begin with {prefix}.")
    check_named(Auth.KEY_VAULT if vault_url else Auth.ENV, name, vault_url)


def named_in(request: Mapping[str, Any]) -> bool:
    return any(_secret_fields(tool) for tool in request.get("tools") or ())


async def spelt_out(
    request: Mapping[str, Any], secret: Callable[[str, str], Awaitable[str]]
) -> dict[str, Any]:
    """With values in the places of names; `secret` gets a name and its vault's URL, if it has one."""
    return {**request, "tools": [await _spelt(tool, secret) for tool in request["tools"]]}


async def _spelt(tool: Json, secret: Callable[[str, str], Awaitable[str]]) -> Json:
    async def value(text: str) -> str:
        name, vault_url = _parts(text)
        check_reference(name, vault_url)
        return await secret(name, vault_url)

    told = dict(tool)
    for field, held in _secret_fields(tool).items():
        told[field] = (
            {name: await value(text) for name, text in held.items()}
            if isinstance(held, dict)
            else await value(held)
        )
    return told


def _secret_fields(tool: Json) -> Json:
    if tool.get("type") != "mcp":
        return {}
    return {field: tool[field] for field in ("authorization", "headers") if tool.get(field)}


def _parts(text: str) -> tuple[str, str]:
    if text.startswith(ENV):
        return text.removeprefix(ENV), ""
    if text.startswith(VAULT):
        vault_url, _colon, name = text.removeprefix(VAULT).rpartition(":")
        return name, vault_url
    raise BadConfiguration("An MCP server's secret is named by a reference, never by the secret itself.")


def without_secrets(response: Any) -> Any:
    """A response as upstream told it, without what it may repeat of its MCP tools' secrets."""
    tools = response.get("tools") if isinstance(response, dict) else None
    if not isinstance(tools, list) or not any(map(_tells, tools)):
        return response
    return {**response, "tools": [_bare(tool) if _tells(tool) else tool for tool in tools]}


def _tells(tool: Any) -> bool:
    return isinstance(tool, dict) and bool(_secret_fields(tool))


def _bare(tool: Json) -> Json:
    return {key: value for key, value in tool.items() if key not in ("authorization", "headers")}

"""A request of ours as a program that anybody can run: in Python with OpenAI's client, and as curl.

No secret is in it: keys are variables of the environment, MCP servers' secrets and the bytes of files are
placeholders. What only we need of the request is left out.
"""

import json
from collections.abc import Callable
from pprint import pformat
from typing import Any

from conversations.chat import history
from conversations.chat.history import Input
from conversations.chat.requests import body
from conversations.models import Endpoint, Response
from conversations.models.endpoints import Auth, EndpointKind
from conversations.models.responses import Direction, History
from conversations.responses_api.endpoints import DATED_SCOPE, V1_SCOPE
from conversations.stored import references

Json = Any

KEY, TOKEN = "AZURE_OPENAI_API_KEY", "AZURE_OPENAI_AUTH_TOKEN"
OURS = ("stream_options", "safety_identifier")


def request_of(response: Response) -> Json:
    """The body as it was sent, but for ours and with placeholders."""
    fields = body(response, _given(response))
    fields["metadata"] = {name: value for name, value in fields["metadata"].items() if name != "run_id"}
    kept = {name: value for name, value in fields.items() if name not in OURS}
    left_out = [name for name, usual in (("metadata", {}), ("store", True)) if kept[name] == usual]
    return _veiled({name: value for name, value in kept.items() if name not in left_out})


def as_python(response: Response) -> str:
    imports, client = _client(response.endpoint)
    fields = "\n".join(f"    {name}={_literal(value)}," for name, value in request_of(response).items())
    return (
        f"{imports}\n\nclient = {client}\nresponse = client.responses.create(\n{fields}\n)\n"
        "print(response.model_dump_json(indent=2))\n"
    )


def as_curl(response: Response) -> str:
    endpoint = response.endpoint
    # A quote would end the shell's word; as JSON has it, it is the same.
    sent = json.dumps(request_of(response), ensure_ascii=False, indent=2).replace("'", "\\u0027")
    headers = ["Content-Type: application/json", *_sign_in(endpoint)]
    lines = [f'curl -X POST "{_url(endpoint)}"', *(f'-H "{header}"' for header in headers), f"-d '{sent}'"]
    return " \\\n  ".join(lines) + "\n"


def _given(response: Response) -> Input:
    """What went along, told again from the rows."""
    own = list(
        response.items.filter(direction=Direction.INPUT)
        .order_by("position")
        .values_list("payload", flat=True)
    )
    again: dict[str, Callable[[], Input]] = {
        History.RESENT: lambda: history.resend(response, response.previous or response),
        History.REBUILT: lambda: history.rebuild(response, response.history_reason),
    }
    if response.turn_id and response.history in again:
        return again[response.history]()
    return Input(own, response.previous, History(response.history))


def _veiled(value: Json) -> Json:
    if isinstance(value, dict):
        return {name: _veiled(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_veiled(inner) for inner in value]
    if isinstance(value, str) and value.startswith(references.PREFIX):
        return "data:<type>;base64,<the file, in base64>"
    if isinstance(value, str) and value.startswith(("secret:env:", "secret:vault:")):
        return f"<{value.rpartition(':')[2]}>"
    return value


def _literal(value: Json) -> str:
    first, *rest = pformat(value, width=96, sort_dicts=False).splitlines()
    return "\n".join([first, *(f"    {line}" for line in rest)])


def _client(endpoint: Endpoint) -> tuple[str, str]:
    dated = endpoint.kind == EndpointKind.AZURE_DATED
    name = "AzureOpenAI" if dated else "OpenAI"
    where = {"azure_endpoint": endpoint.base_url, "api_version": endpoint.api_version}
    if not dated:
        where = {"base_url": endpoint.base_url}
    told = [f"{key}={value!r}" for key, value in where.items()]
    if endpoint.auth != Auth.ENTRA:
        return f"import os\n\nfrom openai import {name}", _call(
            name, [*told, f'api_key=os.environ["{_key(endpoint)}"]']
        )
    scope = endpoint.token_scope or (DATED_SCOPE if dated else V1_SCOPE)
    provider = f"get_bearer_token_provider(DefaultAzureCredential(), {scope!r})"
    field = "azure_ad_token_provider" if dated else "api_key"
    imports = "from azure.identity import DefaultAzureCredential, get_bearer_token_provider"
    return f"{imports}\nfrom openai import {name}", _call(name, [*told, f"{field}={provider}"])


def _call(name: str, arguments: list[str]) -> str:
    return f"{name}(\n" + "".join(f"    {each},\n" for each in arguments) + ")"


def _key(endpoint: Endpoint) -> str:
    return endpoint.key_name if endpoint.auth == Auth.ENV else KEY


def _url(endpoint: Endpoint) -> str:
    if endpoint.kind == EndpointKind.AZURE_DATED:
        return f"{endpoint.base_url.rstrip('/')}/openai/responses?api-version={endpoint.api_version}"
    return f"{endpoint.base_url.rstrip('/')}/responses"


def _sign_in(endpoint: Endpoint) -> list[str]:
    if endpoint.auth == Auth.NONE:
        return []
    if endpoint.auth == Auth.ENTRA:
        return [f"Authorization: Bearer ${TOKEN}"]
    name = _key(endpoint)
    return [
        f"api-key: ${name}" if endpoint.kind == EndpointKind.AZURE_DATED else f"Authorization: Bearer ${name}"
    ]

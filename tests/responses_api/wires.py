"""What went over the wire, so that a sample's request and the door's can be compared field by field."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from openai import AzureOpenAI, OpenAI

from conversations.responses_api import Auth, EndpointKind, ResponsesAPI
from tests.responses_api.servers import KEY, Emulator, audience

VERSION = "2025-03-01-preview"

# What tells one client library from another, and nothing about the request.
ABOUT_THE_CLIENT = {"host", "user-agent", "accept-encoding", "x-stainless-async", "x-stainless-read-timeout"}


@dataclass(frozen=True)
class Wire:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    json: Any

    @classmethod
    def of(cls, recorded: dict[str, Any]) -> "Wire":
        headers = {name: value for name, value in recorded["headers"] if name not in ABOUT_THE_CLIENT}
        assert len({name for name, _ in recorded["headers"]}) == len(recorded["headers"])
        # A length of nothing is as good as none.
        assert int(headers.pop("content-length", "0")) == len(recorded["body"].encode())
        # Tokens are new each time; what they are good for is not.
        if token := audience(headers.get("authorization", "")):
            headers["authorization"] = f"Bearer token for {token}"
        query = dict(parse_qsl(recorded["query"], strict_parsing=bool(recorded["query"])))
        return cls(recorded["method"], recorded["path"], query, headers, recorded["json"])


async def door(emulator: Emulator, operation: str, call: Callable[[ResponsesAPI], Any]) -> Wire:
    async with ResponsesAPI() as api:
        await call(api)
    return Wire.of(emulator.requests(operation)[-1])


async def sample(emulator: Emulator, operation: str, client: OpenAI, run: Callable[[OpenAI], Any]) -> Wire:
    with client:
        await asyncio.to_thread(run, client)
    return Wire.of(emulator.requests(operation)[-1])


def dated_client(emulator: Emulator, auth: Auth) -> OpenAI:
    if auth is Auth.ENTRA:
        return AzureOpenAI(
            azure_endpoint=emulator.url,
            azure_ad_token_provider=emulator.token_provider("https://cognitiveservices.azure.com/.default"),
            api_version=VERSION,
        )
    return AzureOpenAI(api_key=KEY, api_version=VERSION, azure_endpoint=emulator.url)


def v1_client(emulator: Emulator, auth: Auth) -> OpenAI:
    provider = emulator.token_provider("https://ai.azure.com/.default")
    return OpenAI(base_url=f"{emulator.url}/openai/v1/", api_key=provider if auth is Auth.ENTRA else KEY)


def other_client(emulator: Emulator, auth: Auth) -> OpenAI:
    assert auth is Auth.ENV
    return OpenAI(base_url=f"{emulator.url}/v1/", api_key=KEY)


CLIENTS = {
    EndpointKind.AZURE_DATED: dated_client,
    EndpointKind.AZURE_V1: v1_client,
    EndpointKind.OPENAI: other_client,
}

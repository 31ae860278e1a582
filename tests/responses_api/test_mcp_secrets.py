"""Secrets of MCP servers are in a request and in nothing that comes back."""

import json
from typing import Any

import pytest

from conversations.responses_api import BadConfiguration, BadRequest, ResponsesAPI
from tests.responses_api.servers import Emulator, RawServer, sse

TOKEN, HEADER = "canary-token-a81c", "canary-header-77d0"


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MCP_DOCS_TOKEN", TOKEN)
    monkeypatch.setenv("MCP_DOCS_KEY", HEADER)


def request(**fields: Any) -> dict[str, Any]:
    tool = {
        "type": "mcp",
        "server_label": "docs",
        "server_url": "https://docs.example.com/",
        "authorization": "secret:env:MCP_DOCS_TOKEN",
        "headers": {"X-Api-Key": "secret:env:MCP_DOCS_KEY"},
        **fields,
    }
    return {"model": "gpt-5.1", "input": "Search docs by MCP", "tools": [tool, {"type": "web_search"}]}


def told(*values: object) -> str:
    return json.dumps(values)


async def test_they_are_filled_in_where_the_request_leaves(emulator: Emulator, api: ResponsesAPI) -> None:
    asked = request()
    async with api.stream(emulator.endpoint(), asked) as events:
        seen = [event async for event in events]
    sent = emulator.requests("create")[-1]["json"]
    assert sent["tools"][0]["authorization"] == TOKEN
    assert sent["tools"][0]["headers"] == {"X-Api-Key": HEADER}
    assert asked == request()
    stored = await api.retrieve(emulator.endpoint(), seen[0]["response"]["id"])
    assert "canary" not in told(seen, stored)


async def test_an_upstream_that_repeats_them_is_not_believed(api: ResponsesAPI) -> None:
    repeated = request(authorization=TOKEN, headers={"X-Api-Key": HEADER})["tools"]
    failed = {
        "id": "mcpl_1",
        "type": "mcp_list_tools",
        "server_label": "docs",
        "tools": [],
        "error": f"Refused: X-Api-Key {HEADER}",
    }
    response = {"id": "resp_1", "status": "completed", "output": [failed], "tools": repeated}
    events = sse(
        {"type": "response.created", "sequence_number": 0, "response": {**response, "output": []}},
        {"type": "response.output_item.done", "sequence_number": 1, "output_index": 0, "item": failed},
        {"type": "response.completed", "sequence_number": 2, "response": response},
    )
    async with RawServer([events]) as server, api.stream(server.endpoint(), request()) as stream:
        seen = [event async for event in stream]
    assert HEADER in server.requests[0][2].decode()
    assert "canary" not in told(seen)
    assert seen[1]["item"]["error"] == "Refused: X-Api-Key [redacted]"
    # The tools are told without the fields, by whomever and whenever they are read.
    assert seen[2]["response"]["tools"][0].keys() == {"type", "server_label", "server_url"}


async def test_a_refusal_that_quotes_one_is_told_without(api: ResponsesAPI) -> None:
    said = {"error": {"message": f"Bad header {HEADER} or token {TOKEN}", "code": "bad", "param": "tools"}}
    raw = RawServer([json.dumps(said).encode()], status="400 Bad Request", content_type="application/json")
    async with raw as server:
        with pytest.raises(BadRequest) as refused:
            async with api.stream(server.endpoint(), request()):
                pass
    assert "canary" not in f"{refused.value} {told(refused.value.as_dict())}"
    assert "Bad header [redacted] or token [redacted]" in str(refused.value)


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("secret:env:MCP_NOT_SET", "MCP_NOT_SET, which should hold the key, is not set"),
        ("secret:env:AZURE_OPENAI_API_KEY", "must begin with MCP_"),
        ("secret:vault:https://team.vault.azure.net/:the-key", "must begin with mcp-"),
        (TOKEN, "named by a reference, never by the secret itself"),
    ],
)
async def test_what_isnt_a_name_of_such_a_secret_is_not_sent(
    emulator: Emulator, api: ResponsesAPI, reference: str, said: str
) -> None:
    before = len(emulator.requests("create"))
    with pytest.raises(BadConfiguration, match=said) as refused:
        await api.create(emulator.endpoint(), request(authorization=reference))
    assert TOKEN not in str(refused.value)
    assert len(emulator.requests("create")) == before

"""A turn copied as Python or curl is what the chat sent for it, but for what is the chat's own."""

import base64
import json
import runpy
from pathlib import Path
from typing import Any

import pytest

from conversations.chat import samples
from conversations.models import Conversation, Endpoint, McpServer, Response, Turn
from conversations.responses_api import Auth, EndpointKind
from tests.attached import uploaded
from tests.pictures import picture
from tests.responses_api.servers import KEY, KEY_VARIABLE, Emulator
from tests.responses_api.wires import Wire
from tests.seed.curling import curled
from tests.seed.guide import said_in_chat

WORDS = "It's 7 o'clock: \"why\" \\ $HOME `x` é?\nSecond line"
SCHEMA = {
    "type": "object",
    "properties": {"why": {"type": "string"}},
    "required": ["why"],
    "additionalProperties": False,
}


def row_of(turn: Turn) -> Response:
    return Response.objects.select_related("endpoint", "deployment", "previous").get(turn=turn)


def plain(wire: Wire) -> Any:
    ours = ("stream", "stream_options", "safety_identifier", "store", "metadata")
    return {name: value for name, value in wire.json.items() if name not in ours}


def run(code: str, folder: Path) -> None:
    file = folder / "copied.py"
    file.write_text(code)
    runpy.run_path(str(file))


@pytest.mark.parametrize(
    ("talk", "kind"),
    [
        (Auth.ENTRA, EndpointKind.AZURE_DATED),
        (Auth.ENV, EndpointKind.AZURE_DATED),
        (Auth.ENTRA, EndpointKind.AZURE_V1),
        (Auth.ENV, EndpointKind.AZURE_V1),
        (Auth.ENV, EndpointKind.OPENAI),
    ],
    indirect=["talk"],
)
def test_python_sends_what_we_sent(
    emulator: Emulator, talk: Conversation, kind: EndpointKind, tmp_path: Path
) -> None:
    auth = Auth(talk.deployment.endpoint.auth)
    if kind != EndpointKind.AZURE_DATED:
        path = {"azure_v1": "/openai/v1/", "openai": "/v1/"}[kind]
        scope = "https://ai.azure.com/.default" if auth is Auth.ENTRA else ""
        Endpoint.objects.update(kind=kind, api_version="", base_url=emulator.url + path, token_scope=scope)
    talk = Conversation.objects.get()
    said_in_chat(emulator, talk, "Hello")
    turn, wire = said_in_chat(emulator, talk, WORDS, asked={"max_output_tokens": 64})
    run(samples.as_python(row_of(turn)), tmp_path)
    copied = Wire.of(emulator.requests("create")[-1])
    assert (copied.method, copied.path, copied.query) == (wire.method, wire.path, wire.query)
    assert copied.json == plain(wire)
    assert copied.json["previous_response_id"]
    secrets = ("api-key", "authorization")
    assert [copied.headers.get(name) for name in secrets] == [wire.headers.get(name) for name in secrets]
    assert KEY not in samples.as_python(row_of(turn)) + samples.as_curl(row_of(turn))


@pytest.mark.parametrize("talk", [Auth.ENTRA, Auth.ENV], indirect=True)
def test_curl_sends_what_we_sent(emulator: Emulator, talk: Conversation) -> None:
    turn, wire = said_in_chat(emulator, talk, WORDS)
    token = wire.headers.get("authorization", "").removeprefix("Bearer ")
    known = {KEY_VARIABLE: KEY, "AZURE_OPENAI_AUTH_TOKEN": token}
    command = curled(samples.as_curl(row_of(turn)), known)
    assert (command.method, command.path, command.query) == (wire.method, wire.path, wire.query)
    assert command.json == plain(wire)
    assert command.headers.items() <= wire.headers.items()


def test_files_and_secrets_are_placeholders(
    emulator: Emulator, talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MCP_DOCS_TOKEN", "canary-20fa")
    McpServer.objects.create(
        label="docs", url="https://docs.example.com/", auth="env", authorization_name="MCP_DOCS_TOKEN"
    )
    known = {"kind": EndpointKind.AZURE_V1, "api_version": "", "base_url": f"{emulator.url}/openai/v1/"}
    Endpoint.objects.update(**known)
    talk = Conversation.objects.get()
    shown = uploaded(talk.owner, picture("PNG"))
    asked = {"mcp": ["docs"], "schema": SCHEMA}
    turn, wire = said_in_chat(emulator, talk, "What do you see?", shown, asked=asked)
    assert wire.json["tools"][0]["authorization"] == "canary-20fa"
    row = row_of(turn)
    for copied in (samples.as_python(row), samples.as_curl(row)):
        assert "<MCP_DOCS_TOKEN>" in copied
        assert "data:<type>;base64,<the file, in base64>" in copied
        assert "json_schema" in copied
        for secret in ("canary", KEY, base64.b64encode(picture("PNG")).decode()[:60], shown.content_id):
            assert secret not in copied
    assert json.loads(json.dumps(samples.request_of(row)))["text"]["format"]["schema"] == SCHEMA


def test_what_was_sent_again_is_copied_whole(emulator: Emulator, talk: Conversation) -> None:
    Conversation.objects.update(choices={"keep": "resent"})
    said_in_chat(emulator, talk, "One?")
    turn, wire = said_in_chat(emulator, talk, "Two?")
    Response.objects.filter(turn=turn).update(history="resent", previous=talk.turns.first().responses.get())  # type: ignore[union-attr]  # there is one
    assert samples.request_of(row_of(turn)) == plain(wire)
    assert [item["role"] for item in samples.request_of(row_of(turn))["input"]] == [
        "user",
        "assistant",
        "user",
    ]

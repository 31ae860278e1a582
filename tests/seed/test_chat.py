"""What the chat sends where a sample of Azure's guide does the same, field by field."""

from typing import Any

import pytest
from openai import OpenAI

from conversations.models import Conversation, Endpoint
from conversations.responses_api import Auth, EndpointKind
from tests.attached import uploaded
from tests.pictures import picture
from tests.responses_api.servers import KEY, Emulator
from tests.responses_api.wires import Wire
from tests.seed.guide import MODEL, QUESTION, SIMPLER, Json, data_url, said_in_chat, seen, theirs


def spelt(wire: Wire) -> Json:
    """In the long form that the chat sends, without what is the chat's own."""
    body = dict(wire.json)
    body["input"] = [_spelt_item(item) for item in _listed(body["input"])]
    for own in ("store", "stream", "stream_options", "metadata"):
        body.pop(own, None)
    return body


def _listed(given: str | list[Json]) -> list[Json]:
    return [{"role": "user", "content": given}] if isinstance(given, str) else given


def _spelt_item(item: Json) -> Json:
    content = item["content"]
    parts = [{"type": "input_text", "text": content}] if isinstance(content, str) else content
    return {"type": "message", **item, "content": parts}


def same_address(one: Wire, other: Wire) -> bool:
    secrets = [
        {name: wire.headers.get(name) for name in ("api-key", "authorization")} for wire in (one, other)
    ]
    return (one.method, one.path, one.query) == (other.method, other.path, other.query) and (
        secrets[0] == secrets[1]
    )


@pytest.mark.parametrize("talk", [Auth.ENTRA, Auth.ENV], indirect=True)
def test_a_message(emulator: Emulator, talk: Conversation) -> None:
    _turn, wire = said_in_chat(emulator, talk, "Hello")

    def sample(client: OpenAI) -> None:
        for event in client.responses.create(input="Hello", model=MODEL, stream=True):
            assert event.type

    wanted = theirs(emulator, Auth(talk.deployment.endpoint.auth), sample, "create")
    assert same_address(wire, wanted)
    assert wire.headers == wanted.headers
    assert spelt(wire) == spelt(wanted)
    assert wire.json["metadata"].keys() == {"run_id"}
    assert (wire.json["store"], wire.json["stream"]) == (True, True)


def test_the_next_message(emulator: Emulator, talk: Conversation) -> None:
    before, _wire = said_in_chat(emulator, talk, QUESTION)
    _turn, wire = said_in_chat(emulator, talk, SIMPLER)
    follow_up = [{"role": "user", "content": SIMPLER}]
    known = before.responses.get().response_id

    def sample(client: OpenAI) -> None:
        client.responses.create(model=MODEL, previous_response_id=known, input=follow_up)  # type: ignore[arg-type]  # as in the guide

    wanted = theirs(emulator, Auth.ENV, sample, "create")
    assert same_address(wire, wanted)
    assert spelt(wire) == spelt(wanted)


def test_sent_again(emulator: Emulator, talk: Conversation) -> None:
    Conversation.objects.update(choices={"keep": "resent"})
    said_in_chat(emulator, talk, QUESTION)
    _turn, wire = said_in_chat(emulator, talk, SIMPLER)
    asked: list[Any] = [{"type": "message", "role": "user", "content": QUESTION}]

    def sample(client: OpenAI) -> None:
        retrieved = [item for item in wire.json["input"] if item.get("role") == "assistant"]
        everything = [*asked, *retrieved, {"role": "user", "type": "message", "content": SIMPLER}]
        client.responses.create(model=MODEL, input=everything)

    wanted = theirs(emulator, Auth.ENV, sample, "create")
    assert same_address(wire, wanted)
    assert spelt(wire) == spelt(wanted)
    assert [item["role"] for item in wire.json["input"]] == ["user", "assistant", "user"]


def test_a_picture(emulator: Emulator, talk: Conversation) -> None:
    shown = uploaded(talk.owner, picture("JPEG"), content_type="image/jpeg")
    _turn, wire = said_in_chat(emulator, talk, "What do you see?", shown)
    body = seen(data_url(picture("JPEG")))
    wanted = theirs(emulator, Auth.ENV, lambda client: client.responses.create(**body), "create")
    assert same_address(wire, wanted)
    assert spelt(wire) == spelt(wanted)


def test_an_address(emulator: Emulator, talk: Conversation) -> None:
    """On the v1 route, which takes it."""
    known = {"kind": EndpointKind.AZURE_V1, "api_version": "", "base_url": f"{emulator.url}/openai/v1/"}
    Endpoint.objects.update(**known)
    _turn, wire = said_in_chat(
        emulator, Conversation.objects.get(), "What do you see?", {"url": "https://example.com/cat.jpg"}
    )
    with OpenAI(base_url=f"{emulator.url}/openai/v1/", api_key=KEY) as client:
        client.responses.create(**seen("https://example.com/cat.jpg"))
    wanted = Wire.of(emulator.requests("create")[-1])
    assert same_address(wire, wanted)
    sent = spelt(wire)
    assert len(sent.pop("safety_identifier")) == 64
    assert sent == spelt(wanted)

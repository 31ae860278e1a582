"""How full the context is, as upstream counts it, by a real request to the emulator."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from conversations import clock
from conversations.chat import gauging, turns
from conversations.chat.refusals import Refusal
from conversations.models import Conversation, Endpoint, Response, Turn, User
from conversations.models.responses import Direction
from conversations.stored import items
from tests.emulator.running import KEY, Running

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with Running(tmp_path_factory.mktemp("emulator")) as running:
        yield running


@pytest.fixture
def endpoint(emulator: Running, conversation: Conversation, monkeypatch: pytest.MonkeyPatch) -> Endpoint:
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", KEY)
    Endpoint.objects.update(base_url=f"{emulator.url}/openai/v1/")
    return Endpoint.objects.get()


@pytest.fixture
def answered(alice: User, conversation: Conversation, endpoint: Endpoint, emulator: Running) -> Turn:
    turn = turns.send_message(alice, conversation.pk, client_key=uuid4(), text="Tell me more", tip=None)
    made = emulator.create(input="Tell me more")
    now = clock.now()
    Response.objects.update(
        status="completed",
        ended_at=now,
        response_id=made["id"],
        upstream_state="stored",
        expires_at=now + timedelta(days=30),
    )
    items.add(turn.responses.get(), Direction.OUTPUT, made["output"])
    return turn


def count(user: User, turn: Turn) -> int:
    return gauging.count(user, turn.conversation_id, turn.pk)


def sent_to(emulator: Running) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(emulator.last_request("input_tokens")["body"])
    return body


def test_what_is_chained_to_is_counted_without_sending_it(
    alice: User, answered: Turn, emulator: Running
) -> None:
    counted = count(alice, answered)
    assert counted > 10
    assert sent_to(emulator) == {
        "model": "gpt-5.1",
        "previous_response_id": answered.responses.get().response_id,
    }
    Response.objects.update(upstream_state="deleted")
    again = count(alice, answered)
    assert [item["role"] for item in sent_to(emulator)["input"]] == ["user", "assistant"]
    assert abs(again - counted) < 5


def test_instructions_are_counted_too(alice: User, answered: Turn) -> None:
    before = count(alice, answered)
    Conversation.objects.update(instructions="Answer like a pirate. " * 20)
    assert count(alice, answered) > before + 100


def test_tools_are_counted_but_for_servers_with_secrets(
    alice: User, answered: Turn, emulator: Running
) -> None:
    function = {"type": "function", "name": "add", "parameters": {"type": "object", "properties": {}}}
    server = {"type": "mcp", "server_label": "wiki", "server_url": "https://example.com/mcp"}
    Response.objects.update(tools=[function, server])
    count(alice, answered)
    assert sent_to(emulator)["tools"] == [function]


def test_where_upstream_doesnt_count_it_is_said(
    alice: User, bob: User, carol: User, answered: Turn, endpoint: Endpoint
) -> None:
    door = f"/api/conversations/{answered.conversation_id}/context/"
    client = Client()
    client.force_login(bob)
    asked: dict[str, Any] = {"data": {"tip": str(answered.pk)}, "content_type": "application/json"}
    assert client.post(door, **asked).json()["input_tokens"] > 10
    Endpoint.objects.update(base_url="http://127.0.0.1:9/openai/v1/")
    answer = client.post(door, **asked)
    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "not_counted")
    Endpoint.objects.update(kind="azure_dated", api_version="2025-04-01-preview")
    with pytest.raises(Refusal, match="doesn't count input tokens"):
        count(alice, answered)
    with pytest.raises(Refusal, match="no such message"):
        count(carol, answered)

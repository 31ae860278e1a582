"""What the guide's samples have in common, and a conversation of the chat by the guide's route."""

import asyncio
import base64
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from openai import AzureOpenAI

from conversations import clock
from conversations.chat import ledger, turns
from conversations.models import Attachment, Conversation, Deployment, Endpoint, Turn, User
from conversations.models.responses import Direction
from conversations.responses_api import Auth, EndpointKind, ResponsesAPI
from conversations.responses_api import Endpoint as Address
from conversations.stored import items, references
from tests.responses_api.servers import KEY_VARIABLE, Emulator
from tests.responses_api.wires import VERSION, Wire, dated_client

MODEL = "gpt-5.1"
QUESTION = "Why is the sky blue at noon?"
SIMPLER = "Say it so that a child of ten understands."

Json = dict[str, Any]


def theirs(emulator: Emulator, auth: Auth, run: Callable[[AzureOpenAI], object], operation: str) -> Wire:
    client = dated_client(emulator, auth)
    assert isinstance(client, AzureOpenAI)
    with client:
        run(client)
    return Wire.of(emulator.requests(operation)[-1])


def seen(address: str) -> Json:
    parts = [
        {"type": "input_text", "text": "What do you see?"},
        {"type": "input_image", "image_url": address},
    ]
    return {"model": MODEL, "input": [{"role": "user", "content": parts}]}


def data_url(content: bytes, kind: str = "image/jpeg") -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


@pytest.fixture
def talk(emulator: Emulator, alice: User, request: pytest.FixtureRequest) -> Conversation:
    """A conversation of the chat on the emulator, by the guide's route."""
    auth = getattr(request, "param", Auth.ENV)
    endpoint = Endpoint.objects.create(
        name="guide",
        kind=EndpointKind.AZURE_DATED,
        base_url=emulator.url + "/",
        api_version=VERSION,
        auth=auth,
        key_name=KEY_VARIABLE if auth is Auth.ENV else "",
    )
    deployment = Deployment.objects.create(endpoint=endpoint, name=MODEL, title="GPT-5.1")
    return turns.start_conversation(alice, client_key=uuid4(), deployment=deployment.pk)[0]


def said_in_chat(
    emulator: Emulator, talk: Conversation, text: str, *files: Any, asked: Any = None
) -> tuple[Turn, Wire]:
    """What a worker sends for a message; the answer is kept as its end would keep it."""
    named = [{"id": str(file.pk)} if isinstance(file, Attachment) else file for file in files]
    turn = turns.send_message(
        talk.owner, talk.pk, client_key=uuid4(), text=text, tip=None, attached=named, asked=asked
    )
    job = ledger.claim(turn.responses.get().pk, ledger.register_worker())
    assert job is not None
    request = references.spelt_out(job.response, job.request)
    answer = asyncio.run(streamed(job.address, request))
    items.add(job.response, Direction.OUTPUT, answer["output"])
    stored = {"response_id": answer["id"], "upstream_state": "stored", "ended_at": clock.now()}
    turn.responses.update(status="completed", **stored)
    return turn, Wire.of(emulator.requests("create")[-1])


async def streamed(address: Address, request: Json) -> Json:
    async with ResponsesAPI() as api, api.stream(address, request) as events:
        events_seen = [event async for event in events]
    answer: Json = events_seen[-1]["response"]
    return answer

"""Every code sample of Azure's guide to the Responses API against the emulator, field by field.

Python samples run as they stand there, with both of the guide's clients (Entra ID, key); what they send is
compared with what the door sends, and in test_chat.py with what the chat sends for the same.

    sample of the guide                   languages      here                            in the chat
    create, with a token and with a key   Python, curl   test_create, test_curl_create   test_a_message
    retrieve, both ways                   Python, curl   test_retrieve, test_curl_retrieve
    delete                                Python         test_delete
    chain by previous_response_id         Python         test_chain                      test_the_next_message
    chain by sending everything           Python         test_manual_chain               test_sent_again
    streaming                             Python         test_streaming                  test_a_message
    function calling, both requests       Python         test_function_calling
    list of input items                   Python         test_input_items
    picture by its address                Python         test_picture_by_address         test_an_address
    picture as base64                     Python         test_picture_as_base64          test_a_picture
    computer use, first and next request  Python         test_computer_use
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from openai import AzureOpenAI, BadRequestError, OpenAI

from conversations.responses_api import Auth, BadRequest, EndpointKind, ResponsesAPI
from conversations.responses_api import Endpoint as Address
from tests.pictures import picture
from tests.responses_api.servers import KEY, Emulator
from tests.responses_api.wires import Wire, dated_client, door
from tests.seed.curling import curled
from tests.seed.guide import MODEL, QUESTION, SIMPLER, Json, data_url, seen, theirs

both_clients = pytest.mark.parametrize("auth", [Auth.ENTRA, Auth.ENV])


def ours(
    emulator: Emulator, auth: Auth, call: Callable[[ResponsesAPI, Address], Any], operation: str = "create"
) -> Wire:
    endpoint = emulator.endpoint(EndpointKind.AZURE_DATED, auth)
    return asyncio.run(door(emulator, operation, lambda api: call(api, endpoint)))


def compare_create(emulator: Emulator, auth: Auth, body: Json) -> Json:
    """Sends it both ways; the answer is what the guide's client got."""
    got: list[Json] = []

    def sample(client: AzureOpenAI) -> None:
        got.append(client.responses.create(**body).model_dump(mode="json"))

    wire = theirs(emulator, auth, sample, "create")
    assert ours(emulator, auth, lambda api, endpoint: api.create(endpoint, body)) == wire
    assert wire.json == body
    return got[0]


@both_clients
def test_create(emulator: Emulator, auth: Auth) -> None:
    answer = compare_create(emulator, auth, {"model": MODEL, "input": "Just a test."})
    assert answer["status"] == "completed"


@both_clients
def test_retrieve(emulator: Emulator, auth: Auth) -> None:
    known = compare_create(emulator, auth, {"model": MODEL, "input": "Hello"})["id"]
    wire = theirs(emulator, auth, lambda client: client.responses.retrieve(known), "retrieve")
    assert ours(emulator, auth, lambda api, endpoint: api.retrieve(endpoint, known), "retrieve") == wire
    assert (wire.method, wire.path) == ("GET", f"/openai/responses/{known}")


@both_clients
def test_delete(emulator: Emulator, auth: Auth) -> None:
    one, other = (compare_create(emulator, auth, {"model": MODEL, "input": "Hello"})["id"] for _ in range(2))
    wire = theirs(emulator, auth, lambda client: client.responses.delete(one), "delete")
    mine = ours(emulator, auth, lambda api, endpoint: api.delete(endpoint, other), "delete")
    assert (mine.path, wire.path) == (f"/openai/responses/{other}", f"/openai/responses/{one}")
    assert (mine.method, mine.query, mine.headers, mine.json) == (
        *(wire.method, wire.query),
        *(wire.headers, wire.json),
    )


@both_clients
def test_chain(emulator: Emulator, auth: Auth) -> None:
    first = compare_create(emulator, auth, {"model": MODEL, "input": QUESTION})
    follow_up = [{"role": "user", "content": SIMPLER}]
    second = {"model": MODEL, "previous_response_id": first["id"], "input": follow_up}
    assert compare_create(emulator, auth, second)["previous_response_id"] == first["id"]


@both_clients
def test_manual_chain(emulator: Emulator, auth: Auth) -> None:
    asked: list[Any] = [{"type": "message", "role": "user", "content": QUESTION}]
    client = dated_client(emulator, auth)
    with client:
        # The guide adds the objects of the answer; the client sends what they hold, and so do we.
        answer = client.responses.create(model=MODEL, input=asked)
        asked += answer.output
        asked.append({"role": "user", "type": "message", "content": SIMPLER})
        client.responses.create(model=MODEL, input=asked)
    wire = Wire.of(emulator.requests("create")[-1])
    said = [item.model_dump(mode="json", exclude_unset=True) for item in answer.output]
    again = {"model": MODEL, "input": [asked[0], *said, asked[-1]]}
    assert ours(emulator, auth, lambda api, endpoint: api.create(endpoint, again)) == wire


@both_clients
def test_streaming(emulator: Emulator, auth: Auth) -> None:
    def sample(client: OpenAI) -> None:
        seen = [event.type for event in client.responses.create(input="Hello", model=MODEL, stream=True)]
        assert "response.output_text.delta" in seen

    async def stream(api: ResponsesAPI, endpoint: Address) -> None:
        async with api.stream(endpoint, {"model": MODEL, "input": "Hello"}) as events:
            assert [event["type"] async for event in events]

    wire = theirs(emulator, auth, sample, "create")
    assert ours(emulator, auth, stream) == wire
    assert wire.json == {"model": MODEL, "input": "Hello", "stream": True}


WEATHER = {
    "type": "function",
    "name": "get_weather",
    "description": "Get the weather for a location",
    "parameters": {
        "type": "object",
        "properties": {"location": {"type": "string"}},
        "required": ["location"],
    },
}


@both_clients
def test_function_calling(emulator: Emulator, auth: Auth) -> None:
    asked = [{"role": "user", "content": "Is it cold in Oslo?"}]
    first = compare_create(emulator, auth, {"model": MODEL, "tools": [WEATHER], "input": asked})
    calls = [item["call_id"] for item in first["output"] if item["type"] == "function_call"]
    output = {
        "type": "function_call_output",
        "call_id": (calls or ["call_of_nobody"])[0],
        "output": '{"temperature": "-3"}',
    }
    second: Json = {"model": MODEL, "previous_response_id": first["id"], "input": [output]}

    def sample(client: OpenAI) -> None:
        with contextlib.nullcontext() if calls else pytest.raises(BadRequestError):
            client.responses.create(**second)

    async def again(api: ResponsesAPI, endpoint: Address) -> None:
        with contextlib.nullcontext() if calls else pytest.raises(BadRequest):
            await api.create(endpoint, second)

    wire = theirs(emulator, auth, sample, "create")
    assert ours(emulator, auth, again) == wire
    assert wire.json == second


@both_clients
def test_input_items(emulator: Emulator, auth: Auth) -> None:
    known = compare_create(emulator, auth, {"model": MODEL, "input": "Hello"})["id"]
    wire = theirs(emulator, auth, lambda client: client.responses.input_items.list(known), "input_items")
    mine = ours(emulator, auth, lambda api, endpoint: api.input_items(endpoint, known), "input_items")
    assert mine.path == wire.path == f"/openai/responses/{known}/input_items"
    # Ours says how many it wants and in which order.
    assert mine.query == {**wire.query, "limit": "100", "order": "asc"}
    assert (mine.method, mine.headers) == (wire.method, wire.headers)


@both_clients
def test_picture_by_address(emulator: Emulator, auth: Auth) -> None:
    """The dated previews refuse it, as the guide says; what is sent is the same."""
    body = seen("https://example.com/cat.jpg")

    def sample(client: OpenAI) -> None:
        with pytest.raises(BadRequestError):
            client.responses.create(**body)

    async def again(api: ResponsesAPI, endpoint: Address) -> None:
        with pytest.raises(BadRequest):
            await api.create(endpoint, body)

    wire = theirs(emulator, auth, sample, "create")
    assert ours(emulator, auth, again) == wire
    assert wire.json == body


@both_clients
def test_picture_as_base64(emulator: Emulator, auth: Auth) -> None:
    compare_create(emulator, auth, seen(data_url(picture("JPEG"))))


COMPUTER = {
    "type": "computer_use_preview",
    "display_width": 1024,
    "display_height": 768,
    "environment": "browser",
}


@both_clients
def test_computer_use(emulator: Emulator, auth: Auth) -> None:
    look = seen(data_url(picture("PNG"), "image/png"))["input"]
    both: Json = {"model": "computer-use-preview", "tools": [COMPUTER], "truncation": "auto"}
    summary = {"generate_summary": "concise"}
    first = compare_create(
        emulator, auth, {**both, "instructions": "You drive a browser.", "input": look, "reasoning": summary}
    )
    output = {
        "type": "computer_call_output",
        "call_id": "call_1",
        "output": {"type": "input_image", "image_url": look[0]["content"][1]["image_url"]},
        "acknowledged_safety_checks": [
            {"id": "cu_sc_1", "code": "irrelevant_domain", "message": "Off the subject"}
        ],
        "current_url": "https://example.com/",
    }
    second = {**both, "previous_response_id": first["id"], "input": [output]}
    wire = theirs(emulator, auth, lambda client: _sent(client, second), "create")
    assert ours(emulator, auth, lambda api, endpoint: _sent_by_us(api, endpoint, second)) == wire
    assert wire.json == second


def _sent(client: OpenAI, body: Json) -> None:
    """Whether the emulator has such a call open or not."""
    with contextlib.suppress(BadRequestError):
        client.responses.create(**body)


async def _sent_by_us(api: ResponsesAPI, endpoint: Address, body: Json) -> None:
    with contextlib.suppress(BadRequest):
        await api.create(endpoint, body)


# Where the guide writes YOUR-RESOURCE-NAME.openai.azure.com.
CREATE = """
curl -X POST "$ENDPOINT/openai/responses?api-version=2025-03-01-preview" \\
  -H "Content-Type: application/json" \\
  -H "{secret}" \\
  -d '{{
     "model": "gpt-5.1",
     "input": "Just a test"
    }}'
"""
RETRIEVE = """
curl -X GET "$ENDPOINT/openai/responses/{response_id}?api-version=2025-03-01-preview" \\
  -H "Content-Type: application/json" \\
  -H "{secret}"
"""
SECRETS = {
    Auth.ENTRA: "Authorization: Bearer $AZURE_OPENAI_AUTH_TOKEN",
    Auth.ENV: "api-key: $AZURE_OPENAI_API_KEY",
}


def environment(emulator: Emulator) -> dict[str, str]:
    token = "token for https://cognitiveservices.azure.com"
    return {"ENDPOINT": emulator.url, "AZURE_OPENAI_API_KEY": KEY, "AZURE_OPENAI_AUTH_TOKEN": token}


@both_clients
def test_curl_create(emulator: Emulator, auth: Auth) -> None:
    command = curled(CREATE.format(secret=SECRETS[auth]), environment(emulator))
    mine = ours(emulator, auth, lambda api, endpoint: api.create(endpoint, command.json))
    assert (mine.method, mine.path, mine.query) == (command.method, command.path, command.query)
    assert mine.json == command.json
    assert command.headers.items() <= mine.headers.items()


@both_clients
def test_curl_retrieve(emulator: Emulator, auth: Auth) -> None:
    known = compare_create(emulator, auth, {"model": MODEL, "input": "Hello"})["id"]
    command = curled(RETRIEVE.format(secret=SECRETS[auth], response_id=known), environment(emulator))
    mine = ours(emulator, auth, lambda api, endpoint: api.retrieve(endpoint, known), "retrieve")
    assert (mine.method, mine.path, mine.query) == (command.method, command.path, command.query)
    # A request without a body has no use for its type.
    assert command.headers.items() - {("content-type", "application/json")} <= mine.headers.items()

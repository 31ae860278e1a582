"""What goes over the wire, field by field, against the samples of Azure's documentation.

Each Python sample runs here as it stands there, with the synchronous client, and its recorded request is
compared with the door's. The curl samples are written down as the requests that curl would make of them.
"""

import pytest
from openai import OpenAI

from conversations.responses_api import Auth, Endpoint, EndpointKind, ResponsesAPI
from tests.responses_api.servers import KEY, Emulator
from tests.responses_api.wires import CLIENTS, VERSION, Wire, door, sample

MODEL = "gpt-5.1"
ASK = {"model": MODEL, "input": "This is a test."}
FOLLOW_UP = [
    {"role": "user", "content": "Explain this at a level that could be understood by a college freshman"}
]

ROUTES = [
    (EndpointKind.AZURE_DATED, Auth.ENV),
    (EndpointKind.AZURE_DATED, Auth.ENTRA),
    (EndpointKind.AZURE_V1, Auth.ENV),
    (EndpointKind.AZURE_V1, Auth.ENTRA),
    (EndpointKind.OPENAI, Auth.ENV),
]
every_route = pytest.mark.parametrize(("kind", "auth"), ROUTES)


@pytest.fixture(autouse=True)
def identity(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    emulator.give_identity(monkeypatch)


async def stored(endpoint: Endpoint) -> str:
    async with ResponsesAPI() as api:
        response_id: str = (await api.create(endpoint, ASK))["id"]
    return response_id


@every_route
async def test_create_is_what_the_sample_sends(emulator: Emulator, kind: EndpointKind, auth: Auth) -> None:
    endpoint, client = emulator.endpoint(kind, auth), CLIENTS[kind](emulator, auth)
    theirs = await sample(
        emulator, "create", client, lambda sdk: sdk.responses.create(model=MODEL, input="This is a test.")
    )
    ours = await door(emulator, "create", lambda api: api.create(endpoint, ASK))
    assert ours == theirs
    assert ours.json == ASK


@every_route
async def test_create_streamed_is_what_the_sample_sends(
    emulator: Emulator, kind: EndpointKind, auth: Auth
) -> None:
    endpoint, client = emulator.endpoint(kind, auth), CLIENTS[kind](emulator, auth)

    def read(sdk: OpenAI) -> None:
        for event in sdk.responses.create(input="This is a test.", model=MODEL, stream=True):
            assert event.type

    async def stream(api: ResponsesAPI) -> None:
        async with api.stream(endpoint, ASK) as events:
            async for event in events:
                assert event["type"]

    theirs = await sample(emulator, "create", client, read)
    ours = await door(emulator, "create", stream)
    assert ours == theirs
    assert ours.json == {**ASK, "stream": True}


@every_route
async def test_chained_create_is_what_the_sample_sends(
    emulator: Emulator, kind: EndpointKind, auth: Auth
) -> None:
    endpoint, client = emulator.endpoint(kind, auth), CLIENTS[kind](emulator, auth)
    first = await stored(endpoint)
    request = {"model": MODEL, "previous_response_id": first, "input": FOLLOW_UP}
    theirs = await sample(
        emulator,
        "create",
        client,
        lambda sdk: sdk.responses.create(model=MODEL, previous_response_id=first, input=FOLLOW_UP),  # type: ignore[arg-type]  # as in the sample
    )
    ours = await door(emulator, "create", lambda api: api.create(endpoint, request))
    assert ours == theirs
    assert ours.json == request


@every_route
async def test_retrieve_is_what_the_sample_sends(emulator: Emulator, kind: EndpointKind, auth: Auth) -> None:
    endpoint, client = emulator.endpoint(kind, auth), CLIENTS[kind](emulator, auth)
    first = await stored(endpoint)
    theirs = await sample(emulator, "retrieve", client, lambda sdk: sdk.responses.retrieve(first))
    ours = await door(emulator, "retrieve", lambda api: api.retrieve(endpoint, first))
    assert ours == theirs
    assert ours.path.endswith(f"/responses/{first}")


@every_route
async def test_delete_is_what_the_sample_sends(emulator: Emulator, kind: EndpointKind, auth: Auth) -> None:
    endpoint, client = emulator.endpoint(kind, auth), CLIENTS[kind](emulator, auth)
    first, second = await stored(endpoint), await stored(endpoint)
    theirs = await sample(emulator, "delete", client, lambda sdk: sdk.responses.delete(first))
    ours = await door(emulator, "delete", lambda api: api.delete(endpoint, second))
    assert (theirs.path.endswith(first), ours.path.endswith(second)) == (True, True)
    assert Wire(ours.method, theirs.path, ours.query, ours.headers, ours.json) == theirs


@every_route
async def test_input_items_asks_as_the_sample_does_but_says_how_many_and_in_which_order(
    emulator: Emulator, kind: EndpointKind, auth: Auth
) -> None:
    endpoint, client = emulator.endpoint(kind, auth), CLIENTS[kind](emulator, auth)
    first = await stored(endpoint)
    theirs = await sample(emulator, "input_items", client, lambda sdk: sdk.responses.input_items.list(first))
    ours = await door(emulator, "input_items", lambda api: api.input_items(endpoint, first))
    assert ours.query == {**theirs.query, "limit": "100", "order": "asc"}
    assert Wire(ours.method, ours.path, theirs.query, ours.headers, ours.json) == theirs


DATED_PATH, V1_PATH = "/openai/responses", "/openai/v1/responses"
DATED_QUERY = {"api-version": VERSION}
DATED_TOKEN = "Bearer token for https://cognitiveservices.azure.com"
V1_TOKEN = "Bearer token for https://ai.azure.com"


@pytest.mark.parametrize(
    ("kind", "auth", "path", "query", "sent"),
    [
        # -H "api-key: $AZURE_OPENAI_API_KEY"
        (EndpointKind.AZURE_DATED, Auth.ENV, DATED_PATH, DATED_QUERY, {"api-key": KEY}),
        # -H "Authorization: Bearer $AZURE_OPENAI_AUTH_TOKEN"
        (EndpointKind.AZURE_DATED, Auth.ENTRA, DATED_PATH, DATED_QUERY, {"authorization": DATED_TOKEN}),
        # The v1 route has no api-version, and a key goes as a bearer: OpenAI's client knows no other.
        (EndpointKind.AZURE_V1, Auth.ENV, V1_PATH, {}, {"authorization": f"Bearer {KEY}"}),
        (EndpointKind.AZURE_V1, Auth.ENTRA, V1_PATH, {}, {"authorization": V1_TOKEN}),
        (EndpointKind.OPENAI, Auth.ENV, "/v1/responses", {}, {"authorization": f"Bearer {KEY}"}),
    ],
)  # fmt: skip
async def test_requests_are_what_curl_would_send(
    emulator: Emulator, kind: EndpointKind, auth: Auth, path: str, query: dict[str, str], sent: dict[str, str]
) -> None:
    endpoint = emulator.endpoint(kind, auth)
    created = await door(emulator, "create", lambda api: api.create(endpoint, ASK))
    assert (created.method, created.path, created.query, created.json) == ("POST", path, query, ASK)
    assert created.headers["content-type"] == "application/json"
    secrets = {"api-key", "authorization"} & created.headers.keys()
    assert {name: created.headers[name] for name in secrets} == sent

    response_id = await stored(endpoint)
    read = await door(emulator, "retrieve", lambda api: api.retrieve(endpoint, response_id))
    assert (read.method, read.path, read.query, read.json) == ("GET", f"{path}/{response_id}", query, None)
    assert read.headers.items() >= sent.items()

    gone = await door(emulator, "delete", lambda api: api.delete(endpoint, response_id))
    assert (gone.method, gone.path, gone.query, gone.json) == ("DELETE", f"{path}/{response_id}", query, None)
    assert gone.headers.items() >= sent.items()


async def test_resume_cancel_pages_and_includes_are_asked_for_by_their_names(emulator: Emulator) -> None:
    endpoint = emulator.endpoint()
    async with ResponsesAPI() as api:
        request = {**ASK, "background": True, "stream": True}
        async with api.stream(endpoint, request) as events:
            seen = [event async for event in events]
        response_id = seen[0]["response"]["id"]
        async with api.resume(endpoint, response_id, starting_after=3) as events:
            assert [event async for event in events] == seen[4:]
        assert (await api.cancel(endpoint, response_id))["id"] == response_id
        item = (await api.input_items(endpoint, response_id))["data"][0]["id"]
        await api.input_items(endpoint, response_id, after=item, limit=5, order="desc")
        await api.retrieve(endpoint, response_id, include=["a.b", "c"])
    retrieved = [Wire.of(recorded) for recorded in emulator.requests("retrieve")[-2:]]
    assert [wire.query for wire in retrieved] == [
        {"stream": "true", "starting_after": "3"},
        {"include[]": "c"},  # the last of two
    ]
    assert "include[]=a.b&include[]=c" in emulator.requests("retrieve")[-1]["query"].replace("%5B%5D", "[]")
    cancelled = Wire.of(emulator.requests("cancel")[-1])
    assert (cancelled.method, cancelled.path) == ("POST", f"{V1_PATH}/{response_id}/cancel")
    assert Wire.of(emulator.requests("input_items")[-1]).query == {
        "limit": "5",
        "order": "desc",
        "after": item,
    }


LEAKS = {
    "OPENAI_API_KEY": "leak",
    "OPENAI_ADMIN_KEY": "leak",
    "OPENAI_ORG_ID": "leak",
    "OPENAI_PROJECT_ID": "leak",
    "OPENAI_WEBHOOK_SECRET": "leak",
    "OPENAI_BASE_URL": "http://leak.invalid/v1",
    "OPENAI_API_VERSION": "2024-leak",
    "OPENAI_CUSTOM_HEADERS": "X-Leak: leak\nAuthorization: Bearer leak\napi-key: leak\nUser-Agent: leak",
    "AZURE_OPENAI_API_KEY": "leak",
    "AZURE_OPENAI_AD_TOKEN": "leak",
    "AZURE_OPENAI_ENDPOINT": "http://leak.invalid",
}


@every_route
async def test_nothing_of_the_environment_leaks_into_a_request(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch, kind: EndpointKind, auth: Auth
) -> None:
    endpoint = emulator.endpoint(kind, auth)
    clean = await door(emulator, "create", lambda api: api.create(endpoint, ASK))
    for name, value in LEAKS.items():
        monkeypatch.setenv(name, value)
    assert await door(emulator, "create", lambda api: api.create(endpoint, ASK)) == clean
    assert "leak" not in str(emulator.requests("create")[-1])


async def test_a_server_without_authentication_gets_no_authorization(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in LEAKS.items():
        monkeypatch.setenv(name, value)
    endpoint = Endpoint(kind=EndpointKind.OPENAI, base_url=f"{emulator.url}/v1/", auth=Auth.NONE)
    async with ResponsesAPI() as api:
        with pytest.raises(Exception, match="API key"):
            await api.create(endpoint, ASK)
    recorded = emulator.requests("create")[-1]
    assert not {"authorization", "api-key"} & {name for name, _ in recorded["headers"]}


async def test_an_odd_response_id_stays_one_part_of_the_path(emulator: Emulator, api: ResponsesAPI) -> None:
    with pytest.raises(Exception, match="not found"):
        await api.retrieve(emulator.endpoint(), "../resp?x=1#y/z é")
    for hopeless in ("", ".", "..", "x" * 501):
        with pytest.raises(Exception, match="missing or malformed"):
            await api.delete(emulator.endpoint(), hopeless)

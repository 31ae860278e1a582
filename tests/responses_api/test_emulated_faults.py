"""Each fault of the emulator, a real server, and what it is called here."""

import asyncio
from typing import Any

import pytest

from conversations.responses_api import (
    BadRequest,
    ContentFiltered,
    ContextTooLong,
    Event,
    NotFound,
    PreviousResponseNotFound,
    RateLimited,
    Refused,
    ResponsesAPI,
    ResponsesAPIError,
    Stalled,
    StreamCut,
    Unfinished,
    Unreachable,
    UpstreamFault,
    error_of,
)
from tests.responses_api.servers import Emulator


async def read(
    api: ResponsesAPI, emulator: Emulator, faults: str
) -> tuple[list[Event], ResponsesAPIError | None]:
    events: list[Event] = []
    try:
        async with api.stream(emulator.endpoint(), {"model": f"gpt-5.1+{faults}", "input": "hi"}) as stream:
            async for event in stream:
                events.append(event)  # noqa: PERF401  # what came before an error counts
    except ResponsesAPIError as error:
        return events, error
    return events, None


@pytest.mark.parametrize(
    ("fault", "member", "kind", "wait"),
    [
        ("401", Refused, "refused", None),
        ("403", Refused, "forbidden", None),
        ("404", NotFound, "deployment_not_found", None),
        ("429=3", RateLimited, "rate_limited", 3.0),
        ("429=ms:250", RateLimited, "rate_limited", 0.25),
        ("429=none", RateLimited, "rate_limited", None),
        ("500", UpstreamFault, "upstream_fault", None),
        ("502", UpstreamFault, "upstream_fault", None),
        ("503=4", UpstreamFault, "upstream_fault", 4.0),
        ("bare=400", BadRequest, "bad_request", None),
        ("detail=422", BadRequest, "bad_request", None),
        ("filter-prompt", ContentFiltered, "content_filtered", None),
        ("too-long", ContextTooLong, "context_too_long", None),
    ],
)
async def test_a_refusal_before_the_stream_is_its_member_streamed_or_not(
    api: ResponsesAPI, emulator: Emulator, fault: str, member: type[ResponsesAPIError], kind: str, wait: float
) -> None:
    events, streamed = await read(api, emulator, fault)
    with pytest.raises(member) as plain:
        await api.create(emulator.endpoint(), {"model": f"gpt-5.1+{fault}", "input": "hi"})
    for error in (streamed, plain.value):
        assert error is not None
        assert (type(error), error.kind, error.retry_after) == (member, kind, wait)
        assert error.request_ids
        assert str(error)
        assert "<" not in str(error)
    assert events == []


@pytest.mark.parametrize(
    ("fault", "member", "kind"),
    [
        ("error-first=flat", ResponsesAPIError, None),
        ("error-first=nested", ResponsesAPIError, None),
        ("cut=5", StreamCut, "stream_cut"),
        ("end=5", StreamCut, "no_terminal_event"),
        ("malformed=5", StreamCut, "malformed"),
        ("stall=5", Stalled, "stalled"),
    ],
)
async def test_a_stream_that_breaks_raises_after_what_came_before(
    quick: ResponsesAPI, emulator: Emulator, fault: str, member: type[ResponsesAPIError], kind: str | None
) -> None:
    events, error = await read(quick, emulator, fault)
    assert isinstance(error, member)
    assert kind in (None, error.kind)
    assert error.may_have_run
    assert error.request_ids
    if kind:
        assert sum(event["type"] == "response.output_text.delta" for event in events) == 5


@pytest.mark.parametrize(
    ("fault", "ending", "member"),
    [
        ("429-stream", "response.failed", RateLimited),
        ("too-long-stream", "response.failed", ContextTooLong),
        ("failed=3", "response.failed", UpstreamFault),
        ("failed-null=3", "response.failed", UpstreamFault),
        ("filter-output=3", "response.incomplete", ContentFiltered),
        ("max-tokens=3", "response.incomplete", Unfinished),
    ],
)
async def test_a_stream_that_ends_badly_says_why_in_its_terminal_event(
    api: ResponsesAPI, emulator: Emulator, fault: str, ending: str, member: type[ResponsesAPIError]
) -> None:
    events, error = await read(api, emulator, fault)
    assert error is None
    assert events[-1]["type"] == ending
    assert isinstance(error_of(events[-1]["response"]), member)


@pytest.mark.parametrize(
    "fault",
    [
        "split=7",
        "split=1+deltas=20",
        "nul",
        "surrogate",
        "unknown",
        "missing",
        "no-event-lines",
        "done",
        "comments",
        "no-event-lines+done+comments+unknown+missing+nul+surrogate+split=3",
    ],
)
async def test_an_odd_stream_arrives_whole(api: ResponsesAPI, emulator: Emulator, fault: str) -> None:
    events, error = await read(api, emulator, fault)
    assert error is None
    assert events[0]["type"] == "response.created"
    assert events[-1]["type"] == "response.completed"
    told = "".join(
        event["delta"]
        for event in events
        if event["type"] == "response.output_text.delta" and "delta" in event
    )
    told.encode()
    assert "\x00" not in told


async def test_a_finished_response_may_not_be_visible_yet(api: ResponsesAPI, emulator: Emulator) -> None:
    events, _ = await read(api, emulator, "settle=600")
    response_id = events[-1]["response"]["id"]
    with pytest.raises(NotFound) as missing:
        await api.retrieve(emulator.endpoint(), response_id)
    assert missing.value.kind == "response_not_found"
    with pytest.raises(PreviousResponseNotFound) as broken:
        await api.create(
            emulator.endpoint(), {"model": "gpt-5.1", "input": "on", "previous_response_id": response_id}
        )
    assert broken.value.code == "previous_response_not_found"
    assert not broken.value.may_have_run


async def test_a_response_is_created_read_chained_and_deleted(api: ResponsesAPI, emulator: Emulator) -> None:
    endpoint = emulator.endpoint()
    first = await api.create(endpoint, {"model": "gpt-5.1", "input": "My name is Alice."})
    second = await api.create(
        endpoint, {"model": "gpt-5.1", "input": "Who am I?", "previous_response_id": first["id"]}
    )
    assert (await api.retrieve(endpoint, second["id"]))["previous_response_id"] == first["id"]
    items = await api.input_items(endpoint, second["id"])
    assert [item["content"][0]["text"] for item in items["data"] if item["role"] == "user"] == [
        "My name is Alice.",
        "Who am I?",
    ]
    deletion = await api.delete(endpoint, first["id"])
    assert deletion.status == 200
    assert isinstance(deletion.body, dict)
    assert deletion.body["deleted"] is True
    assert deletion.request_ids
    assert deletion.at.tzinfo
    with pytest.raises(NotFound) as gone:
        await api.delete(endpoint, first["id"])
    assert (gone.value.kind, gone.value.status) == ("response_not_found", 404)
    assert gone.value.body


async def test_a_background_response_goes_on_without_its_reader_and_is_cancelled(
    api: ResponsesAPI, emulator: Emulator
) -> None:
    endpoint = emulator.endpoint()
    request: dict[str, Any] = {"model": "gpt-5.1+deltas=500@50", "input": "hi", "background": True}
    async with api.stream(endpoint, request) as stream:
        seen = [await anext(stream) for _ in range(8)]
    response_id, after = seen[0]["response"]["id"], seen[-1]["sequence_number"]
    async with api.resume(endpoint, response_id, starting_after=after) as stream:
        assert (await anext(stream))["sequence_number"] == after + 1
    assert (await api.cancel(endpoint, response_id))["status"] == "cancelled"
    await asyncio.sleep(0.1)
    assert (await api.retrieve(endpoint, response_id))["status"] == "cancelled"


async def test_a_foreground_response_cannot_be_cancelled_or_resumed(
    api: ResponsesAPI, emulator: Emulator
) -> None:
    endpoint = emulator.endpoint()
    response = await api.create(endpoint, {"model": "gpt-5.1", "input": "hi"})
    with pytest.raises(BadRequest):
        await api.cancel(endpoint, response["id"])
    with pytest.raises(BadRequest):
        async with api.resume(endpoint, response["id"]):
            raise AssertionError


async def test_a_deletion_whose_answer_was_lost_is_sent_once_and_says_so(
    api: ResponsesAPI, emulator: Emulator
) -> None:
    """aiohttp would repeat it on its own, on a connection that has been used before."""
    ids = emulator.control("POST", "responses", {"count": 3})["ids"]
    await api.delete(emulator.endpoint(), ids[0])
    emulator.control("POST", "faults", {"faults": "unheard", "operation": "delete"})
    with pytest.raises(Unreachable) as raised:
        await api.delete(emulator.endpoint(), ids[1])
    assert raised.value.may_have_run
    assert ids[1] not in emulator.control("GET", "ids")["ids"]
    with pytest.raises(NotFound):
        await api.delete(emulator.endpoint(), ids[1])

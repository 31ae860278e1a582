"""Every way in which a stream misbehaves, byte by byte."""

import json
from typing import Any

import pytest

from conversations.responses_api import (
    ContextTooLong,
    RateLimited,
    ResponsesAPI,
    Stalled,
    StreamCut,
    error_of,
)
from tests.responses_api.reading import COMPLETED, CREATED, FAILED, LIMITED, REQUEST, delta, read, run, text
from tests.responses_api.servers import RawServer, sse


async def test_events_come_as_plain_dicts_until_the_terminal_one(api: ResponsesAPI) -> None:
    events, error = await run(api, sse(CREATED, delta("Hé"), delta("llo 😀")), sse(COMPLETED))
    assert error is None
    assert events == [CREATED, delta("Hé"), delta("llo 😀"), COMPLETED]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
async def test_torn_bytes_make_no_difference(api: ResponsesAPI, size: int) -> None:
    whole = json.dumps(delta("Grüße 😀"), ensure_ascii=False)
    sent = sse(CREATED) + f"data: {whole}\r\n\r\n".encode() + sse(COMPLETED)
    pieces = [sent[at : at + size] for at in range(0, len(sent), size)]
    events, error = await run(api, *pieces, pause=0)
    assert error is None
    assert text(events) == "Grüße 😀"


async def test_done_marks_comments_and_missing_event_lines_are_fine(api: ResponsesAPI) -> None:
    lines = sse(json.dumps(CREATED)) + b": ping\n\n" + sse(json.dumps(COMPLETED), "[DONE]")
    assert await run(api, lines) == ([CREATED, COMPLETED], None)


async def test_a_type_only_in_the_event_line_is_taken_from_there(api: ResponsesAPI) -> None:
    events, error = await run(
        api, b'event: response.created\ndata: {"response":{"id":"r"}}\n\n', sse(COMPLETED)
    )
    assert error is None
    assert events[0] == {"type": "response.created", "response": {"id": "r"}}


async def test_unknown_types_and_missing_fields_pass_through(api: ResponsesAPI) -> None:
    odd: list[dict[str, Any]] = [
        {"type": "response.hologram.delta", "delta": 7},
        {"type": "response.output_text.delta"},
        {"a": 1},
    ]
    events, error = await run(api, sse(odd[0], odd[1]), sse('{"a": 1}'), sse({"type": "response.completed"}))
    assert error is None
    assert events == [odd[0], odd[1], {"a": 1, "type": ""}, {"type": "response.completed"}]


async def test_a_last_event_without_its_blank_line_counts(api: ResponsesAPI) -> None:
    events, error = await run(api, sse(CREATED), sse(COMPLETED).rstrip(b"\n"))
    assert error is None
    assert events[-1] == COMPLETED


@pytest.mark.parametrize("name", ["response.incomplete", "response.cancelled"])
async def test_other_terminal_events_end_a_stream_too(api: ResponsesAPI, name: str) -> None:
    events, error = await run(api, sse({"type": name, "response": {}}), ending="cut")
    assert error is None
    assert [event["type"] for event in events] == [name]


@pytest.mark.parametrize("tail", [b"", sse("[DONE]")])
async def test_a_clean_end_without_a_terminal_event_is_a_cut(api: ResponsesAPI, tail: bytes) -> None:
    events, error = await run(api, sse(CREATED, delta("Hal")) + tail)
    assert isinstance(error, StreamCut)
    assert error.kind == "no_terminal_event"
    assert error.retryable
    assert text(events) == "Hal"


@pytest.mark.parametrize("ending", ["cut", "reset"])
async def test_a_broken_connection_is_a_cut(api: ResponsesAPI, ending: str) -> None:
    events, error = await run(
        api, sse(CREATED, delta("Hal")), ending=ending, headers={"x-request-id": "req-7"}
    )
    assert isinstance(error, StreamCut)
    assert error.kind == "stream_cut"
    assert error.request_ids == {"x-request-id": "req-7"}
    assert text(events) == "Hal"


async def test_half_an_event_at_the_end_is_a_cut(api: ResponsesAPI) -> None:
    _, error = await run(api, sse(CREATED), b'data: {"type": "respon')
    assert isinstance(error, StreamCut)
    assert error.kind == "stream_cut"


@pytest.mark.parametrize("broken", ['{"type": ', "not json", "[1]", "7", "null", '"text"'])
async def test_an_event_that_cannot_be_read_is_a_clear_error_after_those_before_it(
    api: ResponsesAPI, broken: str
) -> None:
    events, error = await run(api, sse(CREATED, delta("Hal"), broken, delta("lo"), COMPLETED))
    assert isinstance(error, StreamCut)
    assert error.kind == "malformed"
    assert text(events) == "Hal"


async def test_failed_and_the_error_behind_it_become_one(api: ResponsesAPI) -> None:
    events, error = await run(api, sse(CREATED, FAILED), sse(LIMITED))
    assert error is None
    assert [event["type"] for event in events] == ["response.created", "response.failed"]
    assert events[-1]["response"]["error"] == {"code": "too_many_requests", "message": "Slow down."}
    assert isinstance(error_of(events[-1]["response"]), RateLimited)


async def test_the_error_may_come_before_failed(api: ResponsesAPI) -> None:
    events, error = await run(api, sse(CREATED, LIMITED), sse(FAILED))
    assert error is None
    assert events[-1]["response"]["error"]["message"] == "Slow down."


async def test_failed_alone_is_terminal(api: ResponsesAPI) -> None:
    told = {
        **FAILED,
        "response": {"status": "failed", "error": {"code": "context_length_exceeded", "message": "Long."}},
    }
    events, error = await run(api, sse(CREATED, told))
    assert error is None
    assert events[-1] == told
    assert isinstance(error_of(events[-1]["response"]), ContextTooLong)


@pytest.mark.parametrize("ending", ["end", "cut", "hang"])
async def test_failed_with_nothing_said_is_terminal_however_it_ends(quick: ResponsesAPI, ending: str) -> None:
    events, error = await run(quick, sse(CREATED, FAILED), ending=ending)
    assert error is None
    assert events[-1]["response"]["error"] == {"code": "server_error", "message": ""}


async def test_failed_without_a_response_is_completed(api: ResponsesAPI) -> None:
    for nothing in ({}, {"response": None}):
        events, _ = await run(api, sse({"type": "response.failed", **nothing}, LIMITED))
        assert events[-1]["response"] == {
            "status": "failed",
            "error": {"code": "too_many_requests", "message": "Slow down."},
        }


@pytest.mark.parametrize(
    "lone",
    [
        LIMITED,
        {
            "type": "error",
            "code": "rate_limit_exceeded",
            "message": "Slow down.",
            "param": None,
            "sequence_number": 0,
        },
        json.dumps({"error": {"code": "rate_limit_exceeded", "message": "Slow down."}}),
    ],
)
@pytest.mark.parametrize("before", [b"", sse(CREATED)])
async def test_a_lone_error_flat_or_nested_is_raised(api: ResponsesAPI, lone: Any, before: bytes) -> None:
    events, error = await run(api, before + sse(lone))
    assert isinstance(error, RateLimited)
    assert (error.message, error.status, error.may_have_run) == ("Slow down.", None, True)
    assert len(events) == (1 if before else 0)


async def test_an_error_that_proves_harmless_is_forgotten(api: ResponsesAPI) -> None:
    events, error = await run(api, sse(CREATED, LIMITED, delta("on")), sse(COMPLETED))
    assert error is None
    assert events == [CREATED, delta("on"), COMPLETED]


async def test_what_follows_the_terminal_event_is_ignored(api: ResponsesAPI) -> None:
    events, error = await run(api, sse(CREATED, COMPLETED, LIMITED, delta("x"), "garbage"))
    assert (events, error) == ([CREATED, COMPLETED], None)


async def test_silence_is_a_stall(quick: ResponsesAPI) -> None:
    events, error = await run(quick, sse(CREATED), ending="hang")
    assert isinstance(error, Stalled)
    assert error.kind == "stalled"
    assert events == [CREATED]


async def test_comments_do_not_hide_a_stall(quick: ResponsesAPI) -> None:
    _, error = await run(quick, sse(CREATED), *[b": ping\n\n"] * 40, ending="hang", pause=0.05)
    assert isinstance(error, Stalled)


async def test_silence_before_the_headers_is_a_stall_too(quick: ResponsesAPI) -> None:
    _, error = await run(quick, speak_first=False, ending="hang")
    assert isinstance(error, Stalled)
    assert error.may_have_run


async def test_a_deadline_ends_an_answer_that_goes_on_and_on(api: ResponsesAPI) -> None:
    endless = [sse(delta("x"))] * 200
    async with RawServer(endless, pause=0.02) as server:
        events, error = await read(api, server, deadline=0.3)
    assert isinstance(error, Stalled)
    assert (error.kind, error.retryable) == ("deadline", False)
    assert text(events).strip("x") == ""


@pytest.mark.parametrize(
    ("deltas", "whole", "repaired"),
    [
        (["a\x00b"], "a\ufffdb", 1),
        (["a\ud83db"], "a\ufffdb", 1),
        (["a\ud83d", "\ude00b"], "a😀b", 0),
        (["a\ud83d", "", "\ude00b"], "a😀b", 0),
        (["a\ud83d", "b"], "a\ufffdb", 1),
        (["a\ud83d", "\ud83d", "\ude00"], "a\ufffd😀", 1),
        (["\ude00"], "\ufffd", 1),
        (["😀"], "😀", 0),
    ],
)
async def test_nul_and_halves_of_an_emoji_are_repaired(
    api: ResponsesAPI, deltas: list[str], whole: str, repaired: int
) -> None:
    pieces = [sse(delta(each)) for each in deltas]
    async with RawServer([sse(CREATED), *pieces, sse(COMPLETED)]) as server:
        events = []
        async with api.stream(server.endpoint(), REQUEST) as stream:
            async for event in stream:
                events.append(event)  # noqa: PERF401  # the stream is looked at too
            assert stream.repaired == repaired
    assert text(events) == whole
    json.dumps(events, ensure_ascii=False).encode()


async def test_halves_of_different_texts_are_not_joined(api: ResponsesAPI) -> None:
    events, _ = await run(
        api, sse(delta("\ud83d"), delta("\ude00", item_id="msg_2"), delta("\ude00")), sse(COMPLETED)
    )
    assert text(events) == "\ufffd😀"


async def test_headers_and_request_ids_are_there_before_the_first_event(api: ResponsesAPI) -> None:
    headers = {"x-request-id": "a", "apim-request-id": "b", "x-ratelimit-remaining-tokens": "5"}
    async with (
        RawServer([sse(COMPLETED)], headers=headers) as server,
        api.stream(server.endpoint(), REQUEST) as stream,
    ):
        assert stream.request_ids == {"x-request-id": "a", "apim-request-id": "b"}
        assert stream.headers["x-ratelimit-remaining-tokens"] == "5"

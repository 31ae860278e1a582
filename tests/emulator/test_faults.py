"""Each fault does on the wire what its name says."""

import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from openai import APIConnectionError, APIError, APIStatusError

from conversations.emulator.faults import KINDS, Faults
from tests.emulator.running import Running, deltas, events, kinds, text_of

LONG = "Compare PostgreSQL and SQLite"


def sent(
    emulator: Running, request: dict[str, Any], timeout: float = 10
) -> AbstractContextManager[httpx2.Response]:
    return emulator.http.stream("POST", "/openai/v1/responses", json=request, timeout=timeout)


def refusal(emulator: Running, faults: str, **request: Any) -> httpx2.Response:
    return emulator.post(f"gpt-5.1+{faults}", **request)


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503])
def test_a_status_is_answered_with_its_error(emulator: Running, status: int, streamed: bool) -> None:
    answer = refusal(emulator, str(status), stream=streamed)
    assert answer.status_code == status
    assert answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("fault", "headers"),
    [
        ("429", {"retry-after": "2", "retry-after-ms": "2000"}),
        ("429=7", {"retry-after": "7", "retry-after-ms": "7000"}),
        ("429=ms:250", {"retry-after-ms": "250"}),
        ("429=none", {}),
    ],
)
def test_a_rate_limit_says_when_to_come_back_or_does_not(
    emulator: Running, fault: str, headers: dict[str, str]
) -> None:
    answer = refusal(emulator, fault)
    sent = {name: value for name, value in answer.headers.items() if name.startswith("retry-after")}
    assert (answer.status_code, sent) == (429, headers)


def test_a_bad_gateway_answers_in_html(emulator: Running) -> None:
    answer = refusal(emulator, "502")
    assert (answer.status_code, answer.headers["content-type"]) == (502, "text/html; charset=utf-8")


@pytest.mark.parametrize(
    ("fault", "status", "body"),
    [
        ("bare", 400, {"error": {"message": "Something is wrong with this request."}}),
        ("bare=500", 500, {"error": {"message": "Something is wrong with this request."}}),
        ("detail", 422, {"detail": "Something is wrong with this request."}),
    ],
)
def test_poor_error_bodies(emulator: Running, fault: str, status: int, body: dict[str, Any]) -> None:
    answer = refusal(emulator, fault)
    assert (answer.status_code, answer.json()) == (status, body)


def test_a_prompt_can_be_filtered(emulator: Running) -> None:
    error = refusal(emulator, "filter-prompt").json()["error"]
    assert (error["code"], error["param"]) == ("content_filter", "prompt")
    assert error["innererror"]["content_filter_result"]["violence"]["filtered"]


def test_an_input_can_be_too_long_before_or_within_the_stream(emulator: Running) -> None:
    assert refusal(emulator, "too-long").json()["error"]["code"] == "context_length_exceeded"
    seen = emulator.stream("gpt-5.1+too-long-stream")
    assert kinds(seen) == ["created", "in_progress", "failed"]
    assert seen[-1]["response"]["error"]["code"] == "context_length_exceeded"


def test_a_rate_limit_can_come_inside_a_200_stream(emulator: Running) -> None:
    seen = emulator.stream("gpt-5.1+429-stream")
    assert kinds(seen) == ["created", "in_progress", "failed", "error"]
    assert seen[2]["response"]["error"] is None
    assert seen[3]["error"]["code"] == "too_many_requests"
    assert emulator.get(f"/{seen[0]['response']['id']}").status_code == 404
    assert refusal(emulator, "429-stream").status_code == 429


def test_the_sdk_raises_on_a_rate_limit_inside_a_stream(emulator: Running) -> None:
    with emulator.openai() as client, pytest.raises(APIError, match="Too Many Requests") as caught:
        list(client.responses.create(model="gpt-5.1+429-stream", input="x", stream=True))
    assert not isinstance(caught.value, APIStatusError)


def test_an_error_can_be_the_first_and_only_event_in_two_shapes(emulator: Running) -> None:
    flat, nested = (emulator.stream(f"gpt-5.1+error-first={shape}") for shape in ("flat", "nested"))
    assert [list(event) for event in flat] == [["type", "sequence_number", "code", "message", "param"]]
    assert [list(event) for event in nested] == [["type", "sequence_number", "error"]]


@pytest.mark.parametrize(
    ("fault", "status", "error"),
    [("failed=3", "failed", "server_error"), ("failed-null=3", "failed", None)],
)
def test_a_response_can_fail_in_the_middle(
    emulator: Running, fault: str, status: str, error: str | None
) -> None:
    seen = emulator.stream(f"gpt-5.1+{fault}", input=LONG)
    response = seen[-1]["response"]
    assert (kinds(seen)[-1], response["status"], len(deltas(seen))) == (status, status, 3)
    assert (response["error"] or {}).get("code") == error


def test_output_can_be_filtered(emulator: Running) -> None:
    seen = emulator.stream("gpt-5.1+filter-output=4", input=LONG)
    response = seen[-1]["response"]
    assert kinds(seen)[-4:] == ["output_text.done", "content_part.done", "output_item.done", "incomplete"]
    assert response["incomplete_details"] == {"reason": "content_filter"}
    assert response["content_filters"][0]["source_type"] == "completion"
    assert text_of(response) == "".join(deltas(seen))


def test_output_can_run_out_of_tokens(emulator: Running) -> None:
    response = emulator.create("gpt-5.1+max-tokens=4", input=LONG)
    assert response["incomplete_details"] == {"reason": "max_output_tokens"}


def test_the_model_can_refuse(emulator: Running) -> None:
    seen = emulator.stream("gpt-5.1+refusal")
    assert kinds(seen)[3:6] == ["content_part.added", "refusal.delta", "refusal.done"]
    part = seen[-1]["response"]["output"][0]["content"][0]
    assert part == {"type": "refusal", "refusal": "I'm sorry, but I can't help with that."}


def test_a_connection_can_be_reset_in_the_middle(emulator: Running) -> None:
    with emulator.openai() as client, pytest.raises(APIConnectionError):
        list(client.responses.create(model="gpt-5.1+rate=200+cut=5", input=LONG, stream=True))
    recorded = emulator.last_request("create")
    assert recorded["outcome"] == "cut"
    assert emulator.get(f"/{recorded['response_id']}").status_code == 404


def test_what_was_sent_before_a_cut_arrives(emulator: Running) -> None:
    request = {"model": "gpt-5.1+rate=200+cut=5", "input": LONG, "stream": True}
    read: list[bytes] = []
    with sent(emulator, request) as answer, pytest.raises(httpx2.TransportError):
        read.extend(answer.iter_bytes())
    assert len(deltas(events(b"".join(read)))) == 5


def test_an_unstreamed_answer_can_be_cut_too(emulator: Running) -> None:
    with pytest.raises(httpx2.TransportError):
        refusal(emulator, "cut=5")


def test_a_stream_can_end_without_a_terminal_event(emulator: Running) -> None:
    seen = emulator.stream("gpt-5.1+end=5", input=LONG)
    assert (kinds(seen)[-1], len(deltas(seen))) == ("output_text.delta", 5)
    assert emulator.last_request("create")["outcome"] == "end"
    assert emulator.get(f"/{seen[0]['response']['id']}").status_code == 404


def test_a_stream_can_fall_silent_with_the_connection_open(emulator: Running) -> None:
    request = {"model": "gpt-5.1+stall=2", "input": LONG, "stream": True}
    with sent(emulator, request, timeout=0.5) as answer, pytest.raises(httpx2.ReadTimeout):
        answer.read()
    assert emulator.last_request("create")["outcome"] == "stall"


def test_bytes_can_come_torn_apart(emulator: Running) -> None:
    request = {"model": "gpt-5.1+split=1+deltas=3", "input": "Ümläute: äöü", "stream": True}
    with emulator.http.stream("POST", "/openai/v1/responses", json=request) as answer:
        chunks = list(answer.iter_raw())
    assert len(chunks) > 10
    assert kinds(events(b"".join(chunks)))[-1] == "completed"


def test_an_event_can_be_malformed_and_the_stream_goes_on(emulator: Running) -> None:
    seen = emulator.stream("gpt-5.1+malformed=2", input=LONG)
    assert [event["type"] for event in seen].count("malformed") == 1
    assert kinds(seen)[-1] == "completed"


@pytest.mark.parametrize(
    ("fault", "mark"), [("nul", b"nul:\\u0000:nul"), ("surrogate", b"half:\\ud83d:half")]
)
def test_text_can_hold_what_databases_refuse(emulator: Running, fault: str, mark: bytes) -> None:
    answer = emulator.post(f"gpt-5.1+{fault}", stream=True)
    response_id = events(answer.content)[0]["response"]["id"]
    assert answer.content.count(mark) == 5
    assert mark in emulator.get(f"/{response_id}").content
    assert emulator.create(input="Go on", previous_response_id=response_id)["status"] == "completed"


def test_a_stream_can_hold_events_that_nobody_knows(emulator: Running) -> None:
    seen = emulator.stream("gpt-5.1+unknown", input=LONG)
    assert [event["type"] for event in seen].count("response.telepathy.delta") > 5
    assert [event["sequence_number"] for event in seen] == list(range(len(seen)))


def test_fields_can_be_missing(emulator: Running) -> None:
    seen = emulator.stream("gpt-5.1+missing")
    delta = next(event for event in seen if event["type"] == "response.output_text.delta")
    assert not {"logprobs", "content_index"} & set(delta)
    assert "input_tokens_details" not in seen[-1]["response"]["usage"]


def test_lines_and_signs_around_events_can_differ(emulator: Running) -> None:
    body = emulator.post("gpt-5.1+no-event-lines+done+comments", stream=True).content
    assert b"event:" not in body
    assert b": keep-alive\n\n" in body
    assert body.endswith(b"data: [DONE]\n\n")
    assert b"[DONE]" not in emulator.post(stream=True).content


def test_the_first_token_can_be_slow(emulator: Running) -> None:
    began = time.monotonic()
    with emulator.http.stream(
        "POST", "/openai/v1/responses", json={"model": "gpt-5.1+slow=0.6", "input": "x", "stream": True}
    ) as answer:
        seen = [(time.monotonic() - began, chunk) for chunk in answer.iter_raw()]
    assert b"response.in_progress" in seen[0][1]
    assert seen[1][0] >= 0.6


def test_headers_can_be_slow(emulator: Running) -> None:
    began = time.monotonic()
    refusal(emulator, "latency=0.3+500")
    assert time.monotonic() - began >= 0.3


def test_a_finished_stream_can_stay_invisible_for_a_while(emulator: Running) -> None:
    response_id = emulator.stream("gpt-5.1+settle=30")[0]["response"]["id"]
    assert emulator.get(f"/{response_id}").status_code == 404
    assert emulator.post(previous_response_id=response_id).status_code == 400
    assert emulator.http.delete(f"/openai/v1/responses/{response_id}").status_code == 404
    emulator.control("PUT", "clock", {"advance": 31})
    assert emulator.get(f"/{response_id}").status_code == 200
    assert emulator.create(previous_response_id=response_id)


def test_what_was_not_streamed_settles_at_once(emulator: Running) -> None:
    assert emulator.get(f"/{emulator.create('gpt-5.1+settle=30')['id']}").status_code == 200


def test_queued_faults_strike_as_often_as_told_and_only_where_they_match(emulator: Running) -> None:
    emulator.control("POST", "faults", {"faults": "500", "times": 2, "operation": "retrieve"})
    made = emulator.create()
    statuses = [emulator.get(f"/{made['id']}").status_code for _ in range(3)]
    assert statuses == [500, 500, 200]


def test_queued_faults_can_be_for_one_deployment(emulator: Running) -> None:
    emulator.control("POST", "faults", {"faults": "end=1", "model": "gpt-5"})
    assert kinds(emulator.stream("gpt-5.1"))[-1] == "completed"
    assert kinds(emulator.stream("gpt-5"))[-1] == "output_text.delta"


def test_a_retrieved_stream_breaks_after_so_many_of_its_own_events(emulator: Running) -> None:
    response_id = emulator.stream(background=True, input=LONG)[0]["response"]["id"]
    emulator.control("POST", "faults", {"faults": "end=3", "operation": "retrieve"})
    answer = emulator.get(f"/{response_id}", stream="true", starting_after=4)
    assert [event["sequence_number"] for event in events(answer.content)] == [5, 6, 7]


@pytest.mark.parametrize("faults", ["flood", "cut=soon", "429=-1", "slow=", "nul=1"])
def test_a_fault_that_does_not_exist_is_refused_with_a_reason(emulator: Running, faults: str) -> None:
    with pytest.raises(ValueError, match=r"is not a fault|doesn't take"):
        Faults.parse(faults)
    answer = refusal(emulator, faults)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "unknown_fault")


def test_every_fault_is_documented() -> None:
    told = (Path(__file__).parents[2] / "docs" / "emulator.md").read_text()
    assert [name for name in KINDS if f"| `{name}" not in told] == []


def test_a_share_strikes_so_many_and_the_same_ones_again(emulator: Running) -> None:
    def struck() -> list[bool]:
        emulator.control("POST", "reset")
        rare = {"faults": "500", "share": 0.2, "seed": 7, "operation": "retrieve"}
        emulator.control("POST", "faults", rare)
        (key,) = emulator.control("POST", "responses", {"count": 1})["ids"]
        return [emulator.http.get(f"/openai/v1/responses/{key}").status_code == 500 for _ in range(60)]

    found = struck()
    assert 4 < sum(found) < 24
    assert struck() == found

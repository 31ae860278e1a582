import json
import time
from typing import Any

import pytest

from tests.emulator.running import Running, deltas, kinds, text_of

WHOLE = [
    "created",
    "in_progress",
    "output_item.added",
    "content_part.added",
    "output_text.delta",
    "output_text.done",
    "content_part.done",
    "output_item.done",
    "completed",
]


def test_a_stream_tells_every_event_in_order_and_numbers_them_from_0(emulator: Running) -> None:
    seen = emulator.stream()
    assert kinds(seen) == WHOLE
    assert [event["sequence_number"] for event in seen] == list(range(len(seen)))


def test_deltas_done_events_and_the_final_response_hold_the_same_text(emulator: Running) -> None:
    seen = emulator.stream(input="Compare PostgreSQL and SQLite")
    by_type = {event["type"]: event for event in seen}
    text = "".join(deltas(seen))
    assert len(deltas(seen)) > 100
    assert by_type["response.output_text.done"]["text"] == text
    assert by_type["response.content_part.done"]["part"]["text"] == text
    assert by_type["response.output_item.done"]["item"]["content"][0]["text"] == text
    assert text_of(seen[-1]["response"]) == text


def test_the_sdk_reads_a_stream_and_retrieves_the_same_response(emulator: Running) -> None:
    with emulator.openai() as client:
        with client.responses.create(model="gpt-5.1", input="Say hello", stream=True) as stream:
            seen = list(stream)
        final = seen[-1]
        assert final.type == "response.completed"
        stored = client.responses.retrieve(final.response.id)
    assert stored.output_text == final.response.output_text
    assert stored.usage is not None
    assert stored.usage.output_tokens > 0


def test_every_event_of_a_stream_is_one_that_the_sdk_knows(emulator: Running) -> None:
    with emulator.openai() as client:
        request: Any = {"model": "gpt-5", "input": "Explain tokens", "reasoning": {"summary": "auto"}}
        with client.responses.create(stream=True, **request) as stream:
            seen = list(stream)
    # Azure's usage lacks cache_write_tokens, which the SDK's model of the last event requires.
    for event in seen[:-1]:
        assert type(event).model_validate(event.to_dict()).type == event.type


def test_a_reasoning_model_thinks_first_and_counts_what_it_thought(emulator: Running) -> None:
    seen = emulator.stream("gpt-5", reasoning={"summary": "auto"})
    assert kinds(seen)[2:8] == [
        "output_item.added",
        "reasoning_summary_part.added",
        "reasoning_summary_text.delta",
        "reasoning_summary_text.done",
        "reasoning_summary_part.done",
        "reasoning_summary_part.added",
    ]
    response = seen[-1]["response"]
    thought, said = response["output"]
    assert thought["type"] == "reasoning"
    assert len(thought["summary"]) == 2
    assert said["type"] == "message"
    usage = response["usage"]
    assert 0 < usage["output_tokens_details"]["reasoning_tokens"] < usage["output_tokens"]


def test_summaries_are_written_only_for_those_who_ask(emulator: Running) -> None:
    thought = emulator.create("gpt-5")["output"][0]
    assert (thought["type"], thought["summary"]) == ("reasoning", [])


def test_the_summary_deltas_add_up_to_the_summary(emulator: Running) -> None:
    seen = emulator.stream("gpt-5", reasoning={"effort": "high", "summary": "detailed"})
    told = [event for event in seen if event["type"] == "response.reasoning_summary_text.delta"]
    texts = ["".join(each["delta"] for each in told if each["summary_index"] == number) for number in (0, 1)]
    assert texts == [part["text"] for part in seen[-1]["response"]["output"][0]["summary"]]


def test_deltas_are_padded_unless_the_client_says_no(emulator: Running) -> None:
    padded = [event for event in emulator.stream() if "obfuscation" in event]
    lengths = [
        len(event["obfuscation"]) + len(json.dumps(event["delta"], ensure_ascii=False).encode())
        for event in padded
    ]
    assert padded
    assert {length % 16 for length in lengths} == {0}
    plain = emulator.stream(stream_options={"include_obfuscation": False})
    assert not any("obfuscation" in event for event in plain)


@pytest.mark.parametrize(("tokens", "ends"), [(16, "incomplete"), (100_000, "completed")])
def test_the_answer_ends_at_max_output_tokens(emulator: Running, tokens: int, ends: str) -> None:
    seen = emulator.stream(input="Compare PostgreSQL and SQLite", max_output_tokens=tokens)
    response = seen[-1]["response"]
    assert (kinds(seen)[-1], response["status"]) == (ends, ends)
    if ends == "incomplete":
        assert response["incomplete_details"] == {"reason": "max_output_tokens"}
        assert response["usage"]["output_tokens"] <= tokens
        assert response["output"][0]["status"] == "incomplete"


def test_an_answer_without_streaming_is_the_same_object(emulator: Running) -> None:
    whole = emulator.create(input="Say hello")
    streamed = emulator.stream(input="Say hello")[-1]["response"]
    changing = {"id", "created_at", "completed_at", "output"}
    assert {name: whole[name] for name in whole.keys() - changing} == {
        name: streamed[name] for name in streamed.keys() - changing
    }
    assert text_of(whole) == text_of(streamed)


def test_the_request_is_repeated_in_the_response(emulator: Running) -> None:
    response = emulator.create(
        instructions="Be brief", metadata={"run_id": "7"}, max_output_tokens=64, parallel_tool_calls=False
    )
    assert response["instructions"] == "Be brief"
    assert response["metadata"] == {"run_id": "7"}
    assert response["max_output_tokens"] == 64
    assert response["parallel_tool_calls"] is False
    assert response["model"] == "gpt-5.1-2025-11-13"


def test_a_rate_of_0_is_as_fast_as_it_goes(emulator: Running) -> None:
    emulator.control("PATCH", "settings", {"rate": 0})
    began = time.monotonic()
    assert len(deltas(emulator.stream("gpt-5.1+deltas=5000"))) == 5000
    assert time.monotonic() - began < 3


def test_numbered_deltas_count(emulator: Running) -> None:
    emulator.control("PATCH", "settings", {"rate": 0})
    assert "".join(deltas(emulator.stream("gpt-5.1+deltas=4+numbered"))) == "0 1 2 3 "


def test_deltas_come_no_faster_than_was_asked_for(emulator: Running) -> None:
    began = time.time()
    stamps = deltas(emulator.stream("gpt-5.1+deltas=30@100+stamp"))
    sent = [float(stamp) - began for stamp in stamps]
    assert len(sent) == 30
    assert sent == sorted(sent)
    assert all(at >= number / 100 for number, at in enumerate(sent, start=1))

"""What a model reads of a long conversation: all, what is left of it, or what was compacted."""

import base64
from typing import Any

import openai
import pytest

from tests.emulator.running import Running, kinds, text_of

TINY = "tiny-context"
LONG = "word " * 1200
COMPACT = [{"type": "compaction", "compact_threshold": 1200}]


def test_input_tokens_are_counted_as_the_answer_then_says(emulator: Running) -> None:
    first = emulator.create(input="My name is Ada.")
    asked: dict[str, Any] = {"input": "What is my name?", "previous_response_id": first["id"]}
    counted = emulator.openai().responses.input_tokens.count(model="gpt-5.1", **asked)
    assert counted.object == "response.input_tokens"
    assert counted.input_tokens == emulator.create(**asked)["usage"]["input_tokens"]


def test_the_dated_previews_dont_count(emulator: Running) -> None:
    with pytest.raises(openai.NotFoundError):
        emulator.dated().responses.input_tokens.count(model="gpt-5.1", input="Hi")


def test_truncation_leaves_out_the_oldest_and_never_the_question(emulator: Running) -> None:
    first = emulator.create(TINY, input=f"My name is Ada. {LONG}")
    asked = {"input": f"What is my name? {LONG}", "previous_response_id": first["id"]}
    assert emulator.post(TINY, **asked).json()["error"]["code"] == "context_length_exceeded"
    fitted = emulator.create(TINY, truncation="auto", **asked)
    assert fitted["usage"]["input_tokens"] <= 2000
    assert "Ada" not in text_of(fitted)
    alone = emulator.post(TINY, truncation="auto", input=LONG * 2)
    assert alone.json()["error"]["code"] == "context_length_exceeded"


def test_above_its_threshold_a_conversation_is_compacted_and_goes_on(emulator: Running) -> None:
    first = emulator.create(TINY, input="My name is Ada.", context_management=COMPACT)
    assert first["output"][0]["type"] == "message"
    long = {"input": LONG, "previous_response_id": first["id"], "context_management": COMPACT}
    seen = emulator.stream(TINY, **long)
    assert "compaction.compacting" in kinds(seen)
    second = seen[-1]["response"]
    item = second["output"][0]
    assert (item["type"], item["id"][:4]) == ("compaction", "cmp_")
    asked = {"input": "What is my name?", "context_management": COMPACT}
    chained = emulator.create(TINY, previous_response_id=second["id"], **asked)
    assert "Ada" in text_of(chained)
    assert chained["usage"]["input_tokens"] < 1200
    sealed = [{"type": "compaction", "encrypted_content": item["encrypted_content"]}]
    resent = emulator.create(TINY, input=[*sealed, {"role": "user", "content": "What is my name?"}])
    assert "Ada" in text_of(resent)


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"context_management": [{"type": "oblivion"}]}, "context_management[0].type"),
        ({"input": [{"type": "compaction", "encrypted_content": "gAAAAAcmp~"}]}, "input"),
        (
            {"input": [{"type": "compaction", "encrypted_content": base64.b64encode(b"{").decode()}]},
            "input",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(emulator: Running, change: dict[str, Any], param: str) -> None:
    refused = emulator.post(**change)
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, param)

"""Many frames in one message, whatever their words are."""

from uuid import uuid4

import orjson
import pytest

from conversations.chat.frames import NUDGE_BYTES, Frame, nudge, nudges

WORDS = ["plain", "two\nlines\n", "\u00fc\u4f60\U0001f600 7 7 7\n", ""]


def test_no_message_brings_nothing() -> None:
    assert list(nudges(b"")) == []


@pytest.mark.parametrize("words", WORDS)
def test_each_frame_is_found_again_under_its_conversation(words: str) -> None:
    named = [(str(uuid4()), frame(words, seq)) for seq in range(3)]
    found = list(nudges(b"".join(nudge(name, one, one.dump()) for name, one in named)))
    assert [name for name, _ in found] == [name for name, _ in named]
    for (_, told), (_, one) in zip(found, named, strict=True):
        assert (told.response, told.epoch, told.seq) == (one.response, one.epoch, one.seq)
        assert orjson.loads(told.frame)["events"] == one.events


def test_a_large_frame_is_only_named_and_hides_none_behind_it() -> None:
    large, small = frame("x" * NUDGE_BYTES, 0), frame("y", 1)
    joined = b"".join(nudge("a", one, one.dump()) for one in (large, small))
    (_, first), (_, second) = nudges(joined)
    assert (first.seq, first.frame) == (0, "")
    assert second.frame == small.dump().decode()


def frame(words: str, seq: int) -> Frame:
    return Frame(str(uuid4()), 1, seq, seq, [{"type": "response.output_text.delta", "delta": words}])

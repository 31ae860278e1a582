"""Frames of a response's log, and how web processes hear of them: many in one message, each behind a line
that says whose it is and is read without parsing JSON.
"""

from collections.abc import Iterator
from typing import NamedTuple

import orjson

from conversations.chat.transcript import Event

NUDGE_BYTES = 16_384


class Frame(NamedTuple):
    """One entry: contiguous `seq` from 0 in its epoch, and the API's sequence_number that it reaches."""

    response: str
    epoch: int
    seq: int
    upstream_seq: int
    events: list[Event]

    def dump(self) -> bytes:
        return orjson.dumps(
            {
                "type": "frame",
                "response": self.response,
                "epoch": self.epoch,
                "seq": self.seq,
                "upstream_seq": self.upstream_seq,
                "events": self.events,
            }
        )


class Nudge(NamedTuple):
    """News of one frame: where it stands in its log and, when it is small, the frame itself as JSON text."""

    response: str
    epoch: int
    seq: int
    frame: str


def nudge(conversation: str, frame: Frame, body: bytes) -> bytes:
    """To be joined with others; `body` is the dumped frame."""
    small = body if len(body) <= NUDGE_BYTES else b""
    line = f"{conversation} {frame.response} {frame.epoch} {frame.seq} {len(small)}\n"
    return line.encode() + small


def nudges(joined: bytes) -> Iterator[tuple[str, Nudge]]:
    """The conversations and what was said of them."""
    start = 0
    while start < len(joined):
        begin = joined.index(b"\n", start) + 1
        conversation, response, epoch, seq, size = joined[start:begin].decode().split(" ")
        start = begin + int(size)
        yield conversation, Nudge(response, int(epoch), int(seq), joined[begin:start].decode())

"""Server-sent events as bytes. Deltas have a path of their own: a load test sends thousands a second."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from conversations.emulator import codec

DONE = b"data: [DONE]\n\n"
COMMENT = b": keep-alive\n\n"
OBFUSCATION = re.compile(rb',"obfuscation":"[^"]*"')

# Padding brings every delta to a multiple of this, so that lengths on the wire tell little of the text.
PAD = 16
NOISE = hashlib.shake_256(b"noise").hexdigest(2048).encode()


@dataclass(frozen=True)
class Style:
    event_lines: bool = True
    obfuscation: bool = True
    sparse: bool = False
    """Leaves out fields that the schema requires."""


SPARED = ("logprobs", "content_index", "summary_index", "annotations", "input_tokens_details", "tools")


class Frames:
    """The frames of one response; each call takes the next sequence number."""

    def __init__(self, style: Style) -> None:
        self.style = style
        self.next_number = 0

    def number(self) -> int:
        self.next_number += 1
        return self.next_number - 1

    def event(self, kind: str, **fields: Any) -> bytes:
        event = {"type": kind, "sequence_number": self.number(), **fields}
        return self._frame(kind, codec.dumps(sparse(event) if self.style.sparse else event))

    def unnumbered(self, kind: str, **fields: Any) -> bytes:
        """An event as the service sends it when the gateway, not the model, wrote it."""
        return self._frame(kind, codec.dumps({"type": kind, **fields}))

    def malformed(self) -> bytes:
        self.number()
        return self._frame("response.output_text.delta", b'{"type":"response.output_text.delta","delta":"tor')

    def _frame(self, kind: str, data: bytes) -> bytes:
        head = b"event: " + kind.encode() + b"\n" if self.style.event_lines else b""
        return head + b"data: " + data + b"\n\n"

    def deltas(self, kind: str, logprobs: bool = False, **fields: Any) -> Callable[[str], bytes]:
        """A function from a piece of text to its frame."""
        head = self._frame(kind, b'{"type":"' + kind.encode() + b'","sequence_number":').rstrip(b"\n")
        kept = sparse(fields) if self.style.sparse else fields
        middle = b"," + orjson.dumps(kept)[1:-1] + b',"delta":'
        tail = b',"logprobs":[]' if logprobs and not self.style.sparse else b""
        obfuscation = self.style.obfuscation

        def frame(text: str) -> bytes:
            number = self.next_number
            self.next_number = number + 1
            delta = codec.dumps(text)
            parts = (
                head,
                b"%d" % number,
                middle,
                delta,
                tail,
                _noise(number, len(delta)) if obfuscation else b"",
            )
            return b"".join(parts) + b"}\n\n"

        return frame


def _noise(number: int, length: int) -> bytes:
    start = number * 61 % (len(NOISE) - PAD)
    return b',"obfuscation":"' + NOISE[start : start + PAD - length % PAD] + b'"'


def clear(frame: bytes) -> bytes:
    """The frame without its padding."""
    return OBFUSCATION.sub(b"", frame)


def sparse(value: Any) -> Any:
    """The value without fields that lax servers leave out."""
    if isinstance(value, dict):
        return {name: sparse(inner) for name, inner in value.items() if name not in SPARED}
    if isinstance(value, list):
        return [sparse(inner) for inner in value]
    return value

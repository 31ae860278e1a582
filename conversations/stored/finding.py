"""Ids of responses in any text: a list, CSV, JSON, a log of a proxy or of Application Insights, gzip too.

Reads in pieces, so that memory doesn't grow with the text.
"""

import gzip
import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

MARK = "resp_"
PIECE = 1 << 18
LONGEST = 200
SHORTEST = 16  # characters after the mark; ids have 32 and more

# A letter, digit or underscore before the mark makes it part of another name, unless it ends an escape,
# such as \n, \u0022 or %22.
_ESCAPE = re.compile(r"(?:\\[nrt]|\\u[0-9a-fA-F]{4}|%[0-9a-fA-F]{2})$")
_CONTEXT = 6
# What can't be part of an id, nor be left over from one that was damaged.
_CANDIDATE = re.compile(r"resp_[^\s\x00-\x1f\x7f\"'`,;:/?&#|<>()\[\]{}\\%]*")
_ID = re.compile(rf"resp_[A-Za-z0-9_-]{{{SHORTEST},{LONGEST - 10}}}={{0,2}}")
# A field's name, such as "resp_time": or resp_size=.
_NAME = re.compile(r"resp_[A-Za-z_]*\\?[\"']?\s*[:=]")
_PROSE = ".!*"
_ELLIPSIS = ("…", "...")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_GZIP = b"\x1f\x8b"


class Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


class Unreadable(ValueError):
    """Packed text that is damaged or cut off."""


@dataclass(frozen=True)
class Found:
    """An id, or what looks like one; `wrong` says why it can't be one."""

    text: str
    line: int
    column: int
    wrong: str = ""


def find_ids(source: Readable) -> Iterator[Found]:
    """Every occurrence in order, with its place counted from 1."""
    try:
        yield from _find(source)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise Unreadable("The gzip file is damaged or cut off.") from error


def _find(source: Readable) -> Iterator[Found]:
    buffer, line, column, last = "", 1, 1, False
    text = _decoded(source)
    start = 0  # what lies before it in the buffer is context
    while not last:
        piece = text.read(PIECE)
        last = not piece
        buffer += piece
        end = len(buffer) if last else max(start, len(buffer) - LONGEST - _CONTEXT)
        for place in _marks(buffer, start, end):
            line, column = _moved(buffer, start, place, line, column)
            start = place
            found = _judged(buffer, place, line, column)
            if not found.wrong or not _NAME.match(buffer, place):
                yield found
        line, column = _moved(buffer, start, end, line, column)
        kept = max(0, end - _CONTEXT)
        buffer, start = buffer[kept:], end - kept


def _decoded(source: Readable) -> io.TextIOWrapper:
    raw = _Peeked(source)
    inner = _Peeked(gzip.GzipFile(fileobj=io.BufferedReader(raw, PIECE))) if raw.head == _GZIP else raw
    encoding = "utf-16" if inner.head in _UTF16 else "utf-8-sig"
    return io.TextIOWrapper(io.BufferedReader(inner, PIECE), encoding=encoding, errors="replace", newline="")


class _Peeked(io.RawIOBase):
    """A stream whose first two bytes are known before it is read; a pipe can't be rewound."""

    def __init__(self, source: Readable) -> None:
        self._source = source
        self._waiting = self.head = source.read(2)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._waiting or self._source.read(len(buffer))
        self._waiting = b""
        buffer[: len(data)] = data
        return len(data)


def _marks(buffer: str, start: int, end: int) -> Iterator[int]:
    place = buffer.find(MARK, start)
    while -1 < place < end:
        if _begins(buffer, place):
            yield place
        place = buffer.find(MARK, place + 1)


def _begins(buffer: str, place: int) -> bool:
    before = buffer[max(0, place - _CONTEXT) : place]
    joined = before[-1:].isalnum() or before[-1:] == "_"
    return not joined or bool(_ESCAPE.search(before))


def _moved(buffer: str, start: int, end: int, line: int, column: int) -> tuple[int, int]:
    """The place of `end` when `line` and `column` are those of `start`."""
    lines = buffer.count("\n", start, end)
    if not lines:
        return line, column + end - start
    return line + lines, end - buffer.rfind("\n", start, end)


def _judged(buffer: str, place: int, line: int, column: int) -> Found:
    match = _CANDIDATE.match(buffer, place, place + LONGEST)
    text = match.group() if match else MARK
    whole = text.rstrip(_PROSE)
    return Found(whole if _ID.fullmatch(whole) else text, line, column, _fault(text, whole))


def _fault(text: str, whole: str) -> str:
    if text.endswith(_ELLIPSIS):
        return "cut off"
    if _ID.fullmatch(whole):
        return ""
    if re.search(r"[^A-Za-z0-9_=-]", whole):
        return "wrong characters"
    return "too short" if len(whole) < len(MARK) + SHORTEST else "too long or misplaced ="

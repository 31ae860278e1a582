"""Server-sent events from bytes, in whatever pieces the network hands them over."""

from typing import NamedTuple

# Generated images travel inside events; a peer that sends more than this in one is not trusted to stop.
MAX_EVENT_BYTES = 64 * 1024 * 1024


class TooLarge(ValueError):
    """One event grew past `MAX_EVENT_BYTES`."""


class Message(NamedTuple):
    """One server-sent event: what its `event:` line said (often nothing) and its data."""

    name: bytes
    data: bytes


class SSEParser:
    """Incremental: `feed` chunks, take messages; `close` at the end yields what lacked its blank line."""

    def __init__(self) -> None:
        self._partial: list[bytes] = []
        self._partial_size = 0
        self._name = b""
        self._data: list[bytes] = []
        self._data_size = 0
        self._after_cr = False
        self._started = False

    def feed(self, chunk: bytes) -> list[Message]:
        """The messages that this chunk completes."""
        chunk = self._plain_newlines(chunk)
        if b"\n" not in chunk:
            self._keep(chunk)
            return []
        self._partial.append(chunk)
        lines = b"".join(self._partial).split(b"\n")
        last = lines.pop()
        self._partial = []
        self._partial_size = 0
        if last:
            self._keep(last)
        messages = []
        for line in self._without_mark(lines):
            if line:
                self._field(line)
            elif self._data:
                messages.append(self._dispatch())
            else:
                self._name = b""
        return messages

    def close(self) -> list[Message]:
        """The last message of a peer that ended without the blank line, if there is one."""
        return self.feed(b"\n\n")

    def _plain_newlines(self, chunk: bytes) -> bytes:
        # A CRLF may be split between two chunks: its CR has ended the line already.
        if self._after_cr and chunk.startswith(b"\n"):
            chunk = chunk[1:]
            self._after_cr = False
        if b"\r" in chunk:
            self._after_cr = chunk.endswith(b"\r")
            return chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if chunk:
            self._after_cr = False
        return chunk

    def _keep(self, piece: bytes) -> None:
        self._partial.append(piece)
        self._partial_size += len(piece)
        self._check_size()

    def _without_mark(self, lines: list[bytes]) -> list[bytes]:
        if not self._started:
            self._started = True
            lines[0] = lines[0].removeprefix(b"\xef\xbb\xbf")
        return lines

    def _field(self, line: bytes) -> None:
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            self._data.append(value)
            self._data_size += len(value)
            self._check_size()
        elif field == b"event":
            self._name = value

    def _check_size(self) -> None:
        if self._partial_size + self._data_size > MAX_EVENT_BYTES:
            raise TooLarge(f"one event is larger than {MAX_EVENT_BYTES} bytes")

    def _dispatch(self) -> Message:
        data = self._data
        message = Message(self._name, data[0] if len(data) == 1 else b"\n".join(data))
        self._name, self._data, self._data_size = b"", [], 0
        return message

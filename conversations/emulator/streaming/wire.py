"""One HTTP answer under way: what may happen to its connection, and how frames get onto it in time."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import cast

from starlette.types import Receive, Scope, Send

from conversations.emulator.faults import Faults
from conversations.emulator.streaming.breaks import Break
from conversations.emulator.streaming.frames import COMMENT, DONE, clear
from conversations.emulator.streaming.script import Step

# Below this a pause simply sleeps; above, it ends as soon as the client leaves.
SHORT = 0.25


class Wire:
    """``left`` tells that the client is gone, or that the connection was broken on purpose; ``wake`` is set then
    and may be set by others who have news."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, faults: Faults) -> None:
        self.scope, self.receive, self.send_message = scope, receive, send
        self.faults = faults
        self.left = False
        self.clear = False
        """Strips the padding of deltas."""
        self.wake = asyncio.Event()
        self.frames_sent = 0
        self.split = faults.count("split") or 0
        self._watcher = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            pass
        self.left = True
        self.wake.set()

    def close(self) -> None:
        self._watcher.cancel()

    async def start(self, status: int, headers: Mapping[str, str]) -> None:
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        await self.send_message({"type": "http.response.start", "status": status, "headers": raw})

    async def write(self, frames: list[bytes]) -> None:
        if self.left:
            return None
        self.frames_sent += len(frames)
        if self.clear:
            frames = [clear(frame) for frame in frames]
        data = (COMMENT if "comments" in self.faults else b"").join([*frames, b""])
        if not self.split:
            return await self._send(data)
        for start in range(0, len(data), self.split):
            await self._send(data[start : start + self.split])
            # A loop turn between the writes lets the kernel send each on its own.
            await asyncio.sleep(0)

    async def _send(self, data: bytes) -> None:
        await self.send_message({"type": "http.response.body", "body": data, "more_body": True})

    async def finish(self, body: bytes | None = None) -> None:
        """Ends the answer well, with this as its last bytes."""
        if body is None:
            body = DONE if "done" in self.faults else b""
        if not self.left:
            await self.send_message({"type": "http.response.body", "body": body, "more_body": False})

    async def pause(self, seconds: float) -> None:
        if seconds <= SHORT:
            await asyncio.sleep(seconds)
            return
        try:
            await asyncio.wait_for(self.news(), seconds)
        except TimeoutError:
            pass

    async def news(self) -> None:
        """Waits until the client left or somebody woke this wire."""
        await self.wake.wait()
        if not self.left:
            self.wake.clear()

    async def gone(self) -> None:
        while not self.left:
            await self.news()

    async def apply(self, broken: Break) -> None:
        if broken is Break.STALL:
            await self.gone()
        elif broken is Break.END:
            await self.finish(b"")
        else:
            await self.cut()

    async def cut(self) -> None:
        """Resets the connection; what was sent gets a moment to be read, since a reset may overtake it."""
        await asyncio.sleep(0.02)
        self.abort()
        await self.gone()

    def abort(self) -> None:
        transport = cast("asyncio.Transport", self.scope["state"]["transport"])
        raw = transport.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()


async def paced(steps: Iterable[Step], wire: Wire | None) -> AsyncIterator[list[bytes] | Break]:
    """The frames of these steps, each batch when it is due. Pauses add up from the start, so one who is late
    catches up by sending what is due in one write, and the mean rate stays what was asked for.

    Ends early when the wire's client left. Without a wire, nobody's leaving matters.
    """
    loop = asyncio.get_running_loop()
    due = loop.time()
    batch: list[bytes] = []
    for step in steps:
        if isinstance(step, bytes):
            batch.append(step)
            continue
        if isinstance(step, float):
            due += step
            if due <= loop.time():
                continue
        if batch:
            yield batch
            batch = []
        if isinstance(step, Break):
            yield step
        elif wire is None:
            await asyncio.sleep(due - loop.time())
        else:
            await wire.pause(due - loop.time())
        if wire is not None and wire.left:
            return
    if batch:
        yield batch

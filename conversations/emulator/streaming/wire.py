"""One HTTP answer under way: what may happen to its connection, and how frames get onto it in time."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from typing import cast

from starlette.types import Receive, Scope, Send

from conversations.emulator.faults import Faults
from conversations.emulator.streaming.breaks import Break
from conversations.emulator.streaming.frames import COMMENT, DONE, clear
from conversations.emulator.streaming.script import Step

# Below this a pause simply sleeps; above, it ends as soon as the client leaves.
SHORT = 0.25


class Wire:
    """``left``: the client is gone, or the connection was broken on purpose (``aborted``). ``wake`` is set
    then, and by others who have news."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, faults: Faults) -> None:
        self.scope, self.receive, self.send_message = scope, receive, send
        self.faults = faults
        self.left = self.aborted = False
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
        if self.left or not frames:
            return
        self.frames_sent += len(frames)
        if self.clear:
            frames = [clear(frame) for frame in frames]
        data = (COMMENT if "comments" in self.faults else b"").join([*frames, b""])
        for start in range(0, len(data), self.split or len(data)):
            await self._send(data[start : start + self.split] if self.split else data)

    async def _send(self, data: bytes) -> None:
        await self.send_message({"type": "http.response.body", "body": data, "more_body": True})

    async def finish(self, body: bytes | None = None) -> None:
        """Ends the answer well, with this as its last bytes."""
        if body is None:
            body = DONE if "done" in self.faults else b""
        if not self.left:
            await self.send_message({"type": "http.response.body", "body": body, "more_body": False})

    async def pause(self, seconds: float) -> bool:
        """Whether the client is still there after that time."""
        if seconds <= SHORT:
            await asyncio.sleep(seconds)
        else:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.gone(), seconds)
        return not self.left

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
        self.aborted = reset(self.scope) or self.aborted


def reset(scope: Scope) -> bool:
    """Resets the request's connection; False where it is closing anyway."""
    transport = cast("asyncio.Transport", scope["state"]["transport"])
    if transport.is_closing():
        return False
    raw = transport.get_extra_info("socket")
    if raw is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    return True


Pause = Callable[[float], Awaitable[bool]]
"""Waits that many seconds and says whether to go on."""


async def patience(seconds: float) -> bool:
    """The pause of a script that nobody can leave."""
    await asyncio.sleep(seconds)
    return True


async def paced(steps: Iterable[Step], pause: Pause) -> AsyncIterator[list[bytes] | Break]:
    """The frames of these steps, each batch when it is due. Pauses add up from the start, so one who is late
    catches up by sending what is due in one write, and the mean rate stays what was asked for."""
    now = asyncio.get_running_loop().time
    due = now()
    batch: list[bytes] = []
    for step in steps:
        if isinstance(step, bytes):
            batch.append(step)
            continue
        if isinstance(step, Break):
            yield batch
            yield step
        else:
            due += step
            if due <= now():
                continue
            yield batch
            if not await pause(due - now()):
                return
        batch = []
    yield batch

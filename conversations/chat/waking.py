"""Wakes whoever serves a browser when something in its task has changed. A call that is missed costs a
moment: rows are looked at now and then anyway.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from uuid import UUID

from conversations import bus
from conversations.loop import keep_going


class Sleep:
    def __init__(self, browser: UUID) -> None:
        self._channel = bus.browser_channel(browser)
        self._is_over = asyncio.Event()

    async def of(self, seconds: float) -> None:
        """So long at most."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._is_over.wait(), seconds)
        self._is_over.clear()

    async def listen(self) -> None:
        async with contextlib.aclosing(bus.async_client()) as client, client.pubsub() as pubsub:
            await pubsub.subscribe(self._channel)
            await bus.listen(pubsub, lambda _message: self._is_over.set())


@contextlib.asynccontextmanager
async def light_sleep(browser: UUID) -> AsyncIterator[Sleep]:
    sleep = Sleep(browser)
    ear = asyncio.create_task(keep_going("ear for a browser's task", sleep.listen))
    try:
        yield sleep
    finally:
        ear.cancel()
        await asyncio.gather(ear, return_exceptions=True)

"""One time limit for the many short waits of a stream; `asyncio.timeout` around each would cost as much as
reading what they wait for.
"""

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar, cast

T = TypeVar("T")


class Patience:
    """Of one task. Its limit may be moved at any time; a single timer looks whether it has passed."""

    def __init__(self, until: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._until = until
        self._timer: asyncio.TimerHandle | None = None
        self._waiting: asyncio.Task[Any] | None = None
        self._lost = False

    def last_until(self, until: float) -> None:
        """In the loop's time."""
        self._until = until
        if self._timer is not None and until < self._timer.when():
            self._look_at(until)

    async def wait(self, for_what: Awaitable[T]) -> T:
        """Raises TimeoutError once the limit has passed."""
        if self._timer is None:
            self._look_at(self._until)
        waiting = self._waiting = cast("asyncio.Task[Any]", asyncio.current_task())
        others = waiting.cancelling()
        try:
            return await for_what
        except asyncio.CancelledError:
            if self._lost and waiting.uncancel() <= others:
                raise TimeoutError from None
            raise
        finally:
            self._waiting = None

    def end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _look_at(self, when: float) -> None:
        self.end()
        self._timer = self._loop.call_at(when, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._until > self._loop.time():
            self._look_at(self._until)
        elif self._waiting is not None and not self._lost:
            self._lost = True
            self._waiting.cancel()

"""Waiting when upstream asks for it: one pause for all requests of a job."""

import asyncio
import random

LONGEST_SECONDS = 300


class Pauses:
    """Belongs to one event loop."""

    def __init__(self) -> None:
        self._until = 0.0

    def begin(self, retry_after: float | None, attempts: int) -> None:
        """As long as upstream says; where it doesn't say, longer each time."""
        seconds = min(2**attempts, 30) * random.uniform(1, 1.25) if retry_after is None else retry_after  # noqa: S311
        self._until = max(self._until, self._now() + min(seconds, LONGEST_SECONDS))

    async def over(self) -> None:
        """Returns when there is none, also when one began or grew meanwhile."""
        left = self._until - self._now()
        if left > 0:
            await asyncio.sleep(left)
            await self.over()

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

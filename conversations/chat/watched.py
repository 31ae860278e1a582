"""A model's browser while somebody watches: what is to be seen between two steps, about once a second.

Only those who have the conversation open get it, nobody keeps it, and while none is there nobody looks.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import orjson
import redis
import redis.asyncio

from conversations import bus
from conversations.chat import computer_shapes
from conversations.chat.worker import WorkerProcess
from conversations.loop import keep_going
from conversations.models import ComputerRun, ComputerStep
from conversations.models.computer_runs import RunState
from conversations.tools.browser import Browser, Outcome

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 1.0
# A large picture is paid for with a longer pause.
BYTES_A_SECOND = 150_000
# A step's picture that is larger comes as a file only.
MOST_BYTES = 400_000
# The next step doesn't wait longer for a Redis that stands still.
TELL_SECONDS = 1.0
# While a person has it, pictures come from there (`lent.py`).
UNWATCHED = (RunState.ENDED, RunState.PERSON_HAS_HAND)


@contextlib.asynccontextmanager
async def watched(process: WorkerProcess, browser: Browser, run: ComputerRun) -> AsyncIterator["Watch"]:
    async with contextlib.aclosing(bus.async_client()) as client:
        watch = Watch(process, browser, run, client)
        task = asyncio.create_task(keep_going("look at a browser", watch.look))
        try:
            yield watch
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@dataclass(frozen=True)
class Scene:
    """The task of the moment, and the newest step that it has a picture of."""

    run: ComputerRun
    step: int


class Watch:
    def __init__(
        self, process: WorkerProcess, browser: Browser, run: ComputerRun, client: redis.asyncio.Redis
    ) -> None:
        self.home, self.browser, self.run = process.home, browser, run
        self.client, self.channel = client, bus.conversation_channel(run.conversation_id)
        self._shown = b""

    async def look(self) -> None:
        size = 0
        with _without_redis():
            size = await self._show() if await self._has_watchers() else 0
        await asyncio.sleep(max(PAUSE_SECONDS, size / BYTES_A_SECOND))

    async def tell(self, step: ComputerStep, outcome: Outcome) -> None:
        """The picture of a step, before it is in the ledger. Who doesn't get it here gets it from there."""
        if outcome.is_stale or len(outcome.screenshot) > MOST_BYTES:
            return
        with _without_redis():
            async with asyncio.timeout(TELL_SECONDS):
                if await self._has_watchers():
                    await self._send(Scene(step.run, step.number), outcome)

    async def _has_watchers(self) -> bool:
        """Web processes listen for those who have the conversation open."""
        ((_channel, number),) = await self.client.pubsub_numsub(self.channel)
        return int(number) > 0

    async def _show(self) -> int:
        """How many bytes were sent."""
        scene = await self.home.write(scene_of, self.run)
        seen = await self.browser.glance() if scene else None
        if scene is None or seen is None or seen.screenshot == self._shown:
            return 0
        self._shown = seen.screenshot
        await self._send(scene, seen)
        return len(seen.screenshot)

    async def _send(self, scene: Scene, seen: Outcome) -> None:
        news = computer_shapes.sight(scene.run, seen) | {"step": scene.step}
        await self.client.publish(self.channel, orjson.dumps(news))


@contextlib.contextmanager
def _without_redis() -> Iterator[None]:
    try:
        yield
    # uvloop raises a RuntimeError for a handle that was closed meanwhile.
    except (redis.RedisError, OSError, RuntimeError) as error:
        logger.warning("Nobody sees a browser until Redis is back: %s", error)


def scene_of(first: ComputerRun) -> Scene | None:
    """Of the task in that run's browser; None where there is none to watch."""
    run = ComputerRun.objects.filter(browser=first.browser).order_by("-created_at").first()
    if run is None or run.state in UNWATCHED:
        return None
    numbers = run.steps.exclude(screenshot="").order_by("-number").values_list("number", flat=True)
    newest = numbers.first()
    return None if newest is None else Scene(run, newest)

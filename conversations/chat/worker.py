"""What a worker process has for all the responses it runs: its row, its heartbeat, an ear for stops."""

import asyncio
import contextlib
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID

import orjson
from django.conf import settings

from conversations import bus, clock
from conversations.chat import ledger
from conversations.chat.event_log import EventLog
from conversations.loop import WorkerLoop, keep_going, worker_loop
from conversations.responses_api import ResponsesAPI, Timeouts


class Running(Protocol):
    def stop(self) -> None: ...

    def hand_over(self) -> None: ...


class Pulse:
    """Whether our own heart beats steadily. After a pause of the machine or of the database everybody looks
    dead; nobody is judged before all hearts had half a lease to beat again.
    """

    def __init__(self) -> None:
        self.beat_at = self.steady_since = clock.now()

    def beat(self) -> None:
        now = clock.now()
        if now - self.beat_at >= self._half_a_lease:
            self.steady_since = now
        self.beat_at = now

    @property
    def is_steady(self) -> bool:
        now = clock.now()
        return now - self.beat_at < self._half_a_lease <= now - self.steady_since

    @property
    def _half_a_lease(self) -> timedelta:
        return timedelta(seconds=settings.LEASE_SECONDS / 2)


class WorkerProcess:
    def __init__(self, home: WorkerLoop, row: UUID) -> None:
        self.home = home
        self.row = row
        self.api = ResponsesAPI(Timeouts(read=settings.UPSTREAM_SILENCE_SECONDS))
        self.log = EventLog(bus.async_client(socket_timeout=None))
        # None for what is being taken over and can't be stopped yet.
        self.runs: dict[UUID, Running | None] = {}
        self.calls: set[UUID] = set()
        self.leaving = False
        self.pulse = Pulse()
        self._tasks: set[asyncio.Task[None]] = set()
        self.begin(keep_going("heartbeat", self._beat))
        self.begin(keep_going("ear for stops", self._listen))

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Start something that goes on by itself."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def leave(self) -> None:
        """Let other workers have what they can go on with: this one is about to end."""
        self.leaving = True
        for run in filter(None, self.runs.values()):
            run.hand_over()

    async def _beat(self) -> None:
        """Renew the lease of everything that runs here, and give up rows that only seem to."""
        await self.home.write(ledger.beat, self.row, set(self.runs), set(self.calls))
        self.pulse.beat()
        await asyncio.sleep(settings.HEARTBEAT_SECONDS)

    async def _listen(self) -> None:
        """While Redis is away, stops are found at the next checkpoint."""
        async with contextlib.aclosing(bus.async_client()) as client, client.pubsub() as pubsub:
            await pubsub.subscribe(bus.STOPS)
            await bus.listen(pubsub, self._stop)

    def _stop(self, message: dict[str, Any]) -> None:
        if message["type"] != "message":
            return
        run = self.runs.get(UUID(orjson.loads(message["data"])["response"]))
        if run is not None:
            run.stop()


_started: list[WorkerProcess] = []
_starting = asyncio.Lock()


async def this_process() -> WorkerProcess:
    """The process's one instance, made by whoever asks first."""
    async with _starting:
        if not _started:
            home = worker_loop()
            _started.append(WorkerProcess(home, await home.write(ledger.register_worker)))
    return _started[0]

"""What a worker process has for all the responses it runs: its row, its heartbeat, an ear for stops."""

import asyncio
import contextlib
from typing import Protocol
from uuid import UUID

import orjson
from django.conf import settings

from conversations import bus
from conversations.chat import ledger
from conversations.chat.event_log import EventLog
from conversations.chat.loop import WorkerLoop, keep_going, worker_loop
from conversations.responses_api import ResponsesAPI, Timeouts


class Stoppable(Protocol):
    def stop(self) -> None: ...


class WorkerProcess:
    def __init__(self, home: WorkerLoop, row: UUID) -> None:
        self.home = home
        self.row = row
        self.api = ResponsesAPI(Timeouts(read=settings.UPSTREAM_SILENCE_SECONDS))
        self.log = EventLog(bus.async_client())
        self.runs: dict[UUID, Stoppable] = {}
        self._tasks = [
            asyncio.create_task(keep_going("heartbeat", self._beat)),
            asyncio.create_task(keep_going("ear for stops", self._listen)),
        ]

    async def _beat(self) -> None:
        """Renew the lease of everything that runs here, and give up rows that only seem to."""
        await asyncio.sleep(settings.HEARTBEAT_SECONDS)
        await self.home.write(ledger.beat, self.row, set(self.runs))

    async def _listen(self) -> None:
        """While Redis is away, stops are found at the next checkpoint."""
        async with contextlib.aclosing(bus.async_client()) as client, client.pubsub() as pubsub:
            await pubsub.subscribe(bus.STOPS)
            async for message in bus.messages(pubsub):
                if message["type"] == "message":
                    self._stop(UUID(orjson.loads(message["data"])["response"]))

    def _stop(self, response: UUID) -> None:
        run = self.runs.get(response)
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

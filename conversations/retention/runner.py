"""Carries out deletions that are due, single ones and those of jobs, in any worker process that is asked."""

import logging

import redis
from django.conf import settings
from django.db import InterfaceError, OperationalError

from conversations import bus
from conversations.loop import WorkerLoop, worker_loop
from conversations.responses_api import ResponsesAPI, Timeouts
from conversations.responses_api.budget import Budget
from conversations.retention.health import Health
from conversations.retention.pipeline import Pipeline

logger = logging.getLogger(__name__)


class Runner:
    """The process's one. What it has learned of a job's health outlives a pipeline."""

    def __init__(self, home: WorkerLoop) -> None:
        self.home = home
        self.health = Health()
        self.pipeline: Pipeline | None = None
        self.woken = self.leaving = False

    async def run_due(self) -> None:
        """Until nothing is due. Who asks while that goes on only makes it look once more."""
        self.woken = True
        while self.woken and self.pipeline is None and not self.leaving:
            self.woken = False
            await self._run()

    async def _run(self) -> None:
        seconds = settings.DESK_UPSTREAM_SECONDS
        client = bus.async_client()
        try:
            async with ResponsesAPI(Timeouts(read=seconds, total=seconds)) as api:
                self.pipeline = Pipeline(self.home, api, Budget(client), self.health)
                await self.pipeline.run()
        except (OperationalError, InterfaceError) as error:
            logger.warning("Deletions wait for the database: %s", error)
        except redis.RedisError as error:
            logger.warning("Deletions wait for Redis, which keeps the budget of requests: %s", error)
        finally:
            self.pipeline = None
            await client.aclose()

    def leave(self) -> None:
        """Nothing more is claimed; what is on its way is waited for and booked."""
        self.leaving = True
        if self.pipeline is not None:
            self.pipeline.leave()


_started: list[Runner] = []


def this_process() -> Runner:
    if not _started:
        _started.append(Runner(worker_loop()))
    return _started[0]


def run_due() -> None:
    worker_loop().run(this_process().run_due())


def leave() -> None:
    """For a process that was told to stop."""
    worker_loop().loop.call_soon_threadsafe(this_process().leave)

"""The one event loop of a worker process, on a thread of its own, and the few threads that write its ledger.

Celery's pool threads hand a coroutine over and wait.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, ParamSpec, TypeVar

import uvloop
from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections

P = ParamSpec("P")
T = TypeVar("T")

logger = logging.getLogger(__name__)

STUMBLE_SECONDS = 0.5


class WorkerLoop:
    def __init__(self) -> None:
        self.loop = uvloop.new_event_loop()
        self._ledger = ThreadPoolExecutor(settings.LEDGER_THREADS, thread_name_prefix="ledger")
        threading.Thread(target=self.loop.run_forever, name="responses", daemon=True).start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run on the loop and wait; for threads other than the loop's."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    async def write(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a function that uses the database on a ledger thread."""

        def call() -> T:
            close_old_connections()
            try:
                return function(*args, **kwargs)
            finally:
                close_old_connections()

        return await self.loop.run_in_executor(self._ledger, call)

    async def persist(self, seconds: float, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same, waiting so long for a database that is away."""
        give_up_at = time.monotonic() + seconds
        while True:
            try:
                return await self.write(function, *args, **kwargs)
            except (OperationalError, InterfaceError) as error:
                if time.monotonic() > give_up_at:
                    raise
                logger.warning("The database does not answer, trying again: %s", error)
                await asyncio.sleep(STUMBLE_SECONDS)


_lock = threading.Lock()
_the_one = cache(WorkerLoop)


def worker_loop() -> WorkerLoop:
    """The process's loop, started by whoever asks first."""
    with _lock:
        return _the_one()


async def keep_going(name: str, step: Callable[[], Awaitable[None]]) -> None:
    """Repeat a step while the process lives; an error of any kind is logged, and the step tried again."""
    while True:
        try:
            await step()
        except Exception:
            logger.exception("The %s stumbled and goes on", name)
            await asyncio.sleep(STUMBLE_SECONDS)

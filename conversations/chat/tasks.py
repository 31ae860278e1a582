"""The fold line between the web processes and the workers."""

import asyncio
import logging
from functools import partial
from typing import Any
from uuid import UUID

from celery import shared_task
from celery.signals import worker_ready, worker_shutting_down
from django.conf import settings
from django.core.management import call_command
from django.db import InterfaceError, OperationalError

from conversations.chat import calling, computer, steering, sweeper
from conversations.chat.queue import RUN_CALL, RUN_COMPUTER, RUN_RESPONSE
from conversations.chat.runner import run, take_over
from conversations.chat.worker import WorkerProcess, this_process
from conversations.loop import keep_going, worker_loop
from conversations.pauses import keep_pauses_short

logger = logging.getLogger(__name__)

RETRY_SECONDS = 0.5


@worker_ready.connect
def start(**_: Any) -> None:
    """Connections, heartbeat, sweeper and the ear for stops are there before the first response comes."""
    worker_loop().run(_start())
    keep_pauses_short()


@worker_shutting_down.connect
def leave(**_: Any) -> None:
    """A deployment of a new version interrupts no answer that goes on upstream."""
    asyncio.run_coroutine_threadsafe(_leave(), worker_loop().loop)


@shared_task(name=RUN_RESPONSE)
def run_response(*, response: str) -> None:
    worker_loop().run(run(UUID(response)))


@shared_task(name=RUN_CALL)
def run_call(*, call: str) -> None:
    worker_loop().run(calling.run(UUID(call)))


@shared_task(name=RUN_COMPUTER)
def run_computer(*, run: str) -> None:
    worker_loop().run(computer.run(UUID(run)))


@shared_task
def tidy() -> None:
    """Forget what nobody will ask for again: sessions that have ended, and workers long gone."""
    call_command("clearsessions")
    sweeper.forget_dead_workers()


async def _start() -> None:
    """Tried until it works: a worker without heartbeat and sweeper would be worse than none."""
    while True:
        try:
            process = await this_process()
        except (OperationalError, InterfaceError) as error:
            logger.warning("The worker starts once the database answers: %s", error)
            await asyncio.sleep(RETRY_SECONDS)
        else:
            process.begin(keep_going("sweeper", partial(_sweep, process)))
            return


async def _leave() -> None:
    (await this_process()).leave()


async def _sweep(process: WorkerProcess) -> None:
    """Each worker sweeps, on its own loop: a queue full of answers must not keep their guarantee waiting."""
    await asyncio.sleep(settings.SWEEP_SECONDS)
    given_up, silent = await process.home.write(sweeper.sweep)
    if process.leaving:
        return
    # Steadiness is asked last: the database may have kept us waiting.
    steady = process.pulse.is_steady
    for orphan in [*given_up, *(silent if steady else [])]:
        process.begin(take_over(process, orphan))
    if steady:
        await process.home.write(calling.settle_lost)
        await process.home.write(steering.attend)

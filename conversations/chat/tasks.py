"""The fold line between the web processes and the workers."""

from typing import Any
from uuid import UUID

from celery import shared_task
from celery.signals import worker_ready

from conversations.chat import sweeper
from conversations.chat.loop import worker_loop
from conversations.chat.queue import RUN_RESPONSE
from conversations.chat.runner import run
from conversations.chat.worker import this_process


@worker_ready.connect
def start(**_: Any) -> None:
    """Connections, heartbeat and the ear for stops are there before the first response comes."""
    worker_loop().run(this_process())


@shared_task(name=RUN_RESPONSE)
def run_response(*, response: str) -> None:
    worker_loop().run(run(UUID(response)))


@shared_task
def sweep() -> None:
    sweeper.sweep(worker_loop().run(this_process()).row)

"""The fold line between the web processes and the workers."""

from uuid import UUID

from celery import shared_task

from conversations.chat import runner
from conversations.chat.loop import worker_loop
from conversations.chat.queue import RUN_RESPONSE


@shared_task(name=RUN_RESPONSE)
def run_response(*, response: str) -> None:
    worker_loop().run(runner.run(UUID(response)))

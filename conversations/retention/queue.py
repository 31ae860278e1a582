"""Hands work to the workers, after the commit. The rows are the guarantee; a message only makes it quick."""

import logging
from uuid import UUID

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

PLAN = "conversations.retention.tasks.plan"
RELEASE = "conversations.retention.tasks.release"
FINISH = "conversations.retention.tasks.finish"
RUN_DUE = "conversations.retention.tasks.run_due"


def plan(job: UUID) -> None:
    transaction.on_commit(lambda: _send(PLAN, job=str(job)))


def release(job: UUID) -> None:
    transaction.on_commit(lambda: _send(RELEASE, job=str(job)))


def finish(job: UUID) -> None:
    transaction.on_commit(lambda: _send(FINISH, job=str(job)))


def wake() -> None:
    """Something is due."""
    transaction.on_commit(lambda: _send(RUN_DUE))


def _send(task: str, **arguments: str) -> None:
    try:
        current_app.send_task(task, kwargs=arguments, retry=False)
    except OperationalError as error:
        logger.warning("%s waits until beat sends for it: %s", arguments.get("job", "A deletion"), error)

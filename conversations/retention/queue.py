"""Hands work to the workers, after the commit. The rows are the guarantee; a message only makes it quick."""

import logging
from uuid import UUID

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

PLAN = "conversations.retention.tasks.plan"
RELEASE = "conversations.retention.tasks.release"


def plan(job: UUID) -> None:
    transaction.on_commit(lambda: _send(PLAN, job))


def release(job: UUID) -> None:
    transaction.on_commit(lambda: _send(RELEASE, job))


def _send(task: str, job: UUID) -> None:
    try:
        current_app.send_task(task, kwargs={"job": str(job)}, retry=False)
    except OperationalError as error:
        logger.warning("Bulk deletion %s waits until it is found: %s", job, error)

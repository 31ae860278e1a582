"""Hands work to the workers, after the commit. The row is the guarantee; the message only makes it quick."""

import logging
from uuid import UUID

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

RUN_RESPONSE = "conversations.chat.tasks.run_response"
RUN_CALL = "conversations.chat.tasks.run_call"
RUN_COMPUTER = "conversations.chat.tasks.run_computer"


def enqueue(response: UUID) -> None:
    transaction.on_commit(lambda: _send(RUN_RESPONSE, "response", response))


def enqueue_call(call: UUID) -> None:
    transaction.on_commit(lambda: _send(RUN_CALL, "call", call))


def enqueue_run(run: UUID) -> None:
    """To the workers that have browsers."""
    transaction.on_commit(lambda: _send(RUN_COMPUTER, "run", run))


def _send(task: str, what: str, key: UUID) -> None:
    try:
        current_app.send_task(task, kwargs={what: str(key)}, retry=False)
    except OperationalError as error:
        logger.warning("The %s %s stays queued until the sweeper finds it: %s", what, key, error)

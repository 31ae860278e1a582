"""Hands work to the workers, after the commit. The row is the guarantee; the message only makes it quick."""

import logging
from uuid import UUID

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

RUN_RESPONSE = "conversations.chat.tasks.run_response"


def enqueue(response: UUID) -> None:
    transaction.on_commit(lambda: _send(response))


def _send(response: UUID) -> None:
    try:
        current_app.send_task(RUN_RESPONSE, kwargs={"response": str(response)}, retry=False)
    except OperationalError as error:
        logger.warning("Response %s stays queued until the sweeper finds it: %s", response, error)

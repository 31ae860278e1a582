"""Wakes a worker after the commit. The rows are the guarantee; a message only makes it quick."""

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

DELIVER = "conversations.people.tasks.deliver_notices"


def wake() -> None:
    transaction.on_commit(_send)


def _send() -> None:
    try:
        current_app.send_task(DELIVER, retry=False)
    except OperationalError as error:
        logger.warning("Notices wait until beat sends for them: %s", error)

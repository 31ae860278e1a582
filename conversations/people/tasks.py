"""What beat asks of the workers for this room."""

from celery import shared_task

from conversations.people import folds
from conversations.people.notices import inbox, queue, sending


@shared_task
def close_folds() -> None:
    folds.close_ended()


@shared_task(name=queue.DELIVER)
def deliver_notices() -> None:
    sending.send_due()


@shared_task
def forget_notices() -> None:
    inbox.forget_old()

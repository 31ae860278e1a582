"""What beat asks of the workers for this room."""

from celery import shared_task

from conversations.people import folds


@shared_task
def close_folds() -> None:
    folds.close_ended()

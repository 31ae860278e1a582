"""What the desk gives to the workers."""

import logging
from uuid import UUID

from celery import shared_task
from kombu.exceptions import OperationalError

from conversations.models import ImportJob
from conversations.stored import deletion_runner, import_runner, leases

logger = logging.getLogger(__name__)


@shared_task
def run_import(*, job: str) -> None:
    import_runner.run(UUID(job))


@shared_task
def resume() -> None:
    """Hands out again what nobody runs: its message was lost, or its worker."""
    for job in leases.abandoned(ImportJob.objects.all()):
        enqueue(job)


def enqueue(job: ImportJob) -> None:
    """After the commit. The row is the guarantee; the message only makes it quick."""
    try:
        run_import.apply_async(kwargs={"job": str(job.pk)}, retry=False)
    except OperationalError as error:
        logger.warning("%s waits until it is found: %s", job, error)


@shared_task
def delete_due() -> None:
    deletion_runner.run_due()

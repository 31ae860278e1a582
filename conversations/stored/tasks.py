"""What the desk gives to the workers."""

import logging
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, TypeVar
from uuid import UUID

from celery import shared_task
from celery.signals import worker_shutting_down
from django.db.models import QuerySet
from kombu.exceptions import OperationalError

from conversations.models import DeploymentTest, Export, ImportJob, Reconciliation
from conversations.stored import (
    attachments,
    exporting,
    holds,
    import_runner,
    leases,
    local_copies,
    reconciling,
    testing,
)

J = TypeVar("J", ImportJob, Export, Reconciliation, DeploymentTest)

logger = logging.getLogger(__name__)


@worker_shutting_down.connect
def leave(**_: Any) -> None:
    """Long work is given up at once, so that a new version of us doesn't wait for it or kill it."""
    leases.leaving.set()


@shared_task
def run_import(*, job: str) -> None:
    with passed_on(ImportJob.objects.all(), job):
        import_runner.run(UUID(job))


@shared_task
def run_export(*, export: str) -> None:
    with passed_on(Export.objects.all(), export):
        exporting.make(UUID(export))


@shared_task
def run_reconciliation(*, key: str) -> None:
    with passed_on(Reconciliation.objects.all(), key):
        reconciling.compare(UUID(key))


@shared_task
def run_test(*, key: str) -> None:
    with passed_on(DeploymentTest.objects.all(), key):
        testing.run(UUID(key))


@contextmanager
def passed_on(jobs: QuerySet[J], key: str) -> Generator[None]:
    """What this process gives up is sent to the next."""
    try:
        yield
    except leases.GivenUp:
        enqueue(jobs.get(pk=key))


@shared_task
def forget_exports() -> None:
    exporting.forget_old()


@shared_task
def forget_attachments() -> None:
    attachments.forget_unsent()


@shared_task
def resume() -> None:
    """Hands out again what nobody runs: its message was lost, or its worker."""
    for job in leases.abandoned(ImportJob.objects.all()):
        enqueue(job)
    for row in leases.abandoned(Export.objects.all()):
        enqueue(row)
    for looking in leases.abandoned(Reconciliation.objects.all()):
        enqueue(looking)
    for test in leases.abandoned(DeploymentTest.objects.all()):
        enqueue(test)


def export(wanted: exporting.Wanted) -> Export:
    """Written at once when it is small, else by a worker."""
    row = exporting.begin(wanted)
    if exporting.is_large(row):
        enqueue(row)
    else:
        exporting.make(row.pk)
        row.refresh_from_db()
    return row


def enqueue(job: ImportJob | Export | Reconciliation | DeploymentTest) -> None:
    """After the commit. The row is the guarantee; the message only makes it quick."""
    try:
        if isinstance(job, ImportJob):
            run_import.apply_async(kwargs={"job": str(job.pk)}, retry=False)
        elif isinstance(job, Reconciliation):
            run_reconciliation.apply_async(kwargs={"key": str(job.pk)}, retry=False)
        elif isinstance(job, DeploymentTest):
            run_test.apply_async(kwargs={"key": str(job.pk)}, retry=False)
        else:
            run_export.apply_async(kwargs={"export": str(job.pk)}, retry=False)
    except OperationalError as error:
        logger.warning("%s waits until it is found: %s", job, error)


@shared_task
def look_after_holds() -> None:
    holds.note_ends()
    for hold in holds.unseen():
        holds.look_for_in_flight(hold)
    local_copies.run()

"""What plans and bulk deletions give to the workers."""

from typing import Any
from uuid import UUID

from celery import shared_task
from celery.signals import worker_shutting_down

from conversations.models import DeletionJob
from conversations.retention import (
    backlog,
    executing,
    finishing,
    own,
    plans,
    policies,
    queue,
    rows,
    runner,
)
from conversations.retention.wanted import Wanted


def plan_now_or_later(wanted: Wanted) -> DeletionJob:
    """Planned at once when it is small, else by a worker."""
    job = plans.begin(wanted)
    if plans.is_large(job):
        queue.plan(job.pk)
    else:
        plans.make(job.pk)
        job.refresh_from_db()
    return job


@shared_task
def plan(*, job: str) -> None:
    plans.make(UUID(job))


@shared_task
def release(*, job: str) -> None:
    executing.release(DeletionJob.objects.get(pk=job))


@shared_task(name=queue.FINISH)
def finish(*, job: str) -> None:
    finishing.finish(UUID(job))


@shared_task
def go_on() -> None:
    """Finds what nobody does: a message was lost, or a worker; and approvals that nobody gave in time.

    Rows of plans that were thrown away go here too.
    """
    for job in plans.unplanned():
        queue.plan(job.pk)
    for job in executing.unreleased():
        queue.release(job.pk)
    for job in executing.lapsed():
        executing.lapse(job)
    for job in finishing.unfinished():
        queue.finish(job.pk)
    for job in rows.left_over():
        rows.clear(job)


@shared_task
def look_after_policies() -> None:
    policies.look_after_all()


@shared_task
def look_after_own() -> None:
    own.look_after_all()


@shared_task
def look_after_backlogs() -> None:
    backlog.look()


@worker_shutting_down.connect
def leave(**_: Any) -> None:
    """What is on its way upstream is waited for and booked, and nothing more is begun."""
    runner.leave()


@shared_task(name=queue.RUN_DUE)
def run_due() -> None:
    runner.run_due()

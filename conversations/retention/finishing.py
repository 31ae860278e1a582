"""What follows on a bulk deletion: its words are erased here if that was asked for, then its report is made.

Kill the process at any time: whoever finds the job unreported goes on.
"""

from uuid import UUID, uuid4

from django.db.models import F, Q, QuerySet

from conversations import clock
from conversations.models import DeletionJob
from conversations.models.deletion_jobs import JobState
from conversations.people.audit import Actor
from conversations.retention import erasing, reports
from conversations.retention.ending import UNREAD, UNSENT
from conversations.stored.leases import LeaseLost, untended


def unfinished() -> QuerySet[DeletionJob]:
    """With nothing on its way any more, and nobody is at it."""
    return untold().filter(~UNSENT, ~UNREAD).filter(untended())


def untold() -> QuerySet[DeletionJob]:
    """Ended, and no report tells of that end yet."""
    over = [JobState.DONE, JobState.CANCELLED]
    ended = DeletionJob.objects.filter(state__in=over, executed_at__isnull=False)
    return ended.filter(Q(reported_at=None) | Q(reported_at__lt=F("ended_at")))


def finish(key: UUID) -> bool:
    """False where another process does, or nothing is left to do."""
    token = uuid4()
    if not unfinished().filter(pk=key).update(claim=token, beat_at=clock.now()):
        return False
    job = DeletionJob.objects.select_related("executed_by", "approved_by", "planned_by").get(pk=key)
    try:
        _erase(job, token)
        reports.make(job)
    finally:
        _mine(job, token).update(claim=None, beat_at=None)
    return True


def _erase(job: DeletionJob, token: UUID) -> None:
    actor = Actor(job.actor, job.planned_by_id)
    while job.erase and erasing.erase_due(job, actor=actor):
        if not _mine(job, token).update(beat_at=clock.now()):
            raise LeaseLost(f"{job} is finished by another process")


def _mine(job: DeletionJob, token: UUID) -> QuerySet[DeletionJob]:
    return DeletionJob.objects.filter(pk=job.pk, claim=token)

"""What people do to a bulk deletion under way, and what it does to itself when it goes badly."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext as _

from conversations import clock
from conversations.models import Deletion, DeletionJob, User
from conversations.models.audit import Action
from conversations.models.deletion_jobs import JobState
from conversations.models.deletions import UNDECIDED, Outcome
from conversations.people.audit import Actor, audited, record, system
from conversations.retention import telling
from conversations.retention.hashing import CHUNK, moment
from conversations.retention.queue import wake
from conversations.retention.refusing import Refused
from conversations.stored.booking import digest, stated
from conversations.stored.verdicts import MOST_ATTEMPTS

__all__ = ["Refused", "cancel", "halt", "pause", "resume", "retry_failed"]

CAN_PAUSE = (JobState.RUNNING,)
CAN_RESUME = (JobState.PAUSED, JobState.HALTED)
CAN_CANCEL = (JobState.RUNNING, JobState.PAUSED, JobState.HALTED)
CAN_RETRY = (*CAN_CANCEL, JobState.READING_BACK, JobState.DONE)
UNSENT = (Outcome.PLANNED, Outcome.PENDING, Outcome.NOT_VISIBLE)
TROUBLE_MAX = 300


def pause(job: DeletionJob, *, user: User | None, actor: Actor) -> None:
    """What is in flight still ends."""
    with audited():
        _move(job, CAN_PAUSE, JobState.PAUSED)
        record(Action.JOB_PAUSED, actor=actor, subject=job)


def resume(job: DeletionJob, *, user: User | None, actor: Actor) -> None:
    with audited():
        _move(job, CAN_RESUME, JobState.RUNNING, trouble="")
        record(Action.JOB_RESUMED, actor=actor, subject=job)
        telling.goes_on(job, by=user)
        wake()


def cancel(job: DeletionJob, *, user: User | None, actor: Actor) -> int:
    """How many will never be sent. What is in flight still ends, and what is deleted is still read back."""
    with audited():
        now = clock.now()
        _move(job, CAN_CANCEL, JobState.CANCELLED, ended_at=now)
        unsent = Deletion.objects.filter(job=job, outcome__in=UNSENT)
        number = unsent.update(outcome=Outcome.CANCELLED, decided_at=now, due_at=None)
        details = {"cancelled": number, "at": moment(now), "digest": _digest_of_cancelled(job, now)}
        record(Action.JOB_CANCELLED, actor=actor, subject=job, details=details)
        telling.over(job, by=user)
    return number


def _digest_of_cancelled(job: DeletionJob, at: datetime) -> str:
    """Binds the entry to its rows, as `booking.digest` says."""
    rows = Deletion.objects.filter(job=job, outcome=Outcome.CANCELLED, decided_at=at).order_by("pk")
    named = rows.values_list("pk", "response__response_id").iterator(chunk_size=CHUNK)
    return digest(stated(key, response_id, Outcome.CANCELLED) for key, response_id in named)


def retry_failed(job: DeletionJob, *, user: User | None, actor: Actor) -> int:
    """How many are due again: the failed ones alone. One that is paused or stopped waits to be resumed."""
    with audited():
        state = JobState(_lock(job))
        number = _try_again(job)
        if number:
            _move(job, CAN_RETRY, state if state in CAN_RESUME else JobState.RUNNING, ended_at=None)
            record(Action.JOB_RETRIED, actor=actor, subject=job, details={"failed": number})
            wake()
    return number


def halt(key: UUID, why: str) -> None:
    """By itself. `why` is for people: what went wrong, and what to do."""
    with audited():
        running = DeletionJob.objects.filter(pk=key, state__in=[JobState.RUNNING, JobState.READING_BACK])
        if running.update(state=JobState.HALTED, trouble=why[:TROUBLE_MAX]):
            subject = ("deletionjob", str(key))
            record(Action.JOB_HALTED, actor=system("deletions"), subject=subject, details={"why": why})
            telling.halted(DeletionJob.objects.get(pk=key))


def _move(job: DeletionJob, come: Collection[JobState], to: JobState, **fields: Any) -> None:
    fields["state"] = to
    if not DeletionJob.objects.filter(pk=job.pk, state__in=come).update(**fields):
        job.refresh_from_db()
        raise Refused(_("It is “%(state)s”, so that can't be done.") % {"state": job.get_state_display()})
    job.refresh_from_db()


def _lock(job: DeletionJob) -> str:
    return DeletionJob.objects.select_for_update(no_key=True).get(pk=job.pk).state


def _try_again(job: DeletionJob) -> int:
    """One whose response somebody else deletes right now stays failed. Attempts are fences and go on; from
    each multiple of the most that are made they count anew.
    """
    elsewhere = Deletion.objects.filter(outcome__in=UNDECIDED, response__deletions__job=job)
    failed = Deletion.objects.filter(job=job, outcome=Outcome.FAILED)
    rounded_up = F("attempts") + (MOST_ATTEMPTS - F("attempts") % MOST_ATTEMPTS) % MOST_ATTEMPTS
    return failed.exclude(response__in=elsewhere.values("response")).update(
        outcome=Outcome.PENDING, explanation="", decided_at=None, due_at=clock.now(), attempts=rounded_up
    )

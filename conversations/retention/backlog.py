"""Warns when what was asked to be deleted won't be gone before upstream begins to forget it by itself.

A response that expires first is not deleted by us, so there is no proof of it. Asked every few minutes.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, Q, QuerySet

from conversations import clock
from conversations.models import Deletion, DeletionJob
from conversations.models.deletion_jobs import JobState, Source
from conversations.models.deletions import UNDECIDED, Outcome
from conversations.people import notices
from conversations.people.notices import NoticeKind
from conversations.retention.pace import pace
from conversations.retention.progress import progress_of
from conversations.retention.telling import concerned, team_of

# Executed, or it would be if a second person said so.
WANTED = (JobState.WAITING, JobState.RUNNING, JobState.PAUSED, JobState.HALTED)
TO_SEND = Q(outcome__in=UNDECIDED) | Q(outcome=Outcome.PLANNED, held_when_planned=False)

Facts = dict[str, Any]


def look() -> None:
    jobs = list(DeletionJob.objects.filter(state__in=WANTED).exclude(source=Source.OWN))
    running = [job for job in jobs if job.state == JobState.RUNNING]
    per_second = sum(progress_of(job).rate for job in running) or pace().per_second
    late = {str(job.pk): job for job in jobs if _tell_if_late(job, running, per_second)}
    for subject_type, subject_id in notices.open_subjects(NoticeKind.BACKLOG):
        if subject_id not in late:
            notices.settle(NoticeKind.BACKLOG, subject=(subject_type, subject_id))


def _tell_if_late(job: DeletionJob, running: list[DeletionJob], per_second: float) -> bool:
    facts = facts_of(job, running, per_second)
    for whom in concerned(job) if facts else ():
        notices.tell(NoticeKind.BACKLOG, to=whom, subject=job, team=team_of(job), facts=facts)
    return bool(facts)


def facts_of(job: DeletionJob, running: list[DeletionJob], per_second: float) -> Facts:
    """Empty where it is done in time, at that rate and together with what runs beside it."""
    now = clock.now()
    unexpired = _to_send([job]).filter(response__expires_at__gt=now)
    first = unexpired.aggregate(first=Min("response__expires_at"))["first"]
    together = _to_send([job, *running]).count()
    end = now + timedelta(seconds=together / per_second)
    if first is None or end <= first:
        return {}
    counted = unexpired.aggregate(all=Count("pk"), late=Count("pk", filter=_before(end)))
    return {
        "remaining": counted["all"],
        "late": counted["late"],
        "first_expiry": first.isoformat(),
        "end": end.isoformat(timespec="seconds"),
    }


def _before(end: datetime) -> Q:
    return Q(response__expires_at__lt=end)


def _to_send(jobs: list[DeletionJob]) -> QuerySet[Deletion]:
    return Deletion.objects.filter(TO_SEND, job__in=jobs).order_by()

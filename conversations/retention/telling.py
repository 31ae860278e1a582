"""Who is told what of a bulk deletion or a policy, and when that is over; called where it happens."""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings

from conversations import clock
from conversations.models import DeletionJob, RetentionPolicy, Team, User
from conversations.models.deletion_jobs import Source
from conversations.people import notices
from conversations.people.notices import Audience, NoticeKind
from conversations.people.rights import limits_of
from conversations.retention import scope
from conversations.retention.progress import progress_of
from conversations.stored.selection import BadSelection


def asked(job: DeletionJob) -> None:
    """For a second person, who can't be the one who asked."""
    until = (job.asked_for_approval_at or clock.now()) + timedelta(hours=settings.APPROVAL_HOURS)
    by = job.executed_by
    notices.tell(
        NoticeKind.SECOND_SIGNATURE,
        to=Audience.DELETERS,
        subject=job,
        team=team_of(job),
        but_not=by,
        facts={
            "deletions": job.total - job.held,
            "by": by.name if by else job.policy.name if job.policy else job.actor,
            "until": until.isoformat(),
        },
    )


def answered(job: DeletionJob, by: User | None = None) -> None:
    """Approved, thrown away, or nobody did either in time."""
    notices.settle(NoticeKind.SECOND_SIGNATURE, subject=job, by=by)
    notices.settle(NoticeKind.BACKLOG, subject=job)


def halted(job: DeletionJob) -> None:
    progress = progress_of(job)
    facts = {"done": progress.done, "remaining": progress.remaining}
    if job.source == Source.OWN:
        notices.tell(NoticeKind.JOB_HALTED, to=Audience.DELETERS, subject=job, facts=facts | {"own": True})
    for whom in concerned(job):
        notices.tell(NoticeKind.JOB_HALTED, to=whom, subject=job, team=team_of(job), facts=facts)


def goes_on(job: DeletionJob, by: User | None) -> None:
    """A member's own is resumed by the clock, whether or not what stopped it is over: that is told once."""
    if job.source != Source.OWN:
        notices.settle(NoticeKind.JOB_HALTED, subject=job, by=by)


def over(job: DeletionJob, by: User | None = None) -> None:
    notices.settle(NoticeKind.JOB_HALTED, subject=job, by=by)
    notices.settle(NoticeKind.BACKLOG, subject=job)


def done(job: DeletionJob) -> None:
    """For whoever executed it. Policies run every hour, and what is a member's own is told in the chat."""
    over(job)
    if job.source in (Source.POLICY, Source.OWN):
        return
    progress = progress_of(job)
    facts = {
        "gone": progress.gone,
        "failed": progress.failed,
        "still_there": progress.still_there,
        "held": progress.held,
    }
    whom = job.executed_by or Audience.DELETERS
    notices.tell(NoticeKind.JOB_DONE, to=whom, subject=job, team=team_of(job), facts=facts)


def policy_stands_still(policy: RetentionPolicy) -> None:
    facts = {"policy": policy.name}
    to = Audience.POLICY_SETTERS
    notices.tell(NoticeKind.POLICY_FAILED, to=to, subject=policy, team=policy.team, facts=facts)


def policy_goes_on(policy: RetentionPolicy) -> None:
    notices.settle(NoticeKind.POLICY_FAILED, subject=policy)


def concerned(job: DeletionJob) -> Iterator[User | Audience]:
    """With trouble of a job: all who can steer it, and whoever executed it within limits of teams."""
    if job.source == Source.OWN:
        return
    yield Audience.DELETERS
    if job.executed_by is not None and limits_of(job.executed_by):
        yield job.executed_by


def team_of(job: DeletionJob) -> Team | None:
    """Of a job that is about one team."""
    try:
        return scope.selection_of(job).team
    except BadSelection:
        return None

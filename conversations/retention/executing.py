"""From a frozen plan to a running job: who, why, exactly which plan, and where much would go a second person.

Every step is a conditional UPDATE of the job's state, so of two clicks or two approvers one wins and the
other is told. Whatever can't be is Refused with a sentence that says what to do.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from conversations import clock
from conversations.models import Deletion, DeletionJob, User
from conversations.models.audit import Action
from conversations.models.deletion_jobs import BEFORE_EXECUTION, UNDER_WAY, JobState, Source
from conversations.models.deletions import Outcome
from conversations.people import rights
from conversations.people.audit import Actor, audited, record
from conversations.retention import drift, hashing, queue, rows, scope, telling
from conversations.retention.refusing import Refused
from conversations.stored import booking, holds
from conversations.stored.deleting import REASON_MAX
from conversations.stored.selection import BadSelection
from conversations.stored.whereabouts import moment

__all__ = ["Refused", "approve", "discard", "execute", "lapse", "needs_second_person", "release", "start"]

BATCH = 2_000
TRIES = 5
# A policy was approved with a cap when it was made, and one's own is nobody else's to approve.
APPROVED_ALREADY = (Source.POLICY, Source.OWN)


def execute(job: DeletionJob, *, plan_hash: str, reason: str, user: User | None, actor: Actor) -> DeletionJob:
    """Starts it, or asks for a second person where much would go; commands and policies have no `user`."""
    reason = reason.strip()
    _must_be_allowed(job, user)
    _must_be(job, JobState.PLANNED)
    _must_be_that_plan(job, plan_hash)
    if not reason or len(reason) > REASON_MAX:
        raise Refused(_("Say in at most %d characters why this shall be deleted.") % REASON_MAX)
    _must_be_worth_it(job)
    _must_not_have_drifted(job)
    fields = {"reason": reason, "executed_by": user, "trouble": ""}
    if needs_second_person(job):
        _ask(job, actor, fields)
    else:
        _run(job, JobState.PLANNED, actor, fields)
    job.refresh_from_db()
    return job


def needs_second_person(job: DeletionJob) -> bool:
    if job.policy is not None and not (job.policy.is_in_force and job.total - job.held <= job.policy.cap):
        return True
    return job.source not in APPROVED_ALREADY and job.total - job.held > settings.SECOND_PERSON_ABOVE


def approve(job: DeletionJob, *, plan_hash: str, user: User, actor: Actor) -> DeletionJob:
    """The second person's yes to exactly this plan; it starts at once."""
    _must_be_allowed(job, user)
    _must_be(job, JobState.WAITING)
    if user.pk == job.executed_by_id:
        raise Refused(
            _("You asked for it yourself. A second person with the right to delete must approve it.")
        )
    _must_be_that_plan(job, plan_hash)
    if _is_over(job):
        lapse(job)
        raise Refused(_lapsed(job))
    if job.executed_by is not None and not rights.may_plan_deletions(job.executed_by):
        raise Refused(
            _("%(name)s asked for it and may not delete any more. Discard this plan and make a new one.")
            % {"name": job.executed_by.name}
        )
    _must_not_have_drifted(job)
    _run(job, JobState.WAITING, actor, {"approved_by": user, "approved_at": clock.now()})
    job.refresh_from_db()
    return job


def discard(job: DeletionJob, *, user: User | None, actor: Actor) -> DeletionJob:
    """Throws a plan away of which nothing was sent. What it said stays; its rows go, many of them later."""
    _must_be_allowed(job, user)
    if job.state not in BEFORE_EXECUTION:
        raise Refused(_("It has been executed. Pause or cancel it instead."))
    with audited():
        now = clock.now()
        _move(job, job.state, state=JobState.CANCELLED, ended_at=now, claim=None, beat_at=None)
        _note(Action.PLAN_DISCARDED, job, actor)
        telling.answered(job, by=user)
    job.refresh_from_db()
    if job.total <= settings.PLAN_AT_ONCE:
        rows.clear(job)
    return job


def lapse(job: DeletionJob) -> bool:
    """Nobody approved it in time: it is a plan again, and may be executed again."""
    fields = {"executed_by": None, "asked_for_approval_at": None, "reason": ""}
    waiting = DeletionJob.objects.filter(pk=job.pk, state=JobState.WAITING)
    with transaction.atomic():
        has = bool(waiting.update(state=JobState.PLANNED, trouble=_lapsed(job)[:300], **fields))
        if has:
            telling.answered(job)
    return has


def lapsed() -> QuerySet[DeletionJob]:
    asked_by = clock.now() - timedelta(hours=settings.APPROVAL_HOURS)
    return DeletionJob.objects.filter(state=JobState.WAITING, asked_for_approval_at__lte=asked_by)


def start(job: DeletionJob) -> None:
    """Makes the rows of a job that runs the workers' to send: at once where they are few, else by a worker.

    Until the last one is released some have the outcome `planned` still; the job isn't over before.
    """
    if job.total <= settings.PLAN_AT_ONCE:
        release(job)
    else:
        queue.release(job.pk)


def unreleased() -> QuerySet[DeletionJob]:
    planned = Deletion.objects.filter(job=OuterRef("pk"), outcome=Outcome.PLANNED)
    return DeletionJob.objects.filter(Exists(planned), state__in=UNDER_WAY)


def release(job: DeletionJob) -> None:
    """Goes on where it was stopped, until the last row or until the job is cancelled."""
    _stay(job)
    while _release_some(job):
        queue.wake()
    queue.wake()


def _stay(job: DeletionJob) -> None:
    """What was held when it was planned stays, even if its hold ends before its turn would have come."""
    held = job.deletions.filter(outcome=Outcome.PLANNED, held_when_planned=True)
    held.update(outcome=Outcome.HELD, decided_at=clock.now(), explanation=_("Held when it was planned."))


def _release_some(job: DeletionJob) -> bool:
    """Another deletion of the same response may begin at this very moment: then it is asked again."""
    keys = list(
        job.deletions.filter(outcome=Outcome.PLANNED).order_by("pk").values_list("pk", flat=True)[:BATCH]
    )
    for attempt in range(TRIES):
        try:
            with audited():
                return _release(job, keys) and len(keys) == BATCH
        except IntegrityError:
            if attempt == TRIES - 1:
                raise
    return True


def _release(job: DeletionJob, keys: list[int]) -> bool:
    """False where the job doesn't run any more; it can't be cancelled while its row is locked here."""
    mine = DeletionJob.objects.select_for_update(no_key=True).filter(pk=job.pk, state__in=UNDER_WAY)
    if mine.first() is None:
        return False
    planned, now = Deletion.objects.filter(pk__in=keys, outcome=Outcome.PLANNED), clock.now()
    planned.filter(scope.going_already("response")).update(
        outcome=Outcome.CANCELLED,
        decided_at=now,
        explanation=_("Another deletion of it was on its way already; that one has the proof."),
    )
    if job.erase:
        _skip_absent(planned.exclude(scope.at_upstream(now, "response__")), now)
    planned.update(outcome=Outcome.PENDING, due_at=now)
    return True


def _skip_absent(rows: QuerySet[Deletion], now: datetime) -> None:
    """Nothing is sent for what upstream doesn't have; what was put on hold meanwhile stays here."""
    booking.book_held(list(rows.filter(holds.is_held("response__")).values_list("pk", flat=True)))
    rows.update(
        outcome=Outcome.ALREADY_ABSENT,
        decided_at=now,
        explanation=_("Nothing of it was upstream any more, so nothing was sent."),
    )


def _must_be_allowed(job: DeletionJob, user: User | None) -> None:
    if user is None:
        return
    if job.source == Source.OWN:
        allowed = user.is_active and job.planned_by_id == user.pk
    else:
        allowed = rights.may_plan_deletions(user)
    if not allowed:
        raise Refused(_("Only operators and admins may do that. Ask one of them."))
    if job.source != Source.OWN:
        _must_see_all(job, user)


def _must_be(job: DeletionJob, state: JobState) -> None:
    job.refresh_from_db()
    if job.state != state:
        raise Refused(_state_says(job))


def _state_says(job: DeletionJob) -> str:
    match job.state:
        case JobState.PLANNING:
            return _("It is still being planned. Wait until it is, and look at the plan.")
        case JobState.PLANNED:
            return _("Nobody has asked for an approval of it. Execute it first.")
        case JobState.WAITING:
            return _("It waits for a second person already.")
        case JobState.CANCELLED | JobState.FAILED:
            return _("This plan was thrown away. Make a new one.")
    return _("It has been executed already.")


def _must_be_that_plan(job: DeletionJob, plan_hash: str) -> None:
    """The hash is made anew from the rows: nobody has slipped anything in since."""
    if plan_hash.strip().lower() != job.hash:
        raise Refused(
            _("That is not the hash of this plan. Look at the plan again and use the hash it shows.")
        )
    if hashing.hash_of(job) != job.hash:
        raise Refused(
            _("The rows of this plan are not those that were frozen. Discard it and make a new one.")
        )


def _must_be_worth_it(job: DeletionJob) -> None:
    if job.total == job.held:
        raise Refused(_("Nothing in this plan can be deleted. Discard it."))
    hours = settings.PLAN_HOURS
    if job.frozen_at is None or clock.now() - job.frozen_at >= timedelta(hours=hours):
        raise Refused(_("This plan is older than %d hours. Make a new one and look at it.") % hours)


def _must_not_have_drifted(job: DeletionJob) -> None:
    try:
        found = drift.of(job)
    except BadSelection as error:
        raise Refused(
            _("The filters of this plan name what is gone (%s). Make a new one.") % error
        ) from error
    if found:
        raise Refused(found.sentence())


def _must_see_all(job: DeletionJob, user: User) -> None:
    teams = rights.limits_of(user)
    others = job.deletions.exclude(response__team__in=teams) if teams else job.deletions.none()
    if others.exists():
        raise Refused(
            _("It has responses of teams that you don't see. Leave it to somebody who sees all of them.")
        )


def _is_over(job: DeletionJob) -> bool:
    return lapsed().filter(pk=job.pk).exists()


def _lapsed(job: DeletionJob) -> str:
    hours = settings.APPROVAL_HOURS
    said = ngettext(
        "Nobody approved it within %(hours)d hour after %(when)s. Execute it again to ask anew.",
        "Nobody approved it within %(hours)d hours after %(when)s. Execute it again to ask anew.",
        hours,
    )
    return said % {"hours": hours, "when": moment(job.asked_for_approval_at)}


def _ask(job: DeletionJob, actor: Actor, fields: dict[str, Any]) -> None:
    with audited():
        _move(job, JobState.PLANNED, state=JobState.WAITING, asked_for_approval_at=clock.now(), **fields)
        _note(Action.PLAN_EXECUTED, job, actor, reason=fields["reason"], waiting=True)
        job.refresh_from_db()
        telling.asked(job)


def _run(job: DeletionJob, before: JobState, actor: Actor, fields: dict[str, Any]) -> None:
    action = Action.PLAN_APPROVED if before == JobState.WAITING else Action.PLAN_EXECUTED
    with audited():
        _move(job, before, state=JobState.RUNNING, executed_at=clock.now(), **fields)
        _note(action, job, actor, reason=fields.get("reason", job.reason))
        telling.answered(job, by=fields.get("approved_by"))
    job.refresh_from_db()
    start(job)


def _move(job: DeletionJob, before: str, **fields: Any) -> None:
    if not DeletionJob.objects.filter(pk=job.pk, state=before, hash=job.hash).update(**fields):
        job.refresh_from_db()
        raise Refused(_("Somebody was quicker. %s") % _state_says(job))


def _note(action: Action, job: DeletionJob, actor: Actor, reason: str = "", **details: Any) -> None:
    counts = {"total": job.total, "held": job.held, "erase": job.erase}
    record(action, actor=actor, subject=job, reason=reason, details={"hash": job.hash, **counts, **details})

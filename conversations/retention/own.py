"""What members deleted, once the time to undo that is over: upstream with proof, then erased here.

Each look at one takes a step, as with policies. What is held, failed or has an id that nobody learned is left
over; there is another round as soon as something of it can go, until nothing is left.
"""

import logging
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from conversations import clock
from conversations.models import Conversation, Deletion, DeletionJob, OwnDeletion, Response
from conversations.models.deletion_jobs import ENDED, JobState, Source
from conversations.models.deletions import TROUBLED
from conversations.people.audit import Actor, system
from conversations.retention import controls, executing, plans, queue, scope
from conversations.retention.finishing import untold
from conversations.retention.refusing import Refused
from conversations.retention.wanted import Wanted
from conversations.stored.holds import is_held
from conversations.stored.selection import Selection

EVERY = timedelta(minutes=1)
# While nothing of it can go: a hold may have ended, an answer expired.
RESTS = timedelta(minutes=10)
# How often a job that stopped by itself is resumed, and when what upstream refused to delete is tried again.
RESUMED_EVERY = timedelta(hours=1)
AGAIN_AFTER = timedelta(days=1)

logger = logging.getLogger(__name__)


def look_after_all() -> None:
    for row in due().order_by("due_at"):
        if _is_mine(row):
            go_on(row)


def due() -> QuerySet[OwnDeletion]:
    return OwnDeletion.objects.filter(due_at__lte=clock.now()).select_related("by")


def _is_mine(row: OwnDeletion) -> bool:
    """Of two processes that look at the same moment one goes on, and nobody restores it from then on."""
    now, same = clock.now(), OwnDeletion.objects.filter(pk=row.pk, due_at=row.due_at)
    return bool(same.update(due_at=now + EVERY, begun_at=Coalesce("begun_at", now)))


def go_on(row: OwnDeletion) -> None:
    job = row.jobs.exclude(state__in=ENDED).first()
    try:
        if job is None:
            job = _next_round(row)
        if job is not None and job.state == JobState.PLANNED:
            _settle(row, job)
        elif job is not None and job.state == JobState.HALTED:
            _resume(row, job)
    except Refused as error:
        logger.warning("%s waits: %s", row, error)
        _rest(row, RESTS)


def _next_round(row: OwnDeletion) -> DeletionJob | None:
    """A plan of what can go now; None where nothing can, or the words of the last round are being erased."""
    if untold().filter(own=row).exists():
        return None
    if not row.conversation.responses.filter(erased_at=None).exists():
        _end(row)
    elif going(row, clock.now()).exists():
        return _plan(row)
    else:
        _rest(row, RESTS)
    return None


def going(row: OwnDeletion, now: datetime) -> QuerySet[Response]:
    """What a round would delete or erase, but for what was tried in vain not long ago."""
    wanted = wanted_of(row)
    asked = DeletionJob(
        source=Source.OWN, planned_by=row.by, query=wanted.selection.query(), erase=wanted.erase
    )
    tried = Deletion.objects.filter(TROUBLED, job__own=row, response=OuterRef("pk"))
    lately = tried.filter(decided_at__gt=now - AGAIN_AFTER)
    return scope.deletable(asked, now).exclude(is_held()).exclude(Exists(lately))


def wanted_of(row: OwnDeletion) -> Wanted:
    return Wanted(
        source=Source.OWN,
        actor=_actor(row),
        by=row.by,
        own=row,
        selection=Selection(conversation=row.conversation_id),
        erase=True,
    )


def _actor(row: OwnDeletion) -> Actor:
    return Actor(row.actor, row.by_id)


def _plan(row: OwnDeletion) -> DeletionJob:
    job = plans.begin(wanted_of(row))
    if plans.is_large(job):
        queue.plan(job.pk)
    else:
        plans.make(job.pk)
    job.refresh_from_db()
    return job


def _settle(row: OwnDeletion, job: DeletionJob) -> None:
    """A plan that can't be executed any more as it stands is thrown away; the next look makes a new one."""
    try:
        reason = _("Its owner deleted the conversation.")
        executing.execute(job, plan_hash=job.hash, reason=reason, user=None, actor=_actor(row))
    except Refused:
        executing.discard(job, user=None, actor=_actor(row))
        raise


def _resume(row: OwnDeletion, job: DeletionJob) -> None:
    """Nobody at the desk looks after it, and what stopped it may be over."""
    controls.resume(job, user=None, actor=system("own-deletions"))
    _rest(row, RESUMED_EVERY)


def _rest(row: OwnDeletion, pause: timedelta) -> None:
    OwnDeletion.objects.filter(pk=row.pk).update(due_at=clock.now() + pause)


def _end(row: OwnDeletion) -> None:
    """Nothing of it is left upstream or here; of one without a message there was only what stands here."""
    Conversation.objects.filter(pk=row.conversation_id).update(title="", instructions="", choices={})
    OwnDeletion.objects.filter(pk=row.pk).update(ended_at=clock.now(), due_at=None)

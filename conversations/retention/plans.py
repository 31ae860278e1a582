"""Makes plans of deletions and freezes them; nothing is deleted here.

    job = begin(Wanted(source=Source.SELECTION, selection=selection, by=user, actor=actor))
    make(job.pk)          # now, or in a worker when `is_large(job)`

A plan's rows are written in batches, oldest responses first, each batch a statement of the database's own.
Kill the process at any time: whoever claims the plan next goes on behind its last row.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from conversations import clock
from conversations.models import DeletionJob, Response
from conversations.models.audit import Action
from conversations.models.deletion_jobs import JobState, Source
from conversations.people import rights
from conversations.people.audit import Actor, audited, record
from conversations.retention import hashing, preview, rows, scope
from conversations.retention.refusing import Refused
from conversations.retention.wanted import Wanted, bounds, frozen
from conversations.stored import chains
from conversations.stored.leases import LeaseLost, untended
from conversations.stored.pages import beyond
from conversations.stored.selection import BadSelection

logger = logging.getLogger(__name__)

Watch = Callable[[], None]


def begin(wanted: Wanted) -> DeletionJob:
    """Nothing is planned yet. A wish that makes no sense, or isn't this person's to have, is Refused."""
    _may_plan(wanted)
    now = clock.now()
    selection = frozen(wanted, now)
    from_at, to_at = bounds(wanted, selection)
    job = DeletionJob(
        source=wanted.source,
        query=selection.query(keyed=True),
        root=_root(wanted),
        policy=wanted.policy,
        own=wanted.own,
        from_at=from_at,
        to_at=to_at,
        everything=wanted.everything,
        erase=wanted.erase,
        planned_by=wanted.by,
        actor=wanted.actor.text,
        created_at=now,
    )
    job.expected = scope.deletable(job, now).count()
    job.save()
    return job


def _may_plan(wanted: Wanted) -> None:
    by = wanted.by
    if wanted.own is not None:
        return  # it was asked when the conversation was deleted, and its owner may have left since
    own = wanted.source == Source.OWN
    if by is not None and not (by.is_active if own else rights.may_plan_deletions(by)):
        raise Refused(_("Only operators and admins plan deletions. Ask one of them."))


def _root(wanted: Wanted) -> Response | None:
    """Of a tree its first response, which may be one that the planner doesn't see."""
    root = wanted.root
    if root is None:
        return None
    if wanted.by is not None and not rights.responses_at_desk(wanted.by).filter(pk=root.pk).exists():
        raise Refused(_("There is no such response among those that you see."))
    up = chains.ancestors(root) if wanted.source == Source.TREE else []
    return Response.objects.get(pk=up[-1]) if up else root


def is_large(job: DeletionJob) -> bool:
    return job.expected > settings.PLAN_AT_ONCE


def unplanned() -> QuerySet[DeletionJob]:
    """What should be planned and nobody does it, or not any more."""
    return DeletionJob.objects.filter(untended(), state=JobState.PLANNING)


def make(job_id: UUID, watch: Watch | None = None) -> bool:
    """Plans to the end; False where another process does, or there is nothing to plan."""
    token = uuid4()
    if not unplanned().filter(pk=job_id).update(claim=token, beat_at=clock.now()):
        return False
    job = DeletionJob.objects.select_related("planned_by").get(pk=job_id)
    try:
        Planning(job, token, watch).go()
    except LeaseLost as lost:
        logger.warning("Plan left to others: %s", lost)
    except BadSelection as error:
        _fail(job, token, str(error))
    return True


class Planning:
    """One plan on its way."""

    def __init__(self, job: DeletionJob, token: UUID, watch: Watch | None) -> None:
        self.job = job
        self.token = token
        self.watch = watch or (lambda: None)

    def go(self) -> None:
        while self._batch():
            self.watch()
        found = preview.Preview(self.job, self._renew).go()
        self._freeze(found, hashing.hash_of(self.job))

    def _batch(self) -> bool:
        """Whether there may be more."""
        with transaction.atomic():
            found = scope.deletable(self.job, clock.now())
            place = rows.last(self.job)
            planned = rows.insert(self.job, found.filter(beyond(place, scope.ORDER)) if place else found)
            self._write(total=F("total") + planned, beat_at=clock.now())
        return planned == rows.BATCH

    def _renew(self) -> None:
        self._write(beat_at=clock.now())

    def _write(self, **fields: Any) -> None:
        mine = DeletionJob.objects.filter(pk=self.job.pk, claim=self.token, state=JobState.PLANNING)
        if not mine.update(**fields):
            raise LeaseLost(f"{self.job} is planned by another process, or was thrown away")

    def _freeze(self, found: dict[str, Any], plan_hash: str) -> None:
        counts = found["counts"]
        fields = {
            "state": JobState.PLANNED,
            "frozen_at": clock.now(),
            "hash": plan_hash,
            "preview": found,
            "total": counts["total"],
            "held": counts["held"],
            "unlearned": counts["unlearned"],
            "size": found["bytes"]["going"],
            "first_expiry_at": _moment(found["time"]["first_expiry_at"]),
            "claim": None,
            "beat_at": None,
        }
        with audited():
            self._write(**fields)
            _note(self.job, plan_hash, counts)


def _note(job: DeletionJob, plan_hash: str, counts: dict[str, int]) -> None:
    team = scope.selection_of(job).team
    record(
        Action.PLAN_MADE,
        actor=Actor(job.actor, job.planned_by_id),
        subject=job,
        team=team.pk if team else None,
        details={**hashing.asked(job), "hash": plan_hash, **counts},
    )


def _fail(job: DeletionJob, token: UUID, trouble: str) -> None:
    """Its filters name what isn't there any more. Rows that it has already are cleared away later."""
    DeletionJob.objects.filter(pk=job.pk, claim=token, state=JobState.PLANNING).update(
        state=JobState.FAILED, trouble=trouble[:300], ended_at=clock.now(), claim=None
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)

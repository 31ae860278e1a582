"""Which responses a plan speaks of, asked again whenever that matters; no row of the plan is read here."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict

from conversations.models import Deletion, DeletionJob, Response
from conversations.models.deletion_jobs import Source
from conversations.models.deletions import UNDECIDED
from conversations.models.responses import AT_UPSTREAM, OPEN, TERMINAL
from conversations.people import rights
from conversations.stored import chains, policies
from conversations.stored.own import responses_of_person
from conversations.stored.selection import Selection, selected

# A plan's rows go from the oldest to the newest, since the oldest expire first.
ORDER = ("queued_at", "id")


def matching(job: DeletionJob) -> QuerySet[Response]:
    """All that was asked for, of what the planner may see; whether it can be deleted is another question."""
    rows = visible(job)
    if job.root_id is not None:
        rows = rows.filter(pk__in=chains.from_root(job.root_id))
    if job.policy is not None:
        # Days count from the end of an answer, which came after it was asked for.
        rows = rows.filter(policies.governed(job.policy), ended_at__lte=job.to_at)
    return selected(rows, selection_of(job)).order_by(*ORDER)


def selection_of(job: DeletionJob) -> Selection:
    return Selection.parse(QueryDict(job.query), keyed=True)


def visible(job: DeletionJob) -> QuerySet[Response]:
    if job.planned_by is None:
        return Response.objects.all()
    if job.source == Source.OWN:
        return responses_of_person(job.planned_by)
    return rights.responses_at_desk(job.planned_by)


def at_upstream(at: datetime, of: str = "") -> Q:
    """What upstream may still have at a time; `of` is the way to the response."""
    unexpired = Q(**{f"{of}expires_at": None}) | Q(**{f"{of}expires_at__gt": at})
    return unexpired & Q(**{f"{of}upstream_state__in": AT_UPSTREAM})


def only_here(at: datetime, of: str = "") -> Q:
    """Upstream has nothing of it, and its words are here still."""
    expired = Q(**{f"{of}expires_at__lte": at})
    return (expired | ~Q(**{f"{of}upstream_state__in": AT_UPSTREAM})) & Q(**{f"{of}erased_at": None})


def concerned(job: DeletionJob, at: datetime, of: str = "") -> Q:
    """What the job has something to do about: upstream, or, where words here go too, only here."""
    there = at_upstream(at, of) & Q(**{f"{of}response_id__isnull": False})
    return there | only_here(at, of) if job.erase else there


def deletable(job: DeletionJob, at: datetime) -> QuerySet[Response]:
    """What belongs into the plan: it has ended, its id is known if upstream has it, nobody is deleting it."""
    rows = matching(job).filter(concerned(job, at), status__in=TERMINAL)
    return rows.exclude(going_already())


def running(job: DeletionJob) -> QuerySet[Response]:
    return matching(job).filter(status__in=OPEN)


def unlearned(job: DeletionJob, at: datetime) -> QuerySet[Response]:
    """Upstream may have them, under ids that nobody here knows."""
    return matching(job).filter(at_upstream(at), status__in=TERMINAL, response_id=None)


def being_deleted(job: DeletionJob, at: datetime) -> QuerySet[Response]:
    return matching(job).filter(going_already(), at_upstream(at))


def going_already(way: str = "pk") -> Exists:
    """A deletion is under way; `way`: from a row to its response."""
    return Exists(Deletion.objects.filter(response=OuterRef(way), outcome__in=UNDECIDED))


def going(job: DeletionJob, way: str = "pk") -> Exists:
    """The plan would delete it; held ones stay."""
    return Exists(job.deletions.filter(response=OuterRef(way), held_when_planned=False))


def listed(job: DeletionJob) -> Exists:
    return Exists(job.deletions.filter(response=OuterRef("pk")))

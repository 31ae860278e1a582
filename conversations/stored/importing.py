"""Imports: ids are found in a text, and become the rows that a worker goes through.

job = begin(actor, None, deployment, team, source, "ids.txt")
enqueue(job)
report(job)
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from django.db.models import Count, QuerySet

from conversations import clock
from conversations.models import Deployment, ImportedId, ImportJob, Team, User
from conversations.models.audit import Action
from conversations.models.imports import JobStatus, Outcome
from conversations.people.audit import Actor, audited, record
from conversations.people.chain import current_head
from conversations.stored.finding import Found, Readable, Unreadable, find_ids

BATCH = 1000
T = TypeVar("T")
PROBLEMS = (Outcome.MISSING, Outcome.MALFORMED, Outcome.FORBIDDEN, Outcome.FAILED)
PROBLEMS_SHOWN = 1000


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Who imports what from where; `team` is whose text it is, where that is known."""

    actor: Actor
    by: User | None
    deployment: Deployment
    team: Team | None = None
    source: str = "pasted"


def begin(asked: Asked, text: Readable) -> ImportJob:
    """Reads the whole text. What can't be read raises Unreadable and imports nothing."""
    job = _job(asked)
    hashed = _Hashed(text)
    try:
        job.occurrences = _note(job, find_ids(hashed))
    except Unreadable as error:
        _give_up(job, str(error))
        raise
    job.sha256 = hashed.digest()
    return start(job, asked.actor)


def begin_with(asked: Asked, response_ids: Iterable[str]) -> ImportJob:
    """An import of ids that are known to be whole."""
    job = _job(asked)
    job.occurrences = _note(job, (Found(text, place, 1) for place, text in enumerate(response_ids, 1)))
    return start(job, asked.actor)


def start(job: ImportJob, actor: Actor) -> ImportJob:
    job.status = JobStatus.RUNNING
    with audited():
        job.save(update_fields=["status", "occurrences", "sha256"])
        file = {"endpoint": job.endpoint.name, "source": job.source, "sha256": job.sha256}
        details = file | {"phase": "begun", "ids": job.ids.count(), "occurrences": job.occurrences}
        record(Action.IMPORTED, actor=actor, subject=job, team=job.team_id, details=details)
    return job


def _job(asked: Asked) -> ImportJob:
    return ImportJob.objects.create(
        endpoint=asked.deployment.endpoint,
        deployment=asked.deployment,
        team=asked.team,
        by=asked.by,
        actor=asked.actor.text,
        source=asked.source[:200],
        created_at=clock.now(),
    )


def _give_up(job: ImportJob, trouble: str) -> None:
    job.status, job.trouble, job.ended_at = JobStatus.FAILED, trouble, clock.now()
    job.save(update_fields=["status", "trouble", "ended_at"])


def _note(job: ImportJob, found: Iterable[Found]) -> int:
    """Each id once, at the first place where it was found."""
    occurrences = 0
    for batch in batches(found):
        occurrences += len(batch)
        first = {each.text: each for each in reversed(batch)}
        rows = [_row(job, each) for each in reversed(first.values())]
        ImportedId.objects.bulk_create(rows, ignore_conflicts=True)
    return occurrences


def batches(many: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(many)
    while batch := list(islice(rest, BATCH)):
        yield batch


def _row(job: ImportJob, found: Found) -> ImportedId:
    outcome = Outcome.MALFORMED if found.wrong else Outcome.PENDING
    place = {"line": found.line, "column": found.column}
    return ImportedId(job=job, response_id=found.text, outcome=outcome, reason=found.wrong, **place)


class _Hashed:
    def __init__(self, source: Readable) -> None:
        self._source = source
        self._hash = hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        data = self._source.read(size)
        self._hash.update(data)
        return data

    def digest(self) -> str:
        while self.read(1 << 16):
            pass
        return self._hash.hexdigest()


def outcomes(job: ImportJob) -> dict[str, int]:
    """How many ids ended how; every outcome is there."""
    counted = dict(job.ids.order_by().values_list("outcome").annotate(Count("id")))
    return {outcome.value: counted.get(outcome.value, 0) for outcome in Outcome}


def problems(job: ImportJob) -> QuerySet[ImportedId]:
    return job.ids.filter(outcome__in=PROBLEMS).order_by("pk")


def report(job: ImportJob) -> dict[str, Any]:
    """The same for people, programs and the audit trail. Ids and counts, never text."""
    counts = outcomes(job)
    shown = problems(job).values("response_id", "line", "column", "outcome", "reason")[:PROBLEMS_SHOWN]
    head = current_head()
    return {
        "import": str(job.pk),
        "status": job.status,
        "endpoint": job.endpoint.name,
        "deployment": job.deployment.name,
        "source": job.source,
        "sha256": job.sha256,
        "occurrences": job.occurrences,
        "ids": sum(counts.values()),
        "outcomes": counts,
        "problems": list(shown),
        "audit": {"entries": head.count, "head": head.hash},
    }


def try_again(job: ImportJob, actor: Actor) -> int:
    """Puts what failed or was forbidden back into the queue; how many that is."""
    with audited():
        ended = ImportJob.objects.filter(pk=job.pk, status=JobStatus.DONE)
        if not ended.update(status=JobStatus.RUNNING, ended_at=None):
            return 0
        again = job.ids.filter(outcome__in=(Outcome.FAILED, Outcome.FORBIDDEN))
        found = again.update(outcome=Outcome.PENDING, reason="", attempts=0, not_before=None)
        details = {"phase": "again", "ids": found}
        record(Action.IMPORTED, actor=actor, subject=job, team=job.team_id, details=details)
    return found

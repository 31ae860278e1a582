"""Takes deletions that are due, many at once, and makes their requests.

A claim is committed before anything is sent. Rows are the queue: who finds one whose lease has run out knows
that a request of ours went out and nobody wrote down the answer. `attempt` fences off whoever had it before.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, F, OuterRef, QuerySet

from conversations import clock
from conversations.models import Deletion, DeletionJob, Endpoint
from conversations.models.deletion_jobs import JobState
from conversations.models.deletions import UNDECIDED, Outcome
from conversations.people.audit import audited
from conversations.responses_api import Endpoint as Address
from conversations.responses_api import ResponsesAPI
from conversations.stored import holds
from conversations.stored.booking import book_held
from conversations.stored.endpoints import address_of
from conversations.stored.updating import update_each
from conversations.stored.verdicts import Answer, answer_to

# Of a cancelled job nothing new is sent; what was on its way still ends.
SERVED = (JobState.RUNNING, JobState.READING_BACK, JobState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A request that is this process's to make until the lease ends: a deletion, or its read-back."""

    deletion: int
    job: UUID | None
    response_id: str
    address: Address
    endpoint: int
    attempt: int
    reads_back: bool
    until: datetime

    @property
    def request(self) -> str:
        return "read_back" if self.reads_back else "delete"


class Due(NamedTuple):
    pk: int
    job: UUID | None
    response_id: str
    outcome: str
    attempts: int
    read_back_tries: int

    @property
    def reads_back(self) -> bool:
        return self.outcome not in UNDECIDED


DUE = ("pk", "job", "response__response_id", "outcome", "attempts", "read_back_tries")


def claim(limit: int, endpoint: Endpoint) -> list[Claimed]:
    """What is due on an endpoint: single deletions first, then each job's share."""
    with audited():
        return _take(_due(limit, endpoint), endpoint)


def claim_one(deletion: Deletion) -> list[Claimed]:
    """That one alone; empty where it isn't due, is held, or is somebody else's."""
    endpoint = deletion.response.endpoint
    with audited():
        return _take(_locked(Deletion.objects.filter(pk=deletion.pk), 1), endpoint)


def _due(limit: int, endpoint: Endpoint) -> list[Due]:
    rows = Deletion.objects.filter(endpoint=endpoint)
    found = _locked(rows.filter(job=None), limit)
    jobs = _jobs_with_due(endpoint) if len(found) < limit else []
    for number, job in enumerate(jobs):
        share = -(-(limit - len(found)) // (len(jobs) - number))
        found += _locked(rows.filter(job=job), share)
    return found


def _jobs_with_due(endpoint: Endpoint) -> list[UUID]:
    """Asked job by job, so that the many rows of one that is paused are not walked over."""
    due = Deletion.objects.filter(job=OuterRef("pk"), endpoint=endpoint, due_at__lte=clock.now())
    jobs = DeletionJob.objects.filter(Exists(due), state__in=SERVED).order_by("executed_at")
    return list(jobs.values_list("pk", flat=True))


def _locked(rows: QuerySet[Deletion], limit: int) -> list[Due]:
    """What another worker takes right now is left to it."""
    mine = rows.filter(due_at__lte=clock.now()).select_for_update(of=("self",), skip_locked=True, no_key=True)
    return [Due(*row) for row in mine.order_by("due_at").values_list(*DUE)[:limit]]


def _take(rows: Sequence[Due], endpoint: Endpoint) -> list[Claimed]:
    until = clock.now() + timedelta(seconds=settings.DELETION_LEASE_SECONDS)
    reading = [row for row in rows if row.reads_back]
    sending = _send_off([row for row in rows if not row.reads_back], until)
    if reading:
        back = Deletion.objects.filter(pk__in=[row.pk for row in reading])
        back.update(read_back_tries=F("read_back_tries") + 1, due_at=until)
    address = address_of(endpoint)
    return [_claimed(row, endpoint.pk, address, until) for row in [*sending, *reading]]


def _claimed(row: Due, endpoint: int, address: Address, until: datetime) -> Claimed:
    attempt = 1 + (row.read_back_tries if row.reads_back else row.attempts)
    return Claimed(row.pk, row.job, row.response_id, address, endpoint, attempt, row.reads_back, until)


def _send_off(rows: Sequence[Due], until: datetime) -> Sequence[Due]:
    """Those of them that are now under way. The one UPDATE asks for holds too."""
    if not rows:
        return []
    _note_lost(row.pk for row in rows if row.outcome == Outcome.IN_FLIGHT)
    mine = Deletion.objects.filter(pk__in=[row.pk for row in rows])
    won = mine.exclude(holds.is_held("response__")).update(
        outcome=Outcome.IN_FLIGHT, attempts=F("attempts") + 1, sent_at=clock.now(), due_at=until
    )
    if won == len(rows):
        return rows
    taken = set(mine.filter(due_at=until).values_list("pk", flat=True))
    book_held(row.pk for row in rows if row.pk not in taken)
    return [row for row in rows if row.pk in taken]


def _note_lost(keys: Iterable[int]) -> None:
    """Requests whose answers nobody wrote down: their process ended meanwhile."""
    lost = list(Deletion.objects.filter(pk__in=list(keys)).only("answers", "sent_at"))
    for row in lost:
        row.answers = [*row.answers, {"request": "delete", "at": _moment(row.sent_at), "lost": True}]
    update_each(lost, ["answers"])


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


async def send(api: ResponsesAPI, claimed: Claimed) -> Answer:
    """Makes the request; only here is upstream talked to."""
    ask = api.retrieve if claimed.reads_back else api.delete
    return await answer_to(claimed.request, ask(claimed.address, claimed.response_id))

"""How far a bulk deletion is: cheap enough to be asked every second of a job of a hundred thousand."""

import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import redis
from django.db.models import Count
from django.utils.translation import gettext as _

from conversations import bus, clock
from conversations.models import Deletion, DeletionJob, Endpoint
from conversations.models.deletion_jobs import UNDER_WAY, JobState
from conversations.models.deletions import GONE, UNDECIDED, Outcome, ReadBack
from conversations.responses_api.budget import rest
from conversations.stored.endpoints import address_of

RATE_WINDOW = timedelta(minutes=1)


@dataclass(frozen=True)
class Failure:
    """A reason for people, and how many failed for it."""

    reason: str
    count: int


@dataclass(frozen=True)
class Progress:
    """`outcomes` and `read_backs` have every name; `rate` is decisions per second, over the last minute;
    `obstacle`: what all deletions wait for just now, for people; empty where they go on.
    """

    state: str
    outcomes: dict[str, int]
    read_backs: dict[str, int]
    failures: list[Failure] = field(default_factory=list)
    rate: float = 0.0
    obstacle: str = ""

    @property
    def total(self) -> int:
        return sum(self.outcomes.values())

    @property
    def gone(self) -> int:
        return sum(self.outcomes[name] for name in GONE)

    @property
    def held(self) -> int:
        return self.outcomes[Outcome.HELD]

    @property
    def failed(self) -> int:
        return self.outcomes[Outcome.FAILED]

    @property
    def still_there(self) -> int:
        """Deleted, as upstream said, and found again by the read-back."""
        return self.read_backs[ReadBack.STILL_THERE]

    @property
    def remaining(self) -> int:
        """Still to be decided."""
        return sum(self.outcomes[name] for name in (Outcome.PLANNED, *UNDECIDED))

    @property
    def unread(self) -> int:
        """Deleted, and still to be read back."""
        return self.read_backs[ReadBack.PENDING]

    @property
    def done(self) -> int:
        return self.total - self.remaining

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 100

    @property
    def seconds_left(self) -> float | None:
        """At the rate seen; None where nothing moves."""
        if not self.remaining:
            return 0.0
        return self.remaining / self.rate if self.rate else None

    def summary(self) -> dict[str, Any]:
        """For an audit entry or a report: what has come out, without what has not."""
        return {
            "outcomes": {name: count for name, count in self.outcomes.items() if count},
            "read_backs": {name: count for name, count in self.read_backs.items() if count},
        }


def progress_of(job: DeletionJob) -> Progress:
    rows = Deletion.objects.filter(job=job).order_by()
    outcomes = dict(rows.values_list("outcome").annotate(Count("pk")))
    asked = dict(rows.exclude(read_back=ReadBack.NONE).values_list("read_back").annotate(Count("pk")))
    return Progress(
        state=job.state,
        outcomes={each.value: outcomes.get(each.value, 0) for each in Outcome},
        read_backs={each.value: asked.get(each.value, 0) for each in ReadBack if each != ReadBack.NONE},
        failures=_failures(job) if outcomes.get(Outcome.FAILED) else [],
        rate=_rate(job),
        obstacle=_obstacle() if job.state == JobState.RUNNING else "",
    )


def _failures(job: DeletionJob) -> list[Failure]:
    """The most frequent first."""
    failed = Deletion.objects.filter(job=job, outcome=Outcome.FAILED).order_by()
    counted = failed.values_list("explanation").annotate(count=Count("pk")).order_by("-count", "explanation")
    return [Failure(reason, count) for reason, count in counted[:20]]


def _rate(job: DeletionJob) -> float:
    """Over the whole minute, or since it began if that is less."""
    if job.state not in UNDER_WAY or job.executed_at is None:
        return 0.0
    now = clock.now()
    since = max(now - RATE_WINDOW, job.executed_at)
    decided = Deletion.objects.filter(job=job, decided_at__gte=since).exclude(outcome=Outcome.HELD).count()
    return decided / max((now - since).total_seconds(), 1.0)


def _obstacle() -> str:
    try:
        rests = [float(_rest_of(endpoint) or 0) for endpoint in Endpoint.objects.all()]
    except redis.RedisError:
        return _("Redis is away, which keeps the budget of requests; deletions wait for it.")
    seconds = max(rests, default=0.0) - time.time()
    return _("Upstream asked for a rest of %d more seconds.") % seconds if seconds >= 1 else ""


def _rest_of(endpoint: Endpoint) -> Any:
    return bus.client().hget(*rest(address_of(endpoint)))

"""Work for one process at a time: claimed by a conditional UPDATE, renewed, taken over when that stops.

A worker that is told to end sets `leaving`. What runs there gives its work up between two steps, and
`handed_over` lets whoever comes next have it at once. Of a worker that died they wait for the lease.
"""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeVar
from uuid import UUID, uuid4

from django.conf import settings
from django.db.models import Q, QuerySet

from conversations import clock
from conversations.models.imports import JobStatus, Leased

J = TypeVar("J", bound=Leased)


class LeaseLost(Exception):
    """Another process goes on with it."""


class GivenUp(Exception):
    """This process is about to end."""


leaving = threading.Event()


def stay() -> None:
    """Asked between two steps."""
    if leaving.is_set():
        raise GivenUp


@contextmanager
def handed_over(jobs: QuerySet[J], job: UUID, token: UUID) -> Generator[None]:
    """Around the work: what is given up is free for others before they are told."""
    try:
        yield
    except GivenUp:
        release(jobs, job, token)
        raise


def untended() -> Q:
    """Of rows with a claim: nobody has it, or not any more."""
    alive_since = clock.now() - timedelta(seconds=settings.LEASE_SECONDS)
    return Q(claim=None) | Q(beat_at__lt=alive_since)


def abandoned(jobs: QuerySet[J]) -> QuerySet[J]:
    """What should run and doesn't, or not any more."""
    return jobs.filter(untended(), status=JobStatus.RUNNING)


def claim(jobs: QuerySet[J], job: UUID) -> UUID | None:
    """A token that every later write repeats; None where another process was first."""
    token = uuid4()
    won = abandoned(jobs).filter(pk=job).update(claim=token, beat_at=clock.now())
    return token if won else None


def renew(jobs: QuerySet[J], job: UUID, token: UUID) -> None:
    if not jobs.filter(pk=job, claim=token, status=JobStatus.RUNNING).update(beat_at=clock.now()):
        raise LeaseLost(f"{job} is run by another process, or has ended")


def release(jobs: QuerySet[J], job: UUID, token: UUID) -> None:
    """Let another process have it at once."""
    jobs.filter(pk=job, claim=token).update(claim=None, beat_at=None)


def end(jobs: QuerySet[J], job: UUID, token: UUID, trouble: str = "") -> None:
    status = JobStatus.FAILED if trouble else JobStatus.DONE
    ended = {"status": status, "trouble": trouble[:300], "ended_at": clock.now(), "claim": None}
    if not jobs.filter(pk=job, claim=token, status=JobStatus.RUNNING).update(**ended):
        raise LeaseLost(f"{job} is run by another process, or has ended")

"""A ledger to plan deletions in, and one of responses that an emulator has too."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.http import QueryDict

from conversations import clock
from conversations.models import Conversation, DeletionJob, Deployment, Hold, Response, User
from conversations.models.deletion_jobs import Source
from conversations.models.people import Role
from conversations.people.audit import person
from conversations.retention import plans
from conversations.retention.wanted import Wanted
from conversations.stored.selection import Selection
from tests.retention.rows import add_responses
from tests.stored.conftest import Upstream, emulator, stocked, upstream  # noqa: F401  fixtures of this folder too
from tests.stored.rows import add_response

Store = Callable[..., list[Response]]


class Ledger:
    def __init__(self, conversation: Conversation) -> None:
        self.conversation = conversation
        self.numbers = count(1)

    def add(self, *, days: float = 1, expires: float = 20, **fields: Any) -> Response:
        """Asked for so many days ago, expiring in so many days; stored under an id unless `fields` say so."""
        now = clock.now()
        at = fields.pop("queued_at", now - timedelta(days=days))
        usual: dict[str, Any] = {
            "response_id": f"resp_{next(self.numbers):04}",
            "upstream_state": "stored",
            "queued_at": at,
            "ended_at": at,
            "expires_at": now + timedelta(days=expires),
        }
        return add_response(self.conversation, **(usual | fields))

    def hold(self, by: User, *, days: float = 1, **fields: Any) -> Hold:
        starts_at = clock.now() - timedelta(days=days)
        return Hold.objects.create(
            **({"reason": "Case 12", "placed_by": by, "starts_at": starts_at} | fields)
        )


@pytest.fixture
def ledger(conversation: Conversation) -> Ledger:
    return Ledger(conversation)


@pytest.fixture
def oscar(db: None) -> User:
    return User.objects.create_user("oscar", first_name="Oscar", role=Role.OPERATOR)


@pytest.fixture
def olga(db: None) -> User:
    return User.objects.create_user("olga", first_name="Olga", role=Role.OPERATOR)


def planned(user: User | None, query: str, **wanted: Any) -> DeletionJob:
    """A frozen plan of what an address of the desk says."""
    asked: dict[str, Any] = {"source": Source.SELECTION, "selection": Selection.parse(QueryDict(query))}
    asked |= {"actor": person(user) if user else "", "by": user}
    job = plans.begin(Wanted(**(asked | wanted)))
    assert plans.make(job.pk)
    job.refresh_from_db()
    return job


@pytest.fixture
def store(upstream: Upstream, stocked: Deployment, conversation: Conversation) -> Store:  # noqa: F811
    """So many responses, upstream and in the ledger, that ended an hour ago."""

    def make(count: int, **fields: Any) -> list[Response]:
        ids = upstream.emulator.control("POST", "responses", {"count": count, "age": 3600})["ids"]
        ended = clock.now() - timedelta(hours=1)
        return add_responses(conversation, stocked, ids, **({"ended_at": ended, "queued_at": ended} | fields))

    return make

"""The rows of a plan are those that a plain loop over the ledger picks, whatever is asked for."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.http import QueryDict

from conversations import clock
from conversations.models import Response, User
from conversations.models.responses import OPEN, Status, UpstreamState
from conversations.retention import drift, rows
from tests.retention.conftest import Ledger, planned

pytestmark = pytest.mark.django_db

THERE = (UpstreamState.STORED, UpstreamState.UNKNOWN, UpstreamState.NOT_VISIBLE, UpstreamState.NOT_LEARNED)
LEDGER, FILTERS = 60, 12


@dataclass
class Bounds:
    """The same as a query, and as what it means."""

    from_: datetime
    to: datetime
    more: dict[str, Any]

    def query(self) -> str:
        found = QueryDict(mutable=True)
        named = {"from": self.from_.isoformat(), "to": self.to.isoformat()}
        found.update(named | {name: str(value) for name, value in self.more.items()})
        return found.urlencode()

    def mean(self, row: Response, now: datetime) -> bool:
        return (
            self.from_ <= row.queued_at < min(self.to, now)
            and self.more.get("status", row.status) == row.status
            and self.more.get("upstream", row.upstream_state) == row.upstream_state
            and self.more.get("person", row.person.username if row.person else "")
            == (row.person and row.person.username)
            and self.more.get("size_from", 0) <= row.size
        )


def fill(chance: random.Random, ledger: Ledger, people: list[User]) -> None:
    """Many at the same moment, so that the order within a moment matters as well."""
    now = clock.now()
    for _number in range(LEDGER):
        state = chance.choice([UpstreamState.STORED] * 4 + list(UpstreamState))
        status = chance.choice([Status.COMPLETED] * 4 + [Status.QUEUED, Status.FAILED])
        fields: dict[str, Any] = {
            "queued_at": now - timedelta(days=chance.randrange(6)),
            "expires_at": chance.choice([None, now, now + timedelta(days=chance.randrange(-2, 9))]),
            "upstream_state": state,
            "status": status,
            "person": chance.choice(people),
            "size": chance.randrange(100),
        }
        if status == Status.QUEUED:
            fields["ended_at"] = None
        if state == UpstreamState.NOT_LEARNED or (state != UpstreamState.STORED and chance.random() < 0.2):
            fields["response_id"] = None
        ledger.add(**fields)


def a_filter(chance: random.Random, people: list[User]) -> Bounds:
    now = clock.now()
    start, end = sorted(now - timedelta(days=chance.randrange(-1, 7)) for _end in range(2))
    more = {
        "status": chance.choice(["completed", "failed"]),
        "upstream": chance.choice(["stored", "unknown"]),
        "person": chance.choice(people).username,
        "size_from": chance.randrange(60),
    }
    return Bounds(start, end, {name: value for name, value in more.items() if chance.random() < 0.25})


def could_go(row: Response, now: datetime) -> bool:
    there = row.upstream_state in THERE and (row.expires_at is None or row.expires_at > now)
    return there and row.status not in OPEN and row.response_id is not None


@pytest.mark.parametrize("seed", range(3))
def test_a_plan_is_what_a_loop_over_everything_picks(
    seed: int, oscar: User, alice: User, carol: User, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    monkeypatch.setattr(rows, "BATCH", 7)
    fill(chance, ledger, [alice, carol])
    held = {chance.choice(list(Response.objects.all())) for _hold in range(9)}
    for row in held:
        ledger.hold(oscar, response=row)
    everything = list(Response.objects.select_related("person"))
    for _number in range(FILTERS):
        asked = a_filter(chance, [alice, carol])
        job = planned(oscar, asked.query())
        now = job.created_at
        wanted = {row for row in everything if asked.mean(row, now) and could_go(row, now)}
        found = list(job.deletions.order_by("pk").select_related("response"))
        assert {row.response for row in found} == wanted
        assert [row.response.queued_at for row in found] == sorted(row.queued_at for row in wanted)
        assert {row.response for row in found if row.held_when_planned} == wanted & held
        assert not drift.of(job)

"""Retention policies: which one holds, who approves it, and what its runs delete at the borders of time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError
from django.utils import timezone
from pytest_django import Settings

from conversations import clock
from conversations.models import (
    AuditEntry,
    Conversation,
    Deployment,
    RetentionBounds,
    RetentionPolicy,
    Team,
    User,
)
from conversations.models.audit import Action
from conversations.models.deletion_jobs import JobState
from conversations.models.deletions import Outcome
from conversations.people.audit import person
from conversations.retention import executing
from conversations.retention import policies as runs
from conversations.stored import policies
from conversations.stored.policies import BadPolicy
from tests.retention.conftest import Ledger

pytestmark = pytest.mark.django_db


def policy(by: User, approved_by: User | None = None, **fields: Any) -> RetentionPolicy:
    usual = {"name": f"Policy {RetentionPolicy.objects.count()}", "days": 7, "dry_run": False, "cap": 10}
    row = RetentionPolicy(**(usual | fields))
    policies.save(row, user=by, actor=person(by))
    if approved_by:
        policies.approve(row, reason="As agreed", user=approved_by, actor=person(approved_by))
    return row


@pytest.fixture
def team(conversation: Conversation) -> Team:
    return conversation.team


@pytest.fixture
def weekly(oscar: User, olga: User, team: Team) -> RetentionPolicy:
    """Of alice's team, seven days, approved."""
    return policy(oscar, olga, team=team)


def look(row: RetentionPolicy) -> None:
    row.refresh_from_db()
    runs.go_on(row)


@pytest.fixture
def right_clock() -> Iterator[None]:
    with clock.restored():
        yield


def kinds(team: int, deployment: int) -> dict[str, RetentionPolicy]:
    return {
        "both": RetentionPolicy(pk=1, team_id=team, deployment_id=deployment, days=20),
        "team": RetentionPolicy(pk=2, team_id=team, days=10),
        "deployment": RetentionPolicy(pk=3, deployment_id=deployment, days=5),
        "same": RetentionPolicy(pk=4, deployment_id=deployment, days=5),
        "off": RetentionPolicy(pk=5, team_id=team, deployment_id=deployment, days=1, enabled=False),
        "other": RetentionPolicy(pk=6, team_id=team + 1, days=1),
    }


@pytest.mark.parametrize(
    ("among", "wins"),
    [
        (["team", "both", "deployment"], "both"),
        (["team", "deployment"], "deployment"),
        (["same", "deployment"], "deployment"),
        (["off", "team"], "team"),
        (["other"], None),
        ([], None),
    ],
)
def test_the_narrower_holds_then_the_shorter_then_the_older(among: list[str], wins: str | None) -> None:
    known = kinds(1, 1)
    found = policies.winner([known[name] for name in among], team=1, deployment=1)
    assert found is (known[wins] if wins else None)


def test_its_run_deletes_what_is_old_enough_and_nothing_else(weekly: RetentionPolicy, ledger: Ledger) -> None:
    old, young = ledger.add(days=7.01), ledger.add(days=6.99)
    look(weekly)
    job = weekly.runs.get()
    assert (job.state, job.source, job.policy) == (JobState.RUNNING, "policy", weekly)
    assert [row.response for row in job.deletions.all()] == [old]
    assert job.deletions.get().outcome == Outcome.PENDING
    assert not young.deletions.exists()
    entry = AuditEntry.objects.get(action=Action.PLAN_EXECUTED)
    assert entry.actor == f"system:policy:{weekly.pk}"
    look(weekly)
    assert weekly.runs.count() == 1, "one run at a time"


def test_days_count_from_the_end_of_the_answer(weekly: RetentionPolicy, ledger: Ledger) -> None:
    now = clock.now()
    ledger.add(days=8, ended_at=now - timedelta(days=7) + timedelta(minutes=1))
    look(weekly)
    assert not weekly.runs.exists()


@pytest.mark.usefixtures("right_clock")
@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
@pytest.mark.parametrize("change", ["2026-03-29T00:30", "2026-10-25T00:30", "2026-11-01T05:30"])
def test_a_day_is_24_hours_in_every_zone_and_over_a_change_of_clocks(
    weekly: RetentionPolicy, ledger: Ledger, zone: str, change: str
) -> None:
    ended = datetime.fromisoformat(change).replace(tzinfo=UTC) - timedelta(days=2)
    ledger.add(queued_at=ended - timedelta(seconds=30), ended_at=ended, expires_at=ended + timedelta(days=30))
    with timezone.override(ZoneInfo(zone)):
        clock.set_to(ended + timedelta(days=7) - timedelta(seconds=20))
        look(weekly)
        assert not weekly.runs.exists()
        clock.set_to(ended + timedelta(days=7))
        look(weekly)
        assert weekly.runs.get().total == 1


def test_a_narrower_one_takes_its_answers_out_of_the_broader(
    weekly: RetentionPolicy, oscar: User, ledger: Ledger, deployment: Deployment
) -> None:
    other = Deployment.objects.create(endpoint=deployment.endpoint, name="small", title="Small")
    policy(oscar, team=weekly.team, deployment=other, days=20)
    ledger.add(days=8, deployment=other)
    broad = ledger.add(days=8)
    look(weekly)
    assert [row.response for row in weekly.runs.get().deletions.all()] == [broad]


def test_beyond_its_cap_it_asks_a_second_person(oscar: User, olga: User, team: Team, ledger: Ledger) -> None:
    row = policy(oscar, olga, team=team, cap=1)
    ledger.add(days=8)
    ledger.add(days=9)
    look(row)
    job = row.runs.get()
    assert job.state == JobState.WAITING
    assert not job.deletions.exclude(outcome=Outcome.PLANNED).exists()
    look(row)
    assert row.runs.count() == 1, "it waits"
    executing.approve(job, plan_hash=job.hash, user=olga, actor=person(olga))
    job.refresh_from_db()
    assert job.state == JobState.RUNNING


@pytest.mark.parametrize("tried", [True, False], ids=["tried out", "not approved"])
def test_until_it_is_approved_it_only_says_what_would_go(
    oscar: User, olga: User, team: Team, ledger: Ledger, tried: bool
) -> None:
    ledger.add(days=8)
    row = policy(oscar, olga if tried else None, team=team, dry_run=tried)
    look(row)
    job = row.runs.get()
    assert (job.state, job.total, job.preview["counts"]["going"]) == (JobState.CANCELLED, 1, 1)
    assert not job.deletions.exists()
    look(row)
    assert row.runs.count() == 1, "once a day"


def test_what_is_held_is_no_reason_for_a_run(weekly: RetentionPolicy, oscar: User, ledger: Ledger) -> None:
    ledger.hold(oscar, response=ledger.add(days=8))
    look(weekly)
    assert not weekly.runs.exists()


def test_nobody_approves_what_they_wrote(oscar: User, team: Team) -> None:
    row = policy(oscar, team=team)
    with pytest.raises(BadPolicy, match="second person"):
        policies.approve(row, reason="Mine", user=oscar, actor=person(oscar))
    with pytest.raises(IntegrityError, match="policy_approved_by_another"):
        RetentionPolicy.objects.update(approved_by=oscar, approved_at=clock.now())


@pytest.mark.parametrize(
    ("change", "stays"),
    [
        ({"days": 8}, False),
        ({"cap": 11}, False),
        ({"erase": True}, False),
        ({"name": "Other"}, True),
        ({"enabled": False}, True),
        ({"dry_run": True}, True),
    ],
)
def test_a_change_of_what_it_deletes_takes_the_approval_away(
    weekly: RetentionPolicy, olga: User, change: dict[str, Any], stays: bool
) -> None:
    for name, value in change.items():
        setattr(weekly, name, value)
    policies.save(weekly, user=olga, actor=person(olga))
    weekly.refresh_from_db()
    assert (weekly.approved_by is not None) == stays
    assert weekly.changed_by.username == ("oscar" if stays else "olga")
    entry = AuditEntry.objects.filter(action=Action.POLICY_CHANGED).order_by("number").last()
    assert entry is not None
    assert set(change) <= set(entry.details["changed"])


@pytest.mark.parametrize(("days", "allowed"), [(2, False), (3, True), (20, True), (21, False)])
def test_days_lie_within_the_bounds(oscar: User, team: Team, days: int, allowed: bool) -> None:
    RetentionBounds.objects.create(floor_days=3, ceiling_days=20)
    if allowed:
        policy(oscar, team=team, days=days)
    else:
        with pytest.raises(BadPolicy, match="Between 3 and 20 days"):
            policy(oscar, team=team, days=days)


def test_the_endpoint_forgets_before_a_longer_one_would_delete(oscar: User, deployment: Deployment) -> None:
    deployment.endpoint.retention_days = 5
    deployment.endpoint.save()
    with pytest.raises(BadPolicy, match="Between 1 and 5 days"):
        policy(oscar, deployment=deployment, days=6)


def test_one_outside_of_later_bounds_stands_still_and_says_so(
    weekly: RetentionPolicy, ledger: Ledger
) -> None:
    ledger.add(days=8)
    RetentionBounds.objects.create(floor_days=10, ceiling_days=20)
    look(weekly)
    weekly.refresh_from_db()
    assert "Between 10 and 20 days" in weekly.trouble
    assert not weekly.runs.exists()
    RetentionBounds.objects.all().delete()
    look(weekly)
    weekly.refresh_from_db()
    assert (weekly.trouble, weekly.runs.count()) == ("", 1)


def test_a_conversation_knows_the_policy_that_deletes_its_answers(
    weekly: RetentionPolicy, conversation: Conversation
) -> None:
    assert policies.of_conversation(conversation) == weekly
    assert policies.sentence(weekly) == "Answers are deleted upstream 7 days after they were given."
    RetentionPolicy.objects.update(dry_run=True)
    assert policies.of_conversation(conversation) is None


def test_of_two_who_look_at_once_one_goes_on(weekly: RetentionPolicy, settings: Settings) -> None:
    same = RetentionPolicy.objects.get()
    assert runs._is_mine(weekly)
    assert not runs._is_mine(same)

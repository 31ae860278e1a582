"""What a plan says of its consequences: figures, chains, copies of the text, and the time it takes."""

from datetime import timedelta

import pytest

from conversations import clock
from conversations.models import Deletion, DeletionJob, User
from conversations.models.deletion_jobs import JobState
from conversations.retention import pace as pace_of
from conversations.retention.pace import pace
from tests.retention.conftest import Ledger, planned

pytestmark = pytest.mark.django_db


def test_figures_by_team_deployment_and_day(oscar: User, ledger: Ledger, carol: User) -> None:
    first = ledger.add(days=3, size=5)
    ledger.add(days=2, size=7, team=carol.teams.get(), person=carol)
    ledger.hold(oscar, response=ledger.add(days=2, size=11))
    told = planned(oscar, "days=30").preview
    teams = {row["name"]: (row["total"], row["held"], row["bytes"]) for row in told["by_team"]}
    assert teams == {"Research": (2, 1, 5), "Field": (1, 0, 7)}
    assert told["by_deployment"] == [{"deployment": "test/gpt-5.1", "total": 3, "held": 1, "bytes": 12}]
    days = [(row["day"], row["total"], row["bytes"]) for row in told["by_day"]]
    assert days[0] == (first.queued_at.date().isoformat(), 1, 5)
    assert [row[1:] for row in days] == [(1, 5), (2, 7)]


def test_samples_are_ids_and_times_of_the_first_and_the_last(oscar: User, ledger: Ledger) -> None:
    rows = [ledger.add(days=20 - number, texts=("secret", "word")) for number in range(12)]
    told = planned(oscar, "days=30").preview
    assert [each["response"] for each in told["samples"]] == [str(row.pk) for row in [*rows[:5], *rows[-5:]]]
    assert set(told["samples"][0]) == {"response", "response_id", "queued_at", "expires_at", "held"}
    assert "secret" not in str(told)


def test_one_that_chains_to_what_goes_is_left_hanging(oscar: User, ledger: Ledger) -> None:
    root = ledger.add(days=9)
    after = ledger.add(days=1, previous=root)
    ledger.add(days=1, previous=after)
    gone = ledger.add(days=1, previous=root, upstream_state="deleted", expires_at=None)
    inside = ledger.add(days=8, previous=root)
    now = clock.now()
    query = f"from={_at(now - timedelta(days=30))}&to={_at(now - timedelta(days=5))}"
    told = planned(oscar, query).preview
    assert (told["counts"]["going"], told["chains"]["responses"]) == (2, 1)
    assert [each["response"] for each in told["chains"]["samples"]] == [str(after.pk)]
    assert told["copies"]["responses"] == 2, "what chains to those contains the text as well"
    assert gone.pk != inside.pk


def test_another_answer_to_the_same_message_and_what_followed_it_contain_its_text(
    oscar: User, ledger: Ledger
) -> None:
    row = ledger.add(days=9)
    again = ledger.add(days=1)
    again.turn, again.attempt = row.turn, 2
    again.save()
    ledger.add(days=1, previous=again)
    now = clock.now()
    query = f"from={_at(now - timedelta(days=30))}&to={_at(now - timedelta(days=5))}"
    copies = planned(oscar, query).preview["copies"]
    assert (copies["responses"], copies["other_attempts"]) == (2, 1)


def test_samples_of_copies_are_such_as_the_planner_sees(oscar: User, ledger: Ledger, carol: User) -> None:
    root = ledger.add(days=9, team=carol.teams.get())
    ledger.add(days=8, previous=root)
    oscar.limited_to.set(carol.teams.all())
    told = planned(oscar, "days=30").preview
    assert (told["counts"]["total"], told["chains"]) == (1, {"responses": 1, "samples": []})


@pytest.mark.parametrize(("seconds", "in_time"), [(30, False), (600, True)])
def test_whether_it_is_done_before_the_first_expiry(
    seconds: int, in_time: bool, oscar: User, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three at one in sixty seconds take three minutes."""
    monkeypatch.setattr(pace_of, "ASSUMED_PER_SECOND", 1 / 60)
    for number in range(3):
        ledger.add(expires_at=clock.now() + timedelta(seconds=seconds, minutes=number))
    told = planned(oscar, "days=30").preview["time"]
    assert (told["measured"], told["seconds"], told["before_first_expiry"]) == (False, 180.0, in_time)


def test_the_rate_is_that_of_the_last_job_that_tells(oscar: User, ledger: Ledger) -> None:
    assert not pace().measured
    now = clock.now()
    job = DeletionJob.objects.create(
        source="selection",
        state=JobState.DONE,
        actor="x",
        created_at=now,
        frozen_at=now,
        hash="0" * 64,
        reason="x",
        executed_at=now,
        ended_at=now,
        total=100,
    )
    rows = [ledger.add() for _number in range(100)]
    Deletion.objects.bulk_create(
        Deletion(
            job=job,
            response=row,
            endpoint=row.endpoint,
            actor="x",
            requested_at=now,
            outcome="deleted",
            sent_at=now,
            decided_at=now + timedelta(seconds=number * 10 / 99),
        )
        for number, row in enumerate(rows)
    )
    found = pace()
    assert (found.measured, round(found.per_second, 3)) == (True, 10.0)
    assert found.time_for(500) == timedelta(seconds=50)


def _at(moment: object) -> str:
    return str(moment).replace(" ", "T").replace("+00:00", "Z")

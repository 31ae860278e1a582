"""`manage.py purge_responses`: plan, hash and reason as at the desk, from a terminal."""

import json
from contextlib import nullcontext
from datetime import timedelta
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from conversations import clock
from conversations.models import AuditEntry, Deletion, DeletionJob, Response, User
from conversations.models.deletion_jobs import JobState, Source
from conversations.people.audit import command, person
from conversations.retention import executing
from tests.retention.conftest import Ledger, Store
from tests.stored.conftest import Upstream

pytestmark = pytest.mark.django_db(transaction=True)

WHY = ("--reason", "Retention")


def purge(*options: str, code: int = 0) -> str:
    out = StringIO()
    with pytest.raises(SystemExit) if code else nullcontext() as ended:
        call_command("purge_responses", *options, stdout=out, stderr=StringIO())
    assert ended is None or ended.value.code == code
    return out.getvalue()


def told(*options: str, code: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(purge(*options, "--json", code=code))
    return found


def test_a_dry_run_shows_the_plan_and_sends_nothing(ledger: Ledger, oscar: User) -> None:
    ledger.add(expires=2)
    ledger.add(expires=9)
    ledger.hold(oscar, response=ledger.add(expires=1), reason="Case 9")
    text = purge("--expiring-within", "3", "--dry-run")
    job = DeletionJob.objects.get()
    assert (job.state, job.source, job.actor) == (JobState.PLANNED, Source.EXPIRING, command().text)
    assert "  1 responses would go, 0 bytes" in text
    assert "  1 are held and stay:\n    1 by the hold “Case 9” on response" in text
    assert text.endswith(f"hash {job.hash}\n")
    assert set(Deletion.objects.values_list("outcome", flat=True)) == {"planned"}


def test_that_plan_is_executed_by_its_hash_whatever_came_meanwhile(ledger: Ledger) -> None:
    row = ledger.add(expires=2)
    plan_hash = told("--expiring-within", "3", "--dry-run")["hash"]
    found = told("--plan", plan_hash, *WHY, "--yes")
    assert (found["hash"], found["state"], found["outcomes"]) == (plan_hash, "running", {"pending": 1})
    assert DeletionJob.objects.count() == 1
    assert Deletion.objects.get().response == row
    entry = AuditEntry.objects.get(action="plan_executed")
    assert (entry.actor, entry.reason, entry.details["hash"]) == (command().text, "Retention", plan_hash)


def test_filters_beside_a_hash_must_be_those_of_its_plan(ledger: Ledger, carol: User) -> None:
    ledger.add(expires=2)
    plan_hash = told("--expiring-within", "3", "--user", "alice", "--dry-run")["hash"]
    with pytest.raises(CommandError, match="made without --user as it is given"):
        purge("--plan", plan_hash, "--user", "carol", *WHY, "--yes")
    with pytest.raises(CommandError, match="made without --erase"):
        purge("--plan", plan_hash, "--erase", *WHY, "--yes")
    with pytest.raises(CommandError, match="no plan with that hash"):
        purge("--plan", "0" * 64, *WHY, "--yes")
    assert told("--plan", plan_hash, "--user", "alice", *WHY, "--yes")["state"] == "running"


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--from", "2026-11-01"),
        ("--to", "2026-11-01"),
        ("--all", "--expiring-within", "3"),
        ("--all", "--from", "2026-11-01"),
    ],
)
def test_bounds_are_wanted_and_one_kind_of_them(options: tuple[str, ...], db: None) -> None:
    with pytest.raises(CommandError, match="Say one of --expiring-within DAYS"):
        purge(*options, *WHY)


def test_what_makes_no_sense_is_named_by_its_flag(db: None) -> None:
    with pytest.raises(CommandError, match="--user: There is none named “nobody”"):
        purge("--all", "--user", "nobody", *WHY)
    with pytest.raises(CommandError, match="--to: “tomorrow” is no time"):
        purge("--from", "2026-11-01", "--to", "tomorrow", *WHY)


@pytest.mark.parametrize("reason", [(), ("--reason", "  ")])
def test_a_reason_is_wanted(reason: tuple[str, ...], db: None) -> None:
    with pytest.raises(CommandError, match="--reason must say why"):
        purge("--all", *reason, "--yes")


def test_nobody_to_ask_means_no(ledger: Ledger) -> None:
    ledger.add()
    with pytest.raises(CommandError, match=r"Nothing was deleted\. Say --yes, now or later: --plan"):
        purge("--all", *WHY)
    assert DeletionJob.objects.get().state == JobState.PLANNED


def test_times_without_a_zone_are_said_to_be_read_in_one(ledger: Ledger) -> None:
    said = StringIO()
    options = ("--from", "2026-11-05T14:30", "--to", "2026-11-06T00:00+01:00", "--dry-run")
    call_command("purge_responses", *options, stdout=StringIO(), stderr=said)
    assert said.getvalue() == "Read in UTC, as no zone is named: 2026-11-05T14:30\n"
    job = DeletionJob.objects.get()
    assert job.from_at is not None
    assert job.from_at.isoformat() == "2026-11-05T14:30:00+00:00"
    assert job.to_at is not None
    assert job.to_at <= job.created_at


def test_the_filters_narrow_it(ledger: Ledger, carol: User) -> None:
    ledger.add(person=carol)
    row = ledger.add()
    name = row.deployment.name
    conversation = str(row.conversation_id)
    options = ("--all", "--user", "alice", "--deployment", name, "--conversation", conversation, "--dry-run")
    assert told(*options)["counts"]["going"] == 1


def test_nothing_to_delete_is_well(ledger: Ledger, oscar: User) -> None:
    ledger.hold(oscar, response=ledger.add())
    assert purge("--all", *WHY, "--yes", "--wait").endswith("There is nothing to delete.\n")


def test_many_need_a_second_person_and_end_with_4(ledger: Ledger, olga: User, settings: Settings) -> None:
    settings.SECOND_PERSON_ABOVE = 0
    ledger.add()
    text = purge("--all", *WHY, "--yes", "--wait", code=4)
    assert "A second person must approve it at the desk" in text
    job = DeletionJob.objects.get()
    executing.approve(job, plan_hash=job.hash, user=olga, actor=person(olga))
    with pytest.raises(CommandError, match="executed already"):
        purge("--plan", job.hash, *WHY)


def test_waiting_ends_after_the_read_back(store: Store, upstream: Upstream) -> None:
    store(25)
    found = told("--all", *WHY, "--yes", "--wait")
    assert (found["state"], found["outcomes"]) == ("done", {"deleted": 25})
    assert found["read_backs"] == {"confirmed": 25}
    assert sha256(Path(found["report"]["path"]).read_bytes()).hexdigest() == found["report"]["sha256"]
    assert upstream.emulator.control("GET", "ids")["ids"] == []
    assert purge("--plan", found["hash"], *WHY, "--wait").splitlines()[-4].startswith("Done: 25 deleted")


def test_one_that_failed_ends_it_with_3(store: Store, upstream: Upstream) -> None:
    store(2)
    upstream.fault("detail=422", times=1, operation="delete")
    found = told("--all", *WHY, "--yes", "--wait", code=3)
    assert found["outcomes"]["failed"] == 1


def test_drift_is_refused_in_words(ledger: Ledger, oscar: User) -> None:
    row = ledger.add()
    plan_hash = told("--all", "--dry-run")["hash"]
    ledger.hold(oscar, response=row)
    with pytest.raises(CommandError, match=r"1 was put on hold\. Make a new plan"):
        purge("--plan", plan_hash, *WHY, "--yes")
    assert Response.objects.get().upstream_state == "stored"
    assert clock.now() - DeletionJob.objects.get().created_at < timedelta(minutes=5)

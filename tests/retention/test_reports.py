"""The report of a bulk deletion: an outsider checks it with what lies in it, and no change goes unnoticed."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.conf import settings as django_settings
from django.core.files.storage import default_storage
from pytest_django import Settings

from conversations import clock
from conversations.models import AuditEntry, Conversation, DeletionJob, Hold, Response, User
from conversations.models.audit import Action
from conversations.models.deletion_jobs import JobState
from conversations.people.audit import person, record
from conversations.retention import controls, executing, finishing, runner
from tests.retention.conftest import Ledger, Store, planned
from tests.stored.conftest import Upstream

pytestmark = pytest.mark.django_db(transaction=True)

Lines = list[Any]


@pytest.fixture(autouse=True)
def own_files(settings: Settings, tmp_path: Path) -> None:
    options = settings.STORAGES["default"]["OPTIONS"] | {"location": tmp_path / "files"}
    settings.STORAGES = settings.STORAGES | {"default": settings.STORAGES["default"] | {"OPTIONS": options}}


def executed(oscar: User, query: str = "days=30", **wanted: Any) -> DeletionJob:
    job = planned(oscar, query, **wanted)
    actor = person(oscar)
    executing.execute(job, plan_hash=job.hash, reason="Retention of 30 days", user=oscar, actor=actor)
    record(Action.LOGIN, actor=actor, subject=oscar)
    runner.run_due()
    job.refresh_from_db()
    assert job.state == JobState.DONE
    assert finishing.finish(job.pk)
    job.refresh_from_db()
    return job


@pytest.fixture
def job(store: Store, upstream: Upstream, oscar: User) -> DeletionJob:
    """Of a held one, one that upstream refuses to delete, and some that go."""
    held, *_others = store(8)
    now = clock.now()
    Hold.objects.create(response=held, reason="Case 12", placed_by=oscar, placed_at=now, starts_at=now)
    upstream.fault("bare=400", operation="delete")
    return executed(oscar)


def unpacked(job: DeletionJob, folder: Path) -> Path:
    with default_storage.open(job.report) as file, ZipFile(file) as archive:
        archive.extractall(folder)
    return folder


def verify(place: Path, **environment: str) -> tuple[int, str]:
    """By a Python that knows nothing of this project."""
    command = [sys.executable, "-I", str(place / "verify_report.py"), str(place)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=180)
    return done.returncode, done.stdout + done.stderr


def test_what_was_only_here_needs_no_answer_of_upstream(
    store: Store, oscar: User, conversation: Conversation, tmp_path: Path
) -> None:
    store(2)
    Ledger(conversation).add(upstream_state="not_stored", response_id=None, expires_at=None)
    code, said = verify(unpacked(executed(oscar, erase=True), tmp_path / "report"))
    assert code == 0, said
    assert "every deletion has one final outcome: 1 already_absent, 2 deleted" in said


def test_an_outsider_verifies_it_with_what_lies_in_it(job: DeletionJob, tmp_path: Path) -> None:
    place = unpacked(job, tmp_path / "report")
    code, said = verify(place)
    assert code == 0, said
    assert "every deletion has one final outcome: 6 deleted, 1 failed, 1 held" in said
    assert "7 outcomes and 6 read-backs" in said
    code, said = verify(place, AUDIT_KEY=django_settings.AUDIT_KEYS[0])
    assert code == 0, said
    assert "have the seals of AUDIT_KEY" in said


def test_it_tells_who_why_what_and_what_stays_elsewhere(job: DeletionJob, tmp_path: Path) -> None:
    place = unpacked(job, tmp_path / "report")
    told = json.loads((place / "report.json").read_text())
    assert (told["reason"], told["executed_by"], told["hash"]) == ("Retention of 30 days", "oscar", job.hash)
    assert told["outcomes"] == {"deleted": 6, "held": 1, "failed": 1}
    assert any("backups" in each for each in told["stays_elsewhere"])
    rows = list(csv.DictReader(io.StringIO((place / "outcomes.csv").read_text())))
    assert len(rows) == 8
    assert {row["outcome"] for row in rows} == {"deleted", "held", "failed"}


def test_others_deeds_are_links_of_the_chain_only(job: DeletionJob, tmp_path: Path) -> None:
    text = (unpacked(job, tmp_path / "report") / "audit.jsonl").read_text()
    entries = [json.loads(line) for line in text.splitlines()]
    links = [entry for entry in entries if "action" not in entry]
    assert {"login"}.isdisjoint({entry.get("action") for entry in entries})
    assert links
    assert {*links[0]} == {"number", "previous_hash", "hash"}


def another_answer(rows: Lines) -> None:
    next(row for row in rows if row["outcome"] == "deleted")["answers"][0]["status"] = 204


def another_outcome(rows: Lines) -> None:
    next(row for row in rows if row["outcome"] == "failed")["outcome"] = "already_absent"


def one_less(rows: Lines) -> None:
    rows.pop()


def another_read_back(rows: Lines) -> None:
    next(row for row in rows if row["read_back"] == "confirmed")["read_back"] = "still_there"


def another_plan(rows: Lines) -> None:
    rows[1][1] = "resp_another"


def a_link_less(rows: Lines) -> None:
    del rows[1]


def the_end_less(rows: Lines) -> None:
    rows.pop()


def another_reason(rows: Lines) -> None:
    next(entry for entry in rows if entry.get("reason"))["reason"] = "Because"


@pytest.mark.parametrize(
    ("file", "change"),
    [
        ("outcomes.jsonl", another_answer),
        ("outcomes.jsonl", another_outcome),
        ("outcomes.jsonl", one_less),
        ("outcomes.jsonl", another_read_back),
        ("plan.jsonl", another_plan),
        ("audit.jsonl", a_link_less),
        ("audit.jsonl", the_end_less),
        ("audit.jsonl", another_reason),
    ],
)
def test_a_change_is_found_even_with_a_manifest_that_fits(
    job: DeletionJob, tmp_path: Path, file: str, change: Callable[[Lines], None]
) -> None:
    place = unpacked(job, tmp_path / "report")
    rows = [json.loads(line) for line in (place / file).read_text().splitlines()]
    change(rows)
    (place / file).write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert f"{file} is not the file" in verify(place)[1]
    (place / "manifest.json").write_text('{"files": []}')
    code, said = verify(place, AUDIT_KEY=django_settings.AUDIT_KEYS[0])
    assert code == 1, said
    assert "NOT whole" in said


def test_its_hash_is_in_the_audit_trail(job: DeletionJob) -> None:
    entry = AuditEntry.objects.get(action="report_made")
    assert (entry.subject_id, entry.details["sha256"]) == (str(job.pk), job.report_sha256)
    assert default_storage.size(job.report) == job.report_size == entry.details["bytes"]
    assert not finishing.finish(job.pk), "it is made once"


def test_tried_again_it_is_reported_again(job: DeletionJob, oscar: User, tmp_path: Path) -> None:
    controls.retry_failed(job, user=oscar, actor=person(oscar))
    runner.run_due()
    assert finishing.finish(job.pk)
    job.refresh_from_db()
    code, said = verify(unpacked(job, tmp_path / "report"))
    assert code == 0, said
    assert "7 deleted, 1 held" in said


def never_cancelled(rows: Lines) -> None:
    next(row for row in rows if row["outcome"] == "cancelled")["decided_at"] = "2026-01-01T00:00:00.000000Z"


def cancelled_instead(rows: Lines) -> None:
    next(row for row in rows if row["outcome"] == "deleted")["outcome"] = "cancelled"


@pytest.mark.parametrize("change", [never_cancelled, cancelled_instead])
def test_what_was_cancelled_is_bound_by_the_trail(
    job: DeletionJob, oscar: User, tmp_path: Path, change: Callable[[Lines], None]
) -> None:
    controls.retry_failed(job, user=oscar, actor=person(oscar))
    assert controls.cancel(job, user=oscar, actor=person(oscar)) == 1
    assert finishing.finish(job.pk)
    job.refresh_from_db()
    place = unpacked(job, tmp_path / "report")
    code, said = verify(place)
    assert code == 0, said
    assert "1 cancelled, 6 deleted, 1 held" in said
    rows = [json.loads(line) for line in (place / "outcomes.jsonl").read_text().splitlines()]
    change(rows)
    (place / "outcomes.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    code, said = verify(place)
    assert code == 1
    assert "the audit trail" in said or "was written for other answers" in said


def test_words_are_erased_here_before_it_is_made(store: Store, oscar: User, tmp_path: Path) -> None:
    store(3)
    job = executed(oscar, erase=True)
    assert Response.objects.exclude(erased_at=None).count() == 3
    place = unpacked(job, tmp_path / "report")
    told = json.loads((place / "report.json").read_text())
    assert told["erased_here"]["responses"] == 3
    assert verify(place)[0] == 0

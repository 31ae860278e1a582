"""What is written stays as it was written, and whoever tampers with it is found."""

import json
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.db.models import F
from pytest_django import Settings

from conversations.models import AuditEntry, AuditHead
from conversations.models.audit import Action
from conversations.people import chain, triggers, verification
from conversations.people.audit import audited, record, system

pytestmark = pytest.mark.django_db

OTHER_KEY = "the-key-that-came-after-the-first-one"


def write(count: int, **details: Any) -> None:
    for number in range(count):
        record(Action.LOGIN, actor=system("test"), subject=("user", str(number)), details=details)


def kinds(known_head: str = "") -> list[tuple[str, int | None]]:
    problems = verification.verify(known_head).problems
    return [(problem.kind, problem.number) for problem in problems if problem.kind != "trigger"]


def entry(number: int) -> AuditEntry:
    return AuditEntry.objects.get(number=number)


def run(*arguments: str) -> tuple[int, dict[str, Any]]:
    out, code = StringIO(), 0
    try:
        call_command("verify_audit", "--json", *arguments, stdout=out)
    except SystemExit as end:
        code = int(str(end.code))
    return code, json.loads(out.getvalue())


def test_entries_count_from_one_and_each_names_the_hash_before_it() -> None:
    write(3)
    rows = list(AuditEntry.objects.order_by("number"))
    assert [row.number for row in rows] == [1, 2, 3]
    assert [row.previous_hash for row in rows] == ["0" * 64, rows[0].hash, rows[1].hash]
    head = chain.current_head()
    assert (head.count, head.hash) == (3, rows[2].hash)
    assert run() == (0, {"ok": True, "entries": 3, "head": head.hash, "problems": []})


def test_an_empty_trail_is_whole() -> None:
    assert run() == (0, {"ok": True, "entries": 0, "head": "0" * 64, "problems": []})


@pytest.mark.parametrize("size", [1, 2, 3, 5, 6])
def test_batches_of_any_size_see_every_entry(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(verification, "BATCH", size)
    write(5)
    assert verification.verify().entries == 5


def change(**values: Any) -> Callable[[], object]:
    return lambda: AuditEntry.objects.filter(number=3).update(**values)


@pytest.mark.parametrize(
    "tamper",
    [
        change(actor="user:somebody#1"),
        change(actor_id=1),
        change(action=Action.LOGOUT),
        change(subject_id="7"),
        change(team_id=7),
        change(reason="because"),
        change(details={"count": 2}),
        change(source="10.0.0.1"),
        change(at="2020-01-01T00:00:00Z"),
        change(hash="a" * 64),
        change(previous_hash="a" * 64),
    ],
)
def test_a_changed_entry_is_found(tamper: Callable[[], object]) -> None:
    write(5)
    triggers.drop()
    tamper()
    assert kinds() == [("changed", 3)]


def test_a_removed_entry_is_found() -> None:
    write(5)
    triggers.drop()
    entry(3).delete()
    assert kinds() == [("missing", 3)]


def test_a_removed_entry_is_found_when_the_others_were_renumbered() -> None:
    write(5)
    triggers.drop()
    entry(3).delete()
    for number in (4, 5):
        AuditEntry.objects.filter(number=number).update(number=number - 1)
    assert kinds() == [("changed", 3)]


def test_the_last_entry_removed_is_found() -> None:
    write(5)
    triggers.drop()
    entry(5).delete()
    assert kinds() == [("missing", 5)]


def test_the_last_entry_removed_is_found_when_the_head_was_turned_back_without_the_key() -> None:
    write(5)
    triggers.drop()
    entry(5).delete()
    AuditHead.objects.update(count=4, hash=entry(4).hash)
    assert kinds() == [("head", None)]


def test_the_last_entry_removed_is_found_by_an_earlier_report_when_an_old_head_was_put_back() -> None:
    write(4)
    old = AuditHead.objects.values().get()
    write(1)
    reported = chain.current_head().hash
    triggers.drop()
    entry(5).delete()
    AuditHead.objects.update(**old)
    assert kinds() == []
    assert kinds(reported) == [("known_head", None)]
    assert kinds(old["hash"]) == []


def test_an_entry_put_in_between_is_found() -> None:
    write(5)
    triggers.drop()
    for number in (5, 4, 3):
        AuditEntry.objects.filter(number=number).update(number=number + 1)
    forged = entry(2)
    forged.number, forged.previous_hash = 3, forged.hash
    forged.save(force_insert=True)
    assert kinds() == [("changed", 3)]


@pytest.mark.parametrize(("number", "found"), [(0, ("inserted", 0)), (6, ("changed", 6))])
def test_an_entry_put_before_or_behind_is_found(number: int, found: tuple[str, int]) -> None:
    write(5)
    forged = entry(5)
    forged.number, forged.previous_hash = number, forged.hash
    forged.save(force_insert=True)
    assert kinds() == [found]


def test_a_sealed_entry_that_the_head_does_not_know_is_found() -> None:
    write(4)
    old = AuditHead.objects.values().get()
    write(1)
    AuditHead.objects.update(**old)
    assert kinds() == [("inserted", 5)]


def test_two_swapped_entries_are_found() -> None:
    write(5)
    triggers.drop()
    AuditEntry.objects.filter(number__in=(2, 4)).update(number=6 - F("number") + 100)
    AuditEntry.objects.filter(number__gt=100).update(number=F("number") - 100)
    assert kinds() == [("changed", 2)]


def test_an_entry_of_another_chain_of_the_same_key_is_found() -> None:
    write(3, other="chain")
    stranger = entry(2)
    triggers.drop()
    AuditEntry.objects.all().delete()
    AuditHead.objects.all().delete()
    chain.begin()
    write(3)
    AuditEntry.objects.filter(number=2).delete()
    stranger.save(force_insert=True)
    assert kinds() == [("reordered", 2)]


def test_a_missing_head_is_found_and_nothing_is_written_until_it_is_back() -> None:
    write(2)
    triggers.drop()
    AuditHead.objects.all().delete()
    assert kinds() == [("head", None)]
    with pytest.raises(chain.HeadMissing, match="verify_audit"):
        write(1)
    triggers.after_migrate()
    assert kinds() == [("head", None)]


def test_missing_triggers_are_found_and_migrate_makes_them_again() -> None:
    triggers.drop()
    code, verdict = run()
    assert code == 1
    assert {problem["kind"] for problem in verdict["problems"]} == {"trigger"}
    triggers.after_migrate()
    assert run()[0] == 0


def test_a_trigger_that_does_nothing_counts_as_missing() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"ALTER TABLE {triggers.ENTRIES} DISABLE TRIGGER {triggers.TRIGGERS[0].name}")
        else:
            cursor.execute(f"DROP TRIGGER {triggers.TRIGGERS[0].name}")
            cursor.execute(
                f"CREATE TRIGGER {triggers.TRIGGERS[0].name} BEFORE UPDATE ON {triggers.ENTRIES} "
                "BEGIN SELECT 1; END"
            )
    assert triggers.missing() == [triggers.TRIGGERS[0].name]
    triggers.make()
    assert triggers.missing() == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE conversations_auditentry SET reason = 'other' WHERE number = 2",
        "DELETE FROM conversations_auditentry WHERE number = 2",
        "DELETE FROM conversations_auditentry",
        "TRUNCATE conversations_auditentry",
        "TRUNCATE conversations_auditentry CASCADE",
        "DELETE FROM conversations_audithead",
        "TRUNCATE conversations_audithead",
    ],
)
def test_the_database_refuses_to_change_the_trail(statement: str) -> None:
    if statement.startswith("TRUNCATE") and connection.vendor == "sqlite":
        pytest.skip("SQLite has no TRUNCATE")
    write(3)
    with (
        connection.cursor() as cursor,
        pytest.raises(DatabaseError, match=triggers.REFUSAL),
        transaction.atomic(),
    ):
        cursor.execute(statement)
    assert kinds() == []


@contextmanager
def rolled_back() -> Generator[None]:
    with suppress(ZeroDivisionError), audited():
        yield
        raise ZeroDivisionError


def test_what_is_rolled_back_leaves_no_entry_and_no_gap() -> None:
    write(1)
    with rolled_back():
        write(2)
    write(1)
    assert AuditEntry.objects.count() == 2
    assert kinds() == []


def test_what_an_inner_block_rolled_back_is_not_written_by_the_outer() -> None:
    with audited():
        write(1, block="outer")
        with rolled_back():
            write(1, block="inner")
        with audited():
            write(1, block="second inner")
    written = [row.details["block"] for row in AuditEntry.objects.order_by("number")]
    assert written == ["outer", "second inner"]


def test_entries_are_written_last() -> None:
    with audited():
        write(1)
        assert not AuditEntry.objects.exists()
    assert AuditEntry.objects.count() == 1


def test_a_plain_transaction_around_it_is_refused() -> None:
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        write(1)
    assert not AuditEntry.objects.exists()


def test_details_that_databases_may_alter_are_refused() -> None:
    with pytest.raises(TypeError, match="float"):
        write(1, price=1.5)


def test_text_that_databases_cannot_hold_is_mended() -> None:
    record(Action.LOGIN, actor=system("test"), reason="a\x00b", details={"c\ud800": ["d\x00"]})
    assert (entry(1).reason, entry(1).details) == ("a\ufffdb", {"c\ufffd": ["d\ufffd"]})
    assert kinds() == []


def test_the_key_can_be_replaced(settings: Settings) -> None:
    write(2)
    old = settings.AUDIT_KEYS
    settings.AUDIT_KEYS = [OTHER_KEY, *old]
    write(2)
    assert kinds() == []
    settings.AUDIT_KEYS = [OTHER_KEY]
    assert kinds() == [("unknown_key", 1)]
    settings.AUDIT_KEYS = old
    assert kinds() == [("unknown_key", 3)]


def test_a_head_that_is_no_hash_is_refused() -> None:
    with pytest.raises(CommandError, match="64 hexadecimal"):
        call_command("verify_audit", "--head", "latest")


def test_the_text_tells_a_person_what_is_wrong() -> None:
    write(3)
    triggers.drop()
    entry(2).delete()
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("verify_audit", stdout=out)
    assert "BROKEN: Entry 2 is missing" in out.getvalue()

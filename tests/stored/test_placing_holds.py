"""Placing and ending holds, and that nothing is sent behind the back of one."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction

from conversations import clock
from conversations.models import AuditEntry, Conversation, Deletion, Hold, Response, User
from conversations.models.audit import Action
from conversations.models.deletions import Outcome
from conversations.people import audit
from conversations.stored import claims, holds
from conversations.stored.booking import book
from conversations.stored.holds import CannotHold
from tests.stored.rows import add_response
from tests.stored.test_deleting import answer, ask_for, claimed, stored

pytestmark = pytest.mark.django_db(transaction=True)

T = TypeVar("T")


@pytest.fixture
def response(conversation: Conversation) -> Response:
    return stored(conversation)


def place(subject: holds.Subject, by: User, **times: Any) -> Hold:
    return holds.place(subject, reason="Case 12", user=by, actor=audit.person(by), **times)


def alone(function: Callable[..., T], *args: Any) -> T:
    """On a thread, with a connection of its own."""
    with closing(connection):
        return function(*args)


def entries(action: Action) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(action=action).order_by("number"))


def test_one_is_placed_with_a_reason_and_written_down(alice: User, response: Response) -> None:
    with pytest.raises(CannotHold, match="Say why"):
        holds.place(response, reason=" ", user=alice, actor=audit.person(alice))
    hold = place(response, alice)
    assert list(holds.holds_of(response)) == [hold]
    assert (hold.starts_at, hold.ends_at) == (hold.placed_at, None)
    (entry,) = entries(Action.HOLD_PLACED)
    assert (entry.reason, entry.team_id, entry.actor_id) == ("Case 12", response.team_id, alice.pk)
    assert entry.details["of"] == "response"
    assert entry.details["subject"] == str(response.pk)


def test_one_is_ended_once_with_a_reason(alice: User, response: Response) -> None:
    hold = place(response, alice)
    with pytest.raises(CannotHold, match="Say why"):
        holds.end(hold, reason="", user=alice, actor=audit.person(alice))
    holds.end(hold, reason="Settled", user=alice, actor=audit.person(alice))
    assert not holds.holds_of(response).exists()
    assert (hold.lift_reason, hold.lifted_by) == ("Settled", alice)
    with pytest.raises(CannotHold, match="ended already"):
        holds.end(hold, reason="Again", user=alice, actor=audit.person(alice))
    assert [entry.reason for entry in entries(Action.HOLD_ENDED)] == ["Settled"]
    ask_for(response, alice)


def test_the_trail_tells_once_of_one_that_its_date_ends_and_not_a_moment_before(
    alice: User, response: Response, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The last night of summer time, when the clocks of this zone show 02:30 twice.
    ends_at = datetime(2030, 10, 27, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Berlin"))
    hold = place(response, alice, ends_at=ends_at)
    lifted = place(response, alice, ends_at=ends_at)
    holds.end(lifted, reason="Settled", user=alice, actor=audit.person(alice))
    for at, ended in (
        (datetime(2030, 10, 27, 0, 30, tzinfo=UTC), False),
        (ends_at - timedelta(microseconds=1), False),
        (ends_at, True),
        (ends_at + timedelta(days=1), True),
    ):
        monkeypatch.setattr(clock, "now", lambda at=at: at)
        holds.note_ends()
        assert (hold not in holds.holds_of(response)) is ended
        told = [entry for entry in entries(Action.HOLD_ENDED) if entry.subject_id == str(hold.pk)]
        assert [(entry.actor, entry.details["ends_at"]) for entry in told] == [
            ("system:holds", "2030-10-27T01:30:00+00:00")
        ] * ended
    assert len(entries(Action.HOLD_ENDED)) == 2


def test_it_ends_by_itself_at_its_moment_and_not_before(alice: User, response: Response) -> None:
    with pytest.raises(CannotHold, match="end after it begins"):
        place(response, alice, ends_at=clock.now() - timedelta(seconds=1))
    hold = place(response, alice, ends_at=clock.now() + timedelta(days=3))
    assert hold.ends_at is not None
    with clock.restored():
        clock.set_to(hold.ends_at - timedelta(seconds=5))
        assert list(holds.holds_of(response)) == [hold]
        clock.set_to(hold.ends_at)
        assert not holds.holds_of(response).exists()
        with pytest.raises(CannotHold, match="ended already"):
            holds.end(hold, reason="Too late", user=alice, actor=audit.person(alice))


def test_one_that_begins_later_holds_from_then_on(alice: User, response: Response) -> None:
    hold = place(response, alice, starts_at=clock.now() + timedelta(hours=1))
    assert not holds.holds_of(response).exists()
    assert list(holds.unseen()) == []
    row = ask_for(response, alice)
    job = claimed(row)
    with clock.restored():
        clock.set_to(hold.starts_at)
        assert list(holds.holds_of(response)) == [hold]
        book([(job, answer())])
        assert list(holds.unseen()) == [], "a claim of the moment before may not be committed yet"
        clock.set_to(hold.starts_at + holds.SETTLES)
        assert list(holds.unseen()) == [hold]
        assert holds.look_for_in_flight(hold)
    assert list(hold.in_flight.all()) == [row]


def test_it_names_what_is_on_its_way_and_keeps_the_rest(alice: User, conversation: Conversation) -> None:
    rows = [stored(conversation, response_id=f"resp_{number}") for number in range(3)]
    flying, waiting, done = [ask_for(row, alice) for row in rows]
    book([(claimed(done), answer())])
    claimed(flying)
    hold = place(conversation, alice)
    assert list(hold.in_flight.all()) == [flying]
    assert hold.in_flight_seen_at is not None
    (entry,) = entries(Action.HOLD_TOO_LATE)
    assert entry.details["in_flight"] == [flying.pk]
    assert claims.claim_one(waiting) == []
    waiting.refresh_from_db()
    assert waiting.outcome == Outcome.HELD


def test_an_attempt_of_unknown_end_is_named_too(alice: User, response: Response) -> None:
    row = ask_for(response, alice)
    claimed(row)
    Deletion.objects.update(outcome=Outcome.PENDING)
    assert list(place(response, alice).in_flight.all()) == [row]


def test_a_claim_that_is_committed_after_the_hold_is_named_by_it(alice: User, response: Response) -> None:
    row, sent, may_commit = ask_for(response, alice), Event(), Event()

    def claim() -> None:
        with audit.audited():
            assert claims.claim_one(row)
            sent.set()
            assert may_commit.wait(20)

    with ThreadPoolExecutor(2) as pool:
        claiming = pool.submit(alone, claim)
        assert sent.wait(20)
        placing = pool.submit(alone, place, response, alice)
        time.sleep(0.2)
        assert not placing.done(), "it waits for those that may have been sent"
        may_commit.set()
        claiming.result(20)
        assert list(placing.result(20).in_flight.all()) == [row]


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer at a time")
def test_a_claim_that_began_before_the_hold_and_waited_finds_it(alice: User, response: Response) -> None:
    row, locked, may_end = ask_for(response, alice), Event(), Event()

    def lock() -> None:
        with transaction.atomic():
            holds._lock(Deletion, "EXCLUSIVE")
            locked.set()
            assert may_end.wait(20)

    with ThreadPoolExecutor(2) as pool:
        locking = pool.submit(alone, lock)
        assert locked.wait(20)
        claiming = pool.submit(alone, claims.claim_one, row)
        while not waiting_for_locks():
            time.sleep(0.01)
        now = clock.now()
        Hold.objects.create(response=response, reason="A", placed_by=alice, placed_at=now, starts_at=now)
        may_end.set()
        locking.result(20)
        assert claiming.result(20) == []
    row.refresh_from_db()
    assert row.outcome == Outcome.HELD


def waiting_for_locks() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_database ON oid = database"
            " WHERE NOT granted AND datname = current_database()"
        )
        return int(cursor.fetchone()[0])


def test_whatever_is_sent_while_a_hold_is_placed_is_named(alice: User, conversation: Conversation) -> None:
    rows = [ask_for(stored(conversation, response_id=f"resp_{n}"), alice) for n in range(40)]

    def take(some: list[Deletion]) -> list[int]:
        return [row.pk for row in some if claims.claim_one(row)]

    with ThreadPoolExecutor(5) as pool:
        claiming = [pool.submit(alone, take, rows[start::4]) for start in range(4)]
        placing = pool.submit(alone, place, conversation, alice)
        sent = [key for each in claiming for key in each.result(60)]
        hold = placing.result(60)
    assert set(hold.in_flight.values_list("pk", flat=True)) == set(sent)
    held = Deletion.objects.filter(outcome=Outcome.HELD).values_list("pk", flat=True)
    assert set(held) == {row.pk for row in rows} - set(sent)


def test_what_destroys_text_here_gets_what_nothing_holds(alice: User, conversation: Conversation) -> None:
    held, other = (add_response(conversation) for _ in range(2))
    place(held, alice)
    with transaction.atomic():
        assert list(holds.free(Response.objects.all())) == [other]


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer at a time")
def test_no_hold_begins_while_text_is_destroyed(alice: User, response: Response) -> None:
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            assert list(holds.free(Response.objects.all())) == [response]
            placing = pool.submit(alone, place, response, alice)
            while not waiting_for_locks():
                time.sleep(0.01)
            assert not Hold.objects.exists()
        assert placing.result(20).pk

"""Refused logins are written down, a flood of them in a handful of entries."""

from datetime import datetime, timedelta

import pytest
import redis
from django.db import DatabaseError
from django.test import Client
from pytest_django import Settings

from conversations import bus, clock
from conversations.models import AuditEntry, User
from conversations.models.audit import Action
from conversations.people import folds, verification
from conversations.people.audit import Actor

pytestmark = pytest.mark.django_db

PASSWORD = "the-canary-in-the-password-field"


@pytest.fixture
def minute(monkeypatch: pytest.MonkeyPatch) -> "Minute":
    return Minute(monkeypatch)


class Minute:
    """The clock stands, and goes on by whole minutes."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.now = datetime.fromisoformat("2026-03-01T12:00:30+00:00")
        patch.setattr(clock, "now", lambda: self.now)

    def passes(self) -> None:
        self.now += timedelta(minutes=1)


def log_in(username: str = "alice", source: str = "10.0.0.1") -> int:
    form = {"username": username, "password": PASSWORD}
    return Client(REMOTE_ADDR=source).post("/login/", form).status_code


def refusals() -> list[tuple[str, int]]:
    rows = AuditEntry.objects.filter(action=Action.LOGIN_REFUSED).order_by("number")
    return [(row.source, row.details["count"]) for row in rows]


def test_the_first_is_written_at_once_and_names_the_account(alice: User, minute: Minute) -> None:
    assert log_in("alice") == 200
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.source) == ("login_refused", "anonymous", "10.0.0.1")
    assert (entry.subject_type, entry.subject_id) == ("user", str(alice.pk))


def test_the_rest_is_counted_until_the_minute_is_over(alice: User, bob: User, minute: Minute) -> None:
    for name in ("alice", "alice", "bob", "nobody"):
        log_in(name)
    folds.close_ended()
    assert refusals() == [("10.0.0.1", 1)]
    minute.passes()
    folds.close_ended()
    folds.close_ended()
    assert refusals() == [("10.0.0.1", 1), ("10.0.0.1", 3)]
    told = AuditEntry.objects.latest("number").details
    assert told["subjects"] == {f"user:{alice.pk}": 2, f"user:{bob.pk}": 1}
    assert told["minute"] == "2026-03-01T12:00:00+00:00"


def test_the_next_refusal_closes_the_minutes_before(minute: Minute) -> None:
    log_in()
    log_in()
    minute.passes()
    log_in(source="10.0.0.2")
    assert refusals() == [("10.0.0.1", 1), ("10.0.0.2", 1), ("10.0.0.1", 1)]


def test_a_flood_from_one_source_is_a_handful_of_entries(minute: Minute) -> None:
    for _ in range(4):
        for _ in range(500):
            flood("10.0.0.1")
        minute.passes()
    folds.close_ended()
    assert len(refusals()) == 8
    assert sum(count for _, count in refusals()) == 2000
    assert verification.verify().ok


def test_a_flood_from_many_sources_is_bounded(monkeypatch: pytest.MonkeyPatch, minute: Minute) -> None:
    monkeypatch.setattr(folds, "OPEN_MAX", 10)
    for number in range(2000):
        flood(f"10.0.{number // 250}.{number % 250}")
    minute.passes()
    folds.close_ended()
    assert len(refusals()) == 12
    assert sum(count for _, count in refusals()) == 2000
    assert ("many", 1989) in refusals()


def test_an_ipv6_network_counts_as_one_source(minute: Minute) -> None:
    for number in range(5):
        flood(f"2001:db8::{number + 1:x}")
    minute.passes()
    folds.close_ended()
    assert refusals() == [("2001:db8::1", 1), ("2001:db8::/64", 4)]


def test_without_redis_each_process_counts_for_itself(
    monkeypatch: pytest.MonkeyPatch, minute: Minute
) -> None:
    nowhere = redis.Redis.from_url("redis://127.0.0.1:9/0")
    with monkeypatch.context() as patch:
        patch.setattr(bus, "client", lambda: nowhere)
        for _ in range(50):
            flood("10.0.0.1")
        minute.passes()
        flood("10.0.0.2")
    assert refusals() == [("10.0.0.1", 1), ("10.0.0.2", 1), ("10.0.0.1", 49)]


def test_after_many_refusals_no_password_is_looked_at_until_the_minute_is_over(
    settings: Settings, minute: Minute
) -> None:
    settings.LOGIN_REFUSALS_PER_MINUTE = 3
    User.objects.create_user("dave", password=PASSWORD)
    for _ in range(3):
        log_in("nobody")
    answer = Client(REMOTE_ADDR="10.0.0.1").post("/login/", {"username": "dave", "password": PASSWORD})
    assert "Too many logins were refused" in answer.content.decode()
    assert log_in("dave", source="10.0.0.2") == 302
    minute.passes()
    assert log_in("dave") == 302
    folds.close_ended()
    assert refusals() == [("10.0.0.1", 1), ("10.0.0.1", 3)]


def test_a_count_that_could_not_be_written_is_kept_for_the_next_time(
    monkeypatch: pytest.MonkeyPatch, minute: Minute
) -> None:
    for _ in range(5):
        flood("10.0.0.1")
    minute.passes()
    with monkeypatch.context() as patch:
        patch.setattr(folds, "record", away)
        with pytest.raises(DatabaseError):
            folds.close_ended()
    folds.close_ended()
    assert refusals() == [("10.0.0.1", 1), ("10.0.0.1", 4)]


def away(*_: object, **__: object) -> None:
    raise DatabaseError("the database is away")


def test_only_so_many_subjects_are_counted_apart(monkeypatch: pytest.MonkeyPatch, minute: Minute) -> None:
    monkeypatch.setattr(folds, "SUBJECTS_COUNTED", 3)
    for number in range(50):
        page = ("page", f"/admin/{number}/")
        folds.refused(Action.ACCESS_REFUSED, actor=Actor("user:bob#2", 2, "10.0.0.1"), subject=page)
    minute.passes()
    folds.close_ended()
    told = AuditEntry.objects.latest("number").details
    assert (told["count"], len(told["subjects"])) == (49, 3)


def test_what_was_typed_is_nowhere(minute: Minute) -> None:
    log_in(username=PASSWORD)
    log_in(username=PASSWORD)
    for key in bus.client().scan_iter("responses_ui:refusals:*"):
        assert PASSWORD.encode() not in key + (bus.client().dump(key) or b"")
    minute.passes()
    folds.close_ended()
    assert refusals() == [("10.0.0.1", 1), ("10.0.0.1", 1)]
    assert PASSWORD not in str(list(AuditEntry.objects.values()))


def flood(source: str) -> None:
    folds.refused(Action.LOGIN_REFUSED, actor=Actor("anonymous", None, source))

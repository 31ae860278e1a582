"""Few at once, few who wait, and nobody else: what a flood of logins may cost."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import pytest
from django.test import Client

from conversations.models import AuditEntry, User
from conversations.people import sign_in
from conversations.people.turnstile import Turnstile

PASSWORD = "a-password-of-the-turnstile"


@contextmanager
def inside(turnstile: Turnstile, number: int) -> Iterator[None]:
    with ExitStack() as held:
        assert all(held.enter_context(turnstile.entered()) for _ in range(number))
        yield


def test_no_more_than_allowed_are_in_at_once() -> None:
    turnstile, lock = Turnstile(at_once=2, waiting=20, seconds=60), threading.Lock()
    now, most = 0, 0

    def come(_: int) -> bool:
        nonlocal now, most
        with turnstile.entered() as entered:
            with lock:
                now += 1
                most = max(most, now)
            threading.Event().wait(0.01)
            with lock:
                now -= 1
            return entered

    with ThreadPoolExecutor(20) as pool:
        assert all(pool.map(come, range(20)))
    assert most <= 2


def test_who_finds_no_room_to_wait_is_turned_away_at_once() -> None:
    turnstile = Turnstile(at_once=1, waiting=0, seconds=60)
    with inside(turnstile, 1), turnstile.entered() as entered:
        assert not entered
    with turnstile.entered() as entered:
        assert entered


def test_who_waited_too_long_is_turned_away_and_leaves_the_room_to_others() -> None:
    turnstile = Turnstile(at_once=1, waiting=1, seconds=0)
    with inside(turnstile, 1):
        for _ in range(3):
            with turnstile.entered() as entered:
                assert not entered
    with inside(turnstile, 1):
        pass


@pytest.mark.django_db
def test_a_login_among_too_many_is_refused_unseen_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    turnstile = Turnstile(at_once=1, waiting=0, seconds=0)
    monkeypatch.setattr(sign_in, "PASSWORDS", turnstile)
    User.objects.create_user("dave", password=PASSWORD)
    client, form = Client(REMOTE_ADDR="10.9.0.1"), {"username": "dave", "password": PASSWORD}
    with inside(turnstile, 1):
        assert "Too many people log in at this moment" in client.post("/login/", form).content.decode()
    assert AuditEntry.objects.get(action="login_refused").source == "10.9.0.1"
    assert client.post("/login/", form).status_code == 302

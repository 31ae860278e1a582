"""What a flood of logins may cost: few at once, few who wait, and some bytes for everyone else."""

import asyncio
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.test import Client
from pytest_django import Settings

from conversations.models import AuditEntry
from conversations.people import folds, login_gate, sign_in
from conversations.people.login_gate import LoginGate

pytestmark = pytest.mark.django_db(transaction=True)


class House:
    """Stands for Django: everyone stays until the door is opened."""

    def __init__(self) -> None:
        self.inside = self.most = 0
        self.bodies: list[bytes] = []
        self.open = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.bodies.append((await receive())["body"])
        self.inside += 1
        self.most = max(self.most, self.inside)
        await self.open.wait()
        self.inside -= 1
        await send({"type": "http.response.start", "status": 200, "headers": []})


async def knock(
    gate: LoginGate, *, method: str = "POST", source: str = "10.8.0.1", body: bytes = b"x"
) -> int:
    status: list[int] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        status.extend([message["status"]] if "status" in message else [])

    scope = {"type": "http", "method": method, "path": "/login/", "client": (source, 5)}
    await gate(scope, receive, send)
    return status[0]


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    settings.LOGINS_AT_ONCE = 2
    monkeypatch.setattr(login_gate, "WAITING", 3)
    monkeypatch.setattr(login_gate, "COUNT_SECONDS", 0)


async def counted(gate: LoginGate) -> int:
    if gate.counting:
        await gate.counting
    entries = database_sync_to_async(lambda: list(AuditEntry.objects.values_list("details", flat=True)))
    return sum(details["count"] for details in await entries())


async def test_few_are_in_at_once_few_wait_and_the_others_are_refused_at_once(brief: None) -> None:
    house = House()
    gate = LoginGate(house)
    first = [asyncio.create_task(knock(gate, body=b"%d" % number)) for number in range(5)]
    await settled()
    assert [await knock(gate, source=f"10.8.1.{number}") for number in range(4)] == [429] * 4
    house.open.set()
    assert await asyncio.gather(*first) == [200] * 5
    assert house.most == 2
    assert sorted(house.bodies) == [b"0", b"1", b"2", b"3", b"4"]
    assert await counted(gate) == 4


async def test_who_waits_too_long_is_refused(brief: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login_gate, "WAIT_SECONDS", 0.05)
    house = House()
    gate = LoginGate(house)
    first = [asyncio.create_task(knock(gate)) for _ in range(2)]
    await settled()
    assert await knock(gate) == 429
    house.open.set()
    assert await asyncio.gather(*first) == [200, 200]


async def test_pages_are_not_held_up(brief: None) -> None:
    house = House()
    gate = LoginGate(house)
    tasks = [asyncio.create_task(knock(gate, method="GET")) for _ in range(9)]
    await settled()
    assert house.inside == 9
    house.open.set()
    await asyncio.gather(*tasks)


async def test_a_network_that_was_refused_too_often_reaches_nothing_until_the_minute_is_over(
    brief: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.LOGIN_REFUSALS_PER_MINUTE = 2
    monkeypatch.setattr(folds, "this_minute", lambda: 1)
    form = {"username": "nobody", "password": "not-a-password"}
    client = Client(REMOTE_ADDR="10.8.2.1")
    for _ in range(3):
        await database_sync_to_async(client.post)("/login/", form)
    house = House()
    house.open.set()
    gate = LoginGate(house)
    assert [await knock(gate, source=source) for source in ("10.8.2.1", "10.8.2.2")] == [429, 200]
    assert await counted(gate) == 1, "the others of the minute are in its count, which comes later"
    monkeypatch.setattr(folds, "this_minute", lambda: 2)
    assert await knock(gate, source="10.8.2.1") == 200
    await database_sync_to_async(folds.close_ended)()
    assert await counted(gate) == 4


def test_what_is_known_of_networks_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in, "CLOSED_MAX", 3)
    for number in range(10):
        sign_in._close(f"10.8.3.{number}")
    assert sign_in.is_closed("10.8.3.9")
    assert len(sign_in._closed) <= 3

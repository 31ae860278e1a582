"""When a worker may judge whether others are dead."""

import asyncio
from datetime import timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError
from pytest_django import Settings

from conversations import clock, loop
from conversations.chat.worker import Pulse, WorkerProcess


class Time:
    def __init__(self) -> None:
        self.now = clock.now()

    def passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Time:
    settings.LEASE_SECONDS = 40
    time = Time()
    monkeypatch.setattr(clock, "now", lambda: time.now)
    return time


def beats(pulse: Pulse, time: Time, times: int) -> None:
    for _ in range(times):
        time.passes(5)
        pulse.beat()


def test_a_heart_is_steady_once_it_has_beaten_for_half_a_lease(time: Time) -> None:
    pulse = Pulse()
    beats(pulse, time, 3)
    assert not pulse.is_steady
    beats(pulse, time, 1)
    assert pulse.is_steady


def test_after_a_pause_the_others_get_time_to_beat_again(time: Time) -> None:
    pulse = Pulse()
    beats(pulse, time, 10)
    time.passes(60)
    assert not pulse.is_steady
    pulse.beat()
    assert not pulse.is_steady
    beats(pulse, time, 4)
    assert pulse.is_steady


async def test_a_heartbeat_that_failed_is_tried_again_without_a_further_pause(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.HEARTBEAT_SECONDS = 1000
    monkeypatch.setattr(loop, "STUMBLE_SECONDS", 0)
    database, beaten = ["away", "back"], asyncio.Event()

    async def write(*_: Any) -> None:
        if database.pop(0) == "away":
            raise OperationalError
        beaten.set()

    home = SimpleNamespace(write=write)
    process: Any = SimpleNamespace(home=home, row=uuid4(), runs={}, calls=set(), pulse=Pulse())
    beating = asyncio.create_task(loop.keep_going("heartbeat", partial(WorkerProcess._beat, process)))
    await asyncio.wait_for(beaten.wait(), 60)
    beating.cancel()

"""When a worker may judge whether others are dead."""

from datetime import timedelta

import pytest
from pytest_django import Settings

from conversations import clock
from conversations.chat.worker import Pulse


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

"""What processes say, and what they keep to themselves."""

import inspect
import logging

import celery.beat
import celery.worker.request
import pytest

from responses_ui.logs import ROUTINE, WithoutRoutine


def told(name: str, message: str) -> bool:
    record = logging.LogRecord(name, logging.INFO, "", 1, message, ("one", "two"), None)
    return bool(WithoutRoutine().filter(record))


def test_the_routine_of_periodic_tasks_is_left_out_and_the_rest_told() -> None:
    for name, message in ROUTINE.items():
        assert not told(name, message)
        assert told(name, "Something else: %s %s")


def test_at_debug_everything_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging.root, "level", logging.DEBUG)
    assert all(told(name, message) for name, message in ROUTINE.items())


def test_celery_still_says_it_so() -> None:
    sources = [inspect.getsource(module) for module in (celery.beat, celery.worker.request)]
    for message, source in zip(ROUTINE.values(), sources, strict=True):
        assert message in source

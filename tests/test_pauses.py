"""Processes that many people wait for at once."""

import gc
import sys
from collections.abc import Iterator

import pytest

from conversations.pauses import YOUNG_OBJECTS, keep_pauses_short


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    threshold, interval = gc.get_threshold(), sys.getswitchinterval()
    gc.unfreeze()
    yield
    gc.unfreeze()
    gc.set_threshold(*threshold)
    sys.setswitchinterval(interval)


def test_every_process_of_the_product_looks_for_garbage_seldom_from_the_start() -> None:
    assert gc.get_threshold()[0] == YOUNG_OBJECTS


def test_what_lives_as_long_as_the_process_is_left_out_of_garbage_collection() -> None:
    keep_pauses_short()
    assert gc.get_freeze_count() > 10_000


def test_threads_take_short_turns() -> None:
    keep_pauses_short()
    assert sys.getswitchinterval() < 0.001

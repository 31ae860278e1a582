"""Processes that many people wait for at once."""

import gc

from conversations.pauses import keep_pauses_short


def test_what_lives_as_long_as_the_process_is_left_out_of_garbage_collection() -> None:
    threshold = gc.get_threshold()
    gc.unfreeze()
    try:
        keep_pauses_short()
        assert gc.get_freeze_count() > 10_000
    finally:
        gc.unfreeze()
        gc.set_threshold(*threshold)

"""What keeps the pauses short in a process that many people wait for at once."""

import gc
import sys

# Allocations between two collections of the youngest objects.
YOUNG_OBJECTS = 10_000
# For how long a busy thread keeps the others waiting. The event loop is one of them after each of its writes.
TURN_SECONDS = 0.0005


def collect_seldom() -> None:
    """For every process, and before most is imported: looking through that takes a quarter of a start."""
    gc.set_threshold(YOUNG_OBJECTS, 10, 10)


def keep_pauses_short() -> None:
    """To be called once everything is imported. What lives as long as the process is left out of garbage
    collection from then on; looking through it stops every stream for a tenth of a second.
    """
    gc.collect()
    gc.freeze()
    sys.setswitchinterval(TURN_SECONDS)

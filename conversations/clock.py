"""The clock behind one function, so that tests and the demo can set it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.utils import timezone

_shift = timedelta()


def now() -> datetime:
    return timezone.now() + _shift


def set_to(at: datetime) -> None:
    """For this process, from now on; it goes on from there."""
    global _shift  # noqa: PLW0603  there is one clock
    _shift = at - timezone.now()


@contextmanager
def restored() -> Iterator[None]:
    """Whatever it is set to inside, it is right again afterwards."""
    try:
        yield
    finally:
        set_to(timezone.now())

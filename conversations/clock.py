"""The clock behind one function, so that tests and the demo can set it."""

from datetime import datetime

from django.utils import timezone


def now() -> datetime:
    return timezone.now()

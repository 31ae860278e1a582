"""Moments, for programs and for people."""

from datetime import UTC, datetime


def time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat().replace("+00:00", "Z")


def for_people(at: datetime | None) -> str:
    return "" if at is None else f"{at.astimezone(UTC):%-d %B %Y, %H:%M} UTC"

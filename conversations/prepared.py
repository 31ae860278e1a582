"""Statements that PostgreSQL plans once, for what runs with every answer."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor

P = ParamSpec("P")
T = TypeVar("T")


def prepared(function: Callable[P, T]) -> Callable[P, T]:
    """Plan each statement of this function once per connection, whatever its values are.

    That saves half of what the database spends on a row or two found by their keys. Not for queries that
    people compose, as at the desk: there the best plan depends on the values.
    """

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        if connection.vendor != "postgresql":
            return function(*args, **kwargs)
        with _preparing():
            return function(*args, **kwargs)

    return call


@contextmanager
def _preparing() -> Iterator[None]:
    connection.ensure_connection()
    raw = connection.connection
    before = raw.cursor_factory, raw.prepare_threshold
    # Only values that travel apart from their statement leave it the same each time.
    raw.cursor_factory, raw.prepare_threshold = ServerBindingCursor, 0
    try:
        yield
    finally:
        raw.cursor_factory, raw.prepare_threshold = before

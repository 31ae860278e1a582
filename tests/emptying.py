"""After a test with transactions of its own every table holds again what migrating left there.

Django would truncate all of them, which takes PostgreSQL a second, and then say that it has migrated.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

from conversations.people import triggers

_kept: dict[str, list[Sequence[Any]]] = {}


def remember() -> None:
    """To be called once the tables are made."""
    with connection.cursor() as cursor:
        for table in connection.introspection.django_table_names(only_existing=True):
            _kept[table] = _rows(cursor, table)


def restore() -> None:
    """The triggers would refuse to empty the audit trail. A test may have changed them too."""
    with connection.constraint_checks_disabled(), transaction.atomic(), connection.cursor() as cursor:
        triggers.drop()
        for table, rows in _kept.items():
            if _rows(cursor, table) != rows:
                _fill(cursor, table, rows)
    triggers.make()


def _rows(cursor: Any, table: str) -> list[Sequence[Any]]:
    cursor.execute(f"SELECT * FROM {_quoted(table)}")  # noqa: S608  our own tables
    return list(cursor.fetchall())


def _fill(cursor: Any, table: str, rows: list[Sequence[Any]]) -> None:
    cursor.execute(f"DELETE FROM {_quoted(table)}")  # noqa: S608  our own tables
    if rows:
        places = ", ".join(["%s"] * len(rows[0]))
        cursor.executemany(f"INSERT INTO {_quoted(table)} VALUES ({places})", rows)  # noqa: S608  our own


def _quoted(table: str) -> str:
    return str(connection.ops.quote_name(table))

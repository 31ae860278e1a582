"""Writes many rows, each with values of its own."""

from collections.abc import Sequence

from django.db import connection
from django.db.models import Model


def update_each(rows: Sequence[Model], names: Sequence[str]) -> None:
    """In one round trip. Building the one statement of `bulk_update` would take many times as long.

    The rows are locked by the caller.
    """
    if not rows:
        return
    meta = rows[0]._meta  # noqa: SLF001  documented by Django
    quote, columns = connection.ops.quote_name, {field.name: field for field in meta.concrete_fields}
    fields = [columns[name] for name in names]
    changes = ", ".join(f"{quote(str(field.column))} = %s" for field in fields)
    table, key = quote(meta.db_table), quote("id")
    statement = f"UPDATE {table} SET {changes} WHERE {key} = %s"  # noqa: S608  names of our own
    values = [
        [*(field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields), row.pk]
        for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(statement, values)

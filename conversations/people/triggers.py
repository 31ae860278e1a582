"""What the database itself refuses: to change, remove or truncate the audit trail."""

from dataclasses import dataclass
from typing import Any

from django.db import connection

from conversations.people import chain

ENTRIES = "conversations_auditentry"
HEAD = "conversations_audithead"
REFUSAL = "the audit trail is never changed"


@dataclass(frozen=True)
class Trigger:
    name: str
    table: str
    when: str


TRIGGERS = (
    Trigger("audit_entries_stay_as_they_are", ENTRIES, "BEFORE UPDATE"),
    Trigger("audit_entries_are_not_deleted", ENTRIES, "BEFORE DELETE"),
    Trigger("audit_entries_are_not_truncated", ENTRIES, "BEFORE TRUNCATE"),
    Trigger("audit_head_is_not_deleted", HEAD, "BEFORE DELETE"),
    Trigger("audit_head_is_not_truncated", HEAD, "BEFORE TRUNCATE"),
)
FUNCTION = "audit_trail_refuses"
BODY = f"\nBEGIN\n  RAISE EXCEPTION '{REFUSAL}';\nEND\n"


def after_migrate(**_: Any) -> None:
    """Makes the triggers and the head; nothing while the tables aren't there yet or any more."""
    if {ENTRIES, HEAD} <= set(connection.introspection.table_names()):
        make()
        chain.begin()


def make() -> None:
    with connection.cursor() as cursor:
        for statement in _postgresql() if connection.vendor == "postgresql" else _sqlite():
            cursor.execute(statement)


def missing() -> list[str]:
    """The names of the triggers that aren't there, are switched off, or do something else than refuse."""
    present = _present_on_postgresql() if connection.vendor == "postgresql" else _present_on_sqlite()
    return [trigger.name for trigger in _wanted() if trigger.name not in present]


def drop() -> None:
    """For tests, which empty their tables."""
    on = " ON {0.table}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for trigger in _wanted():
            cursor.execute(f"DROP TRIGGER IF EXISTS {{0.name}}{on}".format(trigger))


def _wanted() -> list[Trigger]:
    """SQLite has no TRUNCATE."""
    postgresql = connection.vendor == "postgresql"
    return [trigger for trigger in TRIGGERS if postgresql or "TRUNCATE" not in trigger.when]


def _postgresql() -> list[str]:
    function = f"CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $${BODY}$$"
    return [
        function,
        *(
            f"CREATE OR REPLACE TRIGGER {each.name} {each.when} ON {each.table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {FUNCTION}()"
            for each in _wanted()
        ),
    ]


def _present_on_postgresql() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.tgname FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid "
            "WHERE t.tgrelid IN (%s::regclass, %s::regclass) AND t.tgenabled IN ('O', 'A') AND p.prosrc = %s",
            [ENTRIES, HEAD, BODY],
        )
        return {name for (name,) in cursor.fetchall()}


def _sqlite() -> list[str]:
    return [
        statement
        for each in _wanted()
        for statement in (f"DROP TRIGGER IF EXISTS {each.name}", _sqlite_trigger(each))
    ]


def _sqlite_trigger(each: Trigger) -> str:
    return (
        f"CREATE TRIGGER {each.name} {each.when} ON {each.table} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    )


def _present_on_sqlite() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        texts = dict(cursor.fetchall())
    return {each.name for each in _wanted() if texts.get(each.name) == _sqlite_trigger(each)}

"""The index of words, which each database has in its own way. Neither cuts, folds or drops a word itself: what is
between two spaces is a word. On SQLite triggers keep it; whoever rebuilds the table makes them again.
"""

from typing import Any

from django.db import migrations

INDEX = (
    "CREATE INDEX conversations_searchwords ON conversations_searchtext "
    "USING gin (array_to_tsvector(string_to_array(tokens, ' '))) WITH (fastupdate = off)"
)
TABLE = (
    "CREATE VIRTUAL TABLE conversations_searchwords USING fts5("
    "tokens, content='conversations_searchtext', content_rowid='id', tokenize='ascii', detail='none')"
)
REMOVE = (
    "INSERT INTO conversations_searchwords (conversations_searchwords, rowid, tokens) "
    "VALUES ('delete', old.id, old.tokens);"
)
ADD = "INSERT INTO conversations_searchwords (rowid, tokens) VALUES (new.id, new.tokens);"
SQLITE = (
    TABLE,
    f"CREATE TRIGGER search_words_added AFTER INSERT ON conversations_searchtext BEGIN {ADD} END",
    f"CREATE TRIGGER search_words_removed AFTER DELETE ON conversations_searchtext BEGIN {REMOVE} END",
    f"CREATE TRIGGER search_words_changed AFTER UPDATE ON conversations_searchtext BEGIN {REMOVE} {ADD} END",
)
UNDO_POSTGRESQL = ("DROP INDEX conversations_searchwords",)
UNDO_SQLITE = (
    "DROP TRIGGER search_words_added",
    "DROP TRIGGER search_words_removed",
    "DROP TRIGGER search_words_changed",
    "DROP TABLE conversations_searchwords",
)


def make(_apps: Any, editor: Any) -> None:
    for statement in (INDEX,) if editor.connection.vendor == "postgresql" else SQLITE:
        editor.execute(statement)


def undo(_apps: Any, editor: Any) -> None:
    for statement in UNDO_POSTGRESQL if editor.connection.vendor == "postgresql" else UNDO_SQLITE:
        editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0009_search"),
    ]

    operations = [
        migrations.RunPython(make, undo),
    ]

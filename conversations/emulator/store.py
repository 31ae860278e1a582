"""What is stored upstream: responses and the items of their context, in one SQLite file.

Bodies are ASCII JSON, since a fault puts half an emoji into a text and SQLite's own TEXT could not hold that.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from conversations.emulator import codec

Json = dict[str, Any]

SCHEMA = """
CREATE TABLE IF NOT EXISTS responses (
    id TEXT PRIMARY KEY,
    created_at REAL NOT NULL,
    visible_at REAL NOT NULL,
    expires_at REAL NOT NULL,
    events_until REAL NOT NULL,
    background INTEGER NOT NULL,
    streamed INTEGER NOT NULL,
    body BLOB NOT NULL,
    frames BLOB
);
CREATE TABLE IF NOT EXISTS items (id TEXT PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS context (
    response_id TEXT NOT NULL REFERENCES responses ON DELETE CASCADE,
    position INTEGER NOT NULL,
    item_id TEXT NOT NULL,
    output INTEGER NOT NULL,
    PRIMARY KEY (response_id, position)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS context_item ON context (item_id);
CREATE INDEX IF NOT EXISTS responses_expiry ON responses (expires_at);
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


@dataclass(frozen=True)
class Stored:
    """``events_until``: how long its events can be replayed; ``frames`` are those events as sent."""

    body: Json
    created_at: float
    visible_at: float
    expires_at: float
    events_until: float
    background: bool
    streamed: bool
    frames: bytes | None = None

    @classmethod
    def of(cls, row: sqlite3.Row) -> Self:
        return cls(
            codec.loads(row["body"]),
            row["created_at"],
            row["visible_at"],
            row["expires_at"],
            row["events_until"],
            bool(row["background"]),
            bool(row["streamed"]),
            row["frames"],
        )


class Store:
    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.row_factory = sqlite3.Row
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
            self.db.execute(f"PRAGMA {pragma}")
        self.db.executescript(SCHEMA)

    def close(self) -> None:
        self.db.close()

    def put(self, stored: Stored, context: list[Json]) -> None:
        """``context`` is all that the model read, oldest first: earlier turns' items and its own input."""
        with self.db:
            self.db.execute("BEGIN IMMEDIATE")
            self._put_response(stored)
            response_id, output = stored.body["id"], stored.body["output"]
            self._put_items(context + output)
            rows = [
                (response_id, position, item["id"], position >= len(context))
                for position, item in enumerate(context + output)
            ]
            self.db.executemany("INSERT OR REPLACE INTO context VALUES (?, ?, ?, ?)", rows)

    def put_many(self, stored: Iterable[Stored]) -> None:
        """Without the items that they read and wrote."""
        with self.db:
            self.db.execute("BEGIN IMMEDIATE")
            for each in stored:
                self._put_response(each)

    def _put_response(self, stored: Stored) -> None:
        self.db.execute(
            "INSERT INTO responses VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
            " visible_at = excluded.visible_at, events_until = excluded.events_until, body = excluded.body,"
            " frames = excluded.frames",
            (
                stored.body["id"],
                stored.created_at,
                stored.visible_at,
                stored.expires_at,
                stored.events_until,
                stored.background,
                stored.streamed,
                codec.dumps(stored.body),
                stored.frames,
            ),
        )

    def _put_items(self, items: list[Json]) -> None:
        rows = [(item["id"], codec.dumps(item)) for item in items]
        self.db.executemany("INSERT OR REPLACE INTO items VALUES (?, ?)", rows)

    def get(self, response_id: str, now: float) -> Stored | None:
        """The response, unless it expired or isn't visible yet."""
        row = self.db.execute(
            "SELECT * FROM responses WHERE id = ? AND visible_at <= ? AND expires_at > ?",
            (response_id, now, now),
        ).fetchone()
        return Stored.of(row) if row else None

    def context(self, response_id: str) -> list[Json]:
        """What the model read for this response, oldest first."""
        rows = self.db.execute(
            "SELECT body FROM context JOIN items ON items.id = item_id"
            " WHERE response_id = ? AND NOT output ORDER BY position",
            (response_id,),
        )
        return [codec.loads(row["body"]) for row in rows]

    def item(self, item_id: str) -> Json | None:
        row = self.db.execute("SELECT body FROM items WHERE id = ?", (item_id,)).fetchone()
        return codec.loads(row["body"]) if row else None

    def delete(self, response_id: str) -> None:
        """Items go too, unless another response's context still has them."""
        with self.db:
            self.db.execute("BEGIN IMMEDIATE")
            rows = self.db.execute(
                "SELECT item_id FROM context WHERE response_id = ?", (response_id,)
            ).fetchall()
            self.db.execute("DELETE FROM responses WHERE id = ?", (response_id,))
            self.db.executemany(
                "DELETE FROM items WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM context WHERE item_id = ?1)",
                [(row["item_id"],) for row in rows],
            )

    def purge(self, now: float) -> None:
        """Deletes what has expired."""
        for row in self.db.execute("SELECT id FROM responses WHERE expires_at <= ?", (now,)).fetchall():
            self.delete(row["id"])

    def all(self) -> list[Stored]:
        """Every stored response, visible or not, oldest first."""
        return [
            Stored.of(row) for row in self.db.execute("SELECT * FROM responses ORDER BY created_at, rowid")
        ]

    def ids(self) -> list[str]:
        return [row["id"] for row in self.db.execute("SELECT id FROM responses ORDER BY created_at, rowid")]

    def clear(self) -> None:
        self.db.executescript("DELETE FROM responses; DELETE FROM context; DELETE FROM items;")

    def setting(self, name: str, default: str) -> str:
        """A value that outlives a restart; the default is kept if there was none."""
        self.db.execute("INSERT OR IGNORE INTO meta VALUES (?, ?)", (name, default))
        value: str = self.db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()["value"]
        return value

    def set_setting(self, name: str, value: str) -> None:
        self.db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

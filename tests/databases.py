"""Databases for stacks: a template for each pytest process, filled once, and cheap copies of it."""

import os
import sqlite3
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

Row = tuple[Any, ...]


class Databases(ABC):
    """`fill` gets the template's address and puts in whatever every copy shall have."""

    @abstractmethod
    def make_template(self, fill: Callable[[str], None]) -> None: ...

    @abstractmethod
    def copy(self) -> str:
        """The address of a new copy of the template."""

    @abstractmethod
    def drop(self, url: str) -> None: ...

    @abstractmethod
    def close(self) -> None: ...


class SQLite(Databases):
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.template = folder / "template.sqlite3"

    def make_template(self, fill: Callable[[str], None]) -> None:
        fill(f"sqlite:///{self.template}")

    def copy(self) -> str:
        file = self.folder / f"{uuid.uuid4().hex}.sqlite3"
        # The backup API, since part of the template may still be in its write-ahead log.
        with sqlite3.connect(self.template) as source, sqlite3.connect(file) as target:
            source.backup(target)
        source.close()
        target.close()
        return f"sqlite:///{file}"

    def drop(self, url: str) -> None:
        for suffix in ("", "-wal", "-shm"):
            Path(f"{sqlite_path(url)}{suffix}").unlink(missing_ok=True)

    def close(self) -> None:
        self.drop(f"sqlite:///{self.template}")


class PostgreSQL(Databases):
    def __init__(self, server: str) -> None:
        self.server = server
        self.template = f"template_{uuid.uuid4().hex}"

    def make_template(self, fill: Callable[[str], None]) -> None:
        self._execute("CREATE DATABASE {}", self.template)
        fill(self._url(self.template))

    def copy(self) -> str:
        name = f"stack_{uuid.uuid4().hex}"
        self._execute("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy", name, self.template)
        return self._url(name)

    def drop(self, url: str) -> None:
        self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", urlsplit(url).path.lstrip("/"))

    def close(self) -> None:
        self.drop(self._url(self.template))

    def _url(self, name: str) -> str:
        return urlunsplit(urlsplit(self.server)._replace(path=f"/{name}"))

    def _execute(self, statement: str, *names: str) -> None:
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def databases(folder: Path) -> Databases:
    """Of the kind that DATABASE_URL asks for."""
    url = os.environ.get("DATABASE_URL", "")
    return PostgreSQL(url) if url.startswith("postgres") else SQLite(folder)


def rows(url: str, statement: str, parameters: Sequence[Any] = ()) -> list[Row]:
    """What a query finds; placeholders are %s on both kinds."""
    if url.startswith("postgres"):
        with psycopg.connect(url) as connection:
            return connection.execute(statement, parameters).fetchall()
    database = sqlite3.connect(sqlite_path(url), timeout=20)
    try:
        return database.execute(statement.replace("%s", "?"), parameters).fetchall()
    finally:
        database.close()


def change(url: str, statement: str, parameters: Sequence[Any] = ()) -> None:
    if url.startswith("postgres"):
        with psycopg.connect(url) as connection:
            connection.execute(statement, parameters)
        return
    with closing(sqlite3.connect(sqlite_path(url), timeout=20)) as database, database:
        database.execute(statement.replace("%s", "?"), parameters)


def sqlite_path(url: str) -> str:
    return url.removeprefix("sqlite:///")

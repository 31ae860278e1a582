"""Queries that Django puts into words once, for what runs with every answer.

Composing a statement of a hundred columns takes four times as long as running it and making its row.
"""

from collections.abc import Callable
from copy import copy
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Expression, Field, QuerySet, UUIDField

Row = TypeVar("Row")


class Slot(Expression):
    """Stands in a query for a value that is given each time."""

    def __init__(self, name: str, field: "Field[Any, Any] | None" = None) -> None:
        super().__init__(output_field=field or UUIDField())
        self.name = name

    def as_sql(self, *_: Any, **__: Any) -> Any:
        return "%s", [self]

    def filled(self, values: dict[str, Any]) -> Any:
        return self.output_field.get_db_prep_value(values[self.name], connections[DEFAULT_DB_ALIAS])


class Composed(Generic[Row]):
    """The rows of a query with slots; `build` makes it when they are first asked for."""

    def __init__(self, build: Callable[[], "QuerySet[Any, Row]"]) -> None:
        self._build = build

    def rows(self, **values: Any) -> list[Row]:
        (statement, parameters), compiler = self._statement, copy(self._compiler)
        filled = [one.filled(values) if isinstance(one, Slot) else one for one in parameters]
        compiler.connection = connections[DEFAULT_DB_ALIAS]
        compiler.as_sql = lambda: (statement, filled)
        queryset: Any = self._queryset.all()
        queryset.query.get_compiler = lambda *_, **__: compiler
        return list(queryset)

    def first(self, **values: Any) -> Row | None:
        return next(iter(self.rows(**values)), None)

    @cached_property
    def _queryset(self) -> "QuerySet[Any, Row]":
        return self._build()

    @cached_property
    def _compiler(self) -> Any:
        return self._queryset.query.get_compiler(DEFAULT_DB_ALIAS)

    @cached_property
    def _statement(self) -> tuple[str, list[Any]]:
        composed: tuple[str, list[Any]] = self._compiler.as_sql()
        # Else the converters of all columns are looked up anew for each result.
        converters = self._compiler.get_converters([column for column, *_ in self._compiler.select])
        self._compiler.get_converters = lambda _: converters
        return composed

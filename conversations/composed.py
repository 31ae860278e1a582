"""Queries that Django puts into words once, for what runs with every answer.

Composing a statement of a hundred columns takes four times as long as running it and making its row.
"""

from collections.abc import Callable, Iterable
from copy import copy
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import AutoField, Expression, Field, Model, QuerySet, UUIDField
from django.db.models.constants import OnConflict
from django.db.models.sql import InsertQuery, UpdateQuery

Row = TypeVar("Row")
New = TypeVar("New", bound=Model)


class Slot(Expression):
    """Stands in a query for a value that is given each time."""

    def __init__(self, name: str, field: "Field[Any, Any] | None" = None) -> None:
        super().__init__(output_field=field or UUIDField())
        self.name = name

    def as_sql(self, *_: Any, **__: Any) -> Any:
        return "%s", [self]

    def filled(self, values: dict[str, Any]) -> Any:
        return self.output_field.get_db_prep_value(values[self.name], connections[DEFAULT_DB_ALIAS])


class _Saved(Slot):
    """Stands for a column's new value."""

    def filled(self, values: dict[str, Any]) -> Any:
        value = values[self.name]
        return self.output_field.get_db_prep_save(getattr(value, "pk", value), connections[DEFAULT_DB_ALIAS])


class Composed(Generic[Row]):
    """The rows of a query with slots; `build` makes it when they are first asked for."""

    def __init__(self, build: Callable[[], "QuerySet[Any, Row]"]) -> None:
        self._build = build
        self._updates: dict[tuple[Any, ...], tuple[str, list[Any]]] = {}

    def rows(self, **values: Any) -> list[Row]:
        composed, statement, parameters = self._select
        compiler, filled = copy(composed), _filled(parameters, values)
        compiler.connection = connections[DEFAULT_DB_ALIAS]
        compiler.as_sql = lambda: (statement, filled)
        queryset: Any = self._queryset.all()
        queryset.query.get_compiler = lambda *_, **__: compiler
        return list(queryset)

    def first(self, **values: Any) -> Row | None:
        return next(iter(self.rows(**values)), None)

    def update(self, fields: dict[str, Any], **values: Any) -> int:
        """Give these values to the rows; how many those were. Expressions among them may have slots too."""
        columns = tuple(
            (name, value if isinstance(value, Expression) else None) for name, value in fields.items()
        )
        if columns not in self._updates:
            self._updates[columns] = self._composed_update(columns)
        statement, parameters = self._updates[columns]
        new = {_saved(name): value for name, value in fields.items()}
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(statement, _filled(parameters, values | new))
            return int(cursor.rowcount)

    def _composed_update(self, columns: tuple[Any, ...]) -> tuple[str, list[Any]]:
        model: Any = self._queryset.model
        query: Any = self._queryset.query.chain(UpdateQuery)
        query.add_update_values(
            {
                name: expression or _Saved(_saved(name), model._meta.get_field(name))  # noqa: SLF001
                for name, expression in columns
            }
        )
        statement, parameters = query.get_compiler(DEFAULT_DB_ALIAS).as_sql()
        return statement, list(parameters)

    @cached_property
    def _queryset(self) -> "QuerySet[Any, Row]":
        return self._build()

    @cached_property
    def _select(self) -> tuple[Any, str, list[Any]]:
        # Of a copy, since composing changes a query; two threads may come here at once.
        compiler: Any = self._queryset.query.chain().get_compiler(DEFAULT_DB_ALIAS)
        statement, parameters = compiler.as_sql()
        # Else the converters of all columns are looked up anew for each result.
        converters = compiler.get_converters([column for column, *_ in compiler.select])
        compiler.get_converters = lambda _: converters
        return compiler, statement, parameters


class Insert(Generic[New]):
    """Adds single rows of a model; a key that the database makes is not read back, and no signal is sent.

    Where a row stands with the same value in the `unique` column, its other columns are renewed.
    """

    def __init__(self, model: type[New], unique: str = "") -> None:
        self._model = model
        self._unique = unique

    def add(self, row: New) -> New:
        statement, fields = self._composed
        connection = connections[DEFAULT_DB_ALIAS]
        values = [field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields]
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS  # noqa: SLF001  as Django's own save does
        return row

    @cached_property
    def _composed(self) -> tuple[str, list[Any]]:
        fields: Any = self._model._meta.concrete_fields  # noqa: SLF001  a documented API
        fields = [field for field in fields if not isinstance(field, AutoField)]
        query: Any = InsertQuery(self._model, **self._renewing(fields))
        query.insert_values(fields, [self._model()])
        ((statement, _),) = query.get_compiler(DEFAULT_DB_ALIAS).as_sql()
        return statement, fields

    def _renewing(self, fields: "list[Field[Any, Any]]") -> dict[str, Any]:
        if not self._unique:
            return {}
        unique = [field for field in fields if field.name == self._unique]
        others = [field for field in fields if field.name != self._unique]
        return {"on_conflict": OnConflict.UPDATE, "unique_fields": unique, "update_fields": others}


def _filled(parameters: Iterable[Any], values: dict[str, Any]) -> list[Any]:
    return [one.filled(values) if isinstance(one, Slot) else one for one in parameters]


def _saved(column: str) -> str:
    """The slot of a column's new value, beside those of the query."""
    return f"new {column}"

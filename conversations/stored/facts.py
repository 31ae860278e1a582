"""Puts what this version of the product knows of models and API versions (facts.toml) into the database.

Rows that an admin changed stay as they are, with all that they can't do; the others follow the file.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from django.db import connection

from conversations.models import ApiVersion, Inability, KnownModel, Limit, Region
from conversations.models.capabilities import Sourced

TRIALS = "conversations_trial"
FILE = Path(__file__).with_name("facts.toml")
MODEL_FIELDS = ("versions", "context_window", "max_output_tokens", "retires_on", "efforts")


@dataclass(frozen=True)
class Fact:
    """A row as the file has it; `owner` is the field of an inability that points to it."""

    table: type[Sourced]
    name: str
    fields: dict[str, Any]
    owner: str = ""
    cannot: dict[str, str] = field(default_factory=dict)


def after_migrate(**_: Any) -> None:
    """Nothing while the tables aren't there: an older state of the database has none."""
    if TRIALS in connection.introspection.table_names():
        load()


def load() -> None:
    for table in (KnownModel, ApiVersion, Region, Limit):
        _load([fact for fact in facts() if fact.table is table], table)


def _load(wanted: list[Fact], table: type[Any]) -> None:
    rows = {row.name: row for row in table.objects.all()}
    new = [table(name=fact.name, **fact.fields) for fact in wanted if fact.name not in rows]
    table.objects.bulk_create(new)
    for fact in wanted:
        if fact.name in rows and not rows[fact.name].edited:
            _follow(rows[fact.name], fact)
    ours = {row.name: row.pk for row in table.objects.filter(edited=False)}
    _load_inabilities({ours[fact.name]: fact for fact in wanted if fact.owner and fact.name in ours})


def _follow(row: Any, fact: Fact) -> None:
    differing = {name: value for name, value in fact.fields.items() if getattr(row, name) != value}
    if differing:
        type(row).objects.filter(pk=row.pk).update(**differing)


def _load_inabilities(wanted: dict[int, Fact]) -> None:
    """Of rows of one table, by their keys."""
    if not wanted:
        return
    owner = next(iter(wanted.values())).owner + "_id"
    known = {
        (getattr(row, owner), row.feature): row
        for row in Inability.objects.filter(**{f"{owner}__in": list(wanted)})
    }
    told = {(pk, name): words for pk, fact in wanted.items() for name, words in fact.cannot.items()}
    Inability.objects.filter(pk__in=[row.pk for key, row in known.items() if key not in told]).delete()
    Inability.objects.bulk_create(
        Inability(**{owner: pk}, feature=feature, reason=told[pk, feature])
        for pk, feature in told
        if (pk, feature) not in known
    )
    for key, row in known.items():
        if key in told and row.reason != told[key]:
            Inability.objects.filter(pk=row.pk).update(reason=told[key])


@cache
def facts() -> tuple[Fact, ...]:
    return tuple(_facts(tomllib.loads(FILE.read_text())))


def _facts(file: dict[str, Any]) -> Iterator[Fact]:
    for group in file["model"]:
        yield Fact(KnownModel, group["name"], _model(file, group), "model", _cannot(file, group))
    for group in file["version"]:
        yield Fact(ApiVersion, group["name"], _sourced(file, group), "api_version", _cannot(file, group))
    for group in file["region"]:
        for name in group["names"]:
            yield Fact(Region, name, _sourced(file, group), "region", _cannot(file, group))
    for group in file["limit"]:
        for name, value in group["names"].items():
            fields = {"value": value, "unit": group.get("unit", "")}
            yield Fact(Limit, name, fields | _sourced(file, group))


def _model(file: dict[str, Any], group: dict[str, Any]) -> dict[str, Any]:
    known = {name: group.get(name) for name in MODEL_FIELDS} | {"versions": group.get("versions", [])}
    return known | _sourced(file, group)


def _sourced(file: dict[str, Any], group: dict[str, Any]) -> dict[str, Any]:
    names = [group["source"], *group.get("sources", [])]
    sources = [file["sources"][name] for name in names]
    return {
        "source": "; ".join(source["words"] for source in sources),
        "checked_on": max(source["on"] for source in sources),
        "note": group.get("note", ""),
    }


def _cannot(file: dict[str, Any], group: dict[str, Any]) -> dict[str, str]:
    cannot: dict[str, str] = {}
    for name in group.get("cannot", []):
        cannot |= file["cannot"][name]
    cannot |= group.get("cannot_also", {})
    return cannot

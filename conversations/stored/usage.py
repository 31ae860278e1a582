"""Keeps the daily figures beside the ledger, in the same transactions.

Every response that ends goes through `count_end`, and whatever is learned later of upstream's copy of it
through `change`: those two keep `StoredPerDay` exact. Figures are written last in a transaction, before the
audit trail at most, and always in the same order, so that none waits for another in a circle.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from conversations.models import DailyDeletions, DailyErrors, DailyUsage, Response, StoredPerDay
from conversations.models.deletions import Outcome, ReadBack
from conversations.models.responses import AT_UPSTREAM, UpstreamState
from conversations.models.usage import PerDay

LANES = 8
FIRST_WORDS = {
    "first_250ms": timedelta(milliseconds=250),
    "first_500ms": timedelta(milliseconds=500),
    "first_1s": timedelta(seconds=1),
    "first_2s": timedelta(seconds=2),
    "first_4s": timedelta(seconds=4),
    "first_8s": timedelta(seconds=8),
}
TOKENS = ("input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens")
# Counted under their own names.
OUTCOMES = (Outcome.DELETED, Outcome.ALREADY_ABSENT, Outcome.FAILED)
READ_BACKS = (ReadBack.CONFIRMED, ReadBack.STILL_THERE)
# What decides where and how a response is counted as stored.
COUNTED = ("status", "expires_at", "upstream_state", "team", "deployment", "size")
Amounts = dict[str, int | Decimal]


@dataclass(frozen=True, order=True)
class Key:
    """Of which row; they are written in this order."""

    day: date
    team_id: int
    deployment_id: int
    lane: int

    @classmethod
    def of(cls, row: Response, at: datetime) -> "Key":
        return cls(day_of(at), row.team_id or 0, row.deployment_id, os.getpid() % LANES)


def day_of(at: datetime) -> date:
    return at.astimezone(UTC).date()


def count_end(row: Response) -> None:
    """Of a response that ended in this very transaction, as it is in the ledger now."""
    if row.ended_at is None:
        raise ValueError(f"{row} has not ended")
    key = Key.of(row, row.ended_at)
    _add(DailyUsage, key, _usage(row))
    if row.error is not None:
        _add(DailyErrors, key, {"responses": 1}, kind=str(row.error.get("kind") or "")[:60])
    _add_all(StoredPerDay, _stored(row))


def count_deletions(answers: Iterable[tuple[Response, str, datetime]]) -> None:
    """What upstream said to deletions or to their read-backs, once that is final."""
    sums: dict[Key, Amounts] = {}
    for row, answer, at in answers:
        if answer in (*OUTCOMES, *READ_BACKS):
            _merge(sums, {Key.of(row, at): {str(answer): 1}}, sign=1)
    _add_all(DailyDeletions, sums)


def change(rows: QuerySet[Response], **fields: Any) -> int:
    """The one way to change what is known of upstream's copies of responses; how many rows that were."""
    with transaction.atomic():
        found = list(rows.select_for_update(of=("self",), no_key=True).only(*COUNTED).order_by("pk"))
        if not found:
            return 0
        moved: dict[Key, Amounts] = {}
        for row in found:
            _merge(moved, _stored(row), sign=-1)
        changed = Response.objects.filter(pk__in=[row.pk for row in found]).update(**fields)
        for row in found:
            _merge(moved, _stored(_with(row, fields)), sign=1)
        _add_all(StoredPerDay, moved)
        return changed


def _with(row: Response, fields: Mapping[str, Any]) -> Response:
    for name in ("upstream_state", "expires_at"):
        setattr(row, name, fields.get(name, getattr(row, name)))
    return row


def _stored(row: Response) -> dict[Key, Amounts]:
    """Where and how a response is counted as stored; a running one isn't yet."""
    if row.is_open or row.expires_at is None or row.upstream_state not in AT_UPSTREAM:
        return {}
    unlearned = int(row.upstream_state == UpstreamState.NOT_LEARNED)
    return {Key.of(row, row.expires_at): {"responses": 1, "unlearned": unlearned, "size": row.size}}


def _usage(row: Response) -> Amounts:
    tokens: Amounts = {name: getattr(row, name) or 0 for name in TOKENS}
    first: Amounts = {_first_words(row.first_delta_at - row.queued_at): 1} if row.first_delta_at else {}
    return {row.status: 1, "cost": row.cost or Decimal(0), **tokens, **first}


def _first_words(waited: timedelta) -> str:
    return next((name for name, most in FIRST_WORDS.items() if waited <= most), "first_later")


def _merge(into: dict[Key, Amounts], further: Mapping[Key, Amounts], *, sign: int) -> None:
    for key, amounts in further.items():
        sums = into.setdefault(key, {})
        for name, amount in amounts.items():
            sums[name] = sums.get(name, 0) + sign * amount


def _add_all(model: type[PerDay], sums: Mapping[Key, Amounts]) -> None:
    for key in sorted(sums):
        _add(model, key, sums[key])


def _add(model: type[PerDay], key: Key, amounts: Amounts, **more: str) -> None:
    """One statement, but for the first of its day."""
    grown = {name: amount for name, amount in amounts.items() if amount}
    if not grown:
        return
    named = asdict(key) | more
    if not _grow(model, named, grown):
        QuerySet[PerDay](model).bulk_create([model(**named)], ignore_conflicts=True)
        _grow(model, named, grown)


def _grow(model: type[PerDay], named: Mapping[str, Any], grown: Amounts) -> bool:
    """Whether that row was there. By hand: the ORM's way took a fifth of an answer's end."""
    sums = ", ".join(f"{name} = {name} + %s" for name in grown)
    place = " AND ".join(f"{name} = %s" for name in named)
    table = model._meta.db_table  # noqa: SLF001  as Django's documentation does
    statement = f"UPDATE {table} SET {sums} WHERE {place}"  # noqa: S608  names of our columns
    with connection.cursor() as cursor:
        cursor.execute(statement, [*grown.values(), *named.values()])
        return bool(cursor.rowcount)

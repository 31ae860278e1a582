"""The daily figures counted anew from the ledger: to compare them with, and to repair them."""

from collections.abc import Iterable, Iterator
from datetime import UTC
from typing import Any

from django.db import transaction
from django.db.models import (
    CharField,
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    Q,
    QuerySet,
    Sum,
    Value,
)
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce, TruncDate

from conversations.models import DailyDeletions, DailyErrors, DailyUsage, Deletion, Response, StoredPerDay
from conversations.models.responses import EXPIRES, TERMINAL, UpstreamState
from conversations.models.usage import PerDay
from conversations.stored.usage import FIRST_WORDS, OUTCOMES, READ_BACKS, TOKENS

Figures = dict[str, Any]
WAITED = ExpressionWrapper(F("first_delta_at") - F("queued_at"), output_field=DurationField())
# Before names that the ledger's rows have as well.
THE = "the_"


def rebuild() -> dict[str, int]:
    """Replaces all of them; how many rows of each there are now. What ends meanwhile may be missed."""
    made = {}
    with transaction.atomic():
        for model, rows in counted().items():
            QuerySet[PerDay](model).delete()
            made[model.__name__] = len(QuerySet[PerDay](model).bulk_create([model(**row) for row in rows]))
    return made


def counted() -> dict[type[PerDay], list[Figures]]:
    return {
        DailyUsage: list(_usage()),
        DailyErrors: list(_errors()),
        StoredPerDay: list(_stored()),
        DailyDeletions: list(_deletions()),
    }


def _usage() -> Iterator[Figures]:
    statuses = {status.value: Count("id", filter=Q(status=status)) for status in TERMINAL}
    sums = {THE + name: Sum(name, default=0) for name in (*TOKENS, "cost")}
    ended = _by_day(Response.objects.filter(status__in=TERMINAL).annotate(waited=WAITED), "ended_at")
    return _named(ended.annotate(**statuses, **sums, **_first_words()))


def _first_words() -> dict[str, Count]:
    figures, slower = {}, Q(first_delta_at__isnull=False)
    for name, most in FIRST_WORDS.items():
        figures[name] = Count("id", filter=slower & Q(waited__lte=most))
        slower &= Q(waited__gt=most)
    return figures | {"first_later": Count("id", filter=slower)}


def _errors() -> Iterator[Figures]:
    failed = Response.objects.filter(status__in=TERMINAL, error__isnull=False)
    kinds = failed.annotate(kind=Coalesce(KT("error__kind"), Value(""), output_field=CharField()))
    return _named(_by_day(kinds, "ended_at", also=("kind",)).annotate(responses=Count("id")))


def _stored() -> Iterator[Figures]:
    stored = _by_day(Response.objects.filter(EXPIRES, status__in=TERMINAL), "expires_at")
    unlearned = Count("id", filter=Q(upstream_state=UpstreamState.NOT_LEARNED))
    return _named(stored.annotate(the_size=Sum("size"), responses=Count("id"), unlearned=unlearned))


def _deletions() -> Iterator[Figures]:
    """Each is counted on the day of its answer, and again on that of its read-back."""
    sums: dict[tuple[Any, ...], Figures] = {}
    for row in (
        *_answers("outcome", "decided_at", OUTCOMES),
        *_answers("read_back", "read_back_at", READ_BACKS),
    ):
        key = (row["day"], row["team_id"], row["deployment_id"])
        sums[key] = sums.get(key, {}) | row
    yield from sums.values()


def _answers(name: str, at: str, values: Iterable[str]) -> Iterator[Figures]:
    final = _by_day(Deletion.objects.filter(**{f"{name}__in": values}), at, of="response__")
    return _named(final.annotate(**{str(value): Count("id", filter=Q(**{name: value})) for value in values}))


def _by_day(rows: QuerySet[Any], at: str, *, of: str = "", also: tuple[str, ...] = ()) -> QuerySet[Any, Any]:
    """Grouped as the daily figures are; `of` leads to the response."""
    key = {
        "day": TruncDate(at, tzinfo=UTC),
        "the_team_id": Coalesce(F(f"{of}team_id"), 0),
        "the_deployment_id": F(f"{of}deployment_id"),
    }
    return rows.order_by().values(*also, **key)


def _named(rows: QuerySet[Any, Figures]) -> Iterator[Figures]:
    for row in rows:
        yield {name.removeprefix(THE): value for name, value in row.items()}

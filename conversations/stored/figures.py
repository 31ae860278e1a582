"""Reads the daily figures, for the teams that somebody may see. Nothing here touches the ledger itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet, Sum

from conversations import clock
from conversations.models import DailyDeletions, DailyErrors, DailyUsage, StoredPerDay
from conversations.models.usage import PerDay
from conversations.stored.usage import FIRST_WORDS, OUTCOMES, READ_BACKS, TOKENS, day_of

STATUSES = ("completed", "incomplete", "failed", "cancelled", "interrupted")
SLOWEST_SECONDS = 16.0
Row = dict[str, Any]


@dataclass(frozen=True)
class Figures:
    """Of so many days up to today; `teams` empty: of all."""

    teams: Sequence[int]
    days: int

    @property
    def today(self) -> date:
        return day_of(clock.now())

    @property
    def dates(self) -> list[date]:
        return [self.today - timedelta(days=back) for back in reversed(range(self.days))]

    def usage(self, by: str) -> list[Row]:
        """Per day and deployment or team."""
        names = (*STATUSES, *TOKENS, "cost")
        return _summed(self._of(DailyUsage), ("day", by), names)

    def first_words(self) -> list[Row]:
        return _summed(self._of(DailyUsage), ("day",), (*FIRST_WORDS, "first_later"))

    def errors(self) -> list[Row]:
        return _summed(self._of(DailyErrors), ("day", "kind"), ("responses",))

    def deletions(self) -> list[Row]:
        return _summed(self._of(DailyDeletions), ("day",), (*map(str, OUTCOMES), *map(str, READ_BACKS)))

    def stored(self) -> list[Row]:
        """By the day of expiry, from today on."""
        rows = self._visible(StoredPerDay).filter(day__gte=self.today)
        return _summed(rows, ("day",), ("responses", "unlearned", "size"))

    def refused(self, kinds: Iterable[str]) -> int:
        """Answers that failed since yesterday with one of these kinds of error."""
        since = self.today - timedelta(days=1)
        rows = self._visible(DailyErrors).filter(day__gte=since, kind__in=kinds)
        return int(rows.aggregate(sum=Sum("responses", default=0))["sum"])

    def _of(self, model: type[PerDay]) -> QuerySet[Any]:
        return self._visible(model).filter(day__gte=self.dates[0], day__lte=self.today)

    def _visible(self, model: type[PerDay]) -> QuerySet[Any]:
        rows = QuerySet[Any](model)
        return rows.filter(team_id__in=self.teams) if self.teams else rows


def _summed(rows: QuerySet[Any], key: Iterable[str], names: Iterable[str]) -> list[Row]:
    sums = {f"sum_{name}": Sum(name) for name in names}
    found = rows.values(*key).annotate(**sums).order_by(*key)
    return [{name.removeprefix("sum_"): value for name, value in row.items()} for row in found]


def quantile(row: Row, share: float) -> float | None:
    """Seconds within which that share of answers showed their first words, as well as the counts tell."""
    bounds = [0.0, *(most.total_seconds() for most in FIRST_WORDS.values()), SLOWEST_SECONDS]
    counts: list[int] = [row[name] for name in (*FIRST_WORDS, "first_later")]
    wanted, below = sum(counts) * share, 0.0
    for number, count in enumerate(counts):
        if count > 0 and below + count >= wanted:
            return bounds[number] + (bounds[number + 1] - bounds[number]) * (wanted - below) / count
        below += count
    return None

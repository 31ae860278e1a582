"""The daily figures as they are kept, and as a fresh count of the ledger says they should be."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from django.db.models import Model

from conversations.models import DailyDeletions, DailyErrors, DailyUsage, StoredPerDay
from conversations.stored import recount

Figures = dict[tuple[Any, ...], dict[str, Any]]
KEY = ("day", "team_id", "deployment_id", "kind")


def kept() -> dict[str, Figures]:
    """The sums over all lanes; what came to nothing is left out."""
    models: tuple[type[Model], ...] = (DailyUsage, DailyErrors, StoredPerDay, DailyDeletions)
    return {model.__name__: summed(model.objects.values()) for model in models}  # type: ignore[attr-defined]


def fresh() -> dict[str, Figures]:
    return {model.__name__: summed(rows) for model, rows in recount.counted().items()}


def summed(rows: Any) -> Figures:
    """Rounded, since SQLite adds costs up as floats."""
    sums: Figures = defaultdict(lambda: defaultdict(Decimal))
    for row in rows:
        key = tuple(row[name] for name in KEY if name in row)
        for name, value in row.items():
            if name not in (*KEY, "id", "lane"):
                sums[key][name] += Decimal(value)
    plain = {
        key: {name: round(value, 6) for name, value in row.items() if round(value, 6)}
        for key, row in sums.items()
    }
    return {key: row for key, row in plain.items() if row}

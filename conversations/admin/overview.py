"""What the desk's first page shows, from what needs attention down to what happened last."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from conversations.admin.attention import Attention, attention
from conversations.admin.charts import Chart, Series, Tone
from conversations.admin.deeds import Activity, latest
from conversations.models import Deployment, Team
from conversations.people import rights
from conversations.people.rights import person_of
from conversations.stored.figures import STATUSES, Figures, Row, quantile

Words = str | Promise
Amount = Callable[[Row], float]
WINDOWS = (7, 30, 90)
AHEAD_DAYS = 30
BY: dict[str, Words] = {"deployment": _("By deployment"), "team": _("By team")}


@dataclass(frozen=True)
class Figure:
    """A number with its name, such as what is stored now."""

    title: Words
    value: str
    note: Words = ""
    url: str = ""


@dataclass(frozen=True)
class Choice:
    """A link that shows the page in another way."""

    title: Words
    query: str
    is_current: bool


@dataclass(frozen=True)
class Overview:
    attention: Sequence[Attention] = field(default_factory=list)
    figures: Sequence[Figure] = field(default_factory=list)
    charts: Sequence[Chart] = field(default_factory=list)
    activity: Sequence[Activity] = field(default_factory=list)
    activity_title: Words = ""
    windows: Sequence[Choice] = field(default_factory=list)
    groups: Sequence[Choice] = field(default_factory=list)


def overview(request: HttpRequest) -> Overview:
    """`?days=7|30|90&by=deployment|team`; anything else is the usual."""
    user = person_of(request)
    asked = request.GET.get("days", "")
    days = int(asked) if asked in map(str, WINDOWS) else AHEAD_DAYS
    by = request.GET.get("by", "")
    by = by if by in BY else "deployment"
    figures = Figures(rights.limits_of(user), days)
    stored, usage, deletions = figures.stored(), figures.usage(f"{by}_id"), figures.deletions()
    return Overview(
        attention=list(attention(user, figures, stored)),
        figures=list(_figures(stored, usage, deletions, days)),
        charts=list(_charts(figures, stored, usage, deletions, by)),
        activity=list(latest(user)),
        activity_title=_("Recent activity") if rights.may_read_audit(user) else _("What you did last"),
        windows=[Choice(_("%d days") % one, f"?days={one}&by={by}", one == days) for one in WINDOWS],
        groups=[Choice(title, f"?days={days}&by={one}", one == by) for one, title in BY.items()],
    )


def _figures(
    stored: Sequence[Row], usage: Sequence[Row], deletions: Sequence[Row], days: int
) -> Iterator[Figure]:
    window = _("in %d days") % days
    size = filesizeformat(_sum(stored, "size"))
    yield Figure(_("Stored upstream now"), f"{_sum(stored, 'responses'):,}", _("%s of items") % size)
    yield Figure(_("Deleted upstream"), f"{_sum(deletions, 'deleted'):,}", window)
    proved = _sum(deletions, "confirmed") + _sum(deletions, "already_absent")
    yield Figure(_("Proved to be gone"), f"{proved:,}", _("read back or absent, %s") % window)
    yield Figure(_("Responses"), f"{sum(map(_responses, usage)):,.0f}", window)
    yield Figure(_("Tokens"), f"{sum(map(_tokens, usage)):,.0f}", window)


def _charts(
    figures: Figures, stored: Sequence[Row], usage: Sequence[Row], deletions: Sequence[Row], by: str
) -> Iterator[Chart]:
    yield _expiring(figures.today, stored)
    yield _deleted(figures.dates, deletions)
    names = _names(usage, by)
    for title, unit, amount in (
        (_("Responses per day"), _("Responses"), _responses),
        (_("Tokens per day"), _("Tokens"), _tokens),
        (_("Cost per day"), _("In the currencies of the deployments"), _cost),
    ):
        yield _per_day(title, figures.dates, _stacked(usage, figures.dates, f"{by}_id", names, amount), unit)
    errors = figures.errors()
    kinds = {row["kind"]: _spelled(row["kind"]) for row in errors}
    failed = _stacked(errors, figures.dates, "kind", kinds, lambda row: float(row["responses"]))
    yield _per_day(_("Errors by kind"), figures.dates, failed, _("Responses"))
    yield _first_words(figures)


def _expiring(today: date, stored: Sequence[Row]) -> Chart:
    days = [today + timedelta(days=ahead) for ahead in range(AHEAD_DAYS)]
    values = _values(stored, days, lambda row: float(row["responses"]))
    return Chart(
        _("Expiring upstream in the next 30 days"),
        _labels(days),
        [Series(_("Responses"), values, "expiring")],
        x_title=_("Day of expiry"),
        y_title=_("Responses"),
    )


def _deleted(days: Sequence[date], rows: Sequence[Row]) -> Chart:
    """What was deleted and isn't read back yet is apart from what is proved."""
    parts: tuple[tuple[Words, Tone, Amount], ...] = (
        (_("Proved"), "deleted", lambda row: float(row["confirmed"])),
        (_("Not proved yet"), "expiring", lambda row: float(max(0, row["deleted"] - row["confirmed"]))),
        (_("Already absent"), "1", lambda row: float(row["already_absent"])),
        (_("Failed"), "failed", lambda row: float(row["failed"])),
    )
    series = [Series(name, _values(rows, days, amount), tone) for name, tone, amount in parts]
    seen = [each for each in series if any(each.values)]
    return _per_day(_("Deleted upstream"), days, seen, _("Responses"))


def _first_words(figures: Figures) -> Chart:
    rows = {row["day"]: row for row in figures.first_words()}
    quantiles: tuple[tuple[Words, float, Tone], ...] = (
        (_("Median"), 0.5, "1"),
        (_("95th percentile"), 0.95, "2"),
    )
    series = [
        Series(name, [quantile(rows[day], share) if day in rows else None for day in figures.dates], tone)
        for name, share, tone in quantiles
    ]
    return Chart(
        _("Time to the first words"),
        _labels(figures.dates),
        series,
        kind="lines",
        x_title=_("Day"),
        y_title=_("Seconds, as far as the steps of the count tell"),
        unit=" s",
    )


def _per_day(title: Words, days: Sequence[date], series: Sequence[Series], unit: Words) -> Chart:
    return Chart(title, _labels(days), series, kind="stacked", x_title=_("Day"), y_title=unit)


def _stacked(
    rows: Sequence[Row], days: Sequence[date], key: str, names: Mapping[Any, str], amount: Amount
) -> list[Series]:
    """The largest few apart, the rest as one."""
    groups: dict[Any, list[Row]] = {}
    sums: dict[Any, float] = {}
    for row in rows:
        groups.setdefault(row[key], []).append(row)
        sums[row[key]] = sums.get(row[key], 0) + amount(row)
    ranked = sorted((one for one in sums if sums[one]), key=lambda one: (-sums[one], str(one)))
    tones: tuple[Tone, ...] = ("1", "2", "3", "4")
    series = [
        Series(names[one], _values(groups[one], days, amount), tone)
        for one, tone in zip(ranked, tones, strict=False)
    ]
    if len(ranked) > len(tones):
        others = [row for one in ranked[len(tones) :] for row in groups[one]]
        series.append(Series(_("Others"), _values(others, days, amount), "5"))
    return series


def _values(rows: Sequence[Row], days: Sequence[date], amount: Amount) -> list[float]:
    sums = dict.fromkeys(days, 0.0)
    for row in rows:
        if row["day"] in sums:
            sums[row["day"]] += max(0.0, amount(row))
    return list(sums.values())


def _names(usage: Sequence[Row], by: str) -> Mapping[Any, str]:
    keys = {row[f"{by}_id"] for row in usage}
    if by == "team":
        return {0: str(_("No team"))} | {row.pk: row.name for row in Team.objects.filter(pk__in=keys)}
    return {row.pk: row.title for row in Deployment.objects.filter(pk__in=keys)}


def _labels(days: Sequence[date]) -> list[str]:
    return [date_format(day, "j M") for day in days]


def _responses(row: Row) -> float:
    return float(sum(row[status] for status in STATUSES))


def _tokens(row: Row) -> float:
    return float(row["input_tokens"] + row["output_tokens"])


def _cost(row: Row) -> float:
    return float(row["cost"])


def _spelled(kind: str) -> str:
    return kind.replace("_", " ").capitalize() or str(_("Unknown"))


def _sum(rows: Sequence[Row], name: str) -> int:
    return int(sum(row[name] for row in rows))

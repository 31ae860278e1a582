"""Charts drawn on the server: SVG whose places are attributes, since the policy forbids styles in pages.

A `Chart` is labelled series; `{% include "admin/chart.html" with chart=chart %}` draws it and puts the
numbers in a table behind it. Across, places are per cent of the plot, so that text keeps its size on every
width; down, they are pixels. One chart says one thing, which is its title.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from django.utils.functional import Promise

Words = str | Promise
Kind = Literal["bars", "stacked", "lines"]
# One of the five meanings, or a neutral colour by number for what has none, such as deployments.
Tone = Literal["stored", "expiring", "held", "deleted", "failed", "1", "2", "3", "4", "5"]

HEIGHT = 168
TOP = 20
LABEL_LINE = 16
LABEL_CHARS = 16
TICKS_AT_MOST = 6
BAR_SHARE = 0.72


@dataclass(frozen=True)
class Series:
    """None is a gap, where nothing was measured."""

    name: Words
    values: Sequence[float | None]
    tone: Tone = "1"

    @property
    def last(self) -> float:
        return next((value for value in reversed(self.values) if value is not None), 0)


@dataclass(frozen=True)
class Bar:
    x: str
    width: str
    y: float
    height: float
    tone: str
    title: str


@dataclass(frozen=True)
class Line:
    x1: str
    x2: str
    y1: float
    y2: float
    tone: str


@dataclass(frozen=True)
class Dot:
    x: str
    y: float
    tone: str
    title: str


@dataclass(frozen=True)
class Label:
    """`is_minor` goes first where there is little room."""

    text: str
    x: str = ""
    y: float = 0
    tone: str = ""
    title: str = ""
    is_minor: bool = False


@dataclass(frozen=True)
class Chart:
    title: Words
    labels: Sequence[str]
    series: Sequence[Series]
    kind: Kind = "bars"
    x_title: Words = ""
    y_title: Words = ""
    unit: str = ""
    note: Words = ""
    height: int = field(default=HEIGHT, init=False)
    baseline: int = field(default=HEIGHT, init=False)

    def __post_init__(self) -> None:
        for series in self.series:
            if len(series.values) != len(self.labels):
                raise ValueError(
                    f"{series.name} has {len(series.values)} values for {len(self.labels)} labels"
                )

    @property
    def is_empty(self) -> bool:
        return not any(value for series in self.series for value in series.values)

    @property
    def summary(self) -> str:
        """What a screen reader says of the picture; the table says the rest."""
        highest = max(self._totals, default=0)
        where = self.labels[self._totals.index(highest)] if self._totals else ""
        span = f"from {self.labels[0]} to {self.labels[-1]}"
        return f"{self.title}, {span}: {self.spell(highest)} at most, {where}."

    @property
    def rows(self) -> Iterator[tuple[str, list[str]]]:
        for number, label in enumerate(self.labels):
            values = [series.values[number] for series in self.series]
            yield label, ["—" if value is None else self.spell(value) for value in values]

    @property
    def grid(self) -> list[Label]:
        step = self._step
        values = [step * number for number in range(round(self._ceiling / step) + 1)]
        return [Label(self.spell(value), y=self._y(value)) for value in values]

    @property
    def ticks(self) -> Iterator[Label]:
        every = max(1, math.ceil(len(self.labels) / TICKS_AT_MOST))
        for number in range(0, len(self.labels), every):
            yield Label(self.labels[number], x=self._middle(number), is_minor=number // every % 2 == 1)

    @property
    def bars(self) -> Iterator[Bar]:
        if self.kind == "lines":
            return
        below = [0.0] * len(self.labels)
        for series in self.series:
            for number, value in enumerate(series.values):
                if value:
                    yield self._bar(series, number, below[number], value)
                    below[number] += value

    @property
    def lines(self) -> Iterator[Line]:
        if self.kind != "lines":
            return
        for series in self.series:
            pairs = zip(series.values, series.values[1:], strict=False)
            for number, (one, two) in enumerate(pairs):
                if one is not None and two is not None:
                    yield self._line(series, number, one, two)

    @property
    def dots(self) -> Iterator[Dot]:
        if self.kind != "lines":
            return
        for series in self.series:
            for number, value in enumerate(series.values):
                if value is not None:
                    title = self._title(series, number, value)
                    yield Dot(self._middle(number), self._y(value), series.tone, title)

    @property
    def peak(self) -> Label | None:
        """The highest bar says how high it is."""
        if self.kind != "bars" or self.is_empty:
            return None
        highest = max(self._totals)
        number = self._totals.index(highest)
        return Label(self.spell(highest), x=self._middle(number), y=self._y(highest) - 6)

    @property
    def names(self) -> list[Label]:
        """Beside the plot, each at the height where its series ends, pushed apart where they would touch."""
        if len(self.series) < 2:
            return []
        placed: list[Label] = []
        for wanted, series in sorted(self._ends(), key=lambda end: end[0]):
            y = max(wanted, placed[-1].y + LABEL_LINE) if placed else wanted
            placed.append(Label(cut(str(series.name)), y=y, tone=series.tone, title=str(series.name)))
        lowest = self.baseline - placed[-1].y
        return placed if lowest >= 0 else _lifted(placed, -lowest)

    def spell(self, value: float) -> str:
        """Short enough for an axis: 1.2k, 3M."""
        for size, letter in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
            if abs(value) >= size:
                return f"{value / size:.3g}{letter}{self.unit}"
        return f"{value:.3g}{self.unit}" if abs(value) < 100 else f"{value:.0f}{self.unit}"

    def _ends(self) -> Iterator[tuple[float, Series]]:
        below = 0.0
        for series in self.series:
            if self.kind == "stacked":
                yield self._y(below + series.last / 2) + 4, series
                below += series.last
            else:
                yield self._y(series.last) + 4, series

    def _bar(self, series: Series, number: int, below: float, value: float) -> Bar:
        top, bottom = self._y(below + value), self._y(below)
        slot = 100 / len(self.labels)
        left = (number + (1 - BAR_SHARE) / 2) * slot
        title = self._title(series, number, value)
        return Bar(percent(left), percent(slot * BAR_SHARE), top, round(bottom - top, 1), series.tone, title)

    def _line(self, series: Series, number: int, one: float, two: float) -> Line:
        return Line(self._middle(number), self._middle(number + 1), self._y(one), self._y(two), series.tone)

    def _title(self, series: Series, number: int, value: float) -> str:
        name = f"{series.name}, " if len(self.series) > 1 else ""
        return f"{name}{self.labels[number]}: {self.spell(value)}"

    def _middle(self, number: int) -> str:
        return percent((number + 0.5) * 100 / len(self.labels))

    def _y(self, value: float) -> float:
        return round(self.baseline - value / self._ceiling * (self.baseline - TOP), 1)

    @cached_property
    def _totals(self) -> list[float]:
        """The height that each label reaches."""
        columns = zip(*(series.values for series in self.series), strict=True)
        reach = sum if self.kind == "stacked" else max
        return [reach(value or 0 for value in column) for column in columns]

    @cached_property
    def _step(self) -> float:
        """1, 2 or 5 times a power of ten, so that three to five lines make the grid."""
        highest = max(self._totals, default=0) or 1
        rough = highest / 4
        power = 10.0 ** math.floor(math.log10(rough))
        return next(power * size for size in (1, 2, 5, 10) if power * size >= rough)

    @cached_property
    def _ceiling(self) -> float:
        highest = max(self._totals, default=0) or 1
        return math.ceil(highest / self._step - 1e-9) * self._step


def _lifted(labels: Sequence[Label], over: float) -> list[Label]:
    return [
        Label(label.text, y=round(label.y - over, 1), tone=label.tone, title=label.title) for label in labels
    ]


def percent(value: float) -> str:
    return f"{round(value, 3):g}%"


def cut(text: str) -> str:
    return text if len(text) <= LABEL_CHARS else f"{text[: LABEL_CHARS - 1]}…"

"""What is measured of many answers at once, and how it is printed."""

import statistics
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self

import psutil

# What the emulator itself takes to its first delta: its pause before the first item, and one beat.
UPSTREAM_FIRST_SECONDS = 0.32
DELTAS = 200

Piece = tuple[float, str]
"""Some deltas, each of which is the time at which the emulator sent it, and when they came."""


@dataclass
class Run:
    """What one side did with a number of answers; seconds throughout."""

    name: str
    answers: int
    complete: int = 0
    first: list[float] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)
    cpu: dict[str, float] = field(default_factory=dict)
    beside: dict[str, float] = field(default_factory=dict)

    def heard(self, asked_at: float, pieces: Iterable[Piece]) -> None:
        """Take in one answer: it is complete if every delta came, in order."""
        stamps: list[float] = []
        for at, text in pieces:
            sent = [float(stamp) for stamp in text.split()]
            if sent and not stamps:
                self.first.append(at - asked_at - UPSTREAM_FIRST_SECONDS)
            self.lags += [at - stamp for stamp in sent]
            stamps += sent
        self.complete += len(stamps) == DELTAS and stamps == sorted(stamps)

    @property
    def cost(self) -> float:
        """CPU seconds for 1,000 deltas."""
        return 1000 * sum(self.cpu.values()) / max(1, len(self.lags))

    def line(self) -> str:
        figures = [ms(self.first, 50), ms(self.first, 95), *(ms(self.lags, each) for each in (50, 95, 99))]
        return row(self.name, str(self.answers), str(self.complete), *figures, f"{self.cost:.3f}")

    def parts(self) -> str:
        """Where the processor time went; what stands in brackets is not in the sum."""
        thousands = max(1, len(self.lags)) / 1000
        ours = [f"{name} {spent / thousands:.3f}" for name, spent in self.cpu.items()]
        others = [f"({name} {spent / thousands:.3f})" for name, spent in self.beside.items()]
        return f"{'':<26}CPU: {'  '.join(ours + others)}"


def ratios(ours: Run, theirs: Run) -> str:
    def of(mine: list[float], others: list[float], percentile: int) -> str:
        below = quantile(others, percentile)
        return f"{quantile(mine, percentile) / below:.2f}" if below > 0 else "-"

    figures = [of(ours.first, theirs.first, 50), of(ours.first, theirs.first, 95)]
    figures += [of(ours.lags, theirs.lags, percentile) for percentile in (50, 95, 99)]
    return row(f"  ours / {theirs.name}", "", "", *figures, f"{ours.cost / theirs.cost:.2f}")


def row(name: str, *cells: str) -> str:
    return f"{name:<34}" + "".join(f"{cell:>10}" for cell in cells)


HEAD = row("", "at once", "complete", "first p50", "p95", "lag p50", "p95", "p99", "CPU")


def quantile(values: list[float], percentile: int) -> float:
    if len(values) < 2:
        return values[0] if values else float("nan")
    return statistics.quantiles(values, n=100, method="inclusive")[percentile - 1]


def ms(values: list[float], percentile: int) -> str:
    return f"{1000 * quantile(values, percentile):.1f}"


class Meter:
    """Processor time of processes and of their children, by name, while the `with` lasts."""

    def __init__(self, **pids: int) -> None:
        self.processes = {name: psutil.Process(pid) for name, pid in pids.items()}
        self.spent: dict[str, float] = {}

    def __enter__(self) -> Self:
        self.before = self._now()
        return self

    def __exit__(self, *_: object) -> None:
        after = self._now()
        self.spent = {name: after[name] - self.before[name] for name in after}

    def _now(self) -> dict[str, float]:
        return {name: _seconds(process) for name, process in self.processes.items()}


def _seconds(process: psutil.Process) -> float:
    family = [process, *process.children(recursive=True)]
    return float(sum(one.cpu_times().user + one.cpu_times().system for one in family))


class Own:
    """Processor time of this process without its children, while the `with` lasts."""

    def __enter__(self) -> Self:
        self.began = time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.spent = time.process_time() - self.began

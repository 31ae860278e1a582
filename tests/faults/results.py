"""The table at the end of `make faults`: how often each scenario failed, and how soon it recovered."""

import re
from collections import defaultdict
from collections.abc import Iterable
from statistics import median

import pytest

RUN = re.compile(r"run\d+")
HEAD = f"{'scenario':<82} {'runs':>4} {'failed':>6} {'min':>7} {'median':>7} {'max':>7}  s to recover"


def table(reports: Iterable[pytest.TestReport]) -> list[str]:
    runs: defaultdict[str, dict[str, list[pytest.TestReport]]] = defaultdict(lambda: defaultdict(list))
    for report in reports:
        runs[scenario(report.nodeid)][report.nodeid].append(report)
    return [HEAD, *(line(name, list(runs[name].values())) for name in sorted(runs))]


def scenario(nodeid: str) -> str:
    """`test_it_dies[run7-kept]` is a run of "it dies (kept)"."""
    name, _, given = nodeid.rpartition("::")[2].removeprefix("test_").rstrip("]").partition("[")
    kept = "-".join(part for part in given.split("-") if not RUN.fullmatch(part))
    return name.replace("_", " ") + (f" ({kept})" if kept else "")


def line(name: str, runs: list[list[pytest.TestReport]]) -> str:
    """A run is whole when nothing failed in it, before and after the test included."""
    failed = sum(any(report.failed for report in run) for run in runs)
    return f"{name:<82} {len(runs):>4} {failed:>6} {spread(seconds(runs))}"


def seconds(runs: list[list[pytest.TestReport]]) -> list[float]:
    """What the runs noted; each report of a run repeats it."""
    noted = [dict(run[-1].user_properties).get("recovery") for run in runs]
    return [float(str(value)) for value in noted if value is not None]


def spread(values: list[float]) -> str:
    figures = (min(values), median(values), max(values)) if values else ()
    return " ".join(f"{figure:>7.1f}" for figure in figures)

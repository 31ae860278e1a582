"""Plans of deletions from a large ledger: how long each step takes, and that memory stays as it is.

    make bench-plan                          10,000 and 100,000 deletions from 1,000,000 responses
    make bench-plan ARGS="--ledger 100000 --plans 1000 10000"

Each plan is made, checked for drift and released by a process of its own, whose peak of memory is read from
the system. PostgreSQL; the rows that would go are the oldest that are still stored.
"""

import argparse
import importlib
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import django

from benchmarks.desk import make_ledger
from scripts.console import ROOT
from scripts.private_postgres import private_postgres
from tests import environment

SHOW_SECONDS = 1.0


def main() -> None:
    options = _options()
    if options.url:
        plan(options.url, options.plans[0])
        return
    environment.prepare()
    try:
        with private_postgres() as url:
            ledger = make_ledger(url, options.ledger)
            for number in options.plans:
                _in_a_process_of_its_own(ledger, number)
    finally:
        environment.pytest_unconfigure()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--ledger", type=int, default=1_000_000, help="responses")
    parser.add_argument("--plans", nargs="+", type=int, default=[10_000, 100_000], help="deletions")
    parser.add_argument("--url", default="", help=argparse.SUPPRESS)
    return parser.parse_args()


def _in_a_process_of_its_own(ledger: str, number: int) -> None:
    command = [sys.executable, "-m", "benchmarks.planning", "--url", ledger, "--plans", str(number)]
    subprocess.run(command, cwd=ROOT, check=True)


def plan(url: str, number: int) -> None:
    os.environ |= {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "responses_ui.settings"}
    django.setup()
    steps = importlib.import_module("benchmarks.plan_steps")
    idle = _peak()
    print(f"\n{number:,} deletions", flush=True)
    for name, step in steps.steps(number):
        with _timed(name):
            step()
    print(f"{'Peak of memory, and before':<44}{_peak():>8.0f} MB{idle:>8.0f} MB", flush=True)


@contextmanager
def _timed(name: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    print(f"{name:<44}{time.perf_counter() - began:>8.2f} s", flush=True)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def progress(planned: Callable[[], tuple[int, int]]) -> Callable[[], Any]:
    """Says at most once a second how far it is."""
    shown = time.monotonic()

    def show() -> None:
        nonlocal shown
        if time.monotonic() - shown > SHOW_SECONDS:
            shown = time.monotonic()
            print("{:,} of {:,} planned".format(*planned()), flush=True)

    return show


if __name__ == "__main__":
    main()

"""The desk's lists with a hundred times the data: medians side by side.

    make bench-desk                          10,000 and 1,000,000 responses
    make bench-desk ARGS="--sizes 1000 100000 --rounds 5"
    make bench-desk ARGS="--explain"         with the plans of what costs more than twice as much

PostgreSQL with its data in memory as far as the system keeps it there, four items to a response. What is
measured is what a page reads: its rows and what stands beside them. The sizes take turns with every
case, so that a busy machine is busy for both.
"""

import argparse
import importlib
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sized
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

import django
import psycopg
from psycopg import sql

from benchmarks import million
from scripts.console import ROOT
from scripts.private_postgres import private_postgres
from tests import environment

AIM = 2.0
Measured = Callable[[], Sized]


@dataclass
class Case:
    name: str
    run: Measured
    seconds: dict[int, list[float]] = field(default_factory=dict)
    rows: dict[int, int] = field(default_factory=dict)

    def measure(self, size: int, *, keep: bool) -> None:
        began = time.perf_counter()
        found = self.run()
        if keep:
            self.seconds.setdefault(size, []).append(time.perf_counter() - began)
        self.rows[size] = len(found)

    def median(self, size: int) -> float:
        return 1000 * statistics.median(self.seconds[size])

    def line(self, small: int, large: int) -> str:
        figures = [
            f"{self.median(small):.1f}",
            f"{self.median(large):.1f}",
            f"{self.ratio(small, large):.2f}",
        ]
        figures += [str(self.rows[small]), str(self.rows[large])]
        return f"{self.name:<44}" + "".join(f"{figure:>10}" for figure in figures)

    def ratio(self, small: int, large: int) -> float:
        return self.median(large) / self.median(small)


def main() -> None:
    options = _options()
    environment.prepare()
    try:
        with private_postgres() as url:
            compare(url, options)
    finally:
        environment.pytest_unconfigure()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", nargs=2, type=int, default=[10_000, 1_000_000], help="responses")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--explain", action="store_true", help="show the plans of what misses the aim")
    return parser.parse_args()


def compare(url: str, options: argparse.Namespace) -> None:
    ledgers = {size: make_ledger(url, size) for size in options.sizes}
    os.environ |= {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "responses_ui.settings"}
    django.setup()
    ledger = importlib.import_module("benchmarks.ledger")
    chosen = [Case(name, run) for name, run in ledger.cases()]
    for number in range(options.rounds + 1):
        for case in chosen:
            for size, address in ledgers.items():
                ledger.use(address)
                case.measure(size, keep=number > 0)
    _print(chosen, *options.sizes)
    if options.explain:
        missed = [case for case in chosen if case.ratio(*options.sizes) > AIM]
        ledger.explain((case.name, case.run) for case in missed)


def make_ledger(url: str, responses: int) -> str:
    name = f"ledger_{responses}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    address = urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(migrate, cwd=ROOT, env=os.environ | {"DATABASE_URL": address}, check=True)
    seconds = million.fill(address, responses)
    print(f"{responses:,} responses in {seconds:.0f} s, {_size(address)}", flush=True)
    return address


def _size(address: str) -> str:
    with psycopg.connect(address) as connection:
        found = connection.execute("SELECT pg_size_pretty(pg_database_size(current_database()))").fetchone()
    return str(found[0]) if found else ""


def _print(chosen: list[Case], small: int, large: int) -> None:
    head = (f"{small:,}", f"{large:,}", "ratio", "rows", "rows")
    print(f"{'Medians in milliseconds':<44}" + "".join(f"{each:>10}" for each in head))
    for case in chosen:
        print(case.line(small, large))
    worst = max(chosen, key=lambda case: case.ratio(small, large))
    missed = sum(case.ratio(small, large) > AIM for case in chosen)
    print(f"\nWorst ratio {worst.ratio(small, large):.2f} ({worst.name})")
    print(f"{missed} of {len(chosen)} above {AIM:.0f}")


if __name__ == "__main__":
    main()

"""Runs the fault scenarios many times: `python -m scripts.run_faults [TIMES [pytest's arguments]]`.

Two at a time, on PostgreSQL; the table at the end says how many came out whole and how long the slowest took
to recover.
"""

import os
import sys

from scripts import chromium
from scripts.console import GiveUp, end_with
from scripts.run_tests import on_postgres

# More than usual: a busy machine needs a while to start a whole installation with its own database.
TEST_SECONDS = "300"


def main(times: str = "20", *arguments: str) -> int:
    if not times.isdigit() or int(times) < 1:
        raise GiveUp(f"{times!r} is not a number of runs. Say it like make faults N=3")
    env = os.environ | {"CHROMIUM": chromium.provide(), "FAULT_RUNS": times}
    return on_postgres(env, "tests/faults", "--timeout", TEST_SECONDS, *arguments)


if __name__ == "__main__":
    try:
        raise SystemExit(main(*sys.argv[1:]))
    except GiveUp as error:
        end_with(error)

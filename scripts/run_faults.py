"""Runs the fault scenarios many times: `python -m scripts.run_faults [TIMES [pytest's arguments]]`.

Three at a time, on PostgreSQL. Runs share an installation that has to be well after each of them. The table
at the end says how often each scenario ran and failed, and how many seconds it took to recover.
"""

import os
import sys
from collections.abc import Sequence

from scripts import chromium
from scripts.console import GiveUp, end_with
from scripts.run_tests import on_postgres

# More than usual: a busy machine needs a while to start an installation, and some cuts last a minute.
TEST_SECONDS = "300"


def main(times: str = "20", *arguments: str) -> int:
    if not times.isdigit() or int(times) < 1:
        raise GiveUp(f"{times!r} is not a number of runs. Say it like make faults N=3")
    env = os.environ | {"CHROMIUM": chromium.provide(), "FAULT_RUNS": times}
    chosen = arguments if names_a_test(arguments) else ("tests/faults", *arguments)
    return on_postgres(env, "--timeout", TEST_SECONDS, *chosen)


def names_a_test(arguments: Sequence[str]) -> bool:
    return any(argument.startswith("tests/") for argument in arguments)


if __name__ == "__main__":
    try:
        raise SystemExit(main(*sys.argv[1:]))
    except GiveUp as error:
        end_with(error)

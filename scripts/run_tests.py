"""Runs the tests on real parts: `python -m scripts.run_tests [pytest's arguments]`.

What asks for a database runs on PostgreSQL; what needs no browser and no processes runs on SQLite as well,
with a few of the others as a smoke test. What asks for none runs only there. With arguments only pytest runs.
"""

import os
import subprocess
import sys
from tempfile import TemporaryDirectory

from scripts import chromium
from scripts.console import ROOT, GiveUp, end_with, run, say, step
from scripts.private_postgres import private_postgres
from tests.environment import SECRETS

ON_SQLITE = "(smoke or not (browser or processes)) and not faults"
ON_POSTGRES = "not once and not faults"
# More than processors, as tests often wait: for browsers, for processes to start, for leases to end.
WORKERS = "3"
NO_TESTS_CHOSEN = 5


def main(arguments: list[str]) -> int:
    browser = chromium.provide()
    if not browser:
        say(f"\n{chromium.MISSING}\n")
    env = environment() | {"CHROMIUM": browser}
    codes = [] if arguments else [front_end()]
    # PostgreSQL comes last, so that the closing line of its run is the last line of all.
    codes.append(pytest(env | {"DATABASE_URL": ""}, "-m", ON_SQLITE, *arguments))
    codes.append(on_postgres(env, "-m", ON_POSTGRES, *arguments))
    return verdict(codes)


def environment() -> dict[str, str]:
    """Compiled code is kept, whatever the caller likes: a hundred processes start and would compile it."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def front_end() -> int:
    say("\nThe front end's own tests")
    return subprocess.run(
        [sys.executable, "-m", "scripts.front_end", "test"], cwd=ROOT, check=False
    ).returncode


def on_postgres(env: dict[str, str], *arguments: str) -> int:
    given = os.environ.get("DATABASE_URL", "")
    if given.startswith("postgres"):
        return pytest(env, *arguments)
    with private_postgres() as url:
        migrate_template(env, url)
        return pytest(env | {"DATABASE_URL": url}, *arguments)


def migrate_template(env: dict[str, str], url: str) -> None:
    """Once for all: every database that is made on the server from now on begins with the tables."""
    with step("Migrating the template of all databases"), TemporaryDirectory() as folder:
        template = url.removesuffix("postgres") + "template1"
        own = {"DATABASE_URL": template, "DATA_DIR": folder} | SECRETS
        run((sys.executable, "-m", "scripts.prepare", "migrate"), env=env | own)


def pytest(env: dict[str, str], *arguments: str) -> int:
    database = "PostgreSQL" if env["DATABASE_URL"] else "SQLite"
    say(f"\npytest on {database}")
    command = [sys.executable, "-m", "pytest", "--numprocesses", WORKERS, *arguments]
    return subprocess.run(command, cwd=ROOT, env=env, check=False).returncode


def verdict(codes: list[int]) -> int:
    """The first failure; a choice of tests may leave one of the runs without any, but not all."""
    failures = [code for code in codes if code not in (0, NO_TESTS_CHOSEN)]
    return failures[0] if failures else min(codes)


if __name__ == "__main__":
    try:
        raise SystemExit(main(sys.argv[1:]))
    except GiveUp as error:
        end_with(error)

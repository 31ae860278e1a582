"""Each scenario runs once in `make test`, or is left to `make faults`, which runs all of them many times."""

import os
import re
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator

import pytest

from responses_ui.folders import temporary_folder
from scripts.private_postgres import Server, private_server
from tests.conftest import MakeStack
from tests.databases import PostgreSQL
from tests.faults.scene import SHORT, Recovery
from tests.faults.servers import thaw
from tests.stack import Image, Options, Stack

RUNS = int(os.environ.get("FAULT_RUNS", "0"))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not RUNS:
        left_out = [item for item in items if item.get_closest_marker("faults")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if RUNS and "recovery" in metafunc.fixturenames:
        numbers = range(1, RUNS + 1)
        metafunc.parametrize("recovery", numbers, indirect=True, ids=[f"run{number}" for number in numbers])


@pytest.fixture
def recovery(request: pytest.FixtureRequest, record_property: Callable[[str, object], None]) -> Recovery:
    return Recovery(record_property)


@pytest.fixture
def frail(make_stack: MakeStack) -> Stack:
    """A stack of the test's own, with short leases."""
    return make_stack(settings=SHORT)


@pytest.fixture(scope="session")
def own_postgres() -> Iterator[Server]:
    """A database server that may be stopped: nobody else's tests use it."""
    with private_server() as server:
        yield server


@pytest.fixture(scope="session")
def own_image(own_postgres: Server) -> Iterator[Image]:
    folder = temporary_folder("faults")
    made = Image(folder, PostgreSQL(own_postgres.url))
    try:
        made.fill()
        yield made
    finally:
        made.close()
        shutil.rmtree(folder)


@pytest.fixture
def on_own_postgres(own_image: Image, own_postgres: Server) -> Iterator[Stack]:
    stack = own_image.stack("own-postgres", Options(settings=SHORT))
    try:
        stack.start()
        yield stack
    finally:
        if not own_postgres.is_running():
            own_postgres.start()
        thaw(own_postgres)
        stack.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if RUNS:
        found: defaultdict[str, list[pytest.TestReport]] = defaultdict(list)
        for outcome in ("passed", "failed", "error"):
            for report in terminalreporter.getreports(outcome):
                found[scenario(report)].append(report)
        terminalreporter.section("faults")
        terminalreporter.write_line(f"{'scenario':<72} {'whole':>6} {'failed':>6}  slowest recovery")
        for name, reports in sorted(found.items()):
            terminalreporter.write_line(line(name, reports))


def scenario(report: pytest.TestReport) -> str:
    name = report.nodeid.rpartition("::")[2].removeprefix("test_").replace("_", " ")
    return re.sub(r"\[(run\d+)?-?(.*)\]", lambda found: f" ({found[2]})" if found[2] else "", name)


def line(name: str, reports: list[pytest.TestReport]) -> str:
    whole = sum(report.passed for report in reports)
    seconds = [value for report in reports for key, value in report.user_properties if key == "recovery"]
    slowest = f"{max(map(float, map(str, seconds))):.1f} s" if seconds else "-"
    return f"{name:<72} {whole:>6} {len(reports) - whole:>6}  {slowest}"

"""Each scenario runs once in `make test`, or is left to `make faults`, which runs all of them many times."""

import math
import os
import shutil
from collections.abc import Callable, Iterator

import pytest

from responses_ui.folders import temporary_folder
from scripts.private_postgres import Server, private_server
from tests.conftest import QUICK
from tests.databases import PostgreSQL
from tests.faults.living import Living
from tests.faults.results import table
from tests.faults.scene import A_FIFTH, SHORT, Recovery
from tests.faults.servers import bring_back
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
        marker = metafunc.definition.get_closest_marker("faults")
        share = marker.kwargs.get("share", 1) if marker else 1
        numbers = range(1, math.ceil(RUNS * share) + 1)
        metafunc.parametrize("recovery", numbers, indirect=True, ids=[f"run{number}" for number in numbers])


@pytest.fixture
def recovery(request: pytest.FixtureRequest, record_property: Callable[[str, object], None]) -> Recovery:
    return Recovery(record_property)


@pytest.fixture(scope="session")
def living(image: Image) -> Iterator[Living]:
    living = Living(lambda: image.stack("living", Options(settings=SHORT, emulator=QUICK)))
    yield living
    living.close()


@pytest.fixture
def frail(living: Living, request: pytest.FixtureRequest) -> Iterator[Stack]:
    """A stack with short leases that has lived through the scenarios before."""
    yield from lent(living, request)


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


@pytest.fixture(scope="session")
def living_on_own_postgres(own_image: Image) -> Iterator[Living]:
    living = Living(lambda: own_image.stack("own-postgres", Options(settings=SHORT, emulator=QUICK)))
    yield living
    living.close()


@pytest.fixture
def on_own_postgres(
    living_on_own_postgres: Living, own_postgres: Server, request: pytest.FixtureRequest
) -> Iterator[Stack]:
    yield from lent(living_on_own_postgres, request, own_postgres)


@pytest.fixture(scope="session")
def living_at_a_fifth(own_image: Image) -> Iterator[Living]:
    living = Living(lambda: own_image.stack("a-fifth", Options(settings=A_FIFTH, emulator=QUICK)))
    yield living
    living.close()


@pytest.fixture
def at_a_fifth(
    living_at_a_fifth: Living, own_postgres: Server, request: pytest.FixtureRequest
) -> Iterator[Stack]:
    """On the database server that may be stopped too, five times as fast as by default."""
    yield from lent(living_at_a_fifth, request, own_postgres)


def lent(living: Living, request: pytest.FixtureRequest, server: Server | None = None) -> Iterator[Stack]:
    yield living.borrow()
    if server:
        bring_back(server)
    if not getattr(request.node, "failed", False):
        living.look_over()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if RUNS:
        outcomes = ("passed", "failed", "error")
        reports = [report for outcome in outcomes for report in terminalreporter.getreports(outcome)]
        terminalreporter.section("faults")
        for line in table(reports):
            terminalreporter.write_line(line)

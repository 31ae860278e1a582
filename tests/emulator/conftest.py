from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.emulator.running import Running

Start = Callable[..., Running]


@pytest.fixture(scope="session")
def shared_emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with Running(tmp_path_factory.mktemp("emulator")) as running:
        yield running


@pytest.fixture
def emulator(shared_emulator: Running) -> Running:
    """One process for many tests; each finds it as if just started."""
    shared_emulator.control("POST", "reset")
    return shared_emulator


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Emulators of the test's own, with options."""
    started: list[Running] = []

    def start_one(*options: str) -> Running:
        folder = tmp_path / str(len(started))
        folder.mkdir()
        started.append(Running(folder, *options))
        return started[-1]

    yield start_one
    for running in started:
        running.stop()

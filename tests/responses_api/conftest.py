from collections.abc import AsyncIterator, Iterator

import pytest

from conversations.responses_api import ResponsesAPI, Timeouts
from tests.responses_api.servers import KEY, KEY_VARIABLE, Emulator

QUICK = Timeouts(connect=2, read=0.5, linger=0.3, drain=0.1)


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    started = Emulator.start(tmp_path_factory.mktemp("emulator"))
    yield started
    started.stop()


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, KEY)


@pytest.fixture
async def api() -> AsyncIterator[ResponsesAPI]:
    async with ResponsesAPI() as door:
        yield door


@pytest.fixture
async def quick() -> AsyncIterator[ResponsesAPI]:
    """With time-outs for tests of what happens when they pass."""
    async with ResponsesAPI(QUICK) as door:
        yield door

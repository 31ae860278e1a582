"""Fixtures of the samples' tests."""

import pytest

from tests.responses_api.conftest import emulator, key  # noqa: F401  fixtures for all of them
from tests.responses_api.servers import Emulator
from tests.seed.guide import talk  # noqa: F401  a fixture for all of them


@pytest.fixture(autouse=True)
def identity(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    emulator.give_identity(monkeypatch)

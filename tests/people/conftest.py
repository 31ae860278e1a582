from collections.abc import Iterator

import pytest

from conversations import bus
from tests.people.noticing import mails, oscar, reached_at, receiver  # noqa: F401  fixtures of this folder


@pytest.fixture(autouse=True)
def no_open_refusals() -> Iterator[None]:
    """They are counted in Redis, which no transaction empties."""
    yield
    for key in bus.client().scan_iter("responses_ui:refusals:*"):
        bus.client().delete(key)

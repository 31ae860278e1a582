from collections.abc import Iterator

import pytest

from conversations import bus


@pytest.fixture(autouse=True)
def no_open_refusals() -> Iterator[None]:
    """They are counted in Redis, which no transaction empties."""
    yield
    for key in bus.client().scan_iter("responses_ui:refusals:*"):
        bus.client().delete(key)

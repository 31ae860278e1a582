"""Fixtures of the chat's tests."""

from tests.chat.wires import address, connect, running  # noqa: F401  fixtures for all of them

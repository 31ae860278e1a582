"""The demo's emulator, from outside: its clock, its pace and what it shall do wrong."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http.client import HTTPConnection
from typing import Any, Self
from urllib.parse import urlsplit

from conversations.models import Endpoint

SECONDS = 5
AT_ONCE = {"rate": 0, "first_token": 0}


class NotAnEmulator(Exception):
    """Something else answers there, or nothing."""


class Upstream:
    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self.port = port

    @classmethod
    def of(cls, endpoint: Endpoint) -> Self:
        address = urlsplit(endpoint.base_url)
        found = cls(address.hostname or "", address.port or 80)
        try:
            found.ask("GET", "clock")
        except (OSError, ValueError) as error:
            raise NotAnEmulator(f"No emulator answers at {endpoint.base_url}") from error
        return found

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        connection = HTTPConnection(self.host, self.port, timeout=SECONDS)
        try:
            connection.request(method, f"/_emulator/{path}", None if body is None else json.dumps(body))
            answer = connection.getresponse()
            text = answer.read()
            if answer.status != 200:
                raise NotAnEmulator(f"{method} {path}: {answer.status}")
            return json.loads(text)
        finally:
            connection.close()

    def set_clock(self, at: datetime) -> None:
        self.ask("PUT", "clock", {"now": at.timestamp()})

    def fault(self, faults: str, operation: str = "create") -> None:
        self.ask("POST", "faults", {"faults": faults, "operation": operation})

    @contextmanager
    def hurried(self) -> Iterator[None]:
        """As quick as it can be, and afterwards as it was, with the right time."""
        usual = self.ask("GET", "settings")
        self.ask("PATCH", "settings", AT_ONCE)
        try:
            yield
        finally:
            self.ask("PATCH", "settings", {name: usual[name] for name in AT_ONCE})
            self.ask("PUT", "clock", {"offset": 0})

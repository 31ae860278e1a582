"""Every request as it came over the wire, and how its answer ended."""

import base64
import itertools
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request

from conversations.emulator import codec


@dataclass
class Recorded:
    """``headers`` are in the order received, their names in lower case. ``outcome`` is how the answer
    went: answered, completed, client_left, cut, end or stall; None while it is under way."""

    number: int
    operation: str
    method: str
    path: str
    query: str
    headers: list[tuple[str, str]]
    body: bytes
    at: float = field(default_factory=time.time)
    status: int | None = None
    outcome: str | None = None
    response_id: str | None = None
    frames_sent: int = 0

    def json(self) -> Any:
        """The body read as JSON; None if it isn't."""
        try:
            return codec.loads(self.body) if self.body else None
        except ValueError:
            return None

    def shown(self) -> dict[str, Any]:
        shown = vars(self) | {"json": self.json()}
        try:
            return shown | {"body": self.body.decode()}
        except UnicodeDecodeError:
            return shown | {"body": None, "body_base64": base64.b64encode(self.body).decode()}


class Recorder:
    """The last ``size`` requests, and those among them whose answer is still under way."""

    def __init__(self, size: int) -> None:
        self.requests: deque[Recorded] = deque(maxlen=size)
        self.numbers = itertools.count(1)

    async def add(self, operation: str, request: Request) -> Recorded:
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw]
        path, query = request.url.path, request.url.query
        body = await request.body()
        recorded = Recorded(next(self.numbers), operation, request.method, path, query, headers, body)
        self.requests.append(recorded)
        return recorded

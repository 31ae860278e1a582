"""Stands before Django where passwords are sent, on the event loop of a web process.

Each login takes a thread, a connection of the pool, and a processor for as long as hashing takes; forty such
threads hold up every stream of the process. So few are let through at once, few wait, and the rest is refused
in some bytes; so is whoever was refused too often in this minute. All of them are counted.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from conversations.people import sign_in

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Any, Any, Any], Awaitable[None]]

DOOR = "/login/"
WAITING = 20
WAIT_SECONDS = 10
BODY_SECONDS = 10
BODY_BYTES = 65_536
COUNT_SECONDS = 1


class LoginGate:
    def __init__(self, app: App) -> None:
        self.app = app
        self.free = asyncio.Semaphore(settings.LOGINS_AT_ONCE)
        self.waiting = 0
        self.refused = Counter[str]()
        self.counting: asyncio.Task[None] | None = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST" and scope["path"] == DOOR:
            await self._log_in(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _log_in(self, scope: Message, receive: Receive, send: Send) -> None:
        address = (scope.get("client") or [""])[0]
        if sign_in.is_closed(address):
            await self._turn_away(address, sign_in.too_many(), send)
        elif self.waiting >= WAITING or not await self._has_come(receive_all := Body(receive)):
            await self._turn_away(address, sign_in.busy(), send)
        else:
            try:
                await self.app(scope, receive_all, send)
            finally:
                self.free.release()

    async def _has_come(self, body: "Body") -> bool:
        """Whether one's turn has; whoever is slow to send waits without taking it from others."""
        self.waiting += 1
        try:
            async with asyncio.timeout(BODY_SECONDS):
                await body.read()
            async with asyncio.timeout(WAIT_SECONDS):
                return await self.free.acquire()
        except TimeoutError:
            return False
        finally:
            self.waiting -= 1

    async def _turn_away(self, address: str, why: str, send: Send) -> None:
        self.refused[address] += 1
        if self.counting is None:
            self.counting = asyncio.create_task(self._count())
        body = f'<!doctype html><title>429</title><p>{why}</p><p><a href="{DOOR}">{_("Log in")}</a></p>'
        headers = {"content-type": "text/html; charset=utf-8", "retry-after": "10"}
        headers |= {"content-security-policy": "default-src 'none'", "cache-control": "no-store"}
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": 429, "headers": raw})
        await send({"type": "http.response.body", "body": body.encode()})

    async def _count(self) -> None:
        """Many at once, since each count takes a thread for a moment."""
        try:
            while self.refused:
                await asyncio.sleep(COUNT_SECONDS)
                counted, self.refused = self.refused, Counter()
                await asyncio.to_thread(sign_in.count_refused, counted)
        finally:
            self.counting = None


class Body:
    """A request's, read before its turn has come and given out then."""

    def __init__(self, receive: Receive) -> None:
        self.receive = receive
        self.read_so_far: list[Message] = []

    async def read(self) -> None:
        room = BODY_BYTES
        while True:
            message = await self.receive()
            room -= len(message.get("body", b""))
            is_last = room < 0 or not message.get("more_body")
            self.read_so_far.append({**message, "more_body": not is_last})
            if is_last:
                return

    async def __call__(self) -> Message:
        return self.read_so_far.pop(0) if self.read_so_far else await self.receive()

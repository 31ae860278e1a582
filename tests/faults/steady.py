"""A client that comes back after every loss of its connection, as docs/protocol.md says."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import aiohttp

from tests.talk import Json, Person, Tab

FIRST_PAUSE, LONGEST_PAUSE = 0.25, 4.0
SILENCE_SECONDS = 15
LAST_FRAMES_SECONDS = 1
PATIENCE_SECONDS = 60
FINAL_CODES = (4401, 4403)


class SteadyTab(Tab):
    """What it has not been told to be accepted it sends again, under the same key."""

    def __init__(self, person: Person, conversation: str) -> None:
        super().__init__(person, conversation)
        self.unsent: dict[str, Json] = {}
        self.heard_at: dict[str, float] = {}
        self.connections = 0
        self.attempt = 0

    async def stay(self) -> None:
        try:
            while True:
                await self._connect_once()
                pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2**self.attempt)
                self.attempt += 1
                await asyncio.sleep(pause * (0.5 + random.random() / 2))
        except Exception as error:
            self.broken = error
            await self._notify()
            raise

    async def _connect_once(self) -> None:
        url = f"{self.person.stack.url}/ws/conversations/{self.conversation}/"
        try:
            async with self.person.session.ws_connect(
                url, headers=self.person.headers, max_msg_size=0
            ) as socket:
                self.socket = socket
                async for message in socket:
                    await self._take(message.json())
                    await self._notify()
                assert socket.close_code not in FINAL_CODES, f"the socket was closed with {socket.close_code}"
        except (aiohttp.ClientError, ConnectionError, TimeoutError):
            return

    async def look(self) -> None:
        """What is silent is read again, in case its last frame was lost."""
        while True:
            await asyncio.sleep(0.5)
            for answer in list(self.answers.values()):
                ident, status = answer.row["id"], answer.row["status"]
                if answer.whole or status in ("waiting", "queued"):
                    continue
                patience = SILENCE_SECONDS if status == "in_progress" else LAST_FRAMES_SECONDS
                if time.monotonic() - self.heard_at.setdefault(ident, time.monotonic()) > patience:
                    self.heard_at[ident] = time.monotonic()
                    await self._try(self._read(answer))

    async def send(self, text: str, *, key: str = "", **more: Any) -> str:
        tip = self.turns[-1] if self.turns else None
        return await self._insist({"type": "message.create", "text": text, "tip": tip, **more}, key)

    async def retry(self, turn: str) -> None:
        await self._insist({"type": "turn.retry", "turn": turn})

    async def _insist(self, message: Json, key: str = "") -> str:
        key = key or str(uuid4())
        self.unsent[key] = message | {"client_key": key}
        await self._try(self.say(self.unsent[key]))
        await self.until(lambda: key in self.accepted, PATIENCE_SECONDS)
        return self.accepted[key]

    async def _try(self, sending: Awaitable[None]) -> None:
        """A connection that is lost right now is noticed by whoever reads it."""
        try:
            await sending
        except (aiohttp.ClientError, ConnectionError):
            return

    async def _take(self, message: Json) -> None:
        await super()._take(message)
        match message["type"]:
            case "hello":
                self.connections += 1
                self.attempt = 0
                for unsent in list(self.unsent.values()):
                    await self.say(unsent)
            case "message.accepted":
                self.unsent.pop(message["client_key"], None)
            case "frame":
                self.heard_at[message["response"]] = time.monotonic()


@asynccontextmanager
async def steady_tab(person: Person, conversation: str) -> AsyncIterator[SteadyTab]:
    tab = SteadyTab(person, conversation)
    tasks = [asyncio.create_task(work) for work in (tab.stay(), tab.look())]
    try:
        await tab.until(lambda: tab.connections > 0)
        yield tab
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

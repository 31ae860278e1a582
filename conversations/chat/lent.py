"""A browser in a person's hand, on its worker: what they do is done, and all who watch see it at once."""

import contextlib
import time
from typing import Any

import orjson
from django.conf import settings

from conversations import bus
from conversations.chat import computer_shapes, lending
from conversations.chat.straying import page_of
from conversations.chat.worker import WorkerProcess
from conversations.models import ComputerRun
from conversations.tools.browser import Browser, Event, Kind, Outcome

# Between two pictures: while something changes, and after a while in which nothing did.
QUICK_SECONDS, SLOW_SECONDS = 0.15, 1.0
SLOWER = 1.5
# A picture that hasn't changed is sent again for those who came since.
AGAIN_SECONDS = 3.0
CHECK_SECONDS = 0.5
# A page that is open says so every 20 seconds, in a hidden tab once in a minute.
SILENCE_SECONDS = 90.0
BUSY_SECONDS = 5.0
MOST_PAGES = 50


class Lent:
    """`pages`: what was opened meanwhile."""

    def __init__(self, process: WorkerProcess, browser: Browser, run: ComputerRun) -> None:
        self.process, self.home, self.browser, self.run = process, process.home, browser, run
        self.pages: list[str] = []
        self._pause = QUICK_SECONDS
        self._shown = b""
        self._shown_at = self._checked_at = self._busy_at = float("-inf")
        self._heard_at = self._active_at = time.monotonic()

    def hear(self, event: Event) -> None:
        page = page_of(event.url)
        if event.kind is Kind.NAVIGATED and page not in self.pages[-1:] and len(self.pages) < MOST_PAGES:
            self.pages.append(page)

    async def serve(self) -> None:
        """Until nobody has it any more."""
        channel = bus.hand_channel(self.run.browser or self.run.pk)
        async with contextlib.aclosing(bus.async_client()) as client, client.pubsub() as pubsub:
            await pubsub.subscribe(channel)
            while not self.process.leaving and await self._is_lent():
                message = await pubsub.get_message(ignore_subscribe_messages=True, timeout=self._pause)
                told = orjson.loads(message["data"]) if message else None
                await self._show(await self._obey(told), is_read=bool(told and "read" in told))

    async def _is_lent(self) -> bool:
        now = time.monotonic()
        if now - self._checked_at < CHECK_SECONDS:
            return True
        self._checked_at = now
        if now - self._heard_at > SILENCE_SECONDS:
            await self.home.write(lending.drop, self.run.pk)
        return await self.home.write(lending.still_has, self.run.pk)

    async def _obey(self, told: dict[str, Any] | None) -> Outcome:
        if told is None:
            return await self.browser.person()
        self._heard_at = time.monotonic()
        if told == {"actions": []}:
            self._shown = b""
        else:
            self._pause, self._active_at = QUICK_SECONDS, self._heard_at
            await self._is_busy()
        acts = lending.acts_of(told["actions"]) if told.get("actions") else ()
        return await self.browser.person(*acts, url=told.get("url", ""))

    async def _is_busy(self) -> None:
        if self._heard_at - self._busy_at > BUSY_SECONDS:
            self._busy_at = self._heard_at
            await self.home.write(lending.is_busy, self.run.pk)

    async def _show(self, outcome: Outcome, *, is_read: bool) -> None:
        now = time.monotonic()
        is_new = outcome.screenshot != self._shown
        self._pause = QUICK_SECONDS if is_new else min(SLOW_SECONDS, self._pause * SLOWER)
        if is_new or is_read or outcome.notes or now - self._shown_at > AGAIN_SECONDS:
            self._shown, self._shown_at = outcome.screenshot, now
            channel = bus.conversation_channel(self.run.conversation_id)
            left = {"seconds_left": self._seconds_left(now)}
            words = {"text": await self.browser.read()} if is_read else {}
            await self.home.write(
                bus.publish, channel, computer_shapes.sight(self.run, outcome) | left | words
            )

    def _seconds_left(self, now: float) -> int:
        """Until the task ends because nobody does anything."""
        idle = now - self._active_at + BUSY_SECONDS
        return max(0, round(settings.COMPUTER_WAIT_SECONDS - idle))

"""The way of a deletion through a process: claimed in batches, sent, booked in batches, all at the same time.

Rows are the queue, so any number of processes may do this, and each may die at any moment.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import redis
from django.conf import settings

from conversations import clock
from conversations.loop import WorkerLoop
from conversations.models import Endpoint
from conversations.responses_api import RateLimited, ResponsesAPI
from conversations.responses_api.budget import USUAL_WAIT_SECONDS, Budget, Rate
from conversations.retention import controls, ending
from conversations.retention.health import Health
from conversations.stored import booking, claims
from conversations.stored.claims import Claimed
from conversations.stored.endpoints import address_of
from conversations.stored.verdicts import Answer

logger = logging.getLogger(__name__)

# Answers are gathered for so long: a few transactions book them all, and nobody notices.
GATHER_SECONDS = 0.1
IDLE_SECONDS = 0.25
ENDPOINTS_SECONDS = 5.0
# For a pause no longer than this, rows that are claimed wait for its end.
SHORT_PAUSE_SECONDS = 5.0

Answered = tuple[Claimed, Answer]


class Pipeline:
    def __init__(self, home: WorkerLoop, api: ResponsesAPI, budget: Budget, health: Health) -> None:
        self.home = home
        self.api = api
        self.budget = budget
        self.health = health
        self.leaving = False
        self.waiting: asyncio.Queue[Claimed] = asyncio.Queue()
        self.unsent: list[Claimed] = []
        self.answered: list[Answered] = []
        # Claimed, and not booked or given back yet.
        self.open = 0
        # By endpoint; of this loop's clock.
        self.not_before: dict[int, float] = {}
        self._room = asyncio.Event()
        self._endpoints: list[Endpoint] = []
        self._looked_at = float("-inf")

    async def run(self) -> None:
        """Until nothing is due. An error ends it once all that was sent is booked."""
        senders = [asyncio.create_task(self._send_on()) for _ in range(settings.DELETIONS_AT_ONCE)]
        tasks = [*senders, asyncio.create_task(self._book_on())]
        try:
            await self._claim_on()
        finally:
            self.leave()
            await self._all_booked()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        await self.home.write(ending.wind_up)

    def leave(self) -> None:
        """Nothing more is claimed, and nothing more sent."""
        self.leaving = True
        self._room.set()

    async def _all_booked(self) -> None:
        while self.open:
            self._room.clear()
            await self._room.wait()

    async def _claim_on(self) -> None:
        while not self.leaving:
            if self.waiting.qsize() > settings.DELETIONS_AT_ONCE:
                self._room.clear()
                await self._room.wait()
                continue
            # What is open now may be due again, or due to be read back, once it is booked.
            still_open, (taken, pause) = self.open, await self._claim()
            if not (taken or still_open or 0 < pause <= SHORT_PAUSE_SECONDS):
                return
            if not taken:
                await asyncio.sleep(IDLE_SECONDS)

    async def _claim(self) -> tuple[int, float]:
        """How many were due, and how long it takes until an endpoint that must rest takes more."""
        taken, pause = 0, 0.0
        for endpoint in await self._known_endpoints():
            address, rate = address_of(endpoint), Rate(endpoint.requests_per_minute, endpoint.chat_reserve)
            grant = await self.budget.grant(address, settings.DELETION_BATCH, rate)
            pause = max(pause, grant.wait)
            claimed = await self.home.write(claims.claim, grant.requests, endpoint) if grant.requests else []
            self.open += len(claimed)
            for each in claimed:
                self.waiting.put_nowait(each)
            if len(claimed) < grant.requests:
                await self.budget.give_back(address, grant.requests - len(claimed))
            taken += len(claimed)
        return taken, pause

    async def _known_endpoints(self) -> list[Endpoint]:
        now = time.monotonic()
        if now - self._looked_at > ENDPOINTS_SECONDS:
            self._endpoints, self._looked_at = await self.home.write(_all_endpoints), now
        return self._endpoints

    async def _send_on(self) -> None:
        while True:
            claimed = await self.waiting.get()
            self._room.set()
            pause = self.not_before.get(claimed.endpoint, 0.0) - time.monotonic()
            if 0 < pause <= SHORT_PAUSE_SECONDS:
                await asyncio.sleep(pause)
            if self.leaving or pause > SHORT_PAUSE_SECONDS:
                self.unsent.append(claimed)
            else:
                await self._send(claimed)

    async def _send(self, claimed: Claimed) -> None:
        try:
            answer = await claims.send(self.api, claimed)
        except Exception:
            logger.exception("Deletion %s stumbled and is tried again", claimed.deletion)
            self._close(1)
            return
        self.answered.append((claimed, answer))
        if isinstance(answer.error, RateLimited):
            await self._rest(claimed, answer.error)

    async def _rest(self, claimed: Claimed, error: RateLimited) -> None:
        """As long as upstream asks for; every other process hears of it through the budget."""
        seconds = USUAL_WAIT_SECONDS if error.retry_after is None else error.retry_after
        until = max(self.not_before.get(claimed.endpoint, 0.0), time.monotonic() + seconds)
        self.not_before[claimed.endpoint] = until
        try:
            await self.budget.refused(claimed.address, seconds)
        except redis.RedisError as away:
            logger.warning("Other workers are not told to rest: %s", away)

    async def _book_on(self) -> None:
        while True:
            await asyncio.sleep(GATHER_SECONDS)
            unsent, self.unsent = self.unsent, []
            answered, self.answered = self.answered, []
            if unsent:
                await self._persist(booking.give_back, unsent, self._due_again(unsent))
            if answered:
                await self._persist(_book, answered, self._must_stop(answered))
            self._close(len(unsent) + len(answered))

    def _close(self, number: int) -> None:
        self.open -= number
        self._room.set()

    async def _persist(self, function: Callable[..., None], rows: Sequence[Any], more: Any) -> None:
        """What the database can't take ends with its lease; then it is due again."""
        try:
            await self.home.persist(settings.DELETION_LEASE_SECONDS, function, rows, more)
        except Exception:
            logger.exception("%d deletions could not be booked", len(rows))
            # One that can't be must not keep the others from it.
            for row in rows if len(rows) > 1 else []:
                await self._persist(function, [row], more)

    def _due_again(self, unsent: Sequence[Claimed]) -> datetime:
        pauses = [self.not_before.get(claimed.endpoint, 0.0) - time.monotonic() for claimed in unsent]
        return clock.now() + timedelta(seconds=max(0.0, *pauses))

    def _must_stop(self, answered: Sequence[Answered]) -> dict[UUID, str]:
        """Jobs, and why."""
        found = {}
        for claimed, answer in answered:
            if claimed.job is not None and (why := self.health.take(claimed, answer)):
                found[claimed.job] = why
        return found


def _all_endpoints() -> list[Endpoint]:
    return list(Endpoint.objects.all())


def _book(answered: Sequence[Answered], must_stop: Mapping[UUID, str]) -> None:
    for job, why in must_stop.items():
        controls.halt(job, why)
    booking.book(answered)
    ending.wind_up()

"""Where a response's events come from: its own stream, the same one resumed, or a look at how it stands."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from django.conf import settings

from conversations.chat.transcript import TERMINAL_EVENTS, Event
from conversations.responses_api import (
    BadRequest,
    Endpoint,
    EventStream,
    NotFound,
    ResponsesAPI,
    ResponsesAPIError,
)

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 1.0
CANCEL_TRIES = 3


class Upstream:
    """One response on its endpoint. Every event is handed to `take`, a terminal one last."""

    def __init__(
        self, api: ResponsesAPI, endpoint: Endpoint, take: Callable[[Event], Awaitable[None]]
    ) -> None:
        self.api = api
        self.endpoint = endpoint
        self.take = take
        self.request_ids: dict[str, str] = {}
        self._stream: EventStream | None = None
        self._repaired = 0

    @property
    def repaired(self) -> int:
        """Characters replaced so far, in all streams."""
        return self._repaired + (self._stream.repaired if self._stream else 0)

    async def create(self, request: dict[str, Any]) -> None:
        """Ask for the response and follow it; raises when the stream breaks before the end."""
        await self._read(self.api.stream(self.endpoint, request))

    async def go_on(self, response_id: str, reached: Callable[[], int], settle_seconds: float) -> None:
        """Follow a background response from `reached` on, over as many broken streams as it takes.

        Each round looks first: what has ended since is then there whole, and the look is the sign of life.
        Raises once nothing was to be had for UPSTREAM_SILENCE_SECONDS; where the response isn't found, for
        the time that a new one may stay invisible.
        """
        replayable, failing_since = True, None
        while True:
            try:
                if await self._look(response_id):
                    return
                failing_since = None
                if replayable:
                    await self._resume(response_id, reached())
                    return
            except ResponsesAPIError as error:
                # It has no stream, or none any more: then looking is all that is left.
                replayable = replayable and not isinstance(error, BadRequest)
                now = asyncio.get_running_loop().time()
                failing_since = failing_since or now
                if now - failing_since > _patience(error, settle_seconds):
                    raise
                logger.info("Response %s is followed again after: %s", response_id, error)
            await asyncio.sleep(PAUSE_SECONDS)

    async def cancel(self, response_id: str) -> dict[str, Any]:
        """Stop a background response; answers it as it then stands, with its usage where upstream counted."""
        tries = CANCEL_TRIES
        while True:
            try:
                response = await self.api.cancel(self.endpoint, response_id)
                counted = response.get("usage") is not None
                return response if counted else await self.api.retrieve(self.endpoint, response_id)
            except ResponsesAPIError as error:
                tries -= 1
                if not tries or not error.retryable:
                    raise
            await asyncio.sleep(PAUSE_SECONDS)

    async def _look(self, response_id: str) -> bool:
        """Whether the response has ended; its end is then taken as the stream would have told it."""
        response = await self.api.retrieve(self.endpoint, response_id)
        kind = f"response.{response.get('status')}"
        if kind not in TERMINAL_EVENTS:
            return False
        await self.take({"type": kind, "response": response})
        return True

    async def _resume(self, response_id: str, reached: int) -> None:
        after = reached if reached >= 0 else None
        await self._read(self.api.resume(self.endpoint, response_id, starting_after=after), reached)

    async def _read(self, opening: AbstractAsyncContextManager[EventStream], reached: int = -1) -> None:
        async with opening as events:
            self._stream = events
            self.request_ids = self.request_ids or events.request_ids
            try:
                async for event in events:
                    if not _is_old(event, reached):
                        await self.take(event)
            finally:
                self._repaired, self._stream = self.repaired, None


def _is_old(event: Event, reached: int) -> bool:
    """For servers that resume further back than they were asked to."""
    number = event.get("sequence_number")
    return isinstance(number, int) and number <= reached and event["type"] not in TERMINAL_EVENTS


def _patience(error: ResponsesAPIError, settle_seconds: float) -> float:
    return settle_seconds if isinstance(error, NotFound) else settings.UPSTREAM_SILENCE_SECONDS

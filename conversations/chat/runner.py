"""Runs one response: claim, stream, fold, log, and the end in one transaction."""

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError

from conversations import clock
from conversations.chat import ledger
from conversations.chat.endings import OUR_FAULT, TOO_LONG
from conversations.chat.event_log import Fenced
from conversations.chat.ledger import ClaimLost, End, Job
from conversations.chat.transcript import TERMINAL_EVENTS, Event, Transcript
from conversations.chat.worker import WorkerProcess, this_process
from conversations.models.responses import History, Status, UpstreamState
from conversations.responses_api import PreviousResponseNotFound, ResponsesAPIError, error_of

P = ParamSpec("P")
T = TypeVar("T")

logger = logging.getLogger(__name__)

# What a lifecycle event keeps of the response that it repeats: the rest was sent by us or is in the items.
LIFECYCLE_KEYS = ("id", "status", "model", "created_at", "error", "incomplete_details", "usage")
DATABASE_PATIENCE_SECONDS = 60
DATABASE_RETRY_SECONDS = 0.5
LOG_PATIENCE_SECONDS = 60


async def run(response: UUID) -> None:
    """Run a queued response to its end; does nothing if it is no longer queued."""
    process = await this_process()
    job = await process.home.write(ledger.claim, response, process.row)
    if job is not None:
        await Run(process, job).go()


class Run:
    def __init__(self, process: WorkerProcess, job: Job) -> None:
        self.process = process
        self.job = job
        self.transcript = Transcript()
        row = job.response
        self.log = process.log.open(row.pk, row.turn.conversation_id, self.transcript, row.epoch)
        self.terminal: Event | None = None
        self.streamed: list[dict[str, Any]] = []
        self.stopping = False
        self.learned = ""
        self.first_delta_at: datetime | None = None
        self.request_ids: dict[str, str] = {}
        self.repaired = 0
        self.lost = False
        self._writing: set[asyncio.Future[Any]] = set()

    async def go(self) -> None:
        following = self._following = asyncio.create_task(self._follow())
        self.process.runs[self.job.response.pk] = self
        keeping = asyncio.create_task(self._keep_checkpoints())
        try:
            outcome = await self._outcome(following)
            keeping.cancel()
            await self._finish(outcome)
        except (ClaimLost, Fenced) as reason:
            logger.info("Left to others: %s", reason)
        finally:
            keeping.cancel()
            following.cancel()
            del self.process.runs[self.job.response.pk]
            await asyncio.gather(keeping, following, return_exceptions=True)

    def stop(self) -> None:
        """Close the stream, which ends a foreground response upstream."""
        self.stopping = True
        self._following.cancel()

    async def _outcome(self, following: asyncio.Task[None]) -> End:
        try:
            await asyncio.wait_for(following, settings.UPSTREAM_TOTAL_SECONDS)
        except asyncio.CancelledError:
            if self.lost:
                raise ClaimLost(f"response {self.job.response.pk} was taken over") from None
            if not self.stopping:
                raise
            return await self._stopped()
        except TimeoutError:
            return self._cut_short(TOO_LONG)
        except ResponsesAPIError as error:
            return self._broken(error)
        except (ClaimLost, Fenced):
            raise
        except Exception:
            # Whatever it is: people get an end, never a row that nobody runs.
            logger.exception("Response %s failed here", self.job.response.pk)
            return self._cut_short(OUR_FAULT)
        return self._ended()

    async def _follow(self) -> None:
        try:
            await self._consume()
        except PreviousResponseNotFound:
            if self.job.given.how != History.CHAINED:
                raise
            why = "The answer before was not found upstream."
            self.job = await self._write(ledger.send_again_from_ledger, self.job, why)
            await self._consume()

    async def _consume(self) -> None:
        async with self.process.api.stream(self.job.address, self.job.request) as events:
            self.request_ids = events.request_ids
            async for event in events:
                await self._take(event)
            self.repaired = events.repaired

    async def _take(self, event: Event) -> None:
        kind = event["type"]
        self._number(event)
        if kind in TERMINAL_EVENTS:
            # Shown only once the end is in the ledger.
            self.terminal, self.streamed = event, list(self.transcript.items)
        if not self.learned:
            await self._learn(event.get("response"))
        self.transcript.apply(event)
        if kind == "response.output_item.done":
            item = self.transcript.item(event)
            await self._write(ledger.save_item, self.job, self.transcript.items.index(item), item)
        elif self.first_delta_at is None and kind.endswith(".delta"):
            self.first_delta_at = clock.now()
        if kind not in TERMINAL_EVENTS:
            self.log.append(_slim(event))

    async def _learn(self, response: Any) -> None:
        """From whichever event first has the id; usually that is response.created."""
        if isinstance(response, dict) and isinstance(response.get("id"), str) and response["id"]:
            await self._write(ledger.learn, self.job, response, self.request_ids)
            self.learned = response["id"]

    def _number(self, event: Event) -> None:
        """Readers tell by the number what they have; a server that counts badly is counted for."""
        reached = self.transcript.upstream_seq
        number = event.get("sequence_number")
        if not isinstance(number, int) or number <= reached:
            event["sequence_number"] = reached + 1

    async def _keep_checkpoints(self) -> None:
        """Save the open text now and then, and notice a stop whose message was lost."""
        saved = -1
        while True:
            await asyncio.sleep(settings.CHECKPOINT_SECONDS)
            reached = self.transcript.upstream_seq
            state = None if reached == saved else self.log.position()
            try:
                asked_to_stop = await self._write(ledger.checkpoint, self.job, state)
            except ClaimLost:
                asked_to_stop, self.lost = False, True
            if self.lost or self.log.fenced:
                self.lost = True
                self._following.cancel()
                return
            if asked_to_stop:
                self.stop()
            saved = reached

    async def _write(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """A ledger write that waits for the database when it is away, and is never cut in the middle."""
        writing = asyncio.ensure_future(self._persist(function, *args, **kwargs))
        self._writing.add(writing)
        writing.add_done_callback(self._writing.discard)
        return await asyncio.shield(writing)

    async def _persist(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        give_up_at = time.monotonic() + DATABASE_PATIENCE_SECONDS
        while True:
            try:
                return await self.process.home.write(function, *args, **kwargs)
            except (OperationalError, InterfaceError) as error:
                if time.monotonic() > give_up_at:
                    raise
                logger.warning("The database does not answer, trying again: %s", error)
                await asyncio.sleep(DATABASE_RETRY_SECONDS)

    async def _stopped(self) -> End:
        if self.terminal is not None:
            return self._ended()
        response: dict[str, Any] = {}
        if self.job.response.background and self.learned:
            try:
                response = await self.process.api.cancel(self.job.address, self.learned)
            except ResponsesAPIError as error:
                logger.warning("Response %s was left running upstream: %s", self.learned, error)
        return self._end(Status.CANCELLED, response=response)

    def _broken(self, error: ResponsesAPIError) -> End:
        self.request_ids = self.request_ids or error.request_ids
        nothing_there = not (self.learned or error.may_have_run)
        return self._cut_short(error.as_dict(), UpstreamState.NOT_STORED if nothing_there else None)

    def _cut_short(self, error: dict[str, Any], upstream_state: UpstreamState | None = None) -> End:
        """Without its terminal event: with text it counts as interrupted, without as failed."""
        if self.terminal is not None:
            return self._ended()
        status = Status.INTERRUPTED if self.transcript.items else Status.FAILED
        return self._end(status, error=error, upstream_state=upstream_state)

    def _ended(self) -> End:
        """As the terminal event says; its type tells the status, whatever is in it."""
        event = self.terminal or {"type": ""}
        response = event.get("response") or {}
        failure = error_of(response, self.request_ids)
        stored = (
            UpstreamState.STORED if self.job.response.stored and self.learned else UpstreamState.NOT_STORED
        )
        return self._end(
            Status(event["type"].removeprefix("response.")),
            response=response,
            error=failure.as_dict() if failure else None,
            upstream_state=stored,
        )

    def _end(self, status: Status, *, upstream_state: UpstreamState | None = None, **known: Any) -> End:
        unknown = UpstreamState.UNKNOWN if self.learned else UpstreamState.NOT_LEARNED
        return End(
            status=status,
            items=[item for item in self.transcript.items if item],
            upstream_state=upstream_state or unknown,
            first_delta_at=self.first_delta_at,
            request_ids=self.request_ids,
            repaired=self.repaired,
            **known,
        )

    async def _finish(self, outcome: End) -> None:
        # What is still being written comes before the end: a response id, above all.
        await asyncio.gather(*self._writing, return_exceptions=True)
        receipt = await self._write(ledger.end, self.job, outcome)
        self.log.ended = True
        last = [_slim(self.terminal, self.streamed)] if self.terminal else []
        self.log.append(*last, {"type": "receipt", "response": receipt})
        try:
            await asyncio.wait_for(self.log.drained(), LOG_PATIENCE_SECONDS)
        except TimeoutError:
            logger.warning("Readers of response %s find its end in the ledger only", self.job.response.pk)


def _slim(event: Event, streamed: list[dict[str, Any]] | None = None) -> Event:
    """A lifecycle event without what everyone has, but with an output that differs from what was streamed."""
    response = event.get("response")
    if not isinstance(response, dict):
        return event
    kept = {key: response[key] for key in LIFECYCLE_KEYS if key in response}
    if streamed is not None and response.get("output") and response["output"] != streamed:
        kept["output"] = response["output"]
    return event | {"response": kept}

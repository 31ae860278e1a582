"""Runs one response: claim or take over, stream, fold, log, and the end in one transaction."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from django.conf import settings

from conversations import clock
from conversations.chat import ledger, sweeper
from conversations.chat.endings import LEFT_RUNNING, OUR_FAULT, TOO_LONG
from conversations.chat.event_log import Fenced, LogWriter
from conversations.chat.ledger import ClaimLost, End, Job
from conversations.chat.transcript import TERMINAL_EVENTS, Event, Transcript
from conversations.chat.upstream import Upstream
from conversations.chat.worker import WorkerProcess, this_process
from conversations.models.responses import History, Status, UpstreamState
from conversations.responses_api import PreviousResponseNotFound, RateLimited, ResponsesAPIError, error_of
from conversations.responses_api.budget import debit, must_rest
from conversations.stored import references

P = ParamSpec("P")
T = TypeVar("T")

logger = logging.getLogger(__name__)

# What a lifecycle event keeps of the response that it repeats: the rest was sent by us or is in the items.
LIFECYCLE_KEYS = ("id", "status", "model", "created_at", "error", "incomplete_details", "usage")
PREVIEW = "response.image_generation_call.partial_image"
# Told before the answer begins: how long a model thought is counted up to its first word.
THOUGHTS = "response.reasoning_"
# What may bring files, which nobody shall get as text.
WITH_FILES = (".added", ".done", ".partial_image", *TERMINAL_EVENTS)
DATABASE_PATIENCE_SECONDS = 60
LOG_PATIENCE_SECONDS = 60
ID_PATIENCE_SECONDS = 15
ITEM_SECONDS = 0.1


async def run(response: UUID) -> None:
    """Run a queued response to its end; does nothing if it is no longer queued."""
    process = await this_process()
    job = await process.home.write(ledger.claim, response, process.row)
    if job is not None:
        transcript = Transcript()
        log = process.log.open(response, job.conversation, transcript, job.response.epoch)
        await Run(process, job, transcript, log).go()


async def take_over(process: WorkerProcess, orphan: UUID) -> None:
    """Follow an orphan to its end where it still runs upstream; any other is ended by the sweeper."""
    if orphan in process.runs:
        return
    # Named before it is seized, or the heartbeat would take the row for one that only seems to run here.
    process.runs[orphan] = None
    try:
        seized = await process.home.write(sweeper.seize, orphan, process.row)
        if seized is not None:
            log = process.log.open(orphan, seized.job.conversation, seized.transcript, seized.epoch)
            log.go_on(seized.frames)
            await Run(process, seized.job, seized.transcript, log).go()
    except Exception:
        logger.exception("Response %s could not be taken over and is tried again", orphan)
    finally:
        process.runs.pop(orphan, None)


class HandedOver(Exception):
    """This worker ends; another goes on."""


class Run:
    """`job` says by its response's id whether upstream runs it already."""

    def __init__(self, process: WorkerProcess, job: Job, transcript: Transcript, log: LogWriter) -> None:
        self.process = process
        self.job = job
        self.transcript = transcript
        self.log = log
        self.upstream = Upstream(process.api, job.address, self._take)
        self.terminal: Event | None = None
        self.streamed: list[dict[str, Any]] = []
        self.stopping = self.leaving = False
        self.learned = job.response.response_id or ""
        self.first_delta_at = job.response.first_delta_at
        self.lost = self.previewed = False
        self.item_done = asyncio.Event()
        self._writing: set[asyncio.Future[Any]] = set()

    async def go(self) -> None:
        following = self._following = asyncio.create_task(self._follow())
        self.process.runs[self.job.response.pk] = self
        if self.job.response.stop_requested_at:
            self.stop()
        keeping = asyncio.create_task(self._keep_checkpoints())
        try:
            outcome = await self._outcome(following)
            keeping.cancel()
            await self._finish(outcome)
        except (ClaimLost, Fenced) as reason:
            logger.info("Left to others: %s", reason)
        except HandedOver:
            await self._write(ledger.hand_over, self.job, self.log.position())
        finally:
            keeping.cancel()
            following.cancel()
            self.process.runs.pop(self.job.response.pk, None)
            await asyncio.gather(keeping, following, return_exceptions=True)

    def stop(self) -> None:
        """Close the stream, which ends a foreground response upstream. One in the background is cancelled by
        its id, so a stop waits a while for that.
        """
        self.stopping = True
        if self.learned or not self.job.response.background:
            self._following.cancel()
        else:
            asyncio.get_running_loop().call_later(ID_PATIENCE_SECONDS, self._following.cancel)

    def hand_over(self) -> None:
        """Leave a response that goes on upstream to the next worker that sweeps."""
        if self.learned and self.job.response.background:
            self.leaving = True
            self._following.cancel()

    async def _outcome(self, following: asyncio.Task[None]) -> End:
        try:
            await asyncio.wait_for(following, settings.UPSTREAM_TOTAL_SECONDS)
        except asyncio.CancelledError:
            if not (self.lost or self.leaving or self.stopping):
                raise
            return await self._called_off()
        except TimeoutError:
            return await self._stopped(self._cut_off, TOO_LONG)
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
        if not self.job.response.response_id:
            try:
                await self._create()
            except ResponsesAPIError as error:
                if not (self.learned and self.job.response.background):
                    raise
                logger.info("Response %s goes on upstream without us: %s", self.learned, error)
        if self.terminal is None:
            settle = self.job.response.endpoint.settle_seconds
            await self.upstream.go_on(self.learned, lambda: self.transcript.upstream_seq, settle)

    async def _create(self) -> None:
        self.process.log.note(debit(self.job.address))
        try:
            await self.upstream.create(await self._request())
        except PreviousResponseNotFound:
            if self.job.given.how != History.CHAINED:
                raise
            why = "The answer before was not found upstream."
            self.job = await self._write(ledger.send_again_from_ledger, self.job, why)
            await self.upstream.create(await self._request())

    async def _request(self) -> dict[str, Any]:
        """With the files that it names, which are brought by a thread."""
        request = self.job.request
        if references.named_in(request["input"]):
            return await self._write(references.spelt_out, self.job.response, request)
        return request

    async def _take(self, event: Event) -> None:
        kind = event["type"]
        if kind.endswith(WITH_FILES) and references.is_large(event):
            event = await self._write(references.put_away, self.job.response, event)
        self.previewed = self.previewed or kind == PREVIEW
        self._number(event)
        if kind in TERMINAL_EVENTS:
            # Shown only once the end is in the ledger.
            self.terminal, self.streamed = event, list(self.transcript.items)
        if not self.learned:
            await self._learn(event.get("response"))
        self.transcript.apply(event)
        if kind == "response.output_item.done":
            self.item_done.set()
        elif self.first_delta_at is None and kind.endswith(".delta") and not kind.startswith(THOUGHTS):
            self.first_delta_at = clock.now()
        if kind not in TERMINAL_EVENTS:
            self.log.append(_slim(event))

    async def _learn(self, response: Any) -> None:
        """From whichever event first has the id; usually that is response.created."""
        if isinstance(response, dict) and isinstance(response.get("id"), str) and response["id"]:
            await self._write(ledger.learn, self.job, response, self.upstream.request_ids)
            self.learned = response["id"]
            if self.stopping:
                self._following.cancel()

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
            await self._checkpoint_due()
            reached = self.transcript.upstream_seq
            state = None if reached == saved else self.log.position()
            try:
                asked_to_stop = await self._write(
                    ledger.checkpoint,
                    self.job,
                    state,
                    first_delta_at=self.first_delta_at,
                    repaired=self.repaired,
                )
            except ClaimLost:
                asked_to_stop, self.lost = False, True
            if self.lost or self.log.fenced:
                self.lost = True
                self._following.cancel()
                return
            if asked_to_stop:
                self.stop()
            saved = reached

    async def _checkpoint_due(self) -> None:
        """At the next interval, or soon after an item is finished; after the last one the end comes first."""
        try:
            async with asyncio.timeout(settings.CHECKPOINT_SECONDS):
                await self.item_done.wait()
        except TimeoutError:
            return
        self.item_done.clear()
        await asyncio.sleep(ITEM_SECONDS)

    async def _write(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """A ledger write that waits for the database when it is away, and is never cut in the middle."""
        persist = self.process.home.persist(DATABASE_PATIENCE_SECONDS, function, *args, **kwargs)
        writing = asyncio.ensure_future(persist)
        self._writing.add(writing)
        writing.add_done_callback(self._writing.discard)
        return await asyncio.shield(writing)

    async def _called_off(self) -> End:
        if self.lost:
            raise ClaimLost(f"response {self.job.response.pk} was taken over")
        if self.leaving:
            raise HandedOver
        return await self._stopped(Status.CANCELLED)

    async def _stopped(self, status: Status, error: dict[str, Any] | None = None) -> End:
        """Ended by a person or by us; what runs in the background is told to stop upstream too."""
        if self.terminal is not None:
            return self._ended()
        if not (self.job.response.background and self.learned):
            return self._end(status, error=error)
        try:
            response = await self.upstream.cancel(self.learned)
        except ResponsesAPIError as reason:
            logger.warning("Response %s was left running upstream: %s", self.learned, reason)
            return self._end(status, error=error or LEFT_RUNNING)
        return self._end(status, response=response, error=error, upstream_state=UpstreamState.STORED)

    def _broken(self, error: ResponsesAPIError) -> End:
        if isinstance(error, RateLimited):
            self.process.log.note(must_rest(self.job.address, error.retry_after))
        nothing_there = not (self.learned or error.may_have_run)
        upstream_state = UpstreamState.NOT_STORED if nothing_there else None
        return self._cut_short(error.as_dict(), upstream_state, error.request_ids)

    def _cut_short(
        self,
        error: dict[str, Any],
        upstream_state: UpstreamState | None = None,
        request_ids: dict[str, str] | None = None,
    ) -> End:
        if self.terminal is not None:
            return self._ended()
        return self._end(self._cut_off, error=error, upstream_state=upstream_state, request_ids=request_ids)

    @property
    def _cut_off(self) -> Status:
        """Without its terminal event: with text it counts as interrupted, without as failed."""
        return Status.INTERRUPTED if self.transcript.items else Status.FAILED

    def _ended(self) -> End:
        """As the terminal event says; its type tells the status, whatever is in it."""
        event = self.terminal or {"type": ""}
        told = event.get("response")
        response = told if isinstance(told, dict) else {}
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

    def _end(
        self,
        status: Status,
        *,
        upstream_state: UpstreamState | None = None,
        request_ids: dict[str, str] | None = None,
        **known: Any,
    ) -> End:
        unknown = UpstreamState.UNKNOWN if self.learned else UpstreamState.NOT_LEARNED
        return End(
            status=status,
            items=[item for item in self.transcript.items if item],
            upstream_state=upstream_state or unknown,
            first_delta_at=self.first_delta_at,
            request_ids=self.request_ids or request_ids or {},
            repaired=self.repaired,
            **known,
        )

    @property
    def request_ids(self) -> dict[str, str]:
        """Of the request that created the response."""
        return self.job.response.request_ids or self.upstream.request_ids

    @property
    def repaired(self) -> int:
        return self.job.response.repaired + self.upstream.repaired

    async def _finish(self, outcome: End) -> None:
        # What is still being written comes before the end: a response id, above all.
        await asyncio.gather(*self._writing, return_exceptions=True)
        receipt = await self._write(ledger.end, self.job, outcome)
        if self.previewed:
            await self._write(references.forget_unnamed, self.job.response)
        self.log.ended = True
        last = [_slim(self.terminal, self.streamed)] if self.terminal else []
        self.log.append(*last, {"type": "receipt", "response": receipt})
        try:
            await asyncio.wait_for(self.log.drained(), LOG_PATIENCE_SECONDS)
        except TimeoutError:
            logger.warning("Readers of response %s find its end in the ledger only", self.job.response.pk)


def _slim(event: Event, streamed: list[dict[str, Any]] | None = None) -> Event:
    """A lifecycle event without what everyone has, but with an output that differs from what was streamed;
    a preview of an image that could not be put away without the image.
    """
    if event["type"] == PREVIEW and references.is_large(event):
        return {key: value for key, value in event.items() if key != "partial_image_b64"}
    response = event.get("response")
    if not isinstance(response, dict):
        return event
    kept = {key: response[key] for key in LIFECYCLE_KEYS if key in response}
    if streamed is not None and response.get("output") and response["output"] != streamed:
        kept["output"] = response["output"]
    return event | {"response": kept}

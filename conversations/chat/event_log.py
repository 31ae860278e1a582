"""The ordered log of one running response: a Redis stream whose entry ids are `<epoch>-<seq>`.

The explicit id is the fence: Redis refuses an id that is not above the last one, so a worker whose epoch was
taken over can't write any more. Appends of all responses that have something to say go out in one pipeline
with one message that nudges the web processes, as soon as the last one is done, at most once per window. The
first word of an answer waits for no window.
"""

import asyncio
import copy
import logging
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import redis
import redis.asyncio
from django.conf import settings

from conversations import bus
from conversations.chat.frames import Frame, nudge
from conversations.chat.transcript import Event, Transcript, coalesce
from conversations.loop import keep_going
from conversations.responses_api.budget import Command

logger = logging.getLogger(__name__)

# From the shortest to the longest, and what each frame adds: the longest from 4,000 frames a second on.
WINDOW_SECONDS = (0.002, 0.012)
FRAME_SECONDS = 0.00025
APPEND_SECONDS = 10
RETRY_SECONDS = 0.25
FENCED = "equal or smaller"


class Fenced(Exception):
    """Somebody with a higher epoch writes this log now."""


@dataclass(eq=False)
class LogWriter:
    """What one running response has said and has still to append."""

    log: "EventLog"
    response: str
    conversation: str
    transcript: Transcript
    epoch: int
    seq: int = 0
    pending: list[Event] = field(default_factory=list)
    barrier: int = 0
    starts_over: bool = False
    ended: bool = False
    fenced: bool = False
    muted: bool = False
    speaks: bool = False
    idle: asyncio.Event = field(default_factory=asyncio.Event)

    def append(self, *events: Event) -> None:
        """Queue events that the transcript has already taken in."""
        if self.muted:
            return
        self.pending.extend(events)
        self.idle.clear()
        self.log.wake(self)
        if not self.speaks and events[-1]["type"].endswith(".delta"):
            self.speaks = True
            self.log.hurry(self)

    async def drained(self) -> None:
        """Wait until everything queued is in the log; raises Fenced if it never will be."""
        await self.idle.wait()
        if self.fenced:
            raise Fenced(f"the log of response {self.response} belongs to a later epoch")

    def position(self) -> dict[str, Any]:
        """What a checkpoint holds: the state, and a frame of the log that it includes.

        The state may reach further than that frame. Deltas that it includes are not merged with later ones,
        so that whoever goes on from here knows by its sequence number whether an event is in the state.
        """
        self.barrier = len(self.pending)
        # A copy, since a ledger thread writes it while this loop goes on appending.
        state = copy.deepcopy(self.transcript.as_event())
        return {"epoch": self.epoch, "seq": self.seq - 1, "state": state}

    def take(self) -> Frame:
        """The next frame; one that starts an epoch holds the whole state of this moment instead of deltas."""
        events = self.pending
        if len(events) > 1:
            events = coalesce(events[: self.barrier]) + coalesce(events[self.barrier :])
        self.pending, self.barrier = [], 0
        if self.starts_over:
            events = [self.transcript.as_event(), *(event for event in events if event["type"] == "receipt")]
        return Frame(self.response, self.epoch, self.seq, self.transcript.upstream_seq, events)

    def written(self) -> None:
        self.seq += 1
        self.starts_over = False
        if not self.pending:
            self.idle.set()

    def start_over(self, lost: list[Event]) -> None:
        """A new epoch after an append whose fate is unknown; its first frame includes what was lost."""
        self.epoch, self.seq, self.starts_over = self.epoch + 1, 0, True
        self.pending, self.barrier = [*lost, *self.pending], 0
        self.log.wake(self)

    def go_on(self, seq: int) -> None:
        """Behind that many frames of this epoch, with a frame that holds the whole state."""
        self.seq, self.starts_over = seq, True

    def mute(self) -> None:
        """Nothing more of this response goes into the log."""
        self.muted, self.pending = True, []
        self.idle.set()

    def give_up(self) -> None:
        self.fenced = True
        self.mute()


class EventLog:
    """All logs that one worker process writes, on its one event loop."""

    def __init__(self, client: redis.asyncio.Redis) -> None:
        self.redis = client
        # Not by response: for a moment, a run that was taken over may live beside the one that took over.
        self._dirty: dict[LogWriter, None] = {}
        self._hurried: dict[LogWriter, None] = {}
        self._in_a_hurry = asyncio.Event()
        self._notes: list[Command] = []
        self._woken = asyncio.Event()
        self._window = WINDOW_SECONDS[0]
        self._task = asyncio.create_task(keep_going("event log", self._flush_when_woken))

    def open(self, response: UUID, conversation: UUID, transcript: Transcript, epoch: int) -> LogWriter:
        writer = LogWriter(self, str(response), str(conversation), transcript, epoch)
        writer.idle.set()
        return writer

    def note(self, command: Command) -> None:
        """For the budget that deletions ask: goes with the next frames, and is never waited for."""
        self._notes.append(command)

    def wake(self, writer: LogWriter) -> None:
        self._dirty[writer] = None
        self._woken.set()

    def hurry(self, writer: LogWriter) -> None:
        """Its next frame needn't wait for the end of the window."""
        self._hurried[writer] = None
        self._in_a_hurry.set()

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self.redis.aclose()

    async def _flush_when_woken(self) -> None:
        await self._woken.wait()
        self._woken.clear()
        writers, self._dirty = list(self._dirty), {}
        self._take_hurried()
        self._window = self._next_window(await self._flush(writers))
        await self._wait_for_window()

    async def _wait_for_window(self) -> None:
        until = asyncio.get_running_loop().time() + self._window
        try:
            while True:
                async with asyncio.timeout_at(until):
                    await self._in_a_hurry.wait()
                writers = self._take_hurried()
                for writer in writers:
                    self._dirty.pop(writer, None)
                await self._flush(writers)
        except TimeoutError:
            return

    def _take_hurried(self) -> list[LogWriter]:
        writers, self._hurried = list(self._hurried), {}
        self._in_a_hurry.clear()
        return writers

    def _next_window(self, frames: int) -> float:
        """Short while few have something to say, longer under load: a flush costs much beside its frames."""
        low, high = WINDOW_SECONDS
        wanted = 0.8 * self._window + 0.2 * FRAME_SECONDS * frames
        return min(high, max(low, wanted))

    async def _flush(self, writers: list[LogWriter]) -> int:
        """How many frames went out."""
        frames = [(writer, frame) for writer in writers if writer.pending and (frame := _dumped(writer))]
        if not frames:
            return 0
        try:
            results = await self._append(frames)
        except (redis.RedisError, OSError) as error:
            logger.warning("Redis does not answer; %d answers wait for it: %s", len(frames), error)
            results = [error] * len(frames)
        for (writer, (sent, _body)), result in zip(frames, results, strict=True):
            self._settle(writer, sent, result)
        if any(isinstance(result, Exception) for result in results):
            await asyncio.sleep(RETRY_SECONDS)
        return len(frames)

    async def _append(self, frames: list[tuple[LogWriter, tuple[Frame, bytes]]]) -> list[Any]:
        """One round trip for all, with one time limit; returns what each frame's append answered."""
        async with asyncio.timeout(APPEND_SECONDS), self.redis.pipeline(transaction=False) as pipe:
            for _writer, (frame, body) in frames:
                # A log that vanished must not go on in the middle: only the first frame may create it.
                where = () if frame.seq == 0 else ("NOMKSTREAM",)
                position = f"{frame.epoch}-{frame.seq}"
                # `pipe.xadd` would build the same words in several times the time.
                pipe.execute_command("XADD", bus.log_key(frame.response), *where, position, "f", body)
            # One message for all, or reading them would cost web processes more than handing them on.
            news = [nudge(writer.conversation, frame, body) for writer, (frame, body) in frames]
            pipe.execute_command("PUBLISH", bus.FRAMES, b"".join(news))
            for writer, (frame, _body) in frames:
                if frame.seq == 0 or writer.ended:
                    pipe.expire(bus.log_key(frame.response), _kept_seconds(writer))
            notes, self._notes = self._notes, []
            for command in notes:
                pipe.execute_command(*command)
            answers = await pipe.execute(raise_on_error=False)
        return answers[: len(frames)]

    def _settle(self, writer: LogWriter, frame: Frame, result: Any) -> None:
        if isinstance(result, redis.ResponseError) and FENCED in str(result):
            writer.give_up()
        elif result is None or isinstance(result, Exception):
            logger.warning("The log of response %s was lost; it goes on in a new epoch", writer.response)
            writer.start_over(frame.events)
        else:
            writer.written()


def _dumped(writer: LogWriter) -> tuple[Frame, bytes] | None:
    """The writer's next frame; a response whose events can't be written as JSON loses its live text only."""
    frame = writer.take()
    try:
        return frame, frame.dump()
    except TypeError as error:
        logger.warning("Response %s can't be logged, only its end will be seen: %s", writer.response, error)
        writer.mute()
        return None


def _kept_seconds(writer: LogWriter) -> int:
    """A log outlives its response by a while; one whose end never comes outlives the longest run."""
    longest = 0 if writer.ended else int(settings.UPSTREAM_TOTAL_SECONDS)
    return longest + settings.LOG_KEPT_SECONDS


def append_last(conversation: UUID, frame: Frame) -> None:
    """The final frame of a response that no worker runs any more; for synchronous writers."""
    body, key = frame.dump(), bus.log_key(frame.response)
    with bus.client().pipeline(transaction=False) as pipe:
        pipe.xadd(key, {"f": body}, id=f"{frame.epoch}-{frame.seq}")
        pipe.expire(key, settings.LOG_KEPT_SECONDS)
        pipe.publish(bus.FRAMES, nudge(str(conversation), frame, body))
        pipe.execute()


def read_after(
    response: UUID | str, epoch: int, after: int, *, before_epoch: int | None = None
) -> list[bytes]:
    """The frames after a position, as stored; for synchronous readers."""
    end = "+" if before_epoch is None else f"({before_epoch}-0"
    return frames_of(bus.client().xrange(bus.log_key(response), min=position_after(epoch, after), max=end))


def position_after(epoch: int, after: int) -> str:
    """The lower bound of a range that begins behind `after`, which is -1 before the first frame."""
    return f"({epoch}-{after}" if after >= 0 else f"{epoch}-0"


def frames_of(entries: Any) -> list[bytes]:
    return [fields[b"f"] for _, fields in entries]

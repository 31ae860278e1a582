"""The order of events in a response: what happens, and the pauses between, as one flat run of steps.

A script knows nothing of connections: the same one feeds a stream, a background run and an answer that is not
streamed. While it is played, ``settle`` makes ``response`` say what was said so far.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from conversations.emulator import objects, usage
from conversations.emulator.faults import Faults
from conversations.emulator.streaming import breaks
from conversations.emulator.streaming.breaks import Break, Ended
from conversations.emulator.streaming.calls import Call
from conversations.emulator.streaming.frames import Frames, Style

Json = dict[str, Any]
Step = bytes | float | Break
"""A frame to send, a pause in seconds, or a break of the connection."""


@dataclass(frozen=True)
class Part:
    """What the model will do and say: ``deltas`` are the pieces that the text arrives in, ``notes`` the
    annotations on it. Where it is ``silent`` there is no message at all. ``compaction`` comes before all."""

    deltas: list[str]
    summary: list[str] = field(default_factory=list)
    reasoning_tokens: int = 0
    encrypted: str | None = None
    calls: list[Call] = field(default_factory=list)
    notes: list[Json] = field(default_factory=list)
    silent: bool = False
    compaction: Call | None = None


@dataclass(frozen=True)
class Pace:
    """Seconds before the first item, and deltas a second; 0 is as fast as it goes."""

    first_token: float
    rate: float

    @property
    def beat(self) -> float:
        return 1 / self.rate if self.rate else 0.0


@dataclass(frozen=True)
class Prompt:
    """How many tokens the model read, and how many of them came from the cache."""

    tokens: int
    cached: int


@dataclass
class Script:
    response: Json
    part: Part
    pace: Pace
    prompt: Prompt
    faults: Faults
    style: Style
    now: Callable[[], float]
    on_end: Callable[["Script"], None]
    """Called once, before the terminal event is out: whoever has read it must find the response stored."""

    def __post_init__(self) -> None:
        self.stored = True
        self.frames = Frames(self.style)
        self.pieces: list[str] = []

    def steps(self) -> Iterator[Step]:
        try:
            yield from self._run()
        except Ended as end:
            yield from self._end(end)
        else:
            yield from self._end(Ended("completed"))

    def _run(self) -> Iterator[Step]:
        breaks.before_anything(self.faults)
        yield from self._opening()
        yield self.pace.first_token
        breaks.before_items(self.faults)
        if self.part.compaction:
            yield from self._call(self.part.compaction)
        if self.part.reasoning_tokens:
            yield from self._reasoning()
        for call in self.part.calls:
            yield from self._call(call)
        if not self.part.silent:
            yield from self._message()

    def _call(self, call: Call) -> Iterator[Step]:
        item = dict(call.opened)
        index, added = self._open(item)
        yield added
        yield from call.play(item, index, self.frames, self.pace.beat)

    def _opening(self) -> Iterator[Step]:
        yield self._lifecycle("created")
        if self.response["background"]:
            yield self._lifecycle("queued")
            self.response["status"] = "in_progress"
        yield self._lifecycle("in_progress")

    def _lifecycle(self, kind: str) -> bytes:
        return self.frames.event(f"response.{kind}", response=self.response)

    def _open(self, item: Json) -> tuple[int, bytes]:
        index = len(self.response["output"])
        self.response["output"].append(item)
        return index, self.frames.event("response.output_item.added", output_index=index, item=item)

    def _reasoning(self) -> Iterator[Step]:
        item = objects.reasoning_item([], objects.new_id("rs"))
        index, added = self._open(item)
        yield added
        for number, text in enumerate(self.part.summary):
            yield from self._summary(
                item, {"item_id": item["id"], "output_index": index, "summary_index": number}, text
            )
        if self.part.encrypted:
            item["encrypted_content"] = self.part.encrypted
        yield self.frames.event("response.output_item.done", output_index=index, item=item)

    def _summary(self, item: Json, place: Json, text: str) -> Iterator[Step]:
        event = self.frames.event
        part = {"type": "summary_text", "text": ""}
        item["summary"].append(part)
        yield event("response.reasoning_summary_part.added", **place, part=part)
        delta = self.frames.deltas("response.reasoning_summary_text.delta", **place)
        for piece in text.split(" "):
            yield self.pace.beat
            part["text"] += f" {piece}" if part["text"] else piece
            yield delta(piece if piece == part["text"] else f" {piece}")
        yield event("response.reasoning_summary_text.done", **place, text=text)
        yield event("response.reasoning_summary_part.done", **place, part=part)

    def _message(self) -> Iterator[Step]:
        refuses = "refusal" in self.faults
        item = objects.message([], "in_progress", objects.new_id("msg"))
        index, added = self._open(item)
        yield added
        place = {"item_id": item["id"], "output_index": index, "content_index": 0}
        part = objects.refusal_part("") if refuses else objects.text_part("")
        yield self.frames.event("response.content_part.added", **place, part=part)
        item["content"].append(part)
        try:
            yield from self._deltas(place, refuses)
        except Ended as end:
            if end.status == "incomplete":
                yield from self._close(item, place, "incomplete")
            raise
        yield from self._close(item, place, "completed")

    def _deltas(self, place: Json, refuses: bool) -> Iterator[Step]:
        kind = "response.refusal.delta" if refuses else "response.output_text.delta"
        frame = self.frames.deltas(kind, logprobs=not refuses, **place)
        met = breaks.Breaks(self.faults, self.frames, len(self.part.deltas), self._limit())
        beat = self.pace.beat
        for position, piece in enumerate(self.part.deltas):
            if position in met.at:
                yield from met.meet(position)
            yield beat
            said = self._said(position, piece)
            self.pieces.append(said)
            yield frame(said)
        yield from met.meet(len(self.part.deltas))

    def _said(self, position: int, piece: str) -> str:
        if "numbered" in self.faults:
            return f"{position} "
        return f"{time.time():.6f} " if "stamp" in self.faults else piece

    def _limit(self) -> int | None:
        """After how many deltas ``max_output_tokens`` ends the answer."""
        allowed = self.response["max_output_tokens"]
        if allowed is None:
            return None
        said = self.part.reasoning_tokens
        for position, piece in enumerate(self.part.deltas):
            said += usage.tokens(piece)
            if said > allowed:
                return position
        return None

    def settle(self) -> None:
        """Brings the open text of ``response`` up to what was said."""
        for item in self.response["output"]:
            for part in item.get("content", ()):
                part["refusal" if part["type"] == "refusal" else "text"] = "".join(self.pieces)

    def _close(self, item: Json, place: Json, status: str) -> Iterator[Step]:
        self.settle()
        item["status"] = status
        part = item["content"][0]
        event = self.frames.event
        if part["type"] == "refusal":
            yield event("response.refusal.done", **place, refusal=part["refusal"])
        else:
            yield from self._annotations(part, place)
            yield event("response.output_text.done", **place, text=part["text"], logprobs=[])
        yield event("response.content_part.done", **place, part=part)
        yield event("response.output_item.done", output_index=place["output_index"], item=item)

    def _annotations(self, part: Json, place: Json) -> Iterator[Step]:
        """Those on words that were said."""
        said = [note for note in self.part.notes if note.get("end_index", 0) <= len(part["text"])]
        for number, note in enumerate(said):
            part["annotations"].append(note)
            placed = {**place, "annotation_index": number, "annotation": note}
            yield self.frames.event("response.output_text.annotation.added", **placed)

    def _end(self, end: Ended) -> Iterator[Step]:
        self.settle()
        self.response |= {"status": end.status, "completed_at": int(self.now())} | end.changes
        if end.status != "failed":
            self.response["usage"] = self._usage()
        self.stored = end.stored
        self.on_end(self)
        if end.announced:
            yield self._lifecycle(end.status)
        if end.error_event:
            yield self.frames.event("error", **end.error_event)

    def cancel(self) -> None:
        """What the response becomes when it is cancelled where it is."""
        self.settle()
        for item in self.response["output"]:
            if item.get("status") == "in_progress":
                item["status"] = "incomplete"
        self.response |= {"status": "cancelled", "usage": self._usage()}

    def _usage(self) -> Json:
        reasoning = self.part.reasoning_tokens
        called = "".join(call.done[call.key] for call in self.part.calls if call.key)
        said = reasoning + usage.tokens("".join(self.pieces)) + usage.tokens(called)
        return usage.usage(self.prompt.tokens, self.prompt.cached, said, reasoning)

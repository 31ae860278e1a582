"""The transcript of one response: the API's events folded into its output items.

The browser folds the same events by the same rules (static/chat/transcript.js), so a snapshot plus the
events after it is the same as a fresh snapshot. Types that are not known change nothing, and a field that
isn't of its type counts as empty: other servers say odd things, and both sides must make the same of them.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson

Event = dict[str, Any]
Item = dict[str, Any]

# More items or parts than any response has; an index beyond is nonsense.
MOST_PLACES = 10_000
TERMINAL_EVENTS = {"response.completed", "response.incomplete", "response.failed", "response.cancelled"}


@dataclass
class Transcript:
    """`upstream_seq` is the API's sequence_number that the items reach; -1 before the first event."""

    items: list[Item] = field(default_factory=list)
    status: str = "queued"
    upstream_seq: int = -1

    def apply(self, event: Event) -> None:
        """Take an event in; one whose number is already reached changes nothing."""
        number = event.get("sequence_number")
        if type(number) is int and event["type"] != "snapshot":
            if number <= self.upstream_seq:
                return
            self.upstream_seq = number
        rule = RULES.get(event["type"])
        if rule is not None:
            rule(self, event)

    def as_event(self) -> Event:
        """The whole state as the event that begins an epoch."""
        return {
            "type": "snapshot",
            "items": self.items,
            "status": self.status,
            "sequence_number": self.upstream_seq,
        }

    def item(self, event: Event) -> Item:
        """The item that an event is about."""
        return _at(self.items, event.get("output_index"))


def _at(items: list[Item], index: Any) -> Item:
    """The dict at an index, created if missing: events may come without the one that opens their place."""
    index = index if type(index) is int and 0 <= index < MOST_PLACES else 0
    while len(items) <= index:
        items.append({})
    if not isinstance(items[index], dict):
        items[index] = {}
    found: Item = items[index]
    return found


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _part(kind: str, index: str) -> Callable[[Transcript, Event], Item]:
    def find(transcript: Transcript, event: Event) -> Item:
        item = transcript.item(event)
        item[kind] = _list(item.get(kind))
        return _at(item[kind], event.get(index))

    return find


_content = _part("content", "content_index")
_summary = _part("summary", "summary_index")


def _set_item(transcript: Transcript, event: Event) -> None:
    item = transcript.item(event)
    item.clear()
    # A copy: the event itself still has to be logged, and what follows is folded into the item.
    item.update(copy.deepcopy(_object(event.get("item"))))


def _set_part(find: Callable[[Transcript, Event], Item]) -> Callable[[Transcript, Event], None]:
    def rule(transcript: Transcript, event: Event) -> None:
        part = find(transcript, event)
        part.clear()
        part.update(copy.deepcopy(_object(event.get("part"))))

    return rule


def _append(find: Callable[[Transcript, Event], Item], key: str) -> Callable[[Transcript, Event], None]:
    def rule(transcript: Transcript, event: Event) -> None:
        part = find(transcript, event)
        part[key] = _text(part.get(key)) + _text(event.get("delta"))

    return rule


def _replace(find: Callable[[Transcript, Event], Item], key: str) -> Callable[[Transcript, Event], None]:
    def rule(transcript: Transcript, event: Event) -> None:
        if isinstance(event.get(key), str):
            find(transcript, event)[key] = event[key]

    return rule


def _annotate(transcript: Transcript, event: Event) -> None:
    part = _content(transcript, event)
    part["annotations"] = [*_list(part.get("annotations")), event.get("annotation")]


def _progress(transcript: Transcript, event: Event) -> None:
    transcript.item(event)["status"] = event["type"].rpartition(".")[2]


def _lifecycle(transcript: Transcript, event: Event) -> None:
    response = _object(event.get("response"))
    transcript.status = _text(response.get("status")) or transcript.status
    if event["type"] in TERMINAL_EVENTS and _list(response.get("output")):
        transcript.items = [_object(item) for item in response["output"]]


def _snapshot(transcript: Transcript, event: Event) -> None:
    transcript.items = event["items"]
    transcript.status = event["status"]
    transcript.upstream_seq = event["sequence_number"]


# How far the tools that run upstream are: `response.<call>.<status>`.
PROGRESS = {
    "web_search_call": ("in_progress", "searching", "completed"),
    "file_search_call": ("in_progress", "searching", "completed"),
    "code_interpreter_call": ("in_progress", "interpreting", "completed"),
    "image_generation_call": ("in_progress", "generating", "completed"),
    "mcp_call": ("in_progress", "completed", "failed"),
    "mcp_list_tools": ("in_progress", "completed", "failed"),
}

RULES: dict[str, Callable[[Transcript, Event], None]] = {
    "snapshot": _snapshot,
    "response.created": _lifecycle,
    "response.queued": _lifecycle,
    "response.in_progress": _lifecycle,
    "response.completed": _lifecycle,
    "response.incomplete": _lifecycle,
    "response.failed": _lifecycle,
    "response.cancelled": _lifecycle,
    "response.output_item.added": _set_item,
    "response.output_item.done": _set_item,
    "response.content_part.added": _set_part(_content),
    "response.content_part.done": _set_part(_content),
    "response.output_text.delta": _append(_content, "text"),
    "response.output_text.done": _replace(_content, "text"),
    "response.output_text.annotation.added": _annotate,
    "response.refusal.delta": _append(_content, "refusal"),
    "response.refusal.done": _replace(_content, "refusal"),
    "response.reasoning_summary_part.added": _set_part(_summary),
    "response.reasoning_summary_part.done": _set_part(_summary),
    "response.reasoning_summary_text.delta": _append(_summary, "text"),
    "response.reasoning_summary_text.done": _replace(_summary, "text"),
    "response.reasoning_text.delta": _append(_content, "text"),
    "response.reasoning_text.done": _replace(_content, "text"),
    "response.function_call_arguments.delta": _append(Transcript.item, "arguments"),
    "response.function_call_arguments.done": _replace(Transcript.item, "arguments"),
    "response.custom_tool_call_input.delta": _append(Transcript.item, "input"),
    "response.custom_tool_call_input.done": _replace(Transcript.item, "input"),
    "response.mcp_call_arguments.delta": _append(Transcript.item, "arguments"),
    "response.mcp_call_arguments.done": _replace(Transcript.item, "arguments"),
    "response.image_generation_call.partial_image": _replace(Transcript.item, "partial_image_b64"),
    "response.code_interpreter_call_code.delta": _append(Transcript.item, "code"),
    "response.code_interpreter_call_code.done": _replace(Transcript.item, "code"),
    **{f"response.{call}.{status}": _progress for call, states in PROGRESS.items() for status in states},
}

DELTA_KEYS = ("type", "item_id", "output_index", "content_index", "summary_index")


def coalesce(events: list[Event]) -> list[Event]:
    """The same events, neighbouring deltas of one place merged under the last one's `sequence_number`."""
    merged: list[Event] = []
    for event in events:
        if merged and _continues(merged[-1], event):
            merged[-1] = merged[-1] | {
                "delta": merged[-1]["delta"] + event["delta"],
                "sequence_number": event.get("sequence_number"),
            }
        else:
            merged.append(event)
    return merged


def _continues(before: Event, event: Event) -> bool:
    return (
        isinstance(event.get("delta"), str)
        and isinstance(before.get("delta"), str)
        and all(before.get(key) == event.get(key) for key in DELTA_KEYS)
    )


def fold(transcript: Transcript, epoch: int, seq: int, frames: list[bytes]) -> tuple[Transcript, int, int]:
    """Apply the frames that follow on; the rules of docs/protocol.md."""
    for raw in frames:
        frame = orjson.loads(raw)
        if follows(epoch, seq, frame["epoch"], frame["seq"]):
            for event in frame["events"]:
                transcript.apply(event)
            epoch, seq = frame["epoch"], frame["seq"]
    return transcript, epoch, seq


def follows(epoch: int, seq: int, next_epoch: int, next_seq: int) -> bool:
    """Whether a frame may be applied at a position: the next in the epoch, or the first of a later one."""
    return (next_epoch == epoch and next_seq == seq + 1) or (next_epoch > epoch and next_seq == 0)

"""Answers as the API may stream them, for the property tests: what the events are and what comes out."""

import copy
import json
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from conversations.chat.transcript import Event, Item
from conversations.responses_api.events import EventDecoder
from conversations.responses_api.sse import Message

# Emoji that are two halves in JavaScript, families of them, combining characters, both directions, escapes.
CHARACTERS = [
    "a",
    "b ",
    "\n",
    '"',
    "\\",
    "é",
    "e\u0301",
    "ß",
    "日",
    "ש",
    "\u200d",
    "\ufffd",
    "😀",
    "👩\u200d🚀",
    "🇩🇪",
]
WORDS = st.lists(st.sampled_from(CHARACTERS), max_size=12).map("".join)
KINDS = [
    *("message", "message", "refusal", "reasoning", "function_call", "custom_tool_call"),
    *("code_interpreter_call", "mcp_call", "web_search_call"),
]


@dataclass(frozen=True)
class Said:
    """Numbered events without the terminal one, and the output that upstream retrieves."""

    events: list[Event]
    output: list[Item]
    status: str
    repeats_output: bool

    @property
    def terminal(self) -> Event:
        """As the runner shows it: with the output only where that differs from what was streamed."""
        response: dict[str, Any] = {"id": "resp_1", "status": self.status}
        if self.repeats_output:
            response["output"] = copy.deepcopy(self.output)
        number = len(self.events)
        return {"type": f"response.{self.status}", "sequence_number": number, "response": response}


@st.composite
def answers(draw: st.DrawFn) -> Said:
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=3))
    told = [draw(_item(index, kind)) for index, kind in enumerate(kinds)]
    noise = draw(st.lists(st.sampled_from(NOISE), max_size=3))
    tracks = [[*START], *(events for events, _item in told), *([event] for event in noise)]
    merged = (
        draw(_merged(tracks))
        if draw(st.integers(0, 2)) == 0
        else [event for track in tracks for event in track]
    )
    output = [item for _events, item in told]
    differs = draw(st.integers(0, 3)) == 0
    if differs:
        output = [*copy.deepcopy(output), {"id": "late", "type": "message", "content": []}]
    status = draw(st.sampled_from(["completed", "incomplete", "failed", "cancelled"]))
    return Said(_through_the_door(merged), output, status, differs or draw(st.booleans()))


START: list[Event] = [
    {"type": "response.created", "response": {"id": "resp_1", "status": "in_progress"}},
    {"type": "response.queued", "response": {"id": "resp_1", "status": "queued"}},
    {"type": "response.in_progress", "response": {"id": "resp_1", "status": "in_progress"}},
]
NOISE: list[Event] = [
    {"type": "response.something.new", "output_index": 0, "delta": "not text"},
    {"type": "response.compaction.compacting", "output_index": 0},
    {"type": "toString", "delta": "not a rule"},
    {"type": "constructor"},
    {"type": ""},
]


@st.composite
def _item(draw: st.DrawFn, index: int, kind: str) -> tuple[list[Event], Item]:
    """The events that bring one item, and the item; some servers leave out the events that open a place."""
    item, events = draw(BODIES[kind])
    place = {"output_index": index, "item_id": f"item_{index}"}
    item = {"id": f"item_{index}", **item}
    opened = {"id": f"item_{index}", "type": item["type"]}
    added = [{"type": "response.output_item.added", "item": opened}] if draw(st.booleans()) else []
    done = [{"type": "response.output_item.done", "item": copy.deepcopy(item)}]
    return [event | place for event in [*added, *events, *done]], item


@st.composite
def _grown(draw: st.DrawFn, stem: str, key: str, *, corrected: bool = True) -> tuple[str, list[Event]]:
    """A text in deltas that may tear characters apart; the last word may correct it."""
    text = draw(WORDS)
    deltas = [{"type": f"{stem}.delta", "delta": piece} for piece in draw(_pieces(text))]
    if not draw(st.booleans()):
        return text, deltas
    final = draw(WORDS) if corrected and draw(st.booleans()) else text
    return final, [*deltas, {"type": f"{stem}.done", key: final}]


@st.composite
def _pieces(draw: st.DrawFn, text: str) -> list[str]:
    units = _units(text)
    cuts = sorted(draw(st.lists(st.integers(0, len(units)), min_size=3, max_size=10)))
    return ["".join(units[start:end]) for start, end in zip([0, *cuts], [*cuts, len(units)], strict=True)]


def _units(text: str) -> list[str]:
    """As JavaScript counts: one per character, two per character beyond U+FFFF."""
    data = text.encode("utf-16-be")
    return [chr(int.from_bytes(data[at : at + 2])) for at in range(0, len(data), 2)]


@st.composite
def _parts(draw: st.DrawFn, kind: str, stem: str, key: str) -> tuple[Item, list[Event]]:
    content, events = [], []
    for number in range(draw(st.integers(1, 2))):
        text, grown = draw(_grown(f"response.{stem}", key))
        part: Item = {"type": kind, key: text}
        if draw(st.booleans()):
            events.append(_at(number, type="response.content_part.added", part={"type": kind, key: ""}))
        events += [_at(number, **event) for event in grown]
        if draw(st.booleans()) and key == "text":
            note = {"type": "url_citation", "url": f"https://example.com/{number}"}
            part["annotations"] = [note]
            events.append(_at(number, type="response.output_text.annotation.added", annotation=note))
        if draw(st.booleans()):
            events.append(_at(number, type="response.content_part.done", part=copy.deepcopy(part)))
        content.append(part)
    return {"type": "message", "role": "assistant", "content": content}, events


@st.composite
def _reasoning(draw: st.DrawFn) -> tuple[Item, list[Event]]:
    summary, events = [], []
    for number in range(draw(st.integers(0, 2))):
        text, grown = draw(_grown("response.reasoning_summary_text", "text"))
        blank = {"type": "summary_text", "text": ""}
        events.append(
            {"type": "response.reasoning_summary_part.added", "part": blank, "summary_index": number}
        )
        events += [event | {"summary_index": number} for event in grown]
        part = {"type": "summary_text", "text": text}
        done = {"type": "response.reasoning_summary_part.done", "part": dict(part), "summary_index": number}
        events += [done] if draw(st.booleans()) else []
        summary.append(part)
    text, grown = draw(_grown("response.reasoning_text", "text"))
    events += [_at(0, **event) for event in grown]
    return {"type": "reasoning", "summary": summary, "content": [{"text": text}]}, events


@st.composite
def _call(draw: st.DrawFn, kind: str, stem: str, key: str) -> tuple[Item, list[Event]]:
    text, events = draw(_grown(f"response.{stem}", key))
    return {"type": kind, "name": "look_up", key: text}, events


@st.composite
def _hosted(draw: st.DrawFn, kind: str, stem: str, key: str, working: str) -> tuple[Item, list[Event]]:
    """A call that upstream answers itself; without a `stem` nothing of it is streamed but how far it is."""
    text, grown = draw(_grown(f"response.{stem}", key)) if stem else ("", [])
    begun, *finished = [
        {"type": f"response.{kind}.{state}"} for state in ("in_progress", working, "completed")
    ]
    written = {key: text} if stem else {}
    return {"type": kind, **written, "status": "completed"}, [begun, *grown, *finished]


def _at(number: int, **event: Any) -> Event:
    return event | {"content_index": number}


BODIES: dict[str, st.SearchStrategy[tuple[Item, list[Event]]]] = {
    "message": _parts("output_text", "output_text", "text"),
    "refusal": _parts("refusal", "refusal", "refusal"),
    "reasoning": _reasoning(),
    "function_call": _call("function_call", "function_call_arguments", "arguments"),
    "custom_tool_call": _call("custom_tool_call", "custom_tool_call_input", "input"),
    "code_interpreter_call": _hosted(
        "code_interpreter_call", "code_interpreter_call_code", "code", "interpreting"
    ),
    "mcp_call": _hosted("mcp_call", "mcp_call_arguments", "arguments", "in_progress"),
    "web_search_call": _hosted("web_search_call", "", "", "searching"),
}


@st.composite
def _merged(draw: st.DrawFn, tracks: list[list[Event]]) -> list[Event]:
    """All tracks side by side, each in its own order."""
    order = draw(st.permutations([index for index, track in enumerate(tracks) for _ in track]))
    left = [iter(track) for track in tracks]
    return [next(left[index]) for index in order]


def _through_the_door(events: list[Event]) -> list[Event]:
    """Over the wire as the API writes it, half characters included, and as the door hands it on."""
    decoder = EventDecoder()
    numbered = [event | {"sequence_number": number} for number, event in enumerate(events)]
    return [decoder.decode(Message(b"", json.dumps(event).encode())) for event in numbered]


# Nonsense that a server could send in place of what a rule expects.
ODD: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from([None, True, False, -1, 0, 1, 2, 10_000, 2**40, "", "text", [], {}, [None], ["x"]]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["text", "content", "summary", "annotations", "status", "output"]), inner
        )
    ),
    max_leaves=4,
)
FIELDS = [
    *("output_index", "content_index", "summary_index", "delta", "text", "refusal", "arguments", "input"),
    *("item", "part", "annotation", "response", "code"),
]


def odd_events(types: list[str]) -> st.SearchStrategy[list[Event]]:
    event = st.builds(
        lambda kind, fields: fields | {"type": kind},
        st.sampled_from(types),
        st.dictionaries(st.sampled_from(FIELDS), ODD, max_size=4),
    )
    numbered = st.lists(event, max_size=12)
    return numbered.map(lambda events: [each | {"sequence_number": at} for at, each in enumerate(events)])

"""The reducer: whatever the cuts, a snapshot plus the events after it is a fresh snapshot."""

import copy
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from conversations.chat.frames import Frame
from conversations.chat.transcript import Event, Transcript, coalesce, fold

PLACES = st.fixed_dictionaries({"output_index": st.integers(0, 2), "content_index": st.integers(0, 1)})
WORDS = st.text(max_size=4)


def _event(kind: str, **fields: Any) -> st.SearchStrategy[Event]:
    drawn = {
        name: value if isinstance(value, st.SearchStrategy) else st.just(value)
        for name, value in fields.items()
    }
    return st.builds(lambda place, rest: {"type": kind} | place | rest, PLACES, st.fixed_dictionaries(drawn))


PART = st.fixed_dictionaries({"type": st.just("output_text"), "text": WORDS, "annotations": st.just([])})
ITEM = st.fixed_dictionaries(
    {"id": st.just("msg_1"), "type": st.just("message"), "content": st.lists(PART, max_size=2)}
)
EVENTS = st.one_of(
    _event("response.output_item.added", item=ITEM),
    _event("response.output_item.done", item=ITEM),
    _event("response.content_part.added", part=PART),
    _event("response.output_text.delta", delta=WORDS),
    _event("response.output_text.delta", delta=WORDS),
    _event("response.output_text.done", text=WORDS),
    _event("response.refusal.delta", delta=WORDS),
    _event("response.reasoning_summary_text.delta", summary_index=st.integers(0, 1), delta=WORDS),
    _event("response.function_call_arguments.delta", delta=WORDS),
    _event("response.output_text.annotation.added", annotation={"type": "url_citation"}),
    _event("response.code_interpreter_call_code.delta", delta=WORDS),
    _event("response.mcp_call_arguments.done", arguments=WORDS),
    _event("response.web_search_call.searching"),
    _event("response.mcp_list_tools.failed"),
    _event("response.something_new", secret="kept out"),
    st.just({"type": "response.in_progress", "response": {"status": "in_progress"}}),
)


@st.composite
def streams(draw: st.DrawFn) -> list[Event]:
    drawn = draw(st.lists(EVENTS, max_size=40))
    return [copy.deepcopy(event) | {"sequence_number": number} for number, event in enumerate(drawn)]


def replay(events: list[Event], onto: Transcript | None = None) -> Transcript:
    transcript = onto or Transcript()
    for event in copy.deepcopy(events):
        transcript.apply(event)
    return transcript


@given(streams(), st.data())
def test_coalesced_in_any_groups_it_folds_to_the_same(events: list[Event], data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(events)), max_size=6)))
    groups = [events[start:end] for start, end in zip([0, *cuts], [*cuts, len(events)], strict=True)]
    merged = [event for group in groups for event in coalesce(copy.deepcopy(group))]
    assert replay(merged) == replay(events)


@given(streams(), st.data())
def test_a_snapshot_and_the_events_after_it_equal_a_fresh_one(
    events: list[Event], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(events)))
    snapshot = copy.deepcopy(replay(events[:at]).as_event())
    late_joiner = Transcript()
    late_joiner.apply(snapshot)
    overlap = data.draw(st.integers(0, at))
    assert replay(events[overlap:], onto=late_joiner) == replay(events)


@given(streams(), st.data())
def test_frames_may_repeat_and_come_late_without_harm(events: list[Event], data: st.DataObject) -> None:
    frames = [
        Frame("r", 1, seq, event["sequence_number"], [event]).dump()
        for seq, event in enumerate(copy.deepcopy(events))
    ]
    noisy = [frame for frame in frames for _ in range(data.draw(st.integers(1, 2)))]
    transcript, epoch, seq = fold(Transcript(), 0, -1, noisy)
    assert transcript == replay(events)
    assert (epoch, seq) == ((1, len(events) - 1) if events else (0, -1))


@given(streams(), st.data())
def test_a_new_epoch_replaces_everything(events: list[Event], data: st.DataObject) -> None:
    lost_from = data.draw(st.integers(0, len(events)))
    first = Frame("r", 1, 0, lost_from - 1, copy.deepcopy(events[:lost_from])).dump()
    whole = Frame("r", 2, 0, len(events) - 1, [copy.deepcopy(replay(events).as_event())]).dump()
    transcript, epoch, seq = fold(Transcript(), 0, -1, [first, whole])
    assert (transcript.items, transcript.status) == (replay(events).items, replay(events).status)
    assert (epoch, seq) == (2, 0)


def test_a_gap_is_not_jumped() -> None:
    def frame(seq: int, delta: str) -> bytes:
        event = {"type": "response.output_text.delta", "sequence_number": seq, "delta": delta}
        return Frame("r", 1, seq, seq, [event]).dump()

    transcript, epoch, seq = fold(Transcript(), 0, -1, [frame(0, "a"), frame(2, "c")])
    assert (transcript.items[0]["content"][0]["text"], epoch, seq) == ("a", 1, 0)


def test_a_terminal_event_with_output_heals_what_was_lost() -> None:
    transcript = Transcript()
    transcript.apply({"type": "response.output_text.delta", "sequence_number": 0, "delta": "hel"})
    output = [{"type": "message", "content": [{"type": "output_text", "text": "hello"}]}]
    transcript.apply(
        {
            "type": "response.completed",
            "sequence_number": 9,
            "response": {"status": "completed", "output": output},
        }
    )
    assert (transcript.items, transcript.status) == (output, "completed")


def test_frames_are_json_as_the_protocol_says() -> None:
    frame = orjson.loads(Frame("r", 1, 0, 4, [{"type": "receipt"}]).dump())
    assert frame == {
        "type": "frame",
        "response": "r",
        "epoch": 1,
        "seq": 0,
        "upstream_seq": 4,
        "events": [{"type": "receipt"}],
    }

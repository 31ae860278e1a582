"""The log of a running response, on a real Redis."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import orjson
import pytest

from conversations import bus
from conversations.chat import event_log
from conversations.chat.event_log import EventLog, Fenced, LogWriter, append_last, read_after
from conversations.chat.frames import Frame
from conversations.chat.snapshots import open_state
from conversations.chat.transcript import Event, Transcript, fold
from conversations.models import Response


@pytest.fixture
async def log() -> AsyncIterator[EventLog]:
    log = EventLog(bus.async_client())
    yield log
    await log.close()


def opened(log: EventLog, epoch: int = 1) -> LogWriter:
    return log.open(uuid4(), uuid4(), Transcript(), epoch)


def say(writer: LogWriter, *deltas: str) -> None:
    for delta in deltas:
        event: Event = {
            "type": "response.output_text.delta",
            "sequence_number": writer.transcript.upstream_seq + 1,
            "delta": delta,
        }
        writer.transcript.apply(event)
        writer.append(event)


def read(writer: LogWriter) -> list[dict[str, Any]]:
    return [orjson.loads(frame) for frame in read_after(writer.response, 0, -1)]


def text_in_log(writer: LogWriter) -> str:
    transcript, _epoch, _seq = fold(Transcript(), 0, -1, read_after(writer.response, 0, -1))
    return str(transcript.items[0]["content"][0]["text"])


async def test_what_is_said_at_once_becomes_one_frame(log: EventLog) -> None:
    writer = opened(log)
    say(writer, "a", "b", "c")
    await writer.drained()
    (frame,) = read(writer)
    assert (frame["epoch"], frame["seq"], frame["upstream_seq"]) == (1, 0, 2)
    assert [event["delta"] for event in frame["events"]] == ["abc"]


async def test_a_first_word_waits_for_no_window(log: EventLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_log, "WINDOW_SECONDS", (3600, 3600))
    talking, starting = opened(log), opened(log)
    say(talking, "So ")
    await talking.drained()
    say(talking, "it goes.")
    say(starting, "Hello")
    await starting.drained()
    assert text_in_log(starting) == "Hello"
    assert text_in_log(talking) == "So "


async def test_sequence_numbers_are_contiguous_and_readers_go_on_after_theirs(log: EventLog) -> None:
    writer = opened(log)
    for word in ("one ", "two ", "three"):
        say(writer, word)
        await writer.drained()
    assert [frame["seq"] for frame in read(writer)] == [0, 1, 2]
    assert [orjson.loads(raw)["seq"] for raw in read_after(writer.response, 1, 0)] == [1, 2]
    assert text_in_log(writer) == "one two three"


async def test_an_older_epoch_is_fenced_off(log: EventLog) -> None:
    writer = opened(log)
    say(writer, "mine")
    await writer.drained()
    append_last(uuid4(), Frame(str(writer.response), 2, 0, 0, [writer.transcript.as_event()]))
    say(writer, " too late")
    with pytest.raises(Fenced):
        await writer.drained()
    assert [frame["epoch"] for frame in read(writer)] == [1, 2]


async def test_a_lost_log_starts_a_new_epoch_with_the_whole_state(log: EventLog) -> None:
    writer = opened(log)
    say(writer, "before ")
    await writer.drained()
    bus.client().delete(bus.log_key(writer.response))
    say(writer, "after")
    await writer.drained()
    (frame,) = read(writer)
    assert (frame["epoch"], frame["seq"], frame["events"][0]["type"]) == (2, 0, "snapshot")
    assert text_in_log(writer) == "before after"


async def test_what_is_said_while_redis_is_away_comes_out_whole(log: EventLog) -> None:
    writer = opened(log)
    say(writer, "before ")
    await writer.drained()
    bus.client().client_pause(300, all=True)
    await log.redis.connection_pool.disconnect(inuse_connections=True)
    for word in ("while ", "it ", "was ", "away "):
        say(writer, word)
        await asyncio.sleep(0.02)
    say(writer, "after")
    await asyncio.wait_for(writer.drained(), 60)
    assert text_in_log(writer) == "before while it was away after"


async def test_a_checkpoint_and_the_frames_after_it_give_the_text_once(log: EventLog) -> None:
    writer = opened(log)
    say(writer, "a")
    await writer.drained()
    say(writer, "b")
    saved = orjson.loads(orjson.dumps(writer.position()))
    say(writer, "c")
    await writer.drained()
    transcript = Transcript()
    transcript.apply(saved["state"])
    frames = read_after(writer.response, saved["epoch"], saved["seq"])
    transcript, _epoch, _seq = fold(transcript, saved["epoch"], saved["seq"], frames)
    assert transcript.items[0]["content"][0]["text"] == "abc"


async def test_a_running_answer_can_be_looked_at_twice(log: EventLog) -> None:
    writer = opened(log)
    say(writer, "a")
    await writer.drained()
    saved = writer.position()
    say(writer, "b")
    await writer.drained()
    row = Response(pk=writer.response, checkpoint=saved)
    texts = [open_state(row)[0].items[0]["content"][0]["text"] for _ in range(2)]
    assert texts == ["ab", "ab"]


async def test_a_checkpoint_doesnt_change_while_the_answer_goes_on(log: EventLog) -> None:
    writer = opened(log)
    say(writer, "a")
    saved = writer.position()
    say(writer, "b")
    assert saved["state"]["items"][0]["content"][0]["text"] == "a"
    await writer.drained()


async def test_what_cant_be_written_silences_only_its_own_response(log: EventLog) -> None:
    poisoned, healthy = opened(log), opened(log)
    deep: Any = "x"
    for _ in range(300):
        deep = [deep]
    poisoned.append({"type": "response.odd", "sequence_number": 0, "deep": deep})
    say(healthy, "fine")
    await asyncio.wait_for(poisoned.drained(), 60)
    await healthy.drained()
    assert text_in_log(healthy) == "fine"
    assert read(poisoned) == []


async def test_an_item_is_logged_as_it_came_whatever_is_folded_into_it(log: EventLog) -> None:
    writer = opened(log)
    part = {"type": "output_text", "text": ""}
    added: Event = {
        "type": "response.output_item.added",
        "sequence_number": 0,
        "item": {"type": "message", "content": [part]},
    }
    writer.transcript.apply(added)
    writer.append(added)
    say(writer, "once")
    await writer.drained()
    assert text_in_log(writer) == "once"


async def test_the_end_shortens_the_life_of_the_log(log: EventLog) -> None:
    writer = opened(log)
    say(writer, "a")
    await writer.drained()
    running = bus.client().ttl(bus.log_key(writer.response))
    writer.ended = True
    writer.append({"type": "receipt", "response": {}})
    await writer.drained()
    assert bus.client().ttl(bus.log_key(writer.response)) <= 3600 < running

"""One response on the worker's loop, with a real database and Redis; only upstream's words are given."""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from pytest_django import Settings

from conversations import bus
from conversations.chat import ledger, turns
from conversations.chat.endings import OUR_FAULT
from conversations.chat.event_log import EventLog, read_after
from conversations.chat.runner import Run
from conversations.chat.transcript import Event, Transcript, fold
from conversations.loop import WorkerLoop
from conversations.models import Conversation, Response, StoredFile, Turn, User
from conversations.models.responses import TERMINAL, Direction
from tests import shapes

pytestmark = pytest.mark.django_db(transaction=True)

CREATED: Event = {
    "type": "response.created",
    "sequence_number": 0,
    "response": {"id": "resp_1", "status": "in_progress"},
}
DONE: Event = {
    "type": "response.completed",
    "sequence_number": 99,
    "response": {"id": "resp_1", "status": "completed"},
}


class Words:
    """Upstream as a list of events; a callable among them is called when its turn comes."""

    def __init__(self, *events: Event | Callable[[], Any]) -> None:
        self.events = events
        self.request_ids = {"x-request-id": "req_1"}
        self.repaired = 0

    @asynccontextmanager
    async def stream(self, _address: object, _request: object) -> AsyncIterator["Words"]:
        yield self

    async def __aiter__(self) -> AsyncIterator[Event]:
        for event in self.events:
            if callable(event):
                await event()
            else:
                yield event


@pytest.fixture(scope="module")
def home() -> Iterator[WorkerLoop]:
    loop = WorkerLoop()
    yield loop
    loop.loop.call_soon_threadsafe(loop.loop.stop)


@pytest.fixture
def turn(alice: User, conversation: Conversation) -> Turn:
    return turns.send_message(alice, conversation.pk, client_key=uuid4(), text="Go", tip=None)


def play(home: WorkerLoop, turn: Turn, *events: Event | Callable[[], Any]) -> Response:
    """Runs the turn's response against these words and answers its row at the end."""
    job = ledger.claim(turn.responses.get().pk, ledger.register_worker())
    assert job is not None

    async def go() -> None:
        log = EventLog(bus.async_client())
        process: Any = SimpleNamespace(home=home, api=Words(*events), log=log, runs={})
        transcript = Transcript()
        writer = log.open(job.response.pk, job.conversation, transcript, job.response.epoch)
        await Run(process, job, transcript, writer).go()
        await log.close()

    home.run(go())
    return turn.responses.get()


def text(word: str, number: int, **fields: Any) -> Event:
    return {"type": "response.output_text.delta", "sequence_number": number, "delta": word} | fields


def kept(response: Response) -> str:
    return "".join(item.text for item in response.items.filter(direction=Direction.OUTPUT))


def logged(response: Response) -> Transcript:
    return fold(Transcript(), 0, -1, read_after(response.pk, 0, -1))[0]


def test_a_plain_answer_is_kept_and_logged(home: WorkerLoop, turn: Turn) -> None:
    response = play(home, turn, CREATED, text("Hello ", 1), text("you", 2), DONE)
    assert (response.status, response.response_id, response.upstream_state) == (
        "completed",
        "resp_1",
        "stored",
    )
    assert logged(response).items[0]["content"][0]["text"] == "Hello you"


def test_a_picture_that_a_model_draws_is_a_file_in_the_log_and_the_ledger(
    home: WorkerLoop, turn: Turn
) -> None:
    drawn = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(9_000)).decode()
    item = {"type": "image_generation_call", "id": "ig_1", "status": "completed", "result": drawn}
    place = {"output_index": 0, "item_id": "ig_1"}
    early = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(8_000)).decode()
    partial = {"type": "response.image_generation_call.partial_image", "partial_image_b64": early, **place}
    done = {"type": "response.output_item.done", "item": item, **place}
    response = play(
        home, turn, CREATED, partial | {"sequence_number": 1}, done | {"sequence_number": 2}, DONE
    )
    attachment = response.attachments.get()
    kept = response.items.get(direction=Direction.OUTPUT).payload
    assert kept == item | {"result": f"attachment:{attachment.content_id}"}
    assert logged(response).items == [kept]
    frames = b"".join(read_after(response.pk, 0, -1))
    assert drawn[:1000].encode() not in frames
    assert early[:1000].encode() not in frames
    # What came early was shown by its name, and is gone with the answer's end.
    assert b'"partial_image_b64":"attachment:' in frames
    assert StoredFile.objects.get().sha256 == attachment.content_id
    assert response.size > 9_000


@pytest.mark.parametrize(
    "odd",
    [
        {
            "type": "response.output_item.added",
            "sequence_number": 1,
            "item": {"type": "message", "content": None},
        },
        {"type": "response.output_item.added", "sequence_number": 1, "output_index": None, "item": None},
        {
            "type": "response.reasoning_summary_text.delta",
            "sequence_number": 1,
            "summary_index": None,
            "delta": "x",
        },
        {"type": "response.content_part.added", "sequence_number": 1, "content_index": 10**8, "part": {}},
    ],
    ids=["null content", "null item", "null index", "huge index"],
)
def test_odd_events_dont_stop_the_answer(home: WorkerLoop, turn: Turn, odd: Event) -> None:
    response = play(home, turn, CREATED, odd, text("Hello", 2, content_index=None), DONE)
    assert response.status == "completed"
    assert "Hello" in str(logged(response).items)


def test_whatever_breaks_here_people_get_an_end(home: WorkerLoop, turn: Turn) -> None:
    async def burst() -> None:
        raise ZeroDivisionError

    response = play(home, turn, CREATED, text("Half", 1), burst)
    assert (response.status, (response.error or {})["kind"]) == ("interrupted", "our_fault")
    assert logged(response).items[0]["content"][0]["text"] == "Half"


def test_the_end_is_what_the_event_says_even_without_a_status(home: WorkerLoop, turn: Turn) -> None:
    response = play(home, turn, CREATED, text("Hello", 1), DONE | {"response": {"id": "resp_1"}})
    assert response.status == "completed"


def test_the_id_is_learned_from_whichever_event_has_it_first(home: WorkerLoop, turn: Turn) -> None:
    response = play(home, turn, CREATED | {"type": "response.in_progress"}, text("Hello", 1), DONE)
    assert (response.response_id, response.upstream_state) == ("resp_1", "stored")


def test_what_the_end_brings_beyond_the_stream_is_kept(home: WorkerLoop, turn: Turn) -> None:
    part = {"type": "output_text", "text": "Healed"}
    output = [{"type": "message", "id": "msg_1", "role": "assistant", "content": [part]}]
    whole = DONE | {"response": DONE["response"] | {"output": output}}
    response = play(home, turn, CREATED, text("Heal", 1), whole)
    assert kept(response) == "Healed" == logged(response).items[0]["content"][0]["text"]


def test_an_item_is_saved_soon_after_it_is_finished(home: WorkerLoop, turn: Turn) -> None:
    item = {"type": "message", "content": [{"type": "output_text", "text": "Kept"}]}
    done = {"type": "response.output_item.done", "sequence_number": 1, "output_index": 0, "item": item}
    saved: list[Any] = []

    async def look() -> None:
        while not saved:
            await asyncio.sleep(0.02)
            checkpoint = await home.write(lambda: turn.responses.get().checkpoint)
            saved.extend(checkpoint["state"]["items"] if checkpoint else [])

    play(home, turn, CREATED, done, look, DONE)
    assert saved == [item]


def test_a_stop_whose_message_was_lost_is_noticed(
    home: WorkerLoop, turn: Turn, alice: User, settings: Settings
) -> None:
    settings.CHECKPOINT_SECONDS = 0.05

    async def stall() -> None:
        await home.write(lambda: turns.request_stop(alice, turn.responses.get().pk))
        await asyncio.sleep(20)

    response = play(home, turn, CREATED, text("Seen", 1), stall)
    assert (response.status, response.stopped_by) == ("cancelled", alice)
    assert logged(response).items[0]["content"][0]["text"] == "Seen"


def test_a_run_that_was_taken_over_stops_streaming(home: WorkerLoop, turn: Turn, settings: Settings) -> None:
    settings.CHECKPOINT_SECONDS = 0.05

    async def taken_over() -> None:
        await home.write(lambda: Response.objects.update(claim=uuid4()))
        await asyncio.sleep(20)

    response = play(home, turn, CREATED, text("Seen", 1), taken_over)
    assert response.status == "in_progress"


@settings(shapes.SOME, max_examples=15)
@given(said=shapes.events(most=6), end=shapes.ENDS)
def test_whatever_upstream_says_an_answer_ends_and_is_kept(
    home: WorkerLoop, alice: User, conversation: Conversation, said: list[Event], end: Event
) -> None:
    last = conversation.turns.order_by("number").last()
    asked = turns.send_message(
        alice, conversation.pk, client_key=uuid4(), text="Go", tip=last.pk if last else None
    )
    created = CREATED | {"response": {"id": f"resp_{uuid4().hex}", "status": "in_progress"}}
    response = play(home, asked, created, *said, end)
    assert response.status in TERMINAL
    assert response.error != OUR_FAULT
    assert logged(response).items is not None
    assert all(isinstance(item.payload, dict) for item in response.items.all())

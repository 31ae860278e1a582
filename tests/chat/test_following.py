"""The log, the hub and the sockets on a real Redis: rows, reading and live frames make one stream.

Seeded scripts append, lose the log or its end, take over, drop, double and reorder the news and flood the
mailboxes while sockets come and go; in the end each of them has what a fresh snapshot has.
"""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import orjson
import pytest
from channels.db import database_sync_to_async

from conversations import bus
from conversations.chat import hub, ledger, snapshots
from conversations.chat.event_log import EventLog, Fenced, LogWriter, read_after
from conversations.chat.frames import Frame, nudge
from conversations.chat.transcript import Transcript
from conversations.models import Conversation, Response, User
from tests.chat.wires import Connect, Socket
from tests.talk import Answer

pytestmark = pytest.mark.django_db(transaction=True)

NOWHERE = "nobody-listens-here"
STEPS = 40


class Reader:
    """A client of the protocol on one socket after the other."""

    def __init__(
        self, connect: Callable[[], Awaitable[Socket]], conversation: Conversation, response: Response
    ) -> None:
        self.connect = connect
        self.response = str(response.pk)
        self.path = f"/api/conversations/{conversation.pk}/"
        self.answer = Answer({"revision": 0, "status": "queued"})
        self.resyncs = 0
        self.task: asyncio.Task[None] | None = None

    async def come_back(self) -> None:
        await self.leave()
        self.socket = await self.connect()
        self.task = asyncio.create_task(self._listen())

    async def leave(self) -> None:
        if self.task is not None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)
            await self.socket.wire.close()

    async def read(self) -> None:
        position = {"epoch": self.answer.epoch, "after": self.answer.seq}
        await self.socket.send({"type": "response.read", "response": self.response, **position})

    async def reaches(self, number: int) -> None:
        async with asyncio.timeout(60):
            while self.answer.transcript.upstream_seq < number:  # noqa: ASYNC110  it follows in its own task
                await asyncio.sleep(0.01)

    async def _listen(self) -> None:
        while True:
            message = await self.socket.receive()
            if message["type"] in {"hello", "resync"}:
                self.resyncs += message["type"] == "resync"
                await self._load()
            elif message["type"] == "frame":
                self.answer.fold(message)

    async def _load(self) -> None:
        page = (await database_sync_to_async(self.socket.django.get)(self.path)).json()
        self.answer.know(page["turns"][0]["responses"][0])
        await self.read()


class Script:
    """What a worker, Redis and the network do to one answer; chance decides everything, by its seed."""

    def __init__(
        self, chance: random.Random, log: EventLog, conversation: Conversation, response: Response
    ) -> None:
        self.chance = chance
        self.log = log
        self.conversation = conversation
        self.response = response
        self.key = bus.log_key(response.pk)
        self.writer = self._writer(Transcript(), 1)
        self.published = (0, -1)
        self.held: list[bytes] = []

    def _writer(self, transcript: Transcript, epoch: int) -> LogWriter:
        writer = self.log.open(self.response.pk, self.conversation.pk, transcript, epoch)
        # The log tells nobody: here the script is the network.
        writer.conversation = NOWHERE
        return writer

    def say(self) -> None:
        for _ in range(self.chance.randint(1, 4)):
            number = self.writer.transcript.upstream_seq + 1
            event = {
                "type": "response.output_text.delta",
                "sequence_number": number,
                "delta": f"{number} 😀 ",
            }
            self.writer.transcript.apply(event)
            self.writer.append(event)

    async def settle(self) -> None:
        await self.writer.drained()

    async def speak(self) -> None:
        self.say()
        if self.chance.random() < 0.7:
            await self.settle()

    async def checkpoint(self) -> None:
        saved = self.writer.position()
        rows = Response.objects.filter(pk=self.response.pk)
        await rows.aupdate(checkpoint=saved, epoch=saved["epoch"])

    async def lose_the_log(self) -> None:
        bus.client().delete(self.key)

    async def lose_its_end(self) -> None:
        """As when Redis went down before the last entries were on disk."""
        entries: Any = bus.client().xrevrange(self.key, count=self.chance.randint(1, 2))
        for entry, _fields in entries:
            bus.client().xdel(self.key, entry)

    async def take_over(self) -> None:
        old = self.writer
        row = await Response.objects.aget(pk=self.response.pk)
        transcript, epoch, _seq = await database_sync_to_async(snapshots.open_state)(row)
        self.writer = self._writer(transcript, max(epoch, old.epoch) + 1)
        self.writer.append(transcript.as_event())
        await self.settle()
        old.append({"type": "response.output_text.delta", "sequence_number": 10_000, "delta": "too late"})
        with contextlib.suppress(Fenced):
            await old.drained()
        assert old.fenced

    async def tell(self) -> None:
        """News of what was appended: some dropped, some doubled, late or early, some without the frame."""
        frames = read_after(self.response.pk, *self.published)
        for raw in frames:
            fields = orjson.loads(raw)
            frame = Frame(**{name: fields[name] for name in Frame._fields})
            self.published = (frame.epoch, frame.seq)
            body = raw if self.chance.random() < 0.8 else b""
            news = nudge(str(self.conversation.pk), frame, body)
            self.held += [news] * self.chance.choice([0, 1, 1, 2])
        if self.chance.random() < 0.3:
            self.chance.shuffle(self.held)
        count = self.chance.randint(0, len(self.held))
        bus.client().publish(bus.FRAMES, b"".join(self.held[:count]))
        self.held = self.held[count:]


@pytest.fixture
async def log() -> AsyncIterator[EventLog]:
    log = EventLog(bus.async_client())
    yield log
    await log.close()


@pytest.fixture
async def streaming(running: Response) -> Response:
    worker = await database_sync_to_async(ledger.register_worker)()
    await database_sync_to_async(ledger.claim)(running.pk, worker)
    return running


WEIGHTS: list[tuple[Callable[[Script], Awaitable[None]], int]] = [
    (Script.speak, 8),
    (Script.tell, 8),
    (Script.checkpoint, 3),
    (Script.lose_the_log, 1),
    (Script.lose_its_end, 1),
    (Script.take_over, 1),
]


@pytest.mark.parametrize("seed", range(6))
async def test_every_reader_ends_with_the_fresh_snapshot(
    connect: Connect,
    alice: User,
    conversation: Conversation,
    streaming: Response,
    log: EventLog,
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
) -> None:
    chance = random.Random(seed)
    monkeypatch.setattr(hub, "MAILBOX_SIZE", chance.choice([1, 3, 256]))
    script = Script(chance, log, conversation, streaming)
    readers = [Reader(lambda: connect(alice, conversation), conversation, streaming) for _ in range(3)]
    for reader in readers:
        await reader.come_back()
    kinds, weights = zip(*WEIGHTS, strict=True)
    for step in chance.choices(kinds, weights, k=STEPS):
        await step(script)
        if chance.random() < 0.1:
            await chance.choice(readers).come_back()
        if chance.random() < 0.1:
            await chance.choice(readers).read()
    script.say()
    await script.settle()
    await script.checkpoint()
    for reader in readers:
        await reader.read()
        await reader.reaches(script.writer.transcript.upstream_seq)
        await reader.leave()
    row = await Response.objects.aget(pk=streaming.pk)
    fresh, _epoch, _seq = await database_sync_to_async(snapshots.open_state)(row)
    said = "".join(f"{number} 😀 " for number in range(fresh.upstream_seq + 1))
    assert fresh.items == [{"content": [{"text": said}]}] == script.writer.transcript.items
    assert [reader.answer.transcript.items for reader in readers] == [fresh.items] * 3
    assert sum(reader.resyncs for reader in readers) < STEPS

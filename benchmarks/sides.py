"""The three ways through which the same answers go. Clients only note what came and when: they share the
processor with what is measured, so everything is parsed and proved after the end.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import (
    AbstractContextManager,
    AsyncExitStack,
    asynccontextmanager,
    contextmanager,
    nullcontext,
)
from pathlib import Path
from uuid import uuid4

import aiohttp
import orjson
import psutil
import uvloop
from openai import AsyncOpenAI

from benchmarks.figures import DELTAS, Meter, Own, Piece, Run
from conversations.chat.transcript import Transcript, follows
from responses_ui.processes import LOOPBACK, Process, free_port, web
from tests.stack import Program, Stack, says
from tests.talk import Person, signed_in

MODEL = f"gpt-5.1+stamp+deltas={DELTAS}@50"
QUESTION = "Go."
RAMP_SECONDS = 1.0
LIMIT_SECONDS = 120


async def ramped(answers: int, work: Callable[[int], Awaitable[None]]) -> None:
    async def late(number: int) -> None:
        await asyncio.sleep(RAMP_SECONDS * number / answers)
        await work(number)

    async with asyncio.timeout(LIMIT_SECONDS):
        await asyncio.gather(*(late(number) for number in range(answers)))


class Listener:
    """One open tab."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.asked_at = 0.0
        self.heard: list[tuple[float, str]] = []

    async def ask(self, message: str, last: str) -> None:
        """Send, and listen until a message holds the words `last` or the socket closes."""
        self.asked_at = time.time()
        await self.socket.send_str(message)
        heard = self.heard
        async for message_ in self.socket:
            text: str = message_.data
            heard.append((time.time(), text))
            if last in text:
                break


# The product


def product(stack: Stack, answers: int, beside: AbstractContextManager[object] | None = None) -> Run:
    """`beside`: what goes on meanwhile, once everyone has signed in."""
    return uvloop.run(_product(stack, answers, beside or nullcontext()))


async def _product(stack: Stack, answers: int, meanwhile: AbstractContextManager[object]) -> Run:
    run = Run("Responses UI", answers)
    parts = {part.name: part.pid for part in (stack.web, stack.worker, stack.redis, stack.beat)}
    beside = {"database": postmaster(), "emulator": stack.emulator.pid}
    async with signed_in(stack, "alice") as alice, AsyncExitStack() as opened:
        tabs = [await opened.enter_async_context(_tab(alice)) for _ in range(answers)]
        with meanwhile, Meter(**parts) as ours, Meter(**beside) as others, Own() as client:
            await ramped(answers, lambda number: tabs[number].ask(_message(), '"type":"receipt"'))
    run.cpu, run.beside = ours.spent, others.spent | {"client": client.spent}
    kept = _ledger(stack)
    for tab in tabs:
        response, pieces, text = _folded(tab)
        if kept.get(response) == text:
            run.heard(tab.asked_at, pieces)
    return run


@asynccontextmanager
async def _tab(person: Person) -> AsyncIterator[Listener]:
    url = f"{person.stack.url}/ws/conversations/{await person.start()}/"
    async with person.session.ws_connect(url, headers=person.headers, max_msg_size=0) as socket:
        hello = await socket.receive_json()
        assert hello["type"] == "hello", hello
        yield Listener(socket)


def _message() -> str:
    message = {"type": "message.create", "client_key": str(uuid4()), "text": QUESTION, "tip": None}
    return orjson.dumps(message).decode()


def _folded(tab: Listener) -> tuple[str, list[Piece], str]:
    """The response's id, its deltas, and the text that a page would show at the end."""
    transcript, at, pieces, response = Transcript(), (0, -1), [], ""
    for heard_at, raw in tab.heard:
        frame = orjson.loads(raw)
        if frame["type"] != "frame" or not follows(*at, frame["epoch"], frame["seq"]):
            continue
        at, response = (frame["epoch"], frame["seq"]), frame["response"]
        for event in frame["events"]:
            transcript.apply(event)
            if event["type"] == "response.output_text.delta":
                pieces.append((heard_at, event["delta"]))
    return response, pieces, "".join(part["text"] for item in transcript.items for part in item["content"])


def _ledger(stack: Stack) -> dict[str, str]:
    """The text of every whole answer, by response."""
    return {
        str(response): text
        for response, text in stack.rows(
            "SELECT response.id, item.text FROM conversations_response response"
            " JOIN conversations_item item ON item.response_id = response.id AND item.direction = 'output'"
            " WHERE response.status = 'completed'"
        )
    }


def postmaster() -> int:
    """The private database's first process, a child of ours."""
    children = psutil.Process().children(recursive=True)
    return int(next(one.pid for one in children if one.name() == "postgres"))


# An asyncio program with the SDK's default client and nothing else


def bare_loop(stack: Stack, answers: int) -> Run:
    return asyncio.run(_bare_loop(stack, answers))


async def _bare_loop(stack: Stack, answers: int) -> Run:
    run = Run("bare AsyncOpenAI loop", answers)
    heard: list[tuple[float, list[Piece]]] = []

    async def one(_: int) -> None:
        asked_at = time.time()
        stream = await client.responses.create(model=MODEL, input=QUESTION, stream=True)
        pieces = [
            (time.time(), event.delta) async for event in stream if event.type == "response.output_text.delta"
        ]
        heard.append((asked_at, pieces))

    async with AsyncOpenAI(base_url=_base_url(stack), api_key=stack.env["EMULATOR_KEY"]) as client:
        with Own() as own, Meter(emulator=stack.emulator.pid) as emulator:
            await ramped(answers, one)
    run.cpu, run.beside = {"loop": own.spent}, emulator.spent
    for asked_at, pieces in heard:
        run.heard(asked_at, pieces)
    return run


def _base_url(stack: Stack) -> str:
    return f"{stack.emulator_url}/openai/v1/"


# A plain consumer that streams in-process


def plain_consumer(stack: Stack, answers: int) -> Run:
    with _plain_server(stack) as (url, server):
        uvloop.run(_plain_consumer(stack, url, server, 1))
        return uvloop.run(_plain_consumer(stack, url, server, answers))


@contextmanager
def _plain_server(stack: Stack) -> Iterator[tuple[str, Program]]:
    """Served exactly as the product is."""
    port = free_port()
    ours = web(LOOPBACK, port)
    command = tuple(
        "benchmarks.plain_consumer:app" if word == "responses_ui.asgi:application" else word
        for word in ours.command
    )
    upstream = {
        "OPENAI_BASE_URL": _base_url(stack),
        "OPENAI_API_KEY": stack.env["EMULATOR_KEY"],
        "OPENAI_MODEL": MODEL,
    }
    log = Path(stack.folder) / "plain.log"
    server = Program(
        Process("plain", command), env=stack.env | upstream, log=log, ready=says("Uvicorn running")
    )
    server.start()
    try:
        yield f"http://{LOOPBACK}:{port}/", server
    finally:
        server.kill()


async def _plain_consumer(stack: Stack, url: str, server: Program, answers: int) -> Run:
    run = Run("plain consumer, in-process", answers)
    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session,
        AsyncExitStack() as opened,
    ):
        sockets = [await opened.enter_async_context(session.ws_connect(url)) for _ in range(answers)]
        tabs = [Listener(socket) for socket in sockets]
        with Meter(web=server.pid) as ours, Meter(emulator=stack.emulator.pid) as emulator, Own() as client:
            await ramped(answers, lambda number: tabs[number].ask(QUESTION, '"done"'))
    run.cpu, run.beside = ours.spent, emulator.spent | {"client": client.spent}
    for tab in tabs:
        run.heard(tab.asked_at, [(at, orjson.loads(raw)["delta"]) for at, raw in tab.heard])
    return run

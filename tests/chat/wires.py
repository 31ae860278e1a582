"""Sockets of the real application on a server of the test's own, and frames that reach them by hand."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import orjson
import pytest
import uvicorn
from channels.db import database_sync_to_async
from django.test import Client

from conversations import bus
from conversations.chat import hub
from conversations.chat.frames import Frame, nudge
from conversations.models import Conversation, Response, User
from responses_ui.asgi import application
from responses_ui.processes import LOOPBACK, SOCKET_BYTES, free_port

Json = dict[str, Any]


class Socket:
    """A client that knows no more than the protocol."""

    def __init__(self, wire: aiohttp.ClientWebSocketResponse, django: Client) -> None:
        self.wire = wire
        self.django = django

    async def hello(self) -> Json:
        return await self.receive()

    async def send(self, message: Json | str) -> None:
        await self.wire.send_str(message if isinstance(message, str) else orjson.dumps(message).decode())

    async def receive(self) -> Json:
        found: Json = orjson.loads(await self.wire.receive_str(timeout=30))
        return found

    async def receive_until(self, kind: str) -> Json:
        while (message := await self.receive())["type"] != kind:
            pass
        return message

    async def closed(self) -> int | None:
        while (await self.wire.receive(timeout=30)).type is aiohttp.WSMsgType.TEXT:
            pass
        return self.wire.close_code


Connect = Callable[..., Awaitable[Socket]]


@pytest.fixture
async def address() -> AsyncIterator[str]:
    port = free_port()
    config = uvicorn.Config(
        application,
        host=LOOPBACK,
        port=port,
        ws="websockets-sansio",
        ws_max_size=SOCKET_BYTES,
        log_config=None,
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  uvicorn has no event for it
        await asyncio.sleep(0.01)
    yield f"{LOOPBACK}:{port}"
    server.should_exit = True
    await serving
    await hub.close_hub()


@pytest.fixture
async def connect(address: str) -> AsyncIterator[Connect]:
    async with aiohttp.ClientSession() as session:
        opened: list[Socket] = []

        async def make(
            user: User | None, conversation: Conversation | UUID, origin: str | None = None
        ) -> Socket:
            key = conversation.pk if isinstance(conversation, Conversation) else conversation
            django = Client()
            if user is not None:
                await database_sync_to_async(django.force_login)(user)
            cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in django.cookies.items())
            headers = {"Origin": f"http://{address}" if origin is None else origin, "Cookie": cookies}
            url = f"ws://{address}/ws/conversations/{key}/"
            opened.append(Socket(await session.ws_connect(url, headers=headers), django))
            return opened[-1]

        yield make
        for socket in opened:
            await socket.wire.close()


def create(text: Any = "Hello", **fields: Any) -> Json:
    return {"type": "message.create", "client_key": str(uuid4()), "text": text, "tip": None} | fields


@pytest.fixture
async def running(alice: User, conversation: Conversation, connect: Connect) -> Response:
    socket = await connect(alice, conversation)
    await socket.hello()
    await socket.send(create())
    turn = await socket.receive_until("message.accepted")
    return await Response.objects.aget(turn=turn["turn"])


def frame(response: Response, seq: int, *, epoch: int = 1) -> Frame:
    event = {"type": "response.output_text.delta", "sequence_number": seq, "delta": f"{seq} "}
    return Frame(str(response.pk), epoch, seq, seq, [event])


def keep(one: Frame) -> None:
    bus.client().xadd(bus.log_key(one.response), {"f": one.dump()}, id=f"{one.epoch}-{one.seq}")


def tell(conversation: Conversation, one: Frame, *, small: bool = True) -> None:
    body = one.dump()
    bus.client().publish(bus.FRAMES, nudge(str(conversation.pk), one, body if small else b" " * 20_000))

"""The usual way to put a model behind a web page, to compare with: the socket's own handler streams.

No worker, no ledger, no log, no rights: what is said while nobody listens is lost.
"""

import os

from openai import AsyncOpenAI
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

client = AsyncOpenAI()
MODEL = os.environ["OPENAI_MODEL"]


async def chat(socket: WebSocket) -> None:
    await socket.accept()
    question = await socket.receive_text()
    stream = await client.responses.create(model=MODEL, input=question, stream=True)
    async for event in stream:
        if event.type == "response.output_text.delta":
            await socket.send_json({"delta": event.delta})
    await socket.close()


app = Starlette(routes=[WebSocketRoute("/", chat)])

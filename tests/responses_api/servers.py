"""What the tests talk to: the emulator as a process, and a server that sends exact bytes."""

import asyncio
import base64
import json
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest
from azure.identity import DefaultAzureCredential, get_bearer_token_provider

from conversations.responses_api import Auth, Endpoint, EndpointKind

KEY = "emulator-key-of-the-door-tests"
KEY_VARIABLE = "DOOR_TEST_KEY"
IDENTITY_HEADER = "identity-header-of-the-door-tests"


@dataclass
class Emulator:
    url: str
    process: subprocess.Popen[bytes]

    @classmethod
    def start(cls, folder: Path, *options: str) -> Self:
        ready = folder / "url"
        command = [sys.executable, "-m", "conversations.emulator", "--port", "0", "--key", KEY]
        command += ["--store", str(folder / "store.sqlite"), "--ready-file", str(ready)]
        command += ["--identity-header", IDENTITY_HEADER, "--rate", "2000", "--first-token", "0", *options]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        for _ in range(400):
            if ready.exists():
                return cls(ready.read_text().strip(), process)
            if process.poll() is not None:
                break
            time.sleep(0.05)
        process.kill()
        process.wait(timeout=60)
        raise RuntimeError("The emulator did not get ready.")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=60)

    def control(self, method: str, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_emulator/{path}", data, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())

    def requests(self, operation: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.control("GET", f"requests?operation={operation}")["requests"]
        return found

    def give_identity(self, environment: pytest.MonkeyPatch) -> None:
        """Makes this process one that Azure has given a managed identity, as on App Service."""
        environment.setenv("IDENTITY_ENDPOINT", f"{self.url}/identity/token")
        environment.setenv("IDENTITY_HEADER", IDENTITY_HEADER)

    def token_provider(self, scope: str) -> Callable[[], str]:
        return get_bearer_token_provider(DefaultAzureCredential(), scope)

    def endpoint(self, kind: EndpointKind = EndpointKind.AZURE_V1, auth: Auth = Auth.ENV) -> Endpoint:
        dated = kind is EndpointKind.AZURE_DATED
        path = {EndpointKind.AZURE_V1: "/openai/v1/", EndpointKind.OPENAI: "/v1/"}.get(kind, "")
        return Endpoint(
            kind=kind,
            base_url=self.url + path,
            api_version="2025-03-01-preview" if dated else "",
            auth=auth,
            key_name=KEY_VARIABLE if auth is Auth.ENV else "",
        )


def audience(header: str) -> str:
    """What a bearer token of the emulator's identity is good for; nothing for a key."""
    payload = header.removeprefix("Bearer ").partition(".")[0]
    try:
        claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload))
    except ValueError:
        return ""
    return str(claims["aud"])


EVENTS = "text/event-stream"


@dataclass
class RawServer:
    """Answers every request with the given pieces, each sent on its own.

    `ending`: "end" closes the body properly, "cut" closes the connection, "reset" resets it, "hang" does
    nothing. After `client_left` is set the client's end of the connection is closed.
    """

    pieces: Iterable[bytes] = ()
    ending: str = "end"
    status: str = "200 OK"
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = EVENTS
    pause: float = 0.002
    speak_first: bool = True
    tls: ssl.SSLContext | None = None

    def __post_init__(self) -> None:
        self.port = 0
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.connections = 0
        self.asked = asyncio.Event()
        self.client_left = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def endpoint(self) -> Endpoint:
        url = f"http://127.0.0.1:{self.port}/v1/"
        return Endpoint(kind=EndpointKind.OPENAI, base_url=url, auth=Auth.NONE)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self.connections += 1
        try:
            while await self._answer(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            self.client_left.set()
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        await self._read(reader)
        if self.speak_first:
            writer.write(self._head())
        for piece in self.pieces:
            writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            await writer.drain()
            await asyncio.sleep(self.pause)
        match self.ending:
            case "end":
                writer.write(b"0\r\n\r\n")
                return True
            case "reset":
                writer.transport.abort()
            case "hang":
                await reader.readexactly(1)
        return False

    async def _read(self, reader: asyncio.StreamReader) -> None:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines)
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.requests.append((first, headers, body))
        self.asked.set()

    def _head(self) -> bytes:
        headers = {"content-type": self.content_type, "transfer-encoding": "chunked", **self.headers}
        lines = [f"HTTP/1.1 {self.status}", *(f"{name}: {value}" for name, value in headers.items() if value)]
        return "\r\n".join([*lines, "", ""]).encode()


def sse(*events: dict[str, Any] | str) -> bytes:
    """Events as a Responses API sends them: an `event:` line, JSON, a blank line."""
    return b"".join(_one(event) for event in events)


def _one(event: dict[str, Any] | str) -> bytes:
    if isinstance(event, str):
        return f"data: {event}\n\n".encode()
    return f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()

"""The only way that Chromium has to the network: a forward proxy on loopback, for one run.

Its parser is h11; what it lets through and where it connects to is decided by `sites`. Ready-made ones don't
fit: proxy.py forks processes, takes over signals, and sends later requests of a connection to where the first
went; mitmproxy ties two dozen packages, some of which we share, to upper bounds, to take TLS apart, which
nobody needs here.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import h11

from conversations.tools.browser.sites import Refused, Sites

logger = logging.getLogger(__name__)

CONNECT_SECONDS = 10.0
CHUNK = 65_536
LONGEST_HEAD = 262_144
NO_SITE = "It is no address of a site."
# They concern one connection only. Framing is h11's own.
HOP_BY_HOP = {
    *(b"connection", b"keep-alive", b"proxy-connection", b"proxy-authorization", b"proxy-authenticate"),
    *(b"te", b"trailer", b"upgrade"),
}

OnRefused = Callable[[str, str], None]


class Proxy:
    """`on_refused` gets the address without its query, and why."""

    def __init__(self, sites: Sites, on_refused: OnRefused) -> None:
        self._sites = sites
        self._on_refused = on_refused
        self._server: asyncio.Server | None = None
        self._served: set[asyncio.Task[None]] = set()

    async def start(self) -> int:
        """The port."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def close(self) -> None:
        if self._server:
            self._server.close()
        for task in self._served:
            task.cancel()
        await asyncio.gather(*self._served, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A task of our own, so that closing can wait for it.
        task = asyncio.ensure_future(self._serve(Peer(reader, writer, h11.SERVER)))
        self._served.add(task)
        task.add_done_callback(self._served.discard)

    async def _serve(self, client: "Peer") -> None:
        try:
            request = await client.next()
            if isinstance(request, h11.Request):
                await self._answer(client, request)
        except (OSError, h11.ProtocolError, TimeoutError) as error:
            # What breaks off here is seen by Chromium, which says so on its page.
            logger.debug("A connection through the proxy broke: %r", error)
        finally:
            client.writer.close()

    async def _answer(self, client: "Peer", request: h11.Request) -> None:
        try:
            host, port, path = _target(request)
            upstream = await self._connect(host, port)
        except Refused as refusal:
            self._on_refused(_shown(request), str(refusal))
            await client.say(403, str(refusal))
        except (OSError, TimeoutError, UnicodeError):
            await client.say(502, "The site can't be reached.")
        else:
            await _carry(client, upstream, request, path)

    async def _connect(self, host: str, port: int) -> "Peer":
        reader, writer = await _reach(await self._sites.addresses(host, port), port)
        return Peer(reader, writer, h11.CLIENT)


class Peer:
    """One end of a connection, and what h11 knows of it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, role: Any) -> None:
        self.reader, self.writer = reader, writer
        self.http = h11.Connection(role, max_incomplete_event_size=LONGEST_HEAD)

    async def next(self) -> Any:
        while (event := self.http.next_event()) is h11.NEED_DATA:
            self.http.receive_data(await self.reader.read(CHUNK))
        return event

    async def send(self, *events: Any) -> None:
        for event in events:
            self.writer.write(self.http.send(event) or b"")
        await self.writer.drain()

    async def say(self, status: int, sentence: str) -> None:
        body = sentence.encode()
        headers = [
            ("content-type", "text/plain; charset=utf-8"),
            ("content-length", str(len(body))),
            ("connection", "close"),
        ]
        await self.send(h11.Response(status_code=status, headers=headers), h11.Data(data=body))
        await self.send(h11.EndOfMessage())


async def _reach(addresses: list[str], port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    trouble: Exception = OSError("The name has no address.")
    for address in addresses:
        try:
            return await asyncio.wait_for(asyncio.open_connection(address, port), CONNECT_SECONDS)
        except (OSError, TimeoutError) as error:
            trouble = error
    raise trouble


def _target(request: h11.Request) -> tuple[str, int, bytes]:
    """Host, port, and what to ask it for."""
    text = request.target.decode("ascii", "replace")
    is_tunnel = request.method == b"CONNECT"
    try:
        parts = urlsplit(f"https://{text}" if is_tunnel else text)
        port = parts.port or (443 if is_tunnel else 80)
    except ValueError:
        raise Refused(NO_SITE) from None
    if not parts.hostname or not (is_tunnel or parts.scheme == "http"):
        raise Refused(NO_SITE)
    path = f"{parts.path or '/'}{'?' * bool(parts.query)}{parts.query}"
    return parts.hostname, port, path.encode()


def _shown(request: h11.Request) -> str:
    text = request.target.decode("ascii", "replace")
    if request.method == b"CONNECT":
        return f"https://{text.removesuffix(':443')}/"
    return text.partition("?")[0]


async def _carry(client: Peer, upstream: Peer, request: h11.Request, path: bytes) -> None:
    try:
        if request.method == b"CONNECT":
            await _tunnel(client, upstream)
        else:
            await _exchange(client, upstream, request, path)
    finally:
        upstream.writer.close()


async def _tunnel(client: Peer, upstream: Peer) -> None:
    await client.next()  # the end of the request: only then the connection may become a tunnel
    await client.send(h11.Response(status_code=200, headers=[]))
    early, _ended = client.http.trailing_data
    upstream.writer.write(early)
    both = [asyncio.ensure_future(_pour(*pair)) for pair in ((client, upstream), (upstream, client))]
    try:
        await asyncio.gather(*both)
    finally:
        await _end(*both)


async def _pour(source: Peer, goal: Peer) -> None:
    while data := await source.reader.read(CHUNK):
        goal.writer.write(data)
        await goal.writer.drain()
    if goal.writer.can_write_eof():
        goal.writer.write_eof()


async def _exchange(client: Peer, upstream: Peer, request: h11.Request, path: bytes) -> None:
    """One request and its answer; the connection isn't used again, so that each is decided anew."""
    headers = [*_end_to_end(request.headers), (b"connection", b"close")]
    await upstream.send(h11.Request(method=request.method, target=path, headers=headers))
    sending = asyncio.ensure_future(_forward(client, upstream))
    try:
        await _give_back(client, upstream)
    finally:
        await _end(sending)


async def _forward(client: Peer, upstream: Peer) -> None:
    while isinstance(event := await client.next(), h11.Data):
        await upstream.send(event)
    await upstream.send(h11.EndOfMessage())


async def _give_back(client: Peer, upstream: Peer) -> None:
    while isinstance(event := await upstream.next(), h11.InformationalResponse):
        pass
    headers = [*_end_to_end(event.headers), (b"connection", b"close")]
    await client.send(h11.Response(status_code=event.status_code, reason=event.reason, headers=headers))
    while isinstance(event := await upstream.next(), h11.Data):
        await client.send(event)
    await client.send(h11.EndOfMessage())


async def _end(*tasks: asyncio.Future[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _end_to_end(headers: Any) -> list[tuple[bytes, bytes]]:
    return [(name, value) for name, value in headers if name not in HOP_BY_HOP]

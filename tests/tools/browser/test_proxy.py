"""The filter between Chromium and the network, without a Chromium."""

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web

from conversations.tools.browser.proxy import Proxy
from conversations.tools.browser.sites import Refused, Sites, is_public


@dataclass
class Way:
    """A site, and a proxy that lets through to it as `127.0.0.1`, to nothing else on this machine."""

    site: int
    port: int
    sites: Sites
    refused: list[tuple[str, str]] = field(default_factory=list)

    @property
    def proxy(self) -> str:
        return f"http://127.0.0.1:{self.port}"


async def echo(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"X-Connection": request.headers.get("Connection", "")})
    await answer.prepare(request)
    await answer.write(f"{request.method} {request.raw_path} ".encode())
    async for chunk in request.content.iter_any():
        await answer.write(chunk)
    return answer


@pytest.fixture
async def way() -> AsyncIterator[Way]:
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", echo)
    runner = web.AppRunner(app, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    sites = Sites((f"localhost:{port}",), (f"127.0.0.1:{port}",))
    refused: list[tuple[str, str]] = []
    proxy = Proxy(sites, lambda url, why: refused.append((url, why)))
    yield Way(port, await proxy.start(), sites, refused)
    await proxy.close()
    await runner.cleanup()


async def asked(way: Way, method: str, url: str, body: bytes = b"") -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, url, data=body or None, proxy=way.proxy) as answer,
    ):
        return answer.status, await answer.text()


async def test_a_request_and_its_answer_pass_whole(way: Way) -> None:
    body = b"x" * 300_000
    status, text = await asked(way, "POST", f"http://127.0.0.1:{way.site}/cart?item=3", body)
    assert (status, text) == (200, f"POST /cart?item=3 {body.decode()}")


async def test_a_head_has_no_body(way: Way) -> None:
    assert await asked(way, "HEAD", f"http://127.0.0.1:{way.site}/") == (200, "")


async def test_what_is_not_listed_is_refused_and_on_record_without_its_query(way: Way) -> None:
    status, text = await asked(way, "GET", "http://other.test/a?secret=1")
    assert (status, text) == (403, "It is not on the list of sites that may be visited.")
    assert way.refused == [("http://other.test/a", text)]


async def test_a_listed_name_with_a_private_address_is_refused(way: Way) -> None:
    status, text = await asked(way, "GET", f"http://localhost:{way.site}/")
    assert (status, text) == (403, "Its address is private.")
    assert way.refused == [(f"http://localhost:{way.site}/", text)]


async def tunnelled(way: Way, target: str) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", way.port)
    writer.write(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    if b" 200 " in head:
        writer.write(b"GET /inside HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        head += await reader.read()
    writer.close()
    await writer.wait_closed()
    return head


async def test_a_tunnel_carries_whatever_is_sent(way: Way) -> None:
    assert b"GET /inside" in await tunnelled(way, f"127.0.0.1:{way.site}")


@pytest.mark.parametrize(
    ("target", "shown"),
    [
        ("other.test:443", "https://other.test/"),
        ("127.0.0.1:1", "https://127.0.0.1:1/"),
        ("[::1]:443", "https://[::1]/"),
        ("169.254.169.254:80", "https://169.254.169.254:80/"),
        ("127.0.0.1:99999", "https://127.0.0.1:99999/"),
    ],
)
async def test_a_tunnel_elsewhere_is_refused(way: Way, target: str, shown: str) -> None:
    assert b" 403 " in await tunnelled(way, target)
    assert [url for url, _why in way.refused] == [shown]


async def test_a_site_that_is_down_is_no_refusal(way: Way) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    proxy = Proxy(Sites((), (f"127.0.0.1:{port}",)), lambda *refusal: way.refused.append(refusal))
    down = Way(port, await proxy.start(), way.sites)
    assert await asked(down, "GET", f"http://127.0.0.1:{port}/") == (502, "The site can't be reached.")
    assert not way.refused
    await proxy.close()


@pytest.mark.parametrize("what", [b"", b"nonsense\r\n\r\n", b"GET / HTTP/1.1\r\n"])
async def test_what_is_no_request_is_dropped(way: Way, what: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", way.port)
    writer.write(what)
    writer.write_eof()
    assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()


async def test_an_address_without_a_host_is_refused(way: Way) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", way.port)
    writer.write(b"GET /etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n")
    assert b" 403 " in await reader.read()
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize(
    ("site", "host", "port", "fits"),
    [
        ("shop.test", "shop.test", 443, True),
        ("shop.test", "SHOP.test.", 80, True),
        ("shop.test", "www.shop.test", 443, False),
        ("shop.test", "evilshop.test", 443, False),
        ("shop.test", "shop.test", 8443, False),
        ("shop.test:8443", "shop.test", 8443, True),
        ("shop.test:8443", "shop.test", 443, False),
        ("*.shop.test", "www.shop.test", 443, True),
        ("*.shop.test", "a.b.shop.test", 443, True),
        ("*.shop.test", "shop.test", 443, False),
        ("*.shop.test", "evilshop.test", 443, False),
        ("*", "any.test", 443, True),
        ("*", "any.test", 22, False),
        ("[2606:4700::1]:8443", "2606:4700::1", 8443, True),
        ("2606:4700::1", "2606:4700::1", 443, True),
    ],
)
def test_a_list_means_exactly_what_it_says(site: str, host: str, port: int, fits: bool) -> None:
    sites = Sites((site,), ())
    if fits:
        sites.check(host, port)
    else:
        with pytest.raises(Refused):
            sites.check(host, port)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:4700::1", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("168.63.129.16", False),
        ("0.0.0.1", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::10.0.0.1", False),
        ("2002:a00:1::", False),
        ("fe80::1%eth0", False),
        ("fd00:ec2::254", False),
    ],
)
def test_an_address_is_public_or_not(address: str, public: bool) -> None:
    assert is_public(address) is public


async def test_a_name_can_not_point_elsewhere_later() -> None:
    answers = iter((["93.184.216.34"], ["10.0.0.1"]))

    async def look_up(host: str, port: int) -> list[str]:
        return next(answers)

    sites = Sites(("shop.test",), (), look_up)
    assert await sites.addresses("shop.test", 443) == await sites.addresses("Shop.test.", 443)


async def test_one_private_address_among_others_is_enough_to_refuse() -> None:
    async def look_up(host: str, port: int) -> list[str]:
        return ["93.184.216.34", "10.0.0.1"]

    with pytest.raises(Refused, match="private"):
        await Sites(("shop.test",), (), look_up).addresses("shop.test", 443)

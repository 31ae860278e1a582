"""A site that reports what it is given, and a browser on it."""

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from aiohttp import ClientConnectionResetError, web
from PIL import Image

from conversations.tools.browser import Browser, Event, Kind, Outcome
from conversations.tools.browser.executables import on_path
from tests.browsing import unavailable

PAGES = Path(__file__).parent / "pages"
WIDTH, HEIGHT = 800, 600


@dataclass
class Site:
    """`said`: what pages told by `say(…)`, in order."""

    port: int = 0
    said: list[Any] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    release: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str = "") -> str:
        return f"http://{self.host}/{path}"

    async def heard(self, wanted: Callable[[list[Any]], bool]) -> list[Any]:
        async with asyncio.timeout(60):
            while not wanted(self.said):
                self.news.clear()
                await self.news.wait()
        return self.said


@dataclass
class Visit:
    """A browser, and what it told."""

    browser: Browser
    site: Site
    events: list[Event]

    async def on(self, path: str) -> Outcome:
        outcome = await self.browser.visit(self.site.url(path))
        self.site.said.clear()
        self.events.clear()
        return outcome

    def told(self, kind: Kind) -> list[tuple[str, str]]:
        return [(event.url, event.detail) for event in self.events if event.kind == kind]


async def serve(site: Site) -> web.AppRunner:
    async def page(request: web.Request) -> web.StreamResponse:
        site.asked.append(request.raw_path)
        return web.Response(text=(PAGES / request.match_info["page"]).read_text(), content_type="text/html")

    async def say(request: web.Request) -> web.Response:
        site.said.append(await request.json())
        site.news.set()
        return web.Response()

    async def redirect(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": request.query["to"]})

    async def never(request: web.Request) -> web.Response:
        await site.release.wait()
        return web.Response(text="at last", content_type="text/html")

    async def download(request: web.Request) -> web.Response:
        return web.Response(body=b"x" * 1000, headers={"Content-Disposition": "attachment; filename=a.exe"})

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Disposition": "attachment; filename=b.zip"})
        await response.prepare(request)
        with suppress(ClientConnectionResetError):
            while not site.release.is_set():
                await response.write(b"x" * 50_000)
                await asyncio.sleep(0.01)
        return response

    app = web.Application()
    app.router.add_get("/redirect", redirect)
    app.router.add_get("/never", never)
    app.router.add_get("/download", download)
    app.router.add_get("/endless", endless)
    app.router.add_post("/say", say)
    app.router.add_get("/{page:[a-z-]+\\.html}", page)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    site.port = runner.addresses[0][1]
    return runner


def chromium_or_skip() -> None:
    if not (os.environ.get("CHROMIUM") or on_path()):
        unavailable()


def pixel(outcome: Outcome, x: int, y: int) -> tuple[int, ...]:
    with Image.open(BytesIO(outcome.screenshot)) as picture:
        assert picture.size == (WIDTH, HEIGHT)
        colour = picture.convert("RGB").getpixel((x, y))
    assert isinstance(colour, tuple)
    return colour

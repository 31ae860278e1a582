"""A site that reports what it is given, and a browser on it."""

from collections.abc import AsyncIterator

import pytest_asyncio

from conversations.tools.browser import Event, Setup, open_browser
from tests.tools.browser.visiting import HEIGHT, WIDTH, Site, Visit, chromium_or_skip, serve


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    site = Site()
    runner = await serve(site)
    yield site
    site.release.set()
    await runner.cleanup()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def visit(site: Site) -> AsyncIterator[Visit]:
    """One browser for the whole module: each test begins with a page of its own."""
    chromium_or_skip()
    events: list[Event] = []
    setup = Setup(site.url("plain.html"), (f"localhost:{site.port}",), (site.host,), WIDTH, HEIGHT)
    browser = await open_browser(setup, events.append)
    yield Visit(browser, site, events)
    await browser.close()

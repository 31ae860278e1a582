"""People at real browsers: who they are, and what the browser's console complained about."""

import os
import re
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Playwright,
    expect,
    sync_playwright,
)

from conversations.tools.browser.executables import on_path
from responses_ui.env import ROOT
from scripts import chromium
from tests.stack import PASSWORD, Stack

PATIENCE_MS = 60_000
SCREENSHOTS = ROOT / ".cache" / "failures"
FLAGS = (
    *("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)


def launch(playwright: Playwright) -> Browser:
    expect.set_options(timeout=PATIENCE_MS)
    path = os.environ.get("CHROMIUM") or on_path() or playwright.chromium.executable_path
    if not Path(path).exists():
        unavailable()
    # Chromium's own sandbox refuses to work for root.
    sandbox = ("--no-sandbox",) if os.geteuid() == 0 else ()
    return playwright.chromium.launch(executable_path=path, headless=True, args=[*FLAGS, *sandbox])


def unavailable() -> None:
    if os.environ.get("CI"):
        pytest.fail(chromium.MISSING)
    pytest.skip(chromium.MISSING)


class Launched:
    """The one browser of this process, for one module after the other."""

    def __init__(self) -> None:
        self._running = ExitStack()
        self._browser: Browser | None = None
        self.is_wanted = False

    def browser(self) -> Browser:
        if self._browser is None:
            playwright = self._running.enter_context(sync_playwright())
            self._browser = launch(playwright)
            self._running.callback(self._browser.close)
        return self._browser

    def close(self) -> None:
        self._browser = None
        self._running.close()


class Visits:
    """`expected` holds patterns of console messages that a test provokes."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.contexts: list[BrowserContext] = []
        self.errors: list[str] = []
        self.expected: list[str] = []

    def page(self, stack: Stack, **options: Any) -> Page:
        context = self.browser.new_context(**{"base_url": stack.url} | options)
        context.set_default_timeout(PATIENCE_MS)
        self.contexts.append(context)
        context.on("console", self._console)
        context.on("weberror", lambda error: self._uncaught(error.error))
        return context.new_page()

    def sign_in(self, stack: Stack, username: str, **options: Any) -> Page:
        """Without drawing the form, which has a test of its own."""
        page = self.page(stack, **options)
        door = page.context.request
        door.get("/login/", fail_on_status_code=True)
        token = next(str(each["value"]) for each in page.context.cookies() if each["name"] == "csrftoken")
        form: dict[str, str | float | bool] = {
            "username": username,
            "password": PASSWORD,
            "csrfmiddlewaretoken": token,
        }
        assert door.post("/login/", form=form, max_redirects=0).status == 302
        page.goto("/")
        return page

    def complaints(self) -> list[str]:
        return [error for error in self.errors if not any(re.search(each, error) for each in self.expected)]

    def close(self, screenshots: str = "") -> None:
        """Each page is pictured first when there is a name to picture it under."""
        if screenshots:
            picture((page for context in self.contexts for page in context.pages), screenshots)
        for context in self.contexts:
            context.close()

    def _console(self, message: ConsoleMessage) -> None:
        # Violations of the content security policy are such errors too.
        if message.type == "error":
            self.errors.append(f"{message.text} ({message.location.get('url', '')})")

    def _uncaught(self, error: Error) -> None:
        self.errors.append(f"uncaught: {error.message}\n{error.stack}")


def picture(pages: Iterable[Page], name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for number, page in enumerate(pages, 1):
        page.screenshot(path=SCREENSHOTS / f"{re.sub(r'[^a-z0-9_]+', '-', name)}-{number}.png")

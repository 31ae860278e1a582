"""A browser that a model or a person works in.

browser = await open_browser(Setup("https://shop.example.com", sites=("*.example.com",)), on_event)
for action in actions_of(item):  # the JSON of a computer_call
    outcome = await browser.do(action)
await browser.close()

`on_event` hears what happens beside the actions, refusals above all. Nothing here knows the ledger, and
Playwright is imported when the first browser is opened, so that web processes never do.
"""

import importlib
from typing import Protocol

from conversations.tools.browser.actions import (
    Action,
    BadAction,
    Click,
    DoubleClick,
    Drag,
    Keypress,
    Move,
    Point,
    Screenshot,
    Scroll,
    Type,
    Wait,
    action_of,
    actions_of,
)
from conversations.tools.browser.outcomes import BrowserError, Event, Hand, Kind, OnEvent, Outcome, Setup

__all__ = [
    "Action",
    "BadAction",
    "Browser",
    "BrowserError",
    "Click",
    "DoubleClick",
    "Drag",
    "Event",
    "Hand",
    "Keypress",
    "Kind",
    "Move",
    "OnEvent",
    "Outcome",
    "Point",
    "Screenshot",
    "Scroll",
    "Setup",
    "Type",
    "Wait",
    "action_of",
    "actions_of",
    "open_browser",
]


class Browser(Protocol):
    """Calls wait for each other. Each may be cancelled; then close the browser, or look what became of it."""

    async def do(self, action: Action) -> Outcome:
        """Carries out one action of the model, waits until the page has settled, and looks. What goes wrong
        on the page is a note; BrowserError means that the browser itself is gone.
        """

    async def person(self, *actions: Action, url: str = "") -> Outcome:
        """For a person who has taken over: what they did since, or the address they go to. It looks sooner,
        since they see what is loading, and its picture is a JPEG, which is soon everywhere.
        """

    async def visit(self, url: str) -> Outcome:
        """Goes to an address, if it may be visited."""

    async def look(self) -> Outcome: ...

    async def read(self) -> str:
        """What the page says, for those who don't see it; without what is written into its fields."""

    async def glance(self) -> Outcome | None:
        """A JPEG for those who watch, beside whatever goes on, which it neither waits for nor holds up; None
        where there can be none just now.
        """

    async def close(self) -> None:
        """Ends every process and removes every file; may be called again."""


async def open_browser(setup: Setup, on_event: OnEvent) -> Browser:
    """A new Chromium with a fresh profile, on its start page. Raises BrowserError when there can be none."""
    driver = importlib.import_module("conversations.tools.browser.driver")
    browser: Browser = await driver.start(setup, on_event)
    return browser

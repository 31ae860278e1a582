"""One Chromium from its start to its end, behind its proxy, with what is done in it."""

import asyncio
import logging
import shutil
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from playwright.async_api import BrowserContext, Error, Page, Playwright, async_playwright

from conversations.tools.browser import chromium, eyes
from conversations.tools.browser.actions import Action, Type, Wait
from conversations.tools.browser.downloads import Quarantine
from conversations.tools.browser.eyes import Sight
from conversations.tools.browser.hands import Hands, travel
from conversations.tools.browser.happenings import (
    BLANK,
    FORBIDDEN_SCHEME,
    WEB,
    Happenings,
    plain_url,
    port_of,
    split,
)
from conversations.tools.browser.outcomes import BrowserError, Kind, OnEvent, Outcome, Setup
from conversations.tools.browser.proxy import Proxy
from conversations.tools.browser.sites import Refused, Sites
from responses_ui.folders import temporary_folder

logger = logging.getLogger(__name__)

ACTION_SECONDS = 15.0
# For all that a person did at one go: whoever stops the task meanwhile waits for it.
PERSON_SECONDS = 60.0
TYPING_SECONDS = 0.02
TAB_SECONDS = 5.0
CLOSE_SECONDS = 10.0
# Until what an action causes has begun, and between two looks at it.
GLANCE_SECONDS = 0.01
MOST_LOOKS = 4
# An action that takes longer is watched.
QUICK_SECONDS = 0.5
JPEG = "image/jpeg"
GONE = "The browser is gone."

Work = Callable[[Page], Awaitable[str]]


@dataclass(frozen=True)
class Patience:
    """For how long the picture waits for a new page, and for what a page fetches; in seconds."""

    load: float
    fetch: float
    media_type: str = "image/png"


MODEL = Patience(load=8.0, fetch=2.0)
LOOK = Patience(load=0.5, fetch=0.2)
# They see what is loading, and the next picture comes soon.
PERSON = Patience(load=0.5, fetch=0.2, media_type=JPEG)


async def start(setup: Setup, on_event: OnEvent) -> "Driver":
    driver = Driver(setup, on_event)
    try:
        await driver.open()
    except BaseException:
        await driver.close()
        raise
    return driver


class Driver:
    def __init__(self, setup: Setup, on_event: OnEvent) -> None:
        self._setup = setup
        self._happenings = Happenings(on_event)
        self._sites = Sites(setup.sites, setup.local)
        self._proxy = Proxy(self._sites, self._happenings.refuse)
        self._hands = Hands(setup.width, setup.height)
        self._turn = asyncio.Lock()
        self._folder: Path | None = None
        self._playwright: Playwright | None = None
        self._context: BrowserContext | None = None
        self._page: Page | None = None
        self._url = setup.start_url
        self._sight = Sight()
        self._is_stuck = False
        self._began_at = 0.0
        self._last = (b"", "")

    async def open(self) -> None:
        if why := self._why_not(self._setup.start_url):
            raise BrowserError(f"The start page {plain_url(self._setup.start_url)} can't be visited. {why}")
        self._folder = await asyncio.to_thread(temporary_folder, "browser")
        port = await self._proxy.start()
        self._playwright = await async_playwright().start()
        self._context = await chromium.launch(self._playwright, self._setup, port, self._folder)
        self._happenings.listen(self._context, Quarantine(self._folder / "downloads"))
        self._page = self._context.pages[0]
        await self.visit(self._setup.start_url)

    async def do(self, action: Action) -> Outcome:
        return await self._work(lambda page: self._hands.carry_out(page, action), MODEL, _seconds(action))

    async def person(self, *actions: Action, url: str = "") -> Outcome:
        seconds = min(sum(map(_seconds, actions)) or ACTION_SECONDS, PERSON_SECONDS)
        return await self._work(lambda page: self._in_hand(page, actions, url), PERSON, seconds)

    async def visit(self, url: str) -> Outcome:
        return await self._work(lambda page: self._go(page, url), MODEL)

    async def look(self) -> Outcome:
        return await self._work(_nothing, LOOK)

    async def read(self) -> str:
        async with self._turn:
            return await eyes.read(self._current)

    async def glance(self) -> Outcome | None:
        page = self._page
        if page is None or not self._may_glance:
            return None
        try:
            sight = await eyes.look(page)
            picture = await eyes.picture(page, sight.hiding, JPEG) if sight else b""
            after = await eyes.look(page)
        except (Error, TimeoutError) as error:
            logger.debug("Nobody could glance at the page: %r", error)
            return None
        # What came to be hidden meanwhile may be seen in it.
        if sight is None or after is None or not {*after.hiding} <= {*sight.hiding}:
            return None
        pointer = (self._hands.pointer.x, self._hands.pointer.y)
        return Outcome(picture, page.url, after.title, pointer, hand=after.hand, media_type=JPEG)

    @property
    def _may_glance(self) -> bool:
        """Between two actions, and in one that takes long."""
        is_quick = self._turn.locked() and monotonic() - self._began_at < QUICK_SECONDS
        return not (is_quick or self._happenings.is_over or self._happenings.is_leaving)

    async def close(self) -> None:
        if self._context:
            await _bounded(self._context.close())
        if self._playwright:
            await _bounded(self._playwright.stop())
        await self._happenings.close()
        await self._proxy.close()
        if self._folder:
            await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)

    @property
    def _current(self) -> Page:
        if self._page is None or self._happenings.is_over:
            raise BrowserError(GONE)
        return self._page

    async def _work(self, work: Work, patience: Patience, seconds: float = ACTION_SECONDS) -> Outcome:
        async with self._turn:
            self._began_at = monotonic()
            self._happenings.begin()
            self._is_stuck = False
            await self._attempt(work(self._current), seconds)
            try:
                return await self._outcome(patience)
            except Error as error:
                raise BrowserError(GONE) from error

    async def _attempt(self, work: Awaitable[str], seconds: float) -> None:
        """What goes wrong on a page is something to tell."""
        try:
            note = await asyncio.wait_for(work, seconds)
        except TimeoutError:
            self._is_stuck = True
            note = f"The page did not react within {seconds:.0f} seconds."
        except Error as error:
            note = f"It could not be done: {_first_line(error)}"
        if note:
            self._happenings.notes.append(note)

    async def _go(self, page: Page, url: str) -> str:
        if why := self._why_not(url):
            self._happenings.refuse(url, why)
        else:
            await page.goto(url, wait_until="commit")
        return ""

    async def _in_hand(self, page: Page, actions: tuple[Action, ...], url: str) -> str:
        notes = [await self._go(page, url)] if url else []
        notes += [await self._hands.carry_out(page, action) for action in actions]
        return " ".join(filter(None, notes))

    def _why_not(self, url: str) -> str:
        parts = split(url)
        if parts.scheme not in WEB:
            return FORBIDDEN_SCHEME
        try:
            self._sites.check(parts.hostname or "", port_of(parts))
        except Refused as refusal:
            return str(refusal)
        return ""

    async def _outcome(self, patience: Patience) -> Outcome:
        """Looks again when something went on meanwhile: what an action causes may begin late, and we may have
        gone elsewhere.
        """
        picture = None
        for _look in range(MOST_LOOKS):
            is_settled = await self._settle(patience)
            stirs = self._happenings.stirs
            await self._follow()
            picture = await self._see(patience.media_type)
            if self._is_stuck and picture is None and not self._happenings.is_leaving:
                self._happenings.hung(self._current)
                self._is_stuck = False
            if not is_settled or self._happenings.stirs == stirs:
                break
        return self._told(picture, patience.media_type)

    def _told(self, picture: bytes | None, media_type: str) -> Outcome:
        if picture is None:
            self._happenings.notes.append("No new picture could be taken; this is the last one.")
        else:
            self._last = (picture, media_type)
        if not self._last[0]:
            raise BrowserError("No picture of the page could be taken.")
        self._url = self._current.url
        pointer = (self._hands.pointer.x, self._hands.pointer.y)
        return Outcome(
            screenshot=self._last[0],
            url=self._url,
            title=self._sight.title,
            pointer=pointer,
            notes=self._happenings.take_notes(),
            is_stale=picture is None,
            hand=self._sight.hand,
            media_type=self._last[1],
            focus=self._sight.focus,
        )

    async def _see(self, media_type: str) -> bytes | None:
        sight = None if self._happenings.is_leaving else await eyes.look(self._current)
        if sight is None:
            return None
        self._sight = sight
        try:
            return await eyes.picture(self._current, sight.hiding, media_type)
        except (Error, TimeoutError) as error:
            logger.debug("No picture could be taken: %r", error)
            return None

    async def _settle(self, patience: Patience) -> bool:
        """Waits for what an action made the page load; False if that takes too long."""
        began, happenings = monotonic(), self._happenings
        while True:
            await asyncio.sleep(GLANCE_SECONDS)
            most = patience.load if happenings.navigations else patience.fetch
            if not happenings.is_loading or happenings.is_over:
                return True
            if monotonic() - began > most:
                break
        if happenings.navigations and patience is MODEL:
            happenings.notes.append("The page has not finished loading.")
        return False

    async def _follow(self) -> None:
        """To the newest tab that leads somewhere, and away from what is closed, crashed or refused."""
        arrivals, self._happenings.arrivals = self._happenings.arrivals, []
        for page in arrivals:
            await self._consider(page)
        if self._is_lost(self._current):
            await self._replace()
        elif self._happenings.has_refused(self._current.url):
            await self._attempt(travel(self._current, "back"), ACTION_SECONDS)

    async def _consider(self, page: Page) -> None:
        try:
            await page.wait_for_load_state("domcontentloaded", timeout=TAB_SECONDS * 1000)
        except Error as error:
            logger.debug("A new tab is slow or gone: %s", error.message)
        if page.is_closed() or page.url == BLANK or page is self._page:
            return
        if split(page.url).scheme not in WEB or self._happenings.has_refused(page.url):
            self._happenings.tell(Kind.TAB_CLOSED, page.url, "A new tab led nowhere and was closed.")
            await page.close()
            return
        self._page = page
        self._happenings.tell(Kind.NEW_TAB, page.url, "A new tab was opened and is shown now.")
        await page.bring_to_front()

    def _is_lost(self, page: Page) -> bool:
        return page.is_closed() or page in self._happenings.crashed

    async def _replace(self) -> None:
        """By another tab, or by a new one at the same address."""
        lost = self._current
        others = [page for page in lost.context.pages if not self._is_lost(page)]
        if others:
            self._page = others[-1]
            await self._page.bring_to_front()
        else:
            self._page = await lost.context.new_page()
            await self._attempt(self._go(self._page, self._url), ACTION_SECONDS)
        self._happenings.tell(Kind.TAB_CLOSED, lost.url, "The tab is gone; another one is shown now.")
        if not lost.is_closed():
            await _bounded(lost.close())


async def _nothing(_page: Page) -> str:
    return ""


def _seconds(action: Action) -> float:
    """How long it may take."""
    match action:
        case Wait(ms):
            return ACTION_SECONDS + ms / 1000
        case Type(text):
            return ACTION_SECONDS + TYPING_SECONDS * len(text)
    return ACTION_SECONDS


def _first_line(error: Error) -> str:
    """Without the name of Playwright's function before it."""
    return error.message.splitlines()[0].partition(": ")[2] or error.message.splitlines()[0]


async def _bounded(ending: Coroutine[Any, Any, None]) -> None:
    try:
        await asyncio.wait_for(ending, CLOSE_SECONDS)
    except (Error, TimeoutError) as error:
        logger.warning("A part of the browser did not end by itself: %r", error)

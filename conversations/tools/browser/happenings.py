"""What happens beside the actions: tabs, dialogs, downloads, crashes, refusals. All of it is told."""

import asyncio
import logging
import re
from collections.abc import Coroutine
from typing import Any
from urllib.parse import SplitResult, urlsplit

from playwright.async_api import BrowserContext, ConsoleMessage, Dialog, Download, Error, Frame, Page, Request

from conversations.tools.browser.downloads import Quarantine
from conversations.tools.browser.outcomes import Event, Kind, OnEvent

logger = logging.getLogger(__name__)

BLANK = "about:blank"
# No page has business there; what Chromium asks for by itself is sent to it.
NOWHERE = "chromium.invalid"
# Where it looks for a dictionary as soon as somebody types; no preference keeps it from that.
DICTIONARIES = "redirector.gvt1.com"
# Chromium itself keeps pages from these; its console is where it says so.
FORBIDDEN = re.compile(r"Not allowed to (?:load local resource|navigate top frame to data URL): (\S+)")
FORBIDDEN_SCHEME = "Pages of this kind may not be visited."
# They stay open and have nothing to do with whether a page has settled.
WEB = ("http", "https")
LASTING = {"eventsource", "websocket", "media", "ping"}
LONGEST = 300
MOST_NOTES, MOST_EVENTS = 20, 200
TOO_MUCH = "More happened than is told."
ARRIVAL_SECONDS = 0.5


class Happenings:
    """`notes` are those that nobody was told of yet, and `requests` what pages have asked for since the last
    action began.
    """

    def __init__(self, on_event: OnEvent) -> None:
        self._on_event = on_event
        self._tasks: set[asyncio.Task[None]] = set()
        self.notes: list[str] = []
        self.requests: set[Request] = set()
        # Of whole pages, and whether each has led to one yet.
        self.navigations: dict[Request, bool] = {}
        self.arrivals: list[Page] = []
        self.crashed: set[Page] = set()
        # Goes up with all that may change what is to be seen.
        self.stirs = 0
        self.is_over = False
        self._refused: set[str] = set()
        self._reported: set[Event] = set()

    @property
    def is_loading(self) -> bool:
        return bool(self.requests or self.navigations)

    @property
    def is_leaving(self) -> bool:
        """Chromium lets nobody ask a page while the next one has not come."""
        return not all(self.navigations.values())

    def begin(self) -> None:
        self.requests.clear()
        self._refused.clear()
        self._reported.clear()

    def take_notes(self) -> tuple[str, ...]:
        """What came after the last action was told is told with the next one."""
        taken, self.notes = self.notes, []
        return tuple(taken)

    def has_refused(self, url: str) -> bool:
        """Whether this is what an address that was refused since has led to."""
        return bool(self._refused) and (split(url).scheme == "chrome-error" or origin(url) in self._refused)

    def tell(self, kind: Kind, url: str, detail: str, note: str = "") -> None:
        shown = plain_url(url)
        self._report(Event(kind, shown, detail))
        sentence = note or f"{detail} ({shown})"
        if sentence not in self.notes and len(self.notes) < MOST_NOTES:
            self.notes.append(sentence)

    def _report(self, event: Event) -> None:
        """Once for each action; a page could do the same for ever."""
        if event in self._reported or len(self._reported) > MOST_EVENTS:
            return
        is_too_much = len(self._reported) == MOST_EVENTS
        self._reported.add(event)
        self._on_event(Event(event.kind, "", TOO_MUCH) if is_too_much else event)

    def refuse(self, url: str, why: str) -> None:
        if split(url).hostname not in (NOWHERE, DICTIONARIES):
            self._refused.add(origin(url))
            self._tell_refusal(url, why)

    def _tell_refusal(self, url: str, why: str) -> None:
        self.tell(Kind.REFUSED, url, why, f"{plain_url(url)} was refused. {why}")

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def listen(self, context: BrowserContext, quarantine: Quarantine) -> None:
        self._quarantine = quarantine
        context.on("page", self._opened)
        context.on("close", self._ended)
        context.on("dialog", self._dialog)
        context.on("console", self._console)
        context.on("request", self._asked)
        for event in ("requestfinished", "requestfailed"):
            context.on(event, self._answered)
        for page in context.pages:
            self._watch(page)

    def _watch(self, page: Page) -> None:
        page.on("crash", self._crashed)
        page.on("close", self._closed)
        page.on("download", self._download)
        page.on("filechooser", lambda _chooser: self._file_chooser(page))
        page.on("framenavigated", self._navigated)

    def _opened(self, page: Page) -> None:
        self.stirs += 1
        self._watch(page)
        self.arrivals.append(page)

    def _closed(self, _page: Page) -> None:
        self.stirs += 1
        self.navigations.clear()

    def _ended(self, _context: BrowserContext) -> None:
        self.is_over = True

    def hung(self, page: Page) -> None:
        self._lost(page, "The page hung.")

    def _crashed(self, page: Page) -> None:
        self._lost(page, "The page crashed.")

    def _lost(self, page: Page, why: str) -> None:
        self.stirs += 1
        self.crashed.add(page)
        self.tell(Kind.CRASHED, page.url, why)

    def _dialog(self, dialog: Dialog) -> None:
        """Dismissed, but for the one that asks whether to leave a page: that is what was wanted."""
        url = dialog.page.url if dialog.page else BLANK
        if dialog.type == "beforeunload":
            self.tell(Kind.DIALOG, url, "The page asked whether to leave it; it was left.")
            self._soon(dialog.accept())
            return
        said = f"The page showed a dialog ({dialog.type}), which was dismissed"
        self.tell(Kind.DIALOG, url, f"{said}.", f"{said}: {dialog.message[:LONGEST]}")
        self._soon(dialog.dismiss())

    def _download(self, download: Download) -> None:
        detail = "A download was put in quarantine; it can't be opened and goes with this browser."
        name = download.suggested_filename[:LONGEST]
        self.tell(Kind.DOWNLOAD, download.url, f"{detail} Its name: {name}")
        self._soon(self._hold(download))

    async def _hold(self, download: Download) -> None:
        if why := await self._quarantine.hold(download):
            self.tell(Kind.DOWNLOAD, download.url, why)

    def _file_chooser(self, page: Page) -> None:
        self.tell(Kind.FILE_CHOOSER, page.url, "The page asked for a file; none was given.")

    def _navigated(self, frame: Frame) -> None:
        self.stirs += 1
        self.navigations.update(dict.fromkeys(self.navigations, True))
        if frame.parent_frame is not None or frame.url == BLANK:
            return
        if split(frame.url).scheme in WEB:
            self._report(Event(Kind.NAVIGATED, plain_url(frame.url), "A page was opened."))
        elif frame.url.startswith(f"{BLANK}#"):
            # What Chromium makes of addresses such as about:version.
            self.refuse("about:", FORBIDDEN_SCHEME)

    def _console(self, message: ConsoleMessage) -> None:
        # What a page writes there itself has arguments.
        if not message.args and (forbidden := FORBIDDEN.search(message.text)):
            self.refuse(forbidden.group(1), FORBIDDEN_SCHEME)

    def _asked(self, request: Request) -> None:
        if split(request.url).scheme not in WEB:
            return
        self.stirs += 1
        if request.is_navigation_request() and is_main(request):
            self.navigations[request] = False
        elif request.resource_type not in LASTING:
            self.requests.add(request)

    def _answered(self, request: Request) -> None:
        self.requests.discard(request)
        if self.navigations.get(request):
            del self.navigations[request]
        elif request in self.navigations:
            # Its page is about to come, or never will: a download has none.
            asyncio.get_running_loop().call_later(ARRIVAL_SECONDS, self.navigations.pop, request, None)
        self._judge(request)

    def _judge(self, request: Request) -> None:
        if request.failure == "net::ERR_UNSAFE_REDIRECT":
            # The site itself may be visited.
            self._refused.add("")
            self._tell_refusal(request.url, "It redirected to an address that may not be visited.")
        elif request.is_navigation_request() and split(request.url).scheme not in WEB:
            self.refuse(request.url, FORBIDDEN_SCHEME)

    def _soon(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(_quietly(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _quietly(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except Error as error:
        logger.debug("What a page asked went with it: %s", error.message)


def is_main(request: Request) -> bool:
    try:
        return request.frame.parent_frame is None
    except Error:
        return True  # of a tab that is so new that it has no frame yet


def plain_url(url: str) -> str:
    """Without what may be secret or long: query and fragment, and what follows the scheme of data."""
    parts = split(url)
    if parts.scheme in ("data", "blob", "javascript"):
        return f"{parts.scheme}:"
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=host, query="", fragment="").geturl()[:LONGEST]


def origin(url: str) -> str:
    parts = split(url)
    return f"{parts.hostname}:{port_of(parts)}"


def port_of(parts: SplitResult) -> int:
    return parts.port or (80 if parts.scheme == "http" else 443)


def split(url: str) -> SplitResult:
    """Nothing of an address that is none."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # reading it is what checks it
    except ValueError:
        return urlsplit("")
    return parts

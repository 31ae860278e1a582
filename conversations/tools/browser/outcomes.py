"""What goes into a browser and what comes out of it: plain values, which know no library."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

LEAST, MOST = 200, 2_560


class BrowserError(Exception):
    """The browser can't be had or is gone; the text says what to do."""


class Kind(StrEnum):
    """What happened in a browser beside the actions."""

    REFUSED = "refused"
    NAVIGATED = "navigated"
    NEW_TAB = "new_tab"
    TAB_CLOSED = "tab_closed"
    DIALOG = "dialog"
    DOWNLOAD = "download"
    FILE_CHOOSER = "file_chooser"
    CRASHED = "crashed"


class Hand(StrEnum):
    """Why a person should do what comes next."""

    NONE = ""
    PASSWORD = "password"  # noqa: S105  a kind of field
    PAYMENT = "payment"


@dataclass(frozen=True)
class Event:
    """`url` comes without query and fragment, `detail` is a sentence without an address."""

    kind: Kind
    url: str
    detail: str


OnEvent = Callable[[Event], None]


@dataclass(frozen=True)
class Setup:
    """`sites`: hosts that may be visited: `shop.example.com` itself, `*.example.com` for what is below it,
    either with `:port`; `*` for every public host. `local`: `host:port` that may be visited though its
    address is loopback or private, for tests and the demo.
    """

    start_url: str
    sites: tuple[str, ...] = ()
    local: tuple[str, ...] = ()
    width: int = 1024
    height: int = 768

    def __post_init__(self) -> None:
        if not (LEAST <= self.width <= MOST and LEAST <= self.height <= MOST):
            raise ValueError(f"A display has {LEAST} to {MOST} pixels each way.")


@dataclass(frozen=True)
class Outcome:
    """What is to be seen after an action. `is_stale`: no new picture could be taken and this is the last one
    that could. `notes`: sentences on what else happened, for the model and for people. `pointer`: where the
    mouse is. `hand`: whether the page has fields that a person should fill in. `focus`: what has the focus
    of the keyboard, by its name and kind, never with what is in it.
    """

    screenshot: bytes
    url: str
    title: str
    pointer: tuple[int, int]
    notes: tuple[str, ...] = ()
    is_stale: bool = False
    hand: Hand = Hand.NONE
    media_type: str = "image/png"
    focus: str = ""

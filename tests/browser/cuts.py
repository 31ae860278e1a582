"""A browser behind a network that comes and goes, in every way that networks do."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, expect

from tests.browser.acts import answers, ask, fault, reads, stored_words, until_longer_than, whole, words
from tests.browsing import Visits
from tests.cable import Cable
from tests.stack import Stack

# What a browser's console says of a connection that broke.
BROKEN = ["WebSocket", "ERR_"]
RATE = 40
# A cut that is shorter may pass unnoticed.
NOTICED_SECONDS = 5


@contextmanager
def behind_a_cable(visits: Visits, stack: Stack) -> Iterator[tuple[Page, Cable]]:
    """Alice, whose browser reaches the server only through the cable."""
    visits.expected += BROKEN
    cable = Cable(stack.port)
    try:
        page = visits.sign_in(stack, "alice", base_url=cable.url)
        yield page, cable
        page.context.close()
    finally:
        cable.close()


def banner(page: Page, says: str) -> None:
    expect(page.locator("#connection")).to_contain_text(re.compile(says), timeout=90_000)


def ask_for_more_than(page: Page, stack: Stack, seconds: float) -> None:
    """An answer that still runs so many seconds later, on a page that would forget it was reloaded."""
    fault(stack, f"deltas={int(RATE * (seconds + 12))}@{RATE}+stamp")
    ask(page, "Tell me everything.")
    until_longer_than(answers(page).last, 100)
    page.evaluate("window.isTheSamePage = true")


def cut(page: Page, cable: Cable, how: str, seconds: float) -> int:
    """Answers how many characters she saw when the network came back."""
    getattr(cable, how)()
    began = time.monotonic()
    if seconds > NOTICED_SECONDS:
        banner(page, "Reconnecting|offline")
        assert time.monotonic() - began < 15
    time.sleep(max(0, began + seconds - time.monotonic()))
    seen = len(" ".join(words(answers(page).last)))
    cable.restore()
    return seen


def reads_on(page: Page, seen: int) -> None:
    banner(page, "Connected again")
    until_longer_than(answers(page).last, seen + 1)


def has_every_word(page: Page, stack: Stack, seconds: float) -> None:
    """Without a reload, she has what the database has."""
    answer = whole(page)
    assert page.evaluate("window.isTheSamePage")
    stored = stored_words(stack, page)
    assert len(stored) > RATE * seconds
    reads(answer, stored)
    if seconds > NOTICED_SECONDS:
        expect(page.locator("#connection")).to_be_hidden()


def reload_often(page: Page, stack: Stack, times: int) -> None:
    fault(stack, f"deltas={times * 25}@{RATE}+stamp")
    ask(page, "Tell me everything.")
    until_longer_than(answers(page).last, 20)
    for _ in range(times):
        page.reload(wait_until="commit")
        page.wait_for_timeout(300)
    reads(whole(page), stored_words(stack, page))

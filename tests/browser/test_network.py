"""The network between her and the server comes and goes, in every way that networks do."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acts import answers, ask, box, fault, stored_words, until_longer_than, whole, words
from tests.browsing import Visits
from tests.cable import Cable
from tests.conftest import SignIn
from tests.stack import Stack

pytestmark = pytest.mark.browser

# What a browser's console says of a connection that broke.
BROKEN = ["WebSocket", "ERR_"]


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
    expect(page.locator("#connection")).to_contain_text(re.compile(says), timeout=30_000)


def cut(page: Page, stack: Stack, cable: Cable, how: str, seconds: float) -> None:
    """Reads on after the cut without a reload, and ends with what the database has."""
    fault(stack, f"deltas={int(40 * (seconds + 12))}@40+stamp")
    ask(page, "Tell me everything.")
    until_longer_than(answers(page).last, 100)
    page.evaluate("window.isTheSamePage = true")
    getattr(cable, how)()
    began = time.monotonic()
    if seconds > 5:
        banner(page, "Reconnecting|offline")
        assert time.monotonic() - began < 15
    time.sleep(max(0, began + seconds - time.monotonic()))
    cable.restore()
    if seconds > 5:
        banner(page, "Connected again")
        expect(page.locator("#connection")).to_be_hidden()
    answer = whole(page)
    assert page.evaluate("window.isTheSamePage")
    assert len(words(answer)) > 40 * seconds
    assert words(answer) == stored_words(stack, page)


SHORT = [("drop", 1), ("reset", 1), ("stall", 1), ("stall", 10)]
LONG = [("drop", 10), ("reset", 10), ("drop", 60), ("reset", 60), ("stall", 60)]


@pytest.mark.parametrize(("how", "seconds"), SHORT, ids=[f"{how}-{seconds}s" for how, seconds in SHORT])
def test_after_a_cut_she_has_every_word(visits: Visits, stack: Stack, how: str, seconds: float) -> None:
    with behind_a_cable(visits, stack) as (page, cable):
        cut(page, stack, cable, how, seconds)


@pytest.mark.faults
@pytest.mark.parametrize(("how", "seconds"), LONG, ids=[f"{how}-{seconds}s" for how, seconds in LONG])
@pytest.mark.timeout(300)
def test_after_a_long_cut_she_has_every_word(visits: Visits, stack: Stack, how: str, seconds: float) -> None:
    with behind_a_cable(visits, stack) as (page, cable):
        cut(page, stack, cable, how, seconds)


def test_what_she_sends_while_the_network_is_away_goes_out_once_it_is_back(
    visits: Visits, stack: Stack
) -> None:
    with behind_a_cable(visits, stack) as (page, cable):
        ask(page, "First")
        whole(page)
        cable.stall()
        ask(page, "Second")
        expect(page.get_by_role("article", name="You").last).to_contain_text("Second")
        box(page).fill("Half a third")
        banner(page, "Reconnecting|offline")
        cable.restore()
        whole(page, 2)
        expect(page.get_by_role("article", name="You")).to_have_count(2)
        expect(box(page)).to_have_value("Half a third")


def reload_often(page: Page, stack: Stack, times: int) -> None:
    fault(stack, f"deltas={times * 25}@40+stamp")
    ask(page, "Tell me everything.")
    until_longer_than(answers(page).last, 20)
    for _ in range(times):
        page.reload(wait_until="commit")
        page.wait_for_timeout(300)
    assert words(whole(page)) == stored_words(stack, page)


def test_eight_reloads_in_one_answer_lose_nothing(sign_in: SignIn, stack: Stack, visits: Visits) -> None:
    visits.expected += BROKEN
    reload_often(sign_in("alice"), stack, 8)


@pytest.mark.faults
@pytest.mark.timeout(300)
def test_fifty_reloads_in_one_answer_lose_nothing(sign_in: SignIn, stack: Stack, visits: Visits) -> None:
    visits.expected += BROKEN
    reload_often(sign_in("alice"), stack, 50)

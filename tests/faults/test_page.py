"""The page recovers by itself: nobody has to reload it, and no typed word is lost."""

import pytest
from playwright.sync_api import Locator, Page, expect

from scripts.private_postgres import Server
from tests.browser.acts import answers, ask, emulator, reads, until_longer_than, whole, words
from tests.browsing import Visits
from tests.conftest import SignIn
from tests.faults.scene import Recovery
from tests.faults.servers import crash
from tests.stack import Stack

pytestmark = pytest.mark.browser

DELTAS = 300


def asked(page: Page, stack: Stack) -> None:
    faults = {"faults": f"deltas={DELTAS}@50+numbered", "times": 1, "operation": "create"}
    emulator(stack, "POST", "faults", faults)
    # A reload would forget it.
    page.evaluate("window.neverReloaded = true")
    ask(page, "Count, please.")
    until_longer_than(answers(page).first, 60)


def shown(page: Page) -> int:
    """How many characters of the answer."""
    return len(" ".join(words(answers(page).first)))


def goes_on(page: Page, seen: int, recovery: Recovery) -> None:
    until_longer_than(answers(page).first, seen + 1)
    recovery.over()


def is_whole(page: Page, count: int = 1) -> None:
    whole(page, count)
    reads(answers(page).first, map(str, range(DELTAS)))
    assert page.evaluate("window.neverReloaded")


def test_the_page_survives_a_killed_web_process(
    frail: Stack, sign_in: SignIn, visits: Visits, recovery: Recovery
) -> None:
    visits.expected += [r"ERR_CONNECTION_REFUSED", r"WebSocket connection .* failed"]
    page = sign_in("alice", at=frail)
    asked(page, frail)
    recovery.began()
    frail.web.kill()
    seen = shown(page)
    frail.web.start()
    goes_on(page, seen, recovery)
    is_whole(page)


@pytest.mark.faults(share=0.5)
def test_the_page_survives_a_killed_redis(
    frail: Stack, sign_in: SignIn, visits: Visits, recovery: Recovery
) -> None:
    visits.expected += [r"the server responded with a status of 50\d"]
    page = sign_in("alice", at=frail)
    asked(page, frail)
    recovery.began()
    frail.redis.kill()
    ask(page, "And how are you?")
    seen = shown(page)
    frail.redis.start()
    goes_on(page, seen, recovery)
    is_whole(page, 2)


@pytest.mark.faults(share=0.5)
def test_what_is_typed_while_postgres_is_away_is_kept_and_sent(
    on_own_postgres: Stack, own_postgres: Server, sign_in: SignIn, visits: Visits, recovery: Recovery
) -> None:
    visits.expected += [r"the server responded with a status of 50\d", r"WebSocket connection .* failed"]
    page = sign_in("alice", at=on_own_postgres)
    asked(page, on_own_postgres)
    recovery.began()
    crash(own_postgres)
    ask(page, "And how are you?")
    expect(said(page)).to_be_visible()
    page.wait_for_timeout(3000)
    own_postgres.start()
    until_longer_than(answers(page).nth(1), 1)
    recovery.over()
    is_whole(page, 2)
    expect(said(page)).to_have_count(1)


def said(page: Page) -> Locator:
    return page.get_by_role("log", name="Transcript").get_by_text("And how are you?", exact=True)

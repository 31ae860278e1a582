"""Computer use on the page: asked for in the options, watched by two, its check decided by one of them."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.acts import ask
from tests.browsing import Visits
from tests.chat.test_computer_use import POLICY
from tests.conftest import running
from tests.stack import Image, Options, Stack

pytestmark = pytest.mark.browser

SLOW_MS = 90_000


@pytest.fixture(scope="module")
def shop(image: Image) -> Iterator[Stack]:
    for stack in running(image.stack("shop", Options(beat=False))):
        site = stack.emulator_url.removeprefix("http://")
        stack.change(POLICY, True, site, f"{stack.emulator_url}/shop/", False)
        stack.change("UPDATE conversations_deployment SET name = 'gpt-5.4', model = 'gpt-5.4'")
        yield stack


def with_browser(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^Options")).click()
    dialog = page.get_by_role("dialog", name="Options of this conversation")
    dialog.get_by_label("Use a browser").check()
    dialog.get_by_role("button", name="Save").click()


def browser_of(page: Page) -> Locator:
    return page.get_by_role("region", name="Browser")


def test_a_task_is_watched_by_two_and_its_check_decided_by_one(shop: Stack, visits: Visits) -> None:
    alice, bob = visits.sign_in(shop, "alice"), visits.sign_in(shop, "bob")
    with_browser(alice)
    ask(alice, "Please buy me a lamp")
    watched = browser_of(alice)
    expect(watched.get_by_role("button", name="Proceed")).to_be_visible(timeout=SLOW_MS)
    expect(watched).to_contain_text("sensitive_domain")
    bob.goto(alice.url)
    other = browser_of(bob)
    expect(other.get_by_role("button", name="Proceed")).to_be_visible()
    other.get_by_role("button", name="Proceed").click()
    for each in (watched, other):
        expect(each).to_contain_text("The browser task is done", timeout=SLOW_MS)
        expect(each.get_by_role("listitem")).to_have_count(8)
    expect(alice.get_by_role("log")).to_contain_text("LL-1074")
    watched.get_by_role("button", name="First look").click()
    expect(watched.get_by_role("figure")).to_contain_text("/shop/")

"""How full the context is, on the page: the ring, what it tells, the warning, and the ways out."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.acts import ask, box, prose, whole
from tests.browser.test_options import last_request
from tests.browser.test_page import STILL, violations
from tests.conftest import SignIn
from tests.stack import Stack

pytestmark = pytest.mark.browser

ADD = """
from conversations.models import Deployment, Endpoint, KnownModel
known = {"context_window": 2000, "source": "the emulator", "checked_on": "2026-01-01"}
KnownModel.objects.get_or_create(name="tiny-context", defaults=known)
Deployment.objects.create(endpoint=Endpoint.objects.first(), name="tiny-context", title="Tiny")
"""
LONG = "word " * 1300


@pytest.fixture(scope="module", autouse=True)
def tiny(stack: Stack) -> Iterator[None]:
    stack.manage("shell", "-c", ADD)
    yield
    stack.change("UPDATE conversations_deployment SET enabled = false WHERE name = 'tiny-context'")


def gauge(page: Page) -> Locator:
    return page.get_by_role("button", name=re.compile("^Context: "))


def details(page: Page) -> Locator:
    return page.get_by_role("group", name="How full the context is")


def begin(sign_in: SignIn, text: str) -> Page:
    page = sign_in("alice", **STILL)
    page.get_by_role("combobox", name="Deployment").select_option("Tiny")
    ask(page, text)
    whole(page)
    return page


def percent(page: Page) -> int:
    found = re.search(r"\d+", gauge(page).get_attribute("aria-label") or "")
    assert found
    return int(found[0])


def test_the_ring_tells_how_full_it_is_and_upstream_counts_when_asked(sign_in: SignIn, stack: Stack) -> None:
    page = begin(sign_in, "My name is Ada.")
    before = percent(page)
    assert before < 20
    box(page).fill("word " * 400)
    assert percent(page) > before + 20
    gauge(page).click()
    expect(details(page)).to_contain_text("counted by the API just now")
    expect(details(page)).to_contain_text(re.compile(r"Your draft\s*≈ 500"))
    expect(details(page)).to_contain_text("When it is full, a message is refused.")
    assert not violations(page)
    page.keyboard.press("Escape")
    expect(details(page)).to_be_hidden()


def test_before_it_overflows_one_click_has_it_compacted(sign_in: SignIn, stack: Stack) -> None:
    page = begin(sign_in, "My name is Ada.")
    ask(page, LONG)
    whole(page, 2)
    expect(page.get_by_text(re.compile(r"fills \d+ % of what the model can read"))).to_be_visible()
    assert not violations(page)
    page.get_by_role("button", name="Compact it when needed").first.click()
    expect(page.get_by_text(re.compile(r"fills \d+ %"))).to_be_hidden()
    ask(page, "What is my name?")
    expect(prose(whole(page, 3))).to_contain_text("Ada")
    assert last_request(stack)["context_management"] == [{"type": "compaction", "compact_threshold": 1200}]
    expect(gauge(page)).not_to_have_attribute("aria-label", re.compile("(8|9|1..). %"))
    gauge(page).click()
    expect(details(page)).to_contain_text("Above 1,200 tokens the API compacts the conversation")


def test_an_overflow_is_explained_and_the_oldest_can_be_left_out(sign_in: SignIn, stack: Stack) -> None:
    page = begin(sign_in, LONG)
    ask(page, LONG)
    answer = whole(page, 2)
    expect(answer).to_contain_text("The conversation is longer than the model can read")
    expect(answer).to_contain_text("Your message is saved here")
    answer.get_by_role("button", name="Leave out the oldest and try again").click()
    expect(prose(page.get_by_role("article", name="Answer").last)).not_to_be_empty()
    assert last_request(stack)["truncation"] == "auto"


def test_a_draft_goes_along_to_a_new_conversation(sign_in: SignIn) -> None:
    page = begin(sign_in, LONG)
    box(page).fill("And now something else, " + "word " * 200)
    page.get_by_role("button", name="New conversation").last.click()
    expect(page).to_have_url(re.compile(r"/$"))
    expect(box(page)).to_have_value(re.compile("^And now something else"))
    expect(gauge(page)).to_be_hidden()

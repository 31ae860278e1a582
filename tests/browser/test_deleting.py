"""She deletes a conversation: her page, the page of a colleague, undo, and the list of what she deleted."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.acts import answers, ask, box, fault, until_longer_than, whole
from tests.browsing import Visits
from tests.conftest import SignIn
from tests.stack import Stack

pytestmark = pytest.mark.browser


def listed(page: Page) -> Locator:
    return page.get_by_role("navigation", name="Conversations").get_by_role("link", name=re.compile("walrus"))


def delete(page: Page) -> None:
    page.get_by_role("button", name=re.compile("Actions for .*walrus")).click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("dialog", name=re.compile("Delete .*walrus")).get_by_role(
        "button", name="Delete"
    ).click()


def test_it_goes_from_both_pages_at_once_and_comes_back_with_undo_or_from_her_data_page(
    sign_in: SignIn, stack: Stack, visits: Visits
) -> None:
    visits.expected += ["WebSocket", "404"]
    alice, bob = sign_in("alice"), sign_in("bob")
    fault(stack, "deltas=600@50+stamp")
    ask(alice, "Tell us of the walrus.")
    until_longer_than(answers(alice).last, 100)
    address = alice.url
    bob.goto(address)
    until_longer_than(answers(bob).last, 100)
    bob.get_by_role("button", name=re.compile("Actions for .*walrus")).click()
    expect(bob.get_by_role("menuitem", name="Copy link")).to_be_visible()
    expect(bob.get_by_role("menuitem", name="Delete")).to_have_count(0)
    box(bob).fill("My own half thought")

    delete(alice)
    said = re.compile("Alice .*deleted this conversation. What you typed is kept for a new one.")
    expect(bob.get_by_text(said)).to_be_visible()
    for page in (alice, bob):
        expect(answers(page)).to_have_count(0)
        expect(listed(page)).to_have_count(0)
    expect(box(bob)).to_have_value("My own half thought")

    alice.get_by_role("status").get_by_role("button", name="Undo").click()
    expect(alice).to_have_url(address)
    expect(whole(alice)).to_contain_text("Stopped by Alice")
    expect(listed(alice)).to_be_visible()

    delete(alice)
    expect(listed(alice)).to_have_count(0)
    alice.get_by_role("link", name="My data").click()
    row = alice.get_by_role("table", name="Conversations that you deleted").get_by_role("row", name="walrus")
    expect(row).to_contain_text("Hidden. It can be restored until")
    row.get_by_role("button", name="Restore").click()
    expect(alice).to_have_url(address)
    expect(answers(alice)).to_have_count(1)

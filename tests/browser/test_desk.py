"""The desk at a real browser: who can use it, on what, and what the keyboard does."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.acts import ask, whole
from tests.browser.test_page import LOOKS, PHONE, STILL, violations
from tests.browsing import Visits
from tests.conftest import SignIn
from tests.stack import Stack

pytestmark = pytest.mark.browser

ADMINS_PAGES = [
    "",
    "conversations/user/",
    "conversations/user/add/",
    "conversations/team/1/change/",
    "conversations/user/1/change/",
    "conversations/noticechannel/add/",
    "conversations/knownmodel/1/change/",
    "conversations/deployment/1/change/",
]
LISTS = ["response", "conversation", "user", "deployment", "auditentry"]


@pytest.fixture(scope="module")
def answered(browser: Browser, stack: Stack) -> None:
    """Something to look at: two responses that are stored."""
    visits = Visits(browser)
    page = visits.sign_in(stack, "alice")
    ask(page, "First")
    whole(page)
    ask(page, "Second")
    whole(page, 2)
    visits.close()


def fits(page: Page) -> bool:
    return bool(
        page.evaluate(
            """[document.documentElement, document.querySelector('.desk-main')]
            .every(element => element.scrollWidth <= element.clientWidth)"""
        )
    )


@pytest.mark.parametrize("look", LOOKS, ids=["wide", "phone"])
def test_axe_finds_nothing_at_the_desk(sign_in: SignIn, answered: None, look: dict[str, Any]) -> None:
    page = sign_in("audrey", **look)
    for name in LISTS:
        page.goto(f"/admin/conversations/{name}/")
        assert not violations(page)
        assert fits(page)
    page.goto("/admin/conversations/response/")
    page.locator(".row-link").first.click()
    expect(page.get_by_role("dialog")).to_contain_text("Why is this still here?")
    assert not violations(page)
    page = sign_in("admin", **look)
    for path in ADMINS_PAGES:
        page.goto(f"/admin/{path}")
        assert not violations(page)
        assert fits(page)


def test_rows_are_walked_and_opened_by_keyboard(sign_in: SignIn, answered: None) -> None:
    page = sign_in("audrey")
    page.goto("/admin/conversations/response/")
    links = page.locator(".row-link")
    page.keyboard.press("ArrowDown")
    expect(links.first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(links.nth(1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    sheet = page.get_by_role("dialog")
    expect(sheet.get_by_role("heading", name=re.compile("^resp_"))).to_be_visible()
    for _ in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate(
            "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        )
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(links.first).to_be_focused()


def test_the_sheet_steps_through_rows_and_leads_to_the_page(sign_in: SignIn, answered: None) -> None:
    page = sign_in("audrey")
    page.goto("/admin/conversations/response/")
    names = [link.inner_text() for link in page.locator(".row-link").all()]
    page.locator("tbody tr").first.click()
    sheet = page.get_by_role("dialog")
    expect(sheet).to_contain_text(names[0])
    expect(sheet.get_by_role("button", name="Previous row")).to_be_disabled()
    sheet.get_by_role("button", name="Next row").click()
    expect(sheet).to_contain_text(names[1])
    sheet.get_by_role("link", name="Open the page").click()
    expect(page.get_by_role("heading", level=1, name=names[1])).to_be_visible()


def test_without_scripts_a_row_opens_its_page(sign_in: SignIn, answered: None) -> None:
    page = sign_in("audrey", java_script_enabled=False)
    page.goto("/admin/conversations/response/")
    page.locator(".row-link").first.click()
    expect(page.get_by_role("heading", level=1, name=re.compile("^resp_"))).to_be_visible()


def test_a_filter_becomes_a_chip_that_takes_it_away(sign_in: SignIn) -> None:
    page = sign_in("audrey")
    page.goto("/admin/conversations/user/")
    page.locator("#filters summary").click()
    page.get_by_role("link", name="Operator", exact=True).click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name=re.compile("Remove filter .*: Operator")).click()
    expect(page.get_by_role("link", name=re.compile("Remove filter"))).to_have_count(0)


def test_ticked_rows_are_counted_and_the_action_asks_first(sign_in: SignIn) -> None:
    page = sign_in("admin", **PHONE, **STILL)
    page.goto("/admin/conversations/user/")
    act = page.get_by_role("button", name="Deactivate")
    expect(act).to_be_disabled()
    page.get_by_role("checkbox", name=re.compile("bob")).check()
    page.get_by_role("checkbox", name=re.compile("carol")).check()
    expect(page.locator("#selected")).to_have_text("2")
    expect(act).to_be_in_viewport()
    act.click()
    expect(page.get_by_role("heading", level=1, name="Deactivate 2 people")).to_be_visible()
    assert not violations(page)
    assert fits(page)
    page.get_by_role("link", name="Change nothing").click()
    page.get_by_role("checkbox", name=re.compile("bob")).check()
    page.get_by_role("button", name="Clear the selection").click()
    expect(act).to_be_disabled()


def test_on_the_phone_the_sections_are_a_drawer(sign_in: SignIn) -> None:
    page = sign_in("audrey", **STILL, **PHONE)
    page.goto("/admin/")
    people = page.get_by_role("link", name="People & teams")
    expect(people).to_be_hidden()
    page.get_by_role("button", name="Show sections").click()
    expect(people).to_be_visible()
    expect(page.get_by_role("button", name="Hide sections")).to_be_focused()
    page.keyboard.press("Escape")
    expect(people).to_be_hidden()
    expect(page.get_by_role("button", name="Show sections")).to_be_focused()


def test_the_theme_of_the_chat_is_the_theme_of_the_desk(sign_in: SignIn) -> None:
    page = sign_in("audrey")
    page.goto("/admin/")
    page.get_by_role("button", name="Theme: as the system").click()
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    page.goto("/admin/")
    page.get_by_role("button", name="Theme: light").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")

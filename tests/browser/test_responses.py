"""The list of responses in a browser: filter, chips, saved filter, row, search."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acts import ask, whole
from tests.browser.test_page import LOOKS, violations
from tests.conftest import SignIn

pytestmark = pytest.mark.browser

LIST = "/admin/conversations/response/"


@pytest.fixture
def answered(sign_in: SignIn) -> None:
    page = sign_in("bob")
    ask(page, "What is a walnut?")
    whole(page)


def rows(page: Page) -> Any:
    return page.locator("#result_list tbody tr")


def test_from_filters_to_chips_a_saved_filter_and_a_row(sign_in: SignIn, answered: None) -> None:
    page = sign_in("audrey")
    page.goto(LIST)
    page.get_by_text("Filters", exact=True).click()
    page.get_by_label("Person").press_sequentially("bo")
    expect(page.locator("#suggested-people option")).to_have_attribute("value", "bob")
    page.get_by_label("Person").fill("bob")
    page.get_by_label("Status").select_option("Completed")
    page.get_by_role("button", name="Filter", exact=True).click()
    expect(page).to_have_url(re.compile(r"\?person=bob&status=completed$"))
    expect(page.get_by_role("link", name="Remove filter Person: bob")).to_be_visible()
    page.get_by_text("Saved filters", exact=True).click()
    page.get_by_label("Save these filters as").fill("Of Bob")
    page.get_by_role("button", name="Save", exact=True).last.click()
    page.get_by_role("link", name="Remove filter Status: Completed").click()
    expect(page).to_have_url(re.compile(r"\?person=bob$"))
    page.get_by_text("Saved filters", exact=True).click()
    page.get_by_role("link", name="Of Bob").click()
    expect(page).to_have_url(re.compile(r"\?person=bob&status=completed$"))
    rows(page).first.get_by_role("link").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").or_(page.locator(".sheet")).first).to_be_visible()


def test_a_search_says_why_and_shows_rows_only(sign_in: SignIn, answered: None) -> None:
    page = sign_in("audrey")
    page.goto(LIST)
    page.get_by_role("searchbox").fill("waln")
    page.get_by_role("button", name="Search").click()
    page.get_by_label("Reason").fill("Case 12")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your reason until")).to_be_visible()
    expect(rows(page).first).to_be_visible()
    expect(page.locator("#result_list")).not_to_contain_text("walnut")
    assert "waln" not in page.url
    rows(page).first.get_by_role("checkbox").check()
    page.get_by_role("button", name="Export", exact=True).click()
    expect(page.get_by_role("button", name="Export 1 response")).to_be_visible()


@pytest.mark.parametrize("look", LOOKS, ids=["wide", "phone"])
def test_axe_finds_nothing_in_the_list_and_its_panels(
    sign_in: SignIn, answered: None, look: dict[str, Any]
) -> None:
    page = sign_in("audrey", **look)
    page.goto(f"{LIST}?person=bob")
    expect(rows(page).first).to_be_visible()
    assert not violations(page)
    assert page.evaluate(
        """['html', '.desk-main', '.results'].map(each => document.querySelector(each))
        .every(element => element.scrollWidth <= element.clientWidth)"""
    )
    for panel in ("Filters", "Saved filters"):
        page.get_by_text(panel, exact=True).click()
        assert not violations(page)
        expect(page.locator(".filters[open] .filter-panel")).to_be_in_viewport(ratio=0.4)

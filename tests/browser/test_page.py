"""The page itself: drafts, limits, lost connections, keyboard, small screens, and who can use it."""

import re
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.acts import answers, ask, box, fault, stop, until_longer_than, whole
from tests.browsing import Visits
from tests.conftest import SignIn
from tests.stack import PASSWORD, Stack

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True}
STILL = {"reduced_motion": "reduce"}
LOOKS: list[dict[str, Any]] = [{**STILL}, {**STILL, **PHONE}]


def violations(page: Page) -> list[str]:
    """In light and in dark."""
    return [*violations_in(page, "light"), *violations_in(page, "dark")]


def violations_in(page: Page, scheme: Literal["light", "dark"]) -> list[str]:
    # Colours are judged when nothing fades any more.
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"]]


def test_the_front_page_asks_who_one_is(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Username").fill("alice")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert not violations(page)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(box(page)).to_be_visible()


@pytest.mark.parametrize("look", LOOKS, ids=["wide", "phone"])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(sign_in: SignIn, look: dict[str, Any]) -> None:
    page = sign_in("alice", **look)
    expect(page.get_by_text("Your messages go to")).to_be_visible()
    assert not violations(page)
    ask(page, "Write a Python function that reads a CSV file, with a table and a list.")
    answer = whole(page)
    assert not violations(page)
    answer.get_by_role("button", name=re.compile("Receipt")).click()
    expect(page.get_by_role("complementary", name="Receipt")).to_be_visible()
    assert not violations(page)
    width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1]


def test_the_draft_survives_a_reload(sign_in: SignIn) -> None:
    page = sign_in("alice")
    box(page).fill("Half a thought")
    page.wait_for_timeout(400)
    page.reload()
    expect(box(page)).to_have_value("Half a thought")


def test_enter_sends_and_shift_enter_makes_a_line(sign_in: SignIn) -> None:
    page = sign_in("alice")
    box(page).press_sequentially("One")
    box(page).press("Shift+Enter")
    box(page).press_sequentially("Two")
    expect(box(page)).to_have_value("One\nTwo")
    box(page).press("Enter")
    whole(page)
    expect(page.get_by_role("article", name="You")).to_contain_text("One\nTwo")


def test_nothing_and_too_much_cant_be_sent(sign_in: SignIn) -> None:
    page = sign_in("alice")
    send = page.get_by_role("button", name="Send", exact=True)
    box(page).fill("   ")
    expect(send).to_be_disabled()
    box(page).fill("x" * 1_000_000)
    expect(page.get_by_text("Shorten the message to send it")).to_be_visible()
    expect(send).to_be_disabled()
    assert len(box(page).input_value()) == 1_000_000


def test_offline_it_says_so_keeps_the_message_and_sends_it_later(sign_in: SignIn, visits: Visits) -> None:
    visits.expected += ["ERR_INTERNET_DISCONNECTED", "WebSocket"]
    page = sign_in("alice")
    ask(page, "First")
    whole(page)
    page.context.set_offline(True)
    page.evaluate("dispatchEvent(new Event('offline'))")
    ask(page, "Second")
    expect(page.get_by_role("article", name="You").last).to_contain_text("Second")
    page.context.set_offline(False)
    expect(whole(page, 2)).not_to_be_empty()


def test_the_page_recovers_when_the_web_process_was_restarted(
    sign_in: SignIn, stack: Stack, visits: Visits
) -> None:
    visits.expected += ["WebSocket", "ERR_CONNECTION_REFUSED"]
    page = sign_in("alice")
    fault(stack, "deltas=300@60")
    ask(page, "Tell me everything.")
    until_longer_than(answers(page).last, 100)
    stack.web.kill()
    stack.web.start()
    answer = whole(page)
    assert len(answer.locator(".prose:not(.reasoning-text)").inner_text()) > 500


def test_logging_out_elsewhere_is_told_at_once(sign_in: SignIn, visits: Visits) -> None:
    visits.expected += ["401", "WebSocket"]
    page = sign_in("alice")
    ask(page, "Hello")
    whole(page)
    other = page.context.new_page()
    other.goto("/")
    other.get_by_role("button", name="Log out").click()
    expect(page.get_by_text("You are signed out").first).to_be_visible()
    expect(page.get_by_role("link", name="Log in again")).to_be_visible()


def test_conversations_are_found_renamed_and_archived(sign_in: SignIn) -> None:
    page = sign_in("carol")
    ask(page, "Plan the harvest festival")
    whole(page)
    listed = page.get_by_role("navigation", name="Conversations")
    expect(listed.get_by_text("Plan the harvest festival")).to_be_visible()
    page.get_by_role("searchbox", name="Search titles").fill("harvest")
    expect(listed.get_by_role("link")).to_have_count(1)
    page.get_by_role("button", name=re.compile("Actions for")).click()
    page.get_by_role("menuitem", name="Rename").click()
    page.get_by_role("textbox", name="Title", exact=True).fill("Harvest")
    page.get_by_role("button", name="Rename").click()
    expect(listed.get_by_text("Harvest", exact=True)).to_be_visible()
    page.get_by_role("button", name=re.compile("Actions for")).click()
    page.get_by_role("menuitem", name="Archive").click()
    expect(listed.get_by_text("Harvest", exact=True)).to_have_count(0)


def test_a_reader_who_scrolled_up_stays_there(sign_in: SignIn, stack: Stack) -> None:
    page = sign_in("alice")
    fault(stack, "deltas=1500@200")
    ask(page, "Tell me everything.")
    until_longer_than(answers(page).last, 3000)
    log = page.get_by_role("log", name="Transcript")
    log.hover()
    page.mouse.wheel(0, -4000)
    jump = page.get_by_role("button", name="Jump to latest")
    expect(jump).to_be_visible()
    before = log.evaluate("element => element.scrollTop")
    page.wait_for_timeout(700)
    assert log.evaluate("element => element.scrollTop") == before
    jump.click()
    expect(jump).to_be_hidden()
    stop(page).click()
    whole(page)


def test_the_desk_opens_for_staff_under_the_same_policy(sign_in: SignIn) -> None:
    page = sign_in("audrey")
    page.get_by_role("link", name="Audit desk").click()
    for name in ("response", "conversation", "user"):
        page.goto(f"/admin/conversations/{name}/")
        expect(page.get_by_role("main")).to_be_visible()

"""Tools in browsers: parallel calls, approval by somebody else, an answer by hand, a stop in the middle."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.acts import LONG, answers, ask, prose, stop, whole
from tests.browser.cuts import BROKEN
from tests.browser.test_options import last_request, options
from tests.browser.test_page import PHONE, STILL, violations
from tests.browsing import Visits
from tests.conftest import MakeStack, SignIn
from tests.stack import Stack

pytestmark = pytest.mark.browser

WEATHER, CALCULATOR = "Weather (sample data)", "Calculator"
BY_HAND = "Weather, answered by a person"
ON_SERVER = "library · search_docs"
WAITS = re.compile("^Waits for somebody")
SWITCH_ON = (
    "INSERT INTO conversations_toolpolicy (team_id, tool, use, needs_approval, approvers)"
    " SELECT team_id, %s, 'on', %s, 'team' FROM conversations_membership m"
    " JOIN conversations_user u ON u.id = m.user_id WHERE u.username = 'alice'"
)
LIBRARY = (
    "INSERT INTO conversations_mcpserver (label, url, description, allowed_tools, require_approval,"
    " trusted_tools, auth, vault_url, authorization_name, headers, enabled) VALUES ('library',"
    " 'https://library.example.com/', '', '[]', 'always', '[]', 'env', '', '', '{}', true)"
)


def offer(page: Page, *tools: str) -> None:
    dialog = options(page)
    for tool in tools:
        dialog.get_by_role("checkbox", name=tool, exact=True).check()
    dialog.get_by_role("button", name="Save").click()


def card(page: Page, tool: str) -> Locator:
    """The newest one."""
    return answers(page).last.locator(".call", has=page.get_by_text(tool, exact=True)).last


@pytest.fixture
def asks_another(sign_in: SignIn, stack: Stack) -> None:
    """An admin has another member of the team asked for the weather."""
    page = sign_in("admin", **STILL)
    page.goto("/admin/conversations/toolpolicy/")
    page.get_by_label("Team", exact=True).select_option(label="Research")
    page.get_by_role("button", name="Show").click()
    page.get_by_label(f"{WEATHER}: Who is asked").select_option("other")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_label(f"{WEATHER}: Who is asked")).to_have_value("other")
    assert not violations(page)


def test_of_two_calls_one_runs_at_once_and_the_other_when_a_colleague_allows_it(
    sign_in: SignIn, asks_another: None
) -> None:
    alice = sign_in("alice", **STILL)
    offer(alice, WEATHER, CALCULATOR)
    ask(alice, "What is the weather in Paris, and calculate 6 * 7")
    expect(card(alice, CALCULATOR)).to_contain_text("Done", timeout=LONG)
    expect(card(alice, WEATHER)).to_contain_text("Waits for another member of the team")
    expect(answers(alice).last.get_by_text("Waiting for approval")).to_be_visible()
    expect(alice.locator(".thread.is-current").get_by_role("img", name=WAITS)).to_be_visible()
    assert not violations(alice)
    alice.reload()
    expect(card(alice, WEATHER)).to_contain_text("Waits for approval", timeout=LONG)
    expect(answers(alice)).to_have_count(1)

    bob = sign_in("bob", **STILL, **PHONE)
    bob.goto("/inbox/")
    bob.get_by_role("link", name="Look at the call and decide").first.click()
    expect(bob).to_have_url(re.compile("#call-"))
    expect(card(bob, WEATHER)).to_be_in_viewport(timeout=LONG)
    expect(card(bob, WEATHER).locator("dl")).to_have_text("locationParis")
    assert not violations(bob)
    assert bob.evaluate("document.documentElement.scrollWidth <= innerWidth")
    card(bob, WEATHER).get_by_role("button", name="Approve").press("Enter")
    expect(card(bob, WEATHER)).to_contain_text("Approved by Bob", timeout=LONG)
    expect(card(bob, WEATHER).locator("summary")).to_be_focused()

    answer = whole(alice)
    expect(card(alice, WEATHER)).to_contain_text("Approved by Bob")
    expect(prose(answer)).to_contain_text("42")
    card(alice, WEATHER).locator("summary").click()
    expect(card(alice, WEATHER)).to_contain_text("Sample data of a demonstration")
    assert not violations(alice)
    alice.reload()
    expect(prose(whole(alice))).to_contain_text("42")


def test_what_a_person_types_for_a_tool_is_kept_and_a_stop_ends_a_call_that_waits(sign_in: SignIn) -> None:
    alice, bob = sign_in("alice", **STILL), sign_in("bob", **STILL)
    offer(alice, BY_HAND)
    ask(alice, "Ask about the weather in Lyon")
    said = alice.get_by_label(f"What does “{BY_HAND}” say?")
    said.fill("It rains", timeout=LONG)
    alice.reload()
    expect(said).to_have_value("It rains", timeout=LONG)
    bob.goto(alice.url)
    expect(card(bob, BY_HAND)).to_contain_text("Waits for an answer", timeout=LONG)
    said.fill("It rains in Lyon.")
    said.press("Control+Enter")
    expect(card(bob, BY_HAND)).to_contain_text("Answered by Alice", timeout=LONG)
    expect(prose(whole(bob))).to_contain_text("It rains in Lyon")
    whole(alice)

    ask(alice, "And the weather in Nice?")
    expect(card(alice, BY_HAND)).to_contain_text("Waits for an answer", timeout=LONG)
    stop(bob).click()
    expect(card(alice, BY_HAND).locator(".step-note")).to_have_text("Stopped", timeout=LONG)
    expect(card(alice, BY_HAND).get_by_role("button")).to_have_count(0)
    expect(answers(whole(alice, 2).page).last.get_by_text("Stopped by Bob")).to_be_visible()
    ask(alice, "Hello again")
    whole(alice, 3)


def restart(stack: Stack) -> None:
    running = [stack.worker, stack.web, stack.emulator, stack.redis]
    for program in running:
        program.stop()
    for program in reversed(running):
        program.start()


def test_of_two_calls_one_is_allowed_after_a_restart_of_every_process(
    sign_in: SignIn, visits: Visits, make_stack: MakeStack
) -> None:
    visits.expected += BROKEN
    stack = make_stack(beat=False)
    stack.change(SWITCH_ON, "calculate", True)
    stack.change(SWITCH_ON, "get_weather", False)
    alice = sign_in("alice", at=stack, **STILL)
    ask(alice, "Calculate 6 * 7, and what is the weather in Paris?")
    expect(card(alice, WEATHER)).to_contain_text("Done", timeout=LONG)
    expect(card(alice, CALCULATOR)).to_contain_text("Waits for approval")
    restart(stack)
    bob = sign_in("bob", at=stack, **STILL)
    bob.goto(alice.url)
    card(bob, CALCULATOR).get_by_role("button", name="Approve").click(timeout=LONG)
    for page in (alice, bob):
        expect(card(page, CALCULATOR)).to_contain_text("Approved by Bob", timeout=LONG)
        expect(prose(whole(page))).to_contain_text("42")
        expect(prose(answers(page).last)).to_contain_text("location Paris")
    sent: dict[str, Any] = last_request(stack)
    assert [item["type"] for item in sent["input"]] == ["function_call_output"] * 2
    assert sent["previous_response_id"]


@pytest.fixture
def library(stack: Stack) -> Iterator[None]:
    """An MCP server for everybody, whose calls ask first."""
    stack.change(LIBRARY)
    yield
    stack.change("DELETE FROM conversations_mcpserver WHERE label = 'library'")


def test_a_call_on_an_mcp_server_waits_through_a_reload_and_can_be_stopped(
    sign_in: SignIn, stack: Stack, library: None
) -> None:
    alice, bob = sign_in("alice", **STILL), sign_in("bob", **STILL)
    dialog = options(alice)
    dialog.get_by_text("Tools that run upstream").click()
    dialog.get_by_label("MCP: library").check()
    dialog.get_by_role("button", name="Save").click()
    ask(alice, "Ask library about deleting")
    expect(card(alice, ON_SERVER)).to_contain_text("What it sends leaves this service", timeout=LONG)
    assert not violations(alice)
    alice.reload()
    bob.goto(alice.url)
    expect(card(bob, ON_SERVER)).to_contain_text("Waits for Alice Okafor to approve it", timeout=LONG)
    card(alice, ON_SERVER).get_by_role("button", name="Approve").click(timeout=LONG)
    for page in (alice, bob):
        expect(prose(whole(page))).to_contain_text("library knows one page")
        expect(answers(page).last.locator(".step", has_text="Called search_docs")).to_be_visible()
    sent: dict[str, Any] = last_request(stack)
    assert [(item["type"], item["approve"]) for item in sent["input"]] == [("mcp_approval_response", True)]

    ask(alice, "Ask library about expiry")
    expect(card(bob, ON_SERVER)).to_contain_text("Waits for approval", timeout=LONG)
    stop(bob).click()
    for page in (alice, bob):
        expect(answers(whole(page, 2).page).last).to_contain_text("Stopped by Bob")

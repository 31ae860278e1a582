"""The story of the product in real browsers: she asks, reloads, shares, stops and goes on."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.acts import (
    answers,
    ask,
    box,
    emulator,
    fault,
    reads,
    stop,
    stored_words,
    until_longer_than,
    whole,
)
from tests.browsing import Visits
from tests.conftest import SignIn
from tests.stack import Stack

pytestmark = pytest.mark.browser


@pytest.mark.smoke
def test_she_asks_and_the_answer_comes_as_markdown(sign_in: SignIn) -> None:
    page = sign_in("alice")
    ask(page, "Compare three ways to back up a PostgreSQL database in a table.")
    answer = whole(page)
    expect(answer.locator("table")).to_be_visible()
    expect(box(page)).to_have_value("")
    expect(page).to_have_url(re.compile(r"/c/[0-9a-f-]{36}/$"))
    expect(page).to_have_title(re.compile("Compare three ways"))


def test_she_reloads_in_the_middle_and_misses_nothing(sign_in: SignIn, stack: Stack) -> None:
    page = sign_in("alice")
    fault(stack, "deltas=200@60+stamp")
    ask(page, "Tell me everything.")
    until_longer_than(answers(page).last, 150)
    for _ in range(3):
        page.reload()
        until_longer_than(answers(page).last, 150)
    reads(whole(page), stored_words(stack, page))


def test_a_second_tab_and_a_team_mate_see_the_same_live_and_others_nothing(
    sign_in: SignIn, stack: Stack, visits: Visits
) -> None:
    alice = sign_in("alice")
    fault(stack, "deltas=250@60+stamp")
    ask(alice, "Tell us everything.")
    until_longer_than(answers(alice).last, 100)
    second = alice.context.new_page()
    second.goto(alice.url)
    bob = sign_in("bob")
    bob.goto(alice.url)
    until_longer_than(answers(bob).last, 100)
    for page in (alice, second, bob):
        reads(whole(page), stored_words(stack, alice))
    visits.expected.append("404")
    carol = sign_in("carol")
    assert carol.goto(alice.url).status == 404  # type: ignore[union-attr]
    expect(carol.get_by_text("Tell us everything.")).to_have_count(0)


def test_stop_works_from_another_persons_tab_and_reaches_upstream(sign_in: SignIn, stack: Stack) -> None:
    alice = sign_in("alice")
    fault(stack, "deltas=2000@60+stamp")
    ask(alice, "Write a very long essay.")
    until_longer_than(answers(alice).last, 100)
    bob = sign_in("bob")
    bob.goto(alice.url)
    stop(bob).click()
    answer = whole(alice)
    expect(answer).to_contain_text("Stopped by Bob")
    reads(answer, stored_words(stack, alice))


def test_she_goes_on_and_the_model_remembers(sign_in: SignIn) -> None:
    page = sign_in("alice")
    ask(page, "My name is Ada.")
    whole(page)
    ask(page, "What is my name?")
    expect(whole(page, 2)).to_contain_text("Ada")


def test_the_receipt_tells_cost_time_id_and_expiry(sign_in: SignIn) -> None:
    page = sign_in("alice")
    ask(page, "Hello")
    whole(page).get_by_role("button", name=re.compile("Receipt")).click()
    receipt = page.get_by_role("complementary", name="Receipt")
    for text in (
        "resp_",
        "Tokens in",
        "Tokens out",
        "cached",
        "reasoning",
        "First token",
        "Total time",
        "Stored until",
    ):
        expect(receipt).to_contain_text(text)
    page.keyboard.press("Escape")
    expect(receipt).to_be_hidden()


def choose_background(page: Page, value: str, *, before: str) -> None:
    page.get_by_role("button", name=re.compile("^Options")).click()
    choice = page.get_by_role("combobox", name="Run in the background")
    expect(choice).to_have_value(before)
    choice.select_option(value)
    page.get_by_role("button", name="Save", exact=True).click()


def expect_mode(page: Page, count: int, mode: str) -> None:
    whole(page, count).get_by_role("button", name=re.compile("Receipt")).click()
    expect(page.get_by_role("complementary", name="Receipt")).to_contain_text(f"Mode{mode}")
    page.keyboard.press("Escape")


@contextmanager
def held_change(page: Page) -> Iterator[Callable[[], Route]]:
    """A change of the conversation stays on its way until the test lets it go: call what this yields."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.method == "PATCH":
            held.append(route)
        else:
            route.continue_()

    def caught() -> Route:
        while not held:
            page.wait_for_timeout(20)
        return held.pop()

    page.route("**/api/conversations/*/", hold)
    yield caught
    page.unroute("**/api/conversations/*/")


def test_she_chooses_the_background_and_the_receipt_tells_how_it_ran(sign_in: SignIn) -> None:
    page = sign_in("alice")
    choose_background(page, "yes", before="deployment")
    expect(page.get_by_label("Run in the background")).to_contain_text("As the deployment says (off)")
    ask(page, "Hello")
    expect_mode(page, 1, "Background")
    choose_background(page, "no", before="yes")
    ask(page, "Hello")
    expect_mode(page, 2, "Foreground")
    choose_background(page, "no", before="no")


def test_what_she_chose_holds_for_what_she_sends_before_it_is_saved(sign_in: SignIn, visits: Visits) -> None:
    visits.expected.append("ERR_FAILED")
    page = sign_in("alice")
    ask(page, "Hello")
    whole(page)
    with held_change(page) as change:
        choose_background(page, "yes", before="deployment")
        ask(page, "Are you in the background?")
        change().continue_()
    expect_mode(page, 2, "Background")
    with held_change(page) as change:
        choose_background(page, "no", before="yes")
        ask(page, "Are you in the foreground?")
        change().abort()
    message = page.get_by_role("article", name="You").last
    expect(message).to_contain_text("Not sent: The change was not saved.")
    message.get_by_role("button", name="Retry").click()
    expect_mode(page, 3, "Background")


FAULTS = [
    ("401", "Retry"),
    ("404", "Retry"),
    ("429=3", "Retry"),
    ("429-stream", "Retry"),
    ("500", "Retry"),
    ("cut", "Retry"),
    ("end", "Retry"),
    ("malformed", "Retry"),
    ("filter-prompt", ""),
    ("filter-output", "Retry"),
    ("too-long", ""),
    ("error-first=flat", "Retry"),
]


@pytest.mark.parametrize(("name", "button"), FAULTS, ids=[name for name, _ in FAULTS])
def test_every_fault_ends_with_the_reason_on_the_page(
    sign_in: SignIn, stack: Stack, name: str, button: str
) -> None:
    page = sign_in("alice")
    fault(stack, name)
    ask(page, "Hello, how are you?")
    answer = whole(page)
    expect(answer.locator(".trouble h3")).not_to_be_empty()
    if button:
        answer.get_by_role("button", name=button).click()
        expect(answers(page).last).to_contain_text("Attempt 2 of 2")
        expect(whole(page).locator(".trouble")).to_have_count(0)


def test_messages_sent_meanwhile_wait_in_sight(sign_in: SignIn, stack: Stack) -> None:
    page = sign_in("alice")
    fault(stack, "deltas=60@40")
    ask(page, "My name is Ada.")
    until_longer_than(answers(page).first, 20)
    ask(page, "What is my name?")
    expect(answers(page).last).to_contain_text("Waiting")
    expect(whole(page, 2)).to_contain_text("Ada")


def test_the_wire_was_chained(sign_in: SignIn, stack: Stack) -> None:
    page = sign_in("alice")
    ask(page, "One.")
    whole(page)
    ask(page, "Two.")
    whole(page, 2)
    request = emulator(stack, "GET", "requests?operation=create")["requests"][-1]["json"]
    assert isinstance(request, dict)
    assert request["previous_response_id"].startswith("resp_")

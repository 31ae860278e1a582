"""What the page says and keeps when the server closes its socket."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.acts import answers, ask, box, fault, stop, until_longer_than, whole, words
from tests.browsing import Visits
from tests.conftest import SignIn
from tests.stack import Stack

pytestmark = pytest.mark.browser


@pytest.fixture
def sharing(sign_in: SignIn, stack: Stack, visits: Visits) -> Iterator[tuple[Page, Page]]:
    """Alice's page and Bob's, on one conversation, while an answer is coming."""
    visits.expected += ["WebSocket", "40[134]"]
    alice, bob = sign_in("alice"), sign_in("bob")
    fault(stack, "deltas=600@50+stamp")
    ask(alice, "Tell us everything.")
    until_longer_than(answers(alice).last, 100)
    bob.goto(alice.url)
    until_longer_than(answers(bob).last, 100)
    yield alice, bob
    if stop(alice).count():
        stop(alice).click()
    whole(alice)


def make_private(page: Page) -> None:
    page.get_by_role("combobox", name="Who can see this conversation").select_option(label="Only me")


def test_who_lost_the_right_is_told_sees_no_further_word_and_keeps_what_was_typed(
    sharing: tuple[Page, Page],
) -> None:
    alice, bob = sharing
    box(bob).fill("My own half thought")
    make_private(alice)
    expect(bob.get_by_text("You no longer have access to this conversation.")).to_be_visible()
    bob.wait_for_timeout(500)  # text is shown evenly, a moment after it came
    seen = words(answers(bob).last)
    bob.wait_for_timeout(1500)
    assert words(answers(bob).last) == seen
    expect(box(bob)).to_have_value("My own half thought")
    gone = bob.reload()
    assert gone is not None
    assert gone.status == 404
    bob.goto("/")
    expect(box(bob)).to_have_value("My own half thought")
    assert len(words(answers(alice).last)) > len(seen)


def test_what_could_not_be_sent_any_more_goes_along_to_a_new_conversation(sharing: tuple[Page, Page]) -> None:
    alice, bob = sharing
    make_private(alice)
    expect(bob.get_by_text("You no longer have access to this conversation.")).to_be_visible()
    ask(bob, "Too late for this one")
    expect(box(bob)).to_have_value("Too late for this one")
    bob.get_by_role("button", name="Start a new one").click()
    expect(box(bob)).to_have_value("Too late for this one")
    box(bob).press("Enter")
    expect(whole(bob)).not_to_be_empty()
    expect(bob.get_by_role("article", name="You")).to_have_text(re.compile("Too late for this one"))


def test_who_is_signed_out_finds_what_was_typed_after_logging_in_again(
    sign_in: SignIn, visits: Visits
) -> None:
    visits.expected += ["WebSocket", "401"]
    page = sign_in("alice")
    ask(page, "Hello")
    whole(page)
    box(page).fill("Half a thought")
    page.context.request.post(
        "/logout/",
        headers={"X-CSRFToken": cookie(page, "csrftoken"), "Referer": page.url, "Origin": origin(page)},
    )
    expect(page.get_by_text("You are signed out").first).to_be_visible()
    expect(box(page)).to_have_value("Half a thought")
    ask(page, "Sent while signed out")
    page.get_by_role("link", name="Log in again").click()
    page.get_by_label("Username").fill("alice")
    page.get_by_label("Password").fill("a-password-for-tests")
    page.get_by_role("button", name="Log in").click()
    whole(page, 2)
    expect(page.get_by_role("article", name="You").last).to_contain_text("Sent while signed out")


def cookie(page: Page, name: str) -> str:
    return next(each["value"] for each in page.context.cookies() if each["name"] == name)


def origin(page: Page) -> str:
    return str(page.evaluate("location.origin"))


@pytest.mark.parametrize("code", [1000, 1006, 1011, 1012, 4429])
def test_after_any_other_close_the_page_comes_back_by_itself(
    sign_in: SignIn, visits: Visits, code: int
) -> None:
    visits.expected += ["WebSocket"]
    page = sign_in("alice")
    lines: list[WebSocketRoute] = []

    def pass_on(line: WebSocketRoute) -> None:
        line.connect_to_server()
        lines.append(line)

    page.route_web_socket(re.compile("/ws/"), pass_on)
    ask(page, "First")
    whole(page)
    box(page).fill("Half a thought")
    lines[-1].close(code=code if code != 1006 else None)
    page.wait_for_function("document.getElementById('connection').hidden")
    ask(page, "Second")
    whole(page, 2)
    assert len(lines) == 2

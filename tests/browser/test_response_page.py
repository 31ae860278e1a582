"""A response's page as staff see it: a reason, upstream beside the ledger, a deletion with proof."""

import re
from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acts import ask, emulator, whole
from tests.browser.test_deleting import delete
from tests.conftest import SignIn, running
from tests.stack import Image, Options, Stack

SETTLE_QUICKLY = "UPDATE conversations_endpoint SET settle_seconds = 1"

pytestmark = [pytest.mark.browser, pytest.mark.processes]


@pytest.fixture(scope="module")
def brief(image: Image) -> Iterator[Stack]:
    """With a short settle window, so that a read-back comes soon, and little time to undo a deletion."""
    settings = {"DELETION_SECONDS": "0.5", "OWN_DELETE_UNDO_SECONDS": "2"}
    stack = image.stack("brief", Options(settings=settings, emulator=("--rate", "400")))
    stack.change(SETTLE_QUICKLY)
    yield from running(stack)


def until(page: Page, is_so: Callable[[], bool]) -> None:
    """For half a minute; whoever goes on sees what is not."""
    for _ in range(150):
        if is_so():
            break
        page.wait_for_timeout(200)


def chat(page: Page, *texts: str) -> None:
    for number, text in enumerate(texts, 1):
        ask(page, text)
        whole(page, number)


def newest(stack: Stack) -> str:
    found = stack.rows("SELECT id FROM conversations_response ORDER BY queued_at DESC")
    return f"/admin/conversations/response/{UUID(str(found[0][0]))}/change/"


def open_with_reason(page: Page) -> None:
    page.get_by_label("Why do you need to read this?").fill("A complaint of a customer")
    page.get_by_role("button", name="Open", exact=True).click()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_staff_give_a_reason_compare_and_delete_with_proof(brief: Stack, sign_in: SignIn) -> None:
    chat(sign_in("alice", at=brief), "My name is Ada.", "Compare two databases briefly.")
    page = sign_in("oscar", at=brief)
    page.goto(newest(brief))
    expect(page.get_by_text("Why is this still here?")).to_be_visible()
    expect(page.get_by_text("Compare two databases")).to_have_count(0)
    open_with_reason(page)
    expect(page.get_by_text("Compare two databases briefly.").first).to_be_visible()
    press(page, "Retrieve")
    expect(page.get_by_role("heading", name="Ledger and upstream are the same")).to_be_visible()
    press(page, "Input items")
    expect(page.get_by_role("heading", name=re.compile("^3 input items upstream, the same"))).to_be_visible()
    press(page, "Newest first")
    expect(page.get_by_role("button", name="Oldest first")).to_be_visible()
    press(page, "Delete upstream")
    expect(page.get_by_role("heading", name="Later turns that chain to it")).to_be_visible()
    page.get_by_label("Why is it deleted?").fill("The customer asked for it")
    press(page, "Delete this response upstream")
    expect(page.get_by_text("Deleted upstream (HTTP 200).")).to_be_visible()

    until(page, lambda: brief.rows("SELECT read_back FROM conversations_deletion") == [("confirmed",)])
    page.reload()
    expect(page.get_by_text("Read back: confirmed absent")).to_be_visible()
    page.get_by_text("Proof: 2 answers of upstream").click()
    expect(page.get_by_text("it is absent; only the ledger here has it")).to_be_visible()
    reader_is_told(sign_in("alice", at=brief))


def reader_is_told(page: Page) -> None:
    page.get_by_role("link", name=re.compile("My name is Ada")).click()
    page.get_by_role("button", name=re.compile("^Receipt")).last.click()
    receipt = page.get_by_role("complementary", name="Receipt")
    expect(receipt.get_by_role("heading", name="Who has looked")).to_be_visible()
    expect(receipt).to_contain_text("Oscar Petrov, operator")
    expect(receipt).to_contain_text("A complaint of a customer")


REPORTED = "SELECT state, report FROM conversations_deletionjob WHERE source = 'own' AND report <> ''"
WORDS = "SELECT text FROM conversations_item WHERE text LIKE '%%walrus%%'"


def test_what_its_owner_deletes_goes_upstream_and_here_by_itself(brief: Stack, sign_in: SignIn) -> None:
    page = sign_in("bob", at=brief)
    before = emulator(brief, "GET", "ids")["ids"]
    chat(page, "Tell us of the walrus.", "And of its tusks, briefly.")
    assert len(emulator(brief, "GET", "ids")["ids"]) == len(before) + 2
    delete(page)
    until(page, lambda: bool(brief.rows(REPORTED)))
    assert [state for state, _report in brief.rows(REPORTED)] == ["done"]
    assert emulator(brief, "GET", "ids")["ids"] == before
    assert brief.rows(WORDS) == []
    page.get_by_role("link", name="My data").click()
    row = page.get_by_role("table", name="Conversations that you deleted").get_by_role("row").last
    expect(row).to_contain_text(re.compile("eleted upstream and erased here"))

"""The bell rings on a page that is open, and leads to what waits."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.acts import ask, whole
from tests.browser.test_page import violations
from tests.conftest import SignIn
from tests.stack import Stack

pytestmark = pytest.mark.browser

SAY = """
from conversations.models import User
from conversations.people import notices
from conversations.people.notices import NoticeKind
alice, call = User.objects.get(username="alice"), ("toolcall", "of-the-browser")
"""
TELL = """
facts = {"tool": "refund", "by": "Bob"}
notices.tell(NoticeKind.TOOL_APPROVAL, to=alice, subject=call, path="/my-data/", facts=facts)
"""
SETTLE = "notices.settle(NoticeKind.TOOL_APPROVAL, subject=call)\n"


@pytest.fixture
def afterwards(stack: Stack) -> Iterator[None]:
    yield
    stack.manage("shell", stdin=SAY + SETTLE)


def test_the_bell_comes_by_itself_and_leads_to_what_waits(
    sign_in: SignIn, stack: Stack, afterwards: None
) -> None:
    page = sign_in("alice")
    ask(page, "Hello")
    whole(page)
    bell = page.get_by_role("link", name="Waiting for you: 1")
    expect(page.locator("#bell")).to_be_hidden()
    stack.manage("shell", stdin=SAY + TELL)
    bell.click()
    expect(page.get_by_role("heading", name="A tool waits for approval")).to_be_visible()
    page.set_viewport_size({"width": 360, "height": 740})
    assert not violations(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("link", name="Look at the call and decide").click()
    expect(page.get_by_role("heading", name="My data")).to_be_visible()

"""The harness sees what a browser's console complains about."""

import pytest
from playwright.sync_api import Browser, Page

from tests.browsing import Visits
from tests.conftest import SignIn
from tests.stack import Stack

pytestmark = pytest.mark.browser


@pytest.mark.smoke
def test_people_sign_in_each_in_a_browser_of_their_own(sign_in: SignIn) -> None:
    alice, bob = sign_in("alice"), sign_in("bob", viewport={"width": 360, "height": 640})
    assert alice.context is not bob.context
    assert bob.viewport_size == {"width": 360, "height": 640}


def test_a_visitor_is_asked_to_log_in(page: Page) -> None:
    page.goto("/")
    assert "/login/" in page.url


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ("console.error('this went wrong')", "this went wrong"),
        ("setTimeout(() => { throw new Error('nobody caught this') })", "nobody caught this"),
        (
            "document.body.append(Object.assign(new Image(), {src: 'https://example.com/x.png'}))",
            "Content Security",
        ),
        ("document.body.setAttribute('style', 'color: red')", "Content Security"),
    ],
)
def test_what_a_page_complains_about_is_noticed(
    browser: Browser, stack: Stack, script: str, complaint: str
) -> None:
    visits = Visits(browser)
    page = visits.page(stack)
    page.goto("/login/")
    page.evaluate(script)
    page.wait_for_timeout(200)
    assert complaint in "".join(visits.complaints())
    visits.expected.append(complaint)
    assert not visits.complaints()
    visits.close()

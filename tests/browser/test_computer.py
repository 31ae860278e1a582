"""Computer use on the page: asked for in the options, watched by two, its check decided by one of them."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.acts import ask
from tests.browsing import Visits
from tests.chat.test_computer_use import POLICY
from tests.conftest import running
from tests.stack import Image, Options, Stack

pytestmark = pytest.mark.browser

SLOW_MS = 90_000
WIDTH, HEIGHT = 1024, 768


@pytest.fixture(scope="module")
def shop(image: Image) -> Iterator[Stack]:
    for stack in running(image.stack("shop", Options(beat=False))):
        site = stack.emulator_url.removeprefix("http://")
        stack.change(POLICY, True, site, f"{stack.emulator_url}/shop/", False)
        stack.change("UPDATE conversations_deployment SET name = 'gpt-5.4', model = 'gpt-5.4'")
        yield stack


def with_browser(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^Options")).click()
    dialog = page.get_by_role("dialog", name="Options of this conversation")
    dialog.get_by_label("Use a browser").check()
    dialog.get_by_role("button", name="Save").click()


def browser_of(page: Page) -> Locator:
    return page.get_by_role("region", name="Browser")


def click_at(picture: Locator, x: int, y: int) -> None:
    """Where the browser has that."""
    shown = picture.bounding_box()
    assert shown is not None
    picture.click(position={"x": x * shown["width"] / WIDTH, "y": y * shown["height"] / HEIGHT})


def is_kept(stack: Stack, said: str) -> bool:
    """Whether it stands in a log, in what Redis writes down, or in rows of what was done."""
    files = (path.read_bytes() for path in stack.folder.rglob("*") if path.is_file())
    trail = stack.rows("SELECT * FROM conversations_auditentry")
    steps = stack.rows("SELECT * FROM conversations_computerstep")
    return said in f"{trail} {steps}" or any(said.encode() in each for each in files)


def test_a_task_is_watched_by_two_and_its_check_decided_by_one(shop: Stack, visits: Visits) -> None:
    alice, bob = visits.sign_in(shop, "alice"), visits.sign_in(shop, "bob")
    with_browser(alice)
    ask(alice, "Please buy me a lamp")
    watched = browser_of(alice)
    expect(watched.get_by_role("button", name="Proceed")).to_be_visible(timeout=SLOW_MS)
    expect(watched).to_contain_text("sensitive_domain")
    bob.goto(alice.url)
    other = browser_of(bob)
    expect(other.get_by_role("button", name="Proceed")).to_be_visible()
    other.get_by_role("button", name="Proceed").click()
    for each in (watched, other):
        expect(each).to_contain_text("The browser task is done", timeout=SLOW_MS)
        expect(each.get_by_role("listitem")).to_have_count(8)
    expect(alice.get_by_role("log")).to_contain_text("LL-1074")
    expect(alice.get_by_text("Used a computer").first).to_be_hidden()
    watched.get_by_role("button", name="First look").click()
    expect(watched.get_by_role("figure")).to_contain_text("/shop/")


TO_THE_ACCOUNT = 'Actions: [[{"type": "click", "x": 665, "y": 38}], [{"type": "click", "x": 90, "y": 418}]]'
# Where the field is on the page that this leads to.
PASSWORD = (230, 342)
SECRET = "quay-street-7"


def test_a_person_types_the_password_and_gives_the_browser_back(shop: Stack, visits: Visits) -> None:
    alice, bob = visits.sign_in(shop, "alice"), visits.sign_in(shop, "bob")
    with_browser(alice)
    ask(alice, TO_THE_ACCOUNT)
    watched = browser_of(alice)
    expect(watched).to_contain_text("The page asks for a password", timeout=SLOW_MS)
    bob.goto(alice.url)
    other = browser_of(bob)
    watched.get_by_role("button", name="Take over").click()
    page = watched.get_by_role("application")
    expect(page).to_be_focused(timeout=SLOW_MS)
    expect(other).to_contain_text("Alice Okafor has mouse and keyboard")
    expect(other.get_by_role("application")).to_have_count(0)
    click_at(page, *PASSWORD)
    expect(watched).to_contain_text("The keyboard is at: Password, password.", timeout=SLOW_MS)
    alice.keyboard.type(SECRET)
    alice.keyboard.press("Enter")
    for each in (watched, other):
        expect(each.get_by_role("figure")).to_contain_text("Welcome", timeout=SLOW_MS)
    alice.keyboard.press("Escape")
    alice.keyboard.press("Escape")
    expect(watched.get_by_role("button", name="Give back")).to_be_focused()
    watched.get_by_role("button", name="Read the page").click()
    expect(watched.get_by_role("region", name="What the page says")).to_contain_text("New this week")
    watched.get_by_label("Address").fill("example.org")
    watched.get_by_role("button", name="Go", exact=True).click()
    expect(watched).to_contain_text("https://example.org was refused", timeout=SLOW_MS)
    watched.get_by_role("button", name="Give back").click()
    for each in (watched, other):
        expect(each).to_contain_text("The browser task is done", timeout=SLOW_MS)
        expect(each.get_by_role("figure")).to_contain_text("so this was not done")
    watched.get_by_role("button", name="click at 665, 38").click()
    expect(watched.get_by_role("figure")).to_contain_text("Then a person had the browser. Opened: ")
    trail = "SELECT details FROM conversations_auditentry WHERE action = %s"
    assert shop.rows(trail, "computer_refused")
    assert any("visited" in str(row) for row in shop.rows(trail, "computer_steered"))
    assert is_kept(shop, "example.org")
    assert not is_kept(shop, SECRET)

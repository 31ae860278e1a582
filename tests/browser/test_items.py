"""What an answer holds beside its words: thoughts, tools at work, pictures, sources."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.acts import answers, ask, conversation_of, fault, prose, stop, whole
from tests.browser.test_options import options
from tests.browser.test_page import PHONE, STILL, violations
from tests.conftest import SignIn
from tests.stack import Stack

pytestmark = pytest.mark.browser


def step(answer: Locator, title: str) -> Locator:
    return answer.locator(".step", has_text=title)


def not_sideways(page: Page) -> None:
    width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1]


@pytest.mark.parametrize("look", [{}, PHONE], ids=["wide", "phone"])
def test_a_web_search_is_told_and_its_sources_are_cited(
    sign_in: SignIn, stack: Stack, look: dict[str, Any]
) -> None:
    page = sign_in("alice", **STILL, **look)
    fault(stack, "hosted=web_search,file_search,code_interpreter")
    ask(page, "Search the web and our files for what to know of retention, then run it")
    answer = whole(page)
    search = step(answer, "Searched the web")
    expect(search).to_contain_text("“Search the web")
    search.get_by_text("Searched the web").click()
    expect(search.get_by_role("link", name="learn.example.com/retention")).to_have_attribute(
        "rel", "noopener noreferrer nofollow"
    )
    mark = prose(answer).get_by_role("link", name="1", exact=True)
    expect(mark).to_have_attribute("href", re.compile("^https://learn.example.com/"))
    expect(mark).to_have_attribute("title", "Source 1: Retention and deletion in practice")
    sources = answer.get_by_role("region", name="Sources").get_by_role("listitem")
    expect(sources).to_have_count(5)
    expect(sources.first).to_contain_text("learn.example.com")
    expect(sources.last).to_contain_text("squares.csv")
    step(answer, "Searched the files").get_by_text("Searched the files").click()
    expect(step(answer, "Searched the files")).to_contain_text("0.90")
    step(answer, "Ran code").get_by_text("Ran code").click()
    expect(step(answer, "Ran code")).to_contain_text("5 squared is 25")
    expect(step(answer, "Ran code").locator(".hljs-keyword").first).to_have_text("import")
    assert not violations(page)
    not_sideways(page)


def choose(page: Page, **chosen: str) -> None:
    dialog = options(page)
    dialog.get_by_text("More", exact=True).click()
    for label, value in chosen.items():
        dialog.get_by_label(label.replace("_", " ")).select_option(value)
    dialog.get_by_role("button", name="Save").click()


def test_thoughts_are_told_while_they_come_and_folded_after(sign_in: SignIn, stack: Stack) -> None:
    page, bob = sign_in("alice", **STILL), sign_in("bob")
    choose(page, Reasoning_effort="high", Summary_of_the_reasoning="detailed")
    fault(stack, "rate=8")
    ask(page, "Compare two databases")
    panel = answers(page).last.locator("details.reasoning")
    expect(panel).to_contain_text("Thinking")
    page.reload()
    expect(panel).to_contain_text("Thinking")
    panel.locator("summary").click()
    expect(panel.locator(".reasoning-text")).to_have_text(re.compile(r".{40}"))
    bob.goto(page.url)
    expect(answers(bob).last.locator("details.reasoning")).to_be_visible()
    stop(page).click()
    for each in (page, bob):
        expect(answers(each).last).to_contain_text("Stopped by Alice")
    ask(page, "And two brokers?")
    panel = whole(page, 2).locator("details.reasoning")
    expect(panel).to_contain_text(re.compile(r"Thought for [\d.]+ s · \d+ reasoning tokens"))
    assert panel.get_attribute("open") is None
    assert not violations(page)


def test_a_picture_is_drawn_before_ones_eyes_and_after_a_reload(sign_in: SignIn, stack: Stack) -> None:
    page = sign_in("alice", **STILL)
    fault(stack, "hosted=image_generation+rate=1")
    ask(page, "Draw a lighthouse")
    drawing = step(answers(page).last, "Drawing a picture")
    expect(drawing.get_by_role("img", name="The picture as it is so far")).to_be_visible()
    page.reload()
    expect(drawing.get_by_role("img", name="The picture as it is so far")).to_be_visible()
    picture = step(whole(page), "Drew a picture").get_by_role("img", name=re.compile("lighthouse"))
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 256
    picture.click()
    expect(page.get_by_role("dialog", name="Picture").get_by_role("img")).to_be_visible()
    assert not violations(page)
    page.keyboard.press("Escape")
    bob = sign_in("bob")
    bob.goto(f"/c/{conversation_of(page)}/")
    expect(
        step(whole(bob), "Drew a picture").get_by_role("img", name=re.compile("lighthouse"))
    ).to_be_visible()


def test_a_tool_that_is_stopped_says_so(sign_in: SignIn, stack: Stack) -> None:
    page = sign_in("alice")
    dialog = options(page)
    dialog.get_by_text("Tools that run upstream").click()
    dialog.get_by_label("Code interpreter").check()
    dialog.get_by_role("button", name="Save").click()
    fault(stack, "rate=4")
    ask(page, "Run some squares")
    answer = answers(page).last
    expect(answer).to_contain_text("Using a tool")
    step(answer, "Running code").locator("summary").click()
    expect(answer.locator("code")).to_contain_text("import csv")
    stop(page).click()
    expect(answer).to_contain_text("Stopped by Alice")
    expect(step(answer, "Ran code")).to_contain_text("Stopped")
    expect(answer.locator("code")).to_contain_text("import csv")

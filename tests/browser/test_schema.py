"""Answers in the form of a JSON schema, the tools that run upstream, and copies of a turn, on the page."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.acts import answers, ask, fault, stop, whole
from tests.browser.test_options import last_request, options
from tests.browser.test_page import STILL, violations
from tests.conftest import SignIn
from tests.stack import Stack

pytestmark = pytest.mark.browser


def test_an_answer_has_the_form_that_was_asked_for(sign_in: SignIn, stack: Stack) -> None:
    page = sign_in("alice", **STILL)
    dialog = options(page)
    dialog.get_by_text("Form of the answers").click()
    dialog.get_by_label("JSON schema").fill('{"type": "object"}')
    expect(dialog).to_contain_text("every object needs “additionalProperties”: false.")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_visible()
    dialog.get_by_label("Begin with").select_option("A summary and its points")
    dialog.get_by_text("Tools that run upstream").click()
    dialog.get_by_label("Code interpreter").check()
    dialog.get_by_label("Memory").select_option("4 GB")
    assert violations(page) == []
    dialog.get_by_role("button", name="Save").click()
    ask(page, "What is retention?")
    answer = whole(page)
    sent: dict[str, Any] = last_request(stack)
    assert sent["text"]["format"]["name"] == "points"
    assert sent["tools"] == [
        {"type": "code_interpreter", "container": {"type": "auto", "memory_limit": "4g"}}
    ]
    expect(answer).to_contain_text("Fits the schema")
    block = answer.locator("pre code")
    assert json.loads(block.inner_text()).keys() == {"summary", "points"}
    assert "\n  " in block.inner_text()
    page.reload()
    expect(answers(page).last).to_contain_text("Fits the schema")
    expect(answers(page).last.locator("pre code")).to_contain_text('"summary"')

    bob = sign_in("bob", **STILL)
    fault(stack, "rate=2")
    ask(page, "And what is deletion?")
    expect(answers(page)).to_have_count(2)
    page.reload()
    bob.goto(page.url)
    for each in (page, bob):
        expect(answers(each).last).to_contain_text("summary")
    stop(page).click()
    for each in (page, bob):
        expect(answers(each).last).to_contain_text("Stopped by Alice")
        expect(answers(each).last).to_contain_text("Ended early, so it is no whole JSON")


def test_a_turn_is_copied_as_python(sign_in: SignIn) -> None:
    page = sign_in("alice", **STILL, permissions=["clipboard-read", "clipboard-write"])
    ask(page, "Hello")
    whole(page).get_by_role("button", name=re.compile("^Receipt")).click()
    page.get_by_role("button", name="Copy as Python").click()
    expect(page.locator("#speech")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "client.responses.create(" in copied
    assert "'text': 'Hello'" in copied

"""The options of a conversation: parameters, how turns are kept, and what the model can't."""

import re

import httpx2
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.acts import ask, whole
from tests.conftest import SignIn
from tests.stack import Stack

pytestmark = pytest.mark.browser


def options(page: Page) -> Locator:
    page.get_by_role("button", name=re.compile("^Options")).click()
    return page.get_by_role("dialog", name="Options of this conversation")


def last_request(stack: Stack) -> dict[str, object]:
    found = httpx2.get(f"{stack.emulator_url}/_emulator/requests?operation=create").json()
    return dict(found["requests"][-1]["json"])


def test_parameters_are_chosen_out_of_the_way_and_sent(sign_in: SignIn, stack: Stack) -> None:
    page = sign_in("alice")
    dialog = options(page)
    expect(dialog.get_by_label("Temperature")).to_be_hidden()
    dialog.get_by_label("How turns are kept upstream").select_option("not_stored")
    expect(dialog).to_contain_text("keeps nothing of an answer")
    dialog.get_by_text("More", exact=True).click()
    expect(dialog).to_contain_text("Temperature Reasoning models take no temperature.")
    dialog.get_by_label("Most output tokens").fill("8")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_visible()
    dialog.get_by_label("Most output tokens").fill("512")
    dialog.get_by_label("Metadata").fill("case = 7")
    dialog.get_by_role("button", name="Save").click()
    ask(page, "Hello")
    whole(page)
    sent = last_request(stack)
    assert (sent["store"], sent["max_output_tokens"]) == (False, 512)
    assert sent["metadata"]["case"] == "7"  # type: ignore[index]  # JSON
    dialog = options(page)
    expect(dialog.get_by_label("Most output tokens")).to_have_value("512")
    dialog.get_by_role("button", name="Reset to what is usual").click()
    dialog.get_by_role("button", name="Save").click()
    ask(page, "And now?")
    whole(page, 2)
    sent = last_request(stack)
    assert (sent["store"], "max_output_tokens" in sent) == (True, False)

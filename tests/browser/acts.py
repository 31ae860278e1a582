"""What people do on the chat page, by the names that a screen reader tells."""

import re
from collections.abc import Iterable

import httpx2
from playwright.sync_api import Locator, Page, expect

from tests.stack import Stack

LONG = 90_000
STORED = (
    "SELECT i.text FROM conversations_item i JOIN conversations_response r ON r.id = i.response_id"
    " JOIN conversations_turn t ON t.id = r.turn_id WHERE i.direction = 'output'"
    " AND replace(CAST(t.conversation_id AS text), '-', '') = %s"
)


def box(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Message", exact=True)


def ask(page: Page, text: str) -> None:
    box(page).fill(text)
    box(page).press("Enter")


def answers(page: Page) -> Locator:
    return page.get_by_role("log", name="Transcript").get_by_role("article", name="Answer")


def stop(page: Page) -> Locator:
    return page.get_by_role("button", name="Stop", exact=True)


def whole(page: Page, count: int = 1) -> Locator:
    """The newest of so many answers, once nothing runs any more."""
    expect(answers(page)).to_have_count(count, timeout=LONG)
    expect(stop(page)).to_have_count(0, timeout=LONG)
    return answers(page).last


def prose(answer: Locator) -> Locator:
    """What the answer itself says, without what stands around it."""
    return answer.locator(".prose:not(.reasoning-text)")


def words(answer: Locator) -> list[str]:
    return prose(answer).inner_text().split()


def until_longer_than(answer: Locator, characters: int) -> None:
    expect(prose(answer)).to_have_text(re.compile(rf"^[\s\S]{{{characters},}}"), timeout=LONG)


def reads(answer: Locator, words: Iterable[str]) -> None:
    """Soon: the last words of an answer may be drawn a moment after its end."""
    expect(prose(answer)).to_have_text(" ".join(words), use_inner_text=True, timeout=LONG)


def emulator(stack: Stack, method: str, path: str, body: object = None) -> dict[str, list[dict[str, object]]]:
    answer = httpx2.request(method, f"{stack.emulator_url}/_emulator/{path}", json=body)
    answer.raise_for_status()
    return dict(answer.json())


def fault(stack: Stack, faults: str) -> None:
    """What the next request to create a response meets."""
    emulator(stack, "POST", "faults", {"faults": faults, "times": 1, "operation": "create"})


def conversation_of(page: Page) -> str:
    expect(page).to_have_url(re.compile(r"/c/[0-9a-f-]{36}/$"))
    return page.url.rstrip("/").rsplit("/", 1)[-1]


def stored_words(stack: Stack, page: Page) -> list[str]:
    return [
        word
        for (text,) in stack.rows(STORED, conversation_of(page).replace("-", ""))
        for word in text.split()
    ]

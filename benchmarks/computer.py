"""From an action in a model's browser to its picture on the page of somebody who watches.

    make bench-computer              three rounds of 20 actions
    make bench-computer ARGS="5"     so many rounds

The product runs as installed, with ledger and PostgreSQL. The emulated model types into a field of the
emulator's shop, one character in each step; Chromium has the conversation open and notes when it has which
picture in the page, decoded. Beside it, in turn, Playwright alone types the same into the same page and takes
the same pictures, which nobody else gets to see. Ratios mean more than the figures.

An action begins when the worker takes its step up. A call is the end of the model's answer, before that.
"""

import argparse
import base64
import hashlib
import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psutil
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.figures import ms, quantile, row
from benchmarks.streaming import temporary_stack
from scripts.private_postgres import private_postgres
from tests import environment
from tests.browser.acts import ask
from tests.browsing import Visits, launch
from tests.databases import PostgreSQL
from tests.stack import Stack

LETTERS = "abcdefghijklmnopqrst"
WINDOW = {"width": 1024, "height": 768}
# Of the shop's search field, its middle.
SEARCH = (230, 122)
POLICY = (
    "INSERT INTO conversations_computerpolicy"
    " (team_id, enabled, sites, start_url, most_steps, most_seconds, confirm_all)"
    " SELECT id, TRUE, %s, %s, 100, 3600, FALSE FROM conversations_team"
)
USE_MODEL = "UPDATE conversations_deployment SET name = 'gpt-5.4', model = 'gpt-5.4'"
# Of the newest task, without the first look and the click into the field.
STEPS = """
SELECT screenshot, created_at, started_at, ended_at FROM conversations_computerstep WHERE number > 1
AND run_id = (SELECT id FROM conversations_computerrun ORDER BY created_at DESC LIMIT 1) ORDER BY number
"""
# Of each picture of a browser its address and when the page had it, decoded.
NOTE = """
window.drawn = [];
const note = picture => {
  const { src } = picture;
  if (!src || picture.noted === src) return;
  picture.noted = src;
  picture.decode().then(() => drawn.push([src, Date.now()]), () => {});
};
const look = () => document.querySelectorAll(".computer-picture img").forEach(note);
const changes = { childList: true, subtree: true, attributeFilter: ["src"] };
addEventListener("DOMContentLoaded", () => new MutationObserver(look).observe(document.body, changes));
"""


@dataclass
class Sides:
    """Seconds to a picture: from the model's call on, from the action on, until it is in the ledger, and
    what Playwright takes alone.
    """

    calls: list[float] = field(default_factory=list)
    actions: list[float] = field(default_factory=list)
    rows: list[float] = field(default_factory=list)
    alone: list[float] = field(default_factory=list)

    def print(self) -> None:
        print(f"Milliseconds. {psutil.cpu_count()} cores.\n{row('', 'actions', 'p50', 'p95')}")
        for name, values in (
            ("action to picture on the page", self.actions),
            ("  until it is in the ledger", self.rows),
            ("call to picture on the page", self.calls),
            ("Playwright alone", self.alone),
        ):
            print(row(name, str(len(values)), ms(values, 50), ms(values, 95)))
        ratios = [f"{quantile(self.actions, each) / quantile(self.alone, each):.2f}" for each in (50, 95)]
        print(row("  action / Playwright alone", "", *ratios))


def main() -> None:
    rounds = _options().rounds
    environment.prepare()
    try:
        with sync_playwright() as playwright, private_postgres() as url:
            browser = launch(playwright)
            with temporary_stack(PostgreSQL(url)) as stack:
                _allow(stack)
                measure(stack, browser, rounds)
            browser.close()
    finally:
        environment.pytest_unconfigure()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("rounds", nargs="?", type=int, default=3)
    return parser.parse_args()


def _allow(stack: Stack) -> None:
    site = stack.emulator_url.removeprefix("http://")
    stack.change(POLICY, site, f"{stack.emulator_url}/shop/")
    stack.change(USE_MODEL)


def measure(stack: Stack, browser: Browser, rounds: int) -> None:
    sides = Sides()
    visits = Visits(browser)
    watcher = visits.sign_in(stack, "alice")
    watcher.add_init_script(NOTE)
    with alone(stack, browser) as typed:
        for _round in range(rounds):
            watch(stack, watcher, sides)
            sides.alone += typed()
    visits.close()
    sides.print()


def watch(stack: Stack, page: Page, sides: Sides) -> None:
    page.goto("/")
    page.get_by_role("button", name=re.compile("^Options")).click()
    page.get_by_label("Use a browser").check()
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    calls = [[{"type": "click", "button": "left", "x": SEARCH[0], "y": SEARCH[1]}]]
    calls += [[{"type": "type", "text": letter}] for letter in LETTERS]
    ask(page, f"Actions: {json.dumps(calls)}")
    page.get_by_text("The browser task is done").wait_for(timeout=120_000)
    drawn = _first_drawn(page.evaluate("drawn"))
    for picture, called, began, ended in stack.rows(STEPS):
        assert picture in drawn, "A picture was never drawn."
        sides.calls.append(drawn[picture] - called.timestamp())
        sides.actions.append(drawn[picture] - began.timestamp())
        sides.rows.append((ended - began).total_seconds())


def _first_drawn(drawn: list[tuple[str, float]]) -> dict[str, float]:
    """By the content of the picture, in seconds."""
    found: dict[str, float] = {}
    for address, at in drawn:
        found.setdefault(_content(address), at / 1000)
    return found


def _content(address: str) -> str:
    if address.startswith("data:"):
        return hashlib.sha256(base64.b64decode(address.partition(",")[2])).hexdigest()
    return address.rstrip("/").rpartition("/")[2]


@contextmanager
def alone(stack: Stack, browser: Browser) -> Iterator[Any]:
    context = browser.new_context(viewport=WINDOW)  # type: ignore[arg-type]  # its two sides
    page = context.new_page()

    def typed() -> Iterator[float]:
        page.goto(f"{stack.emulator_url}/shop/")
        page.mouse.click(*SEARCH)
        for letter in LETTERS:
            began = time.monotonic()
            page.keyboard.type(letter)
            page.screenshot(animations="allow", caret="initial")
            yield time.monotonic() - began

    yield typed
    context.close()


if __name__ == "__main__":
    main()

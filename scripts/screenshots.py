"""The pictures of README and docs: `.venv/bin/python -m scripts.screenshots [NAME …]`.

A demo of its own starts in an empty folder; then people do at real browsers what a picture shows, in the
order of `SHOTS`, since what one does is history for the next. With names only those are written.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, Page, expect, sync_playwright

from responses_ui import processes
from responses_ui.folders import temporary_folder
from responses_ui.processes import LOOPBACK, free_port, tied
from scripts import chromium
from scripts.console import ROOT, GiveUp, end_with, step
from scripts.installation import Memory

FOLDER = ROOT / "docs" / "screenshots"
PASSWORD = "a-password-for-pictures"  # noqa: S105 of a demo that ends with this program
START_SECONDS = 600
PATIENCE_MS = 180_000
WIDE = {"viewport": {"width": 1280, "height": 800}}
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "has_touch": True}
# What other programs stored: so many ids on each of so many days.
IMPORTED, DAYS = 68, 18

Theme = Literal["light", "dark"]


@dataclass
class Scene:
    """The demo, and who sits at it."""

    browser: Browser
    data: Path
    url: str
    env: Mapping[str, str]
    wanted: set[str]
    pages: dict[tuple[str, bool], Page] = field(default_factory=dict)

    def at(self, username: str, path: str = "", *, phone: bool = False) -> Page:
        """The browser of that person, who signs in once."""
        known = self.pages.get((username, phone))
        page = known or self._signed_in(username, PHONE if phone else WIDE)
        self.pages[username, phone] = page
        if path:
            page.goto(path)
        return page

    def picture(self, page: Page, name: str, theme: Theme = "light", *, height: int = 800) -> None:
        if self.wanted and name not in self.wanted:
            return
        size = page.viewport_size or {"width": 1280, "height": 800}
        tall = size["height"] if page.evaluate("devicePixelRatio") > 1 else height
        page.set_viewport_size({"width": size["width"], "height": tall})
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        page.wait_for_timeout(300)
        page.screenshot(path=FOLDER / f"{name}.png", animations="disabled")

    def emulator(self, method: str, path: str, body: object) -> Any:
        request = urllib.request.Request(
            f"{self.env['AZURE_OPENAI_ENDPOINT']}/_emulator/{path}", json.dumps(body).encode(), method=method
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def manage(self, *arguments: str, stdin: str) -> None:
        command = processes.manage(*arguments)
        subprocess.run(
            command, cwd=ROOT, env=self.env, input=stdin, text=True, check=True, stdout=subprocess.DEVNULL
        )

    def _signed_in(self, username: str, look: Mapping[str, Any]) -> Page:
        page = self.browser.new_context(base_url=self.url, **look).new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto("/login/")
        page.get_by_label("Username").fill(username)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url(re.compile(r"^(?!.*/login/)"))
        return page


def chat(scene: Scene) -> None:
    scene.emulator("POST", "faults", {"faults": "rate=45", "times": 2})
    page = _thread(scene.at("alice"), "diary study")
    _ask(page, "Compare paper diaries and an app for it, with a table.")
    _written(page, 640)
    scene.picture(page, "chat-light")
    _at_rest(page)
    phone = _thread(scene.at("bob", phone=True), "identity", drawer=True)
    _ask(phone, "Write a Python function that does it.")
    _at_rest(phone)
    scene.picture(phone, "chat-phone", "dark")
    page.get_by_role("button", name=re.compile("^Receipt")).last.click()
    expect(page.get_by_role("complementary", name="Receipt")).to_be_visible()
    scene.picture(page, "chat-dark", "dark")


def computer(scene: Scene) -> None:
    page = scene.at("alice", "/")
    page.get_by_role("button", name=re.compile("^Watch a model shop")).click()
    box = page.get_by_role("textbox", name="Message", exact=True)
    box.press("Enter")
    expect(page.get_by_role("button", name="Proceed")).to_be_visible()
    scene.picture(page, "computer", height=1180)
    page.get_by_role("button", name="Proceed").click()
    _at_rest(page)


def desk(scene: Scene) -> None:
    page = scene.at("oscar", "/admin/")
    scene.picture(page, "desk-light", height=1000)
    scene.picture(page, "desk-dark", "dark", height=1000)
    page.goto("/admin/conversations/response/")
    scene.picture(page, "responses")


def response(scene: Scene) -> None:
    page = scene.at("oscar", "/admin/conversations/response/")
    page.goto(str(page.locator("tr", has_text="alice").locator(".row-link").first.get_attribute("href")))
    page.get_by_label("Why do you need to read this?").fill("A participant asks what is kept of the study")
    page.get_by_role("button", name="Open", exact=True).click()
    page.get_by_role("button", name="Retrieve", exact=True).click()
    expect(page.get_by_role("heading", name="Ledger and upstream are the same")).to_be_visible()
    scene.picture(page, "response", height=1100)


def plan(scene: Scene) -> None:
    """Beside what the chats made, what other programs stored; the hold of the demo keeps some."""
    ages = [day * 86_400 + 900 for day in range(1, DAYS + 1)]
    made = [scene.emulator("POST", "responses", {"count": IMPORTED, "age": age})["ids"] for age in ages]
    scene.manage("import_responses", "-", stdin="\n".join(chain.from_iterable(made)))
    page = scene.at("oscar", "/admin/conversations/deletionjob/add/?days=30")
    page.get_by_role("button", name="Make the plan").click()
    expect(page.get_by_role("heading", name="Execute it")).to_be_visible()
    scene.picture(page, "plan", height=1250)
    page.get_by_label("Why is it deleted?").fill("The study is over; its protocol says: gone within a month")
    page.locator("button.danger").click()
    expect(page.get_by_text("Another person must approve it")).to_be_visible()


def inbox(scene: Scene) -> None:
    page = scene.at("admin", "/inbox/")
    scene.picture(page, "inbox")


def job(scene: Scene) -> None:
    """Slow enough to be looked at, and with what goes wrong in real life."""
    scene.emulator("PATCH", "settings", {"latency": 1.2})
    for faults, share in (("429=1", 0.02), ("500", 0.03)):
        scene.emulator("POST", "faults", {"faults": faults, "share": share, "seed": 7, "operation": "delete"})
    page = scene.at("admin", scene.at("oscar").url)
    page.locator("button.danger").click()
    expect(page.get_by_role("heading", name="Under way")).to_be_visible()
    expect(page.locator("[data-figure=deleted]")).to_have_text(re.compile(r"^([4-9]\d\d|1,\d+)$"))
    scene.picture(page, "job")
    scene.emulator("PATCH", "settings", {"latency": 0})
    expect(page.get_by_role("link", name=re.compile("Report"))).to_be_visible()
    scene.picture(page, "report")


SHOTS: tuple[Callable[[Scene], None], ...] = (chat, computer, desk, response, plan, inbox, job)


def _thread(page: Page, words: str, *, drawer: bool = False) -> Page:
    if drawer:
        page.get_by_role("button", name="Show conversations").click()
    page.get_by_role("navigation", name="Conversations").get_by_role(
        "link", name=re.compile(words)
    ).first.click()
    expect(page.get_by_role("article", name="Answer").last).to_be_visible()
    return page


def _ask(page: Page, text: str) -> None:
    box = page.get_by_role("textbox", name="Message", exact=True)
    box.fill(text)
    box.press("Enter")
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_visible()


def _written(page: Page, characters: int) -> None:
    answer = page.get_by_role("article", name="Answer").last.locator(".prose:not(.reasoning-text)")
    expect(answer).to_have_text(re.compile(rf"^[\s\S]{{{characters},}}"))


def _at_rest(page: Page) -> None:
    expect(page.get_by_role("button", name="Stop", exact=True)).to_have_count(0)


@contextmanager
def demo(data: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Its address, and the environment of its `manage.py`."""
    port = free_port(LOOPBACK)
    own = {"DATA_DIR": str(data), "PORT": str(port), "DEMO_PASSWORD": PASSWORD, "DEMO": "1"}
    env = {name: value for name, value in os.environ.items() if not name.startswith(("AZURE_", "OPENAI_"))}
    command = tied((sys.executable, "-m", "scripts.serve", "demo"))
    with (data / "printed").open("wb") as printed:
        running = subprocess.Popen(command, cwd=ROOT, env=env | own, stdout=printed, stderr=printed)
    try:
        with step("Starting a demo"):
            _wait_for(running, data / "printed")
        yield f"http://{LOOPBACK}:{port}", env | own | Memory(data).environment()
    finally:
        running.terminate()
        running.wait()


def _wait_for(running: subprocess.Popen[bytes], printed: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while "Press Ctrl-C" not in printed.read_text():
        if running.poll() is not None or time.monotonic() > deadline:
            raise GiveUp(f"The demo did not start:\n{printed.read_text()}")
        time.sleep(0.5)


def main(wanted: set[str]) -> None:
    path = chromium.find()
    if not path:
        raise GiveUp(chromium.MISSING)
    FOLDER.mkdir(exist_ok=True)
    expect.set_options(timeout=PATIENCE_MS)
    data = temporary_folder("pictures")
    # Chromium's own sandbox refuses to work for root.
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    try:
        with demo(data) as (url, env), sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=flags)
            scene = Scene(browser, data, url, env, wanted)
            for shot in SHOTS:
                with step(shot.__name__):
                    shot(scene)
    finally:
        shutil.rmtree(data)


if __name__ == "__main__":
    try:
        main(set(sys.argv[1:]))
    except GiveUp as error:
        end_with(error)

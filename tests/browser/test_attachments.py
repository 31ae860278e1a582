"""Pictures and documents on the page: pasted, dropped, picked, sent, looked at, refused."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests import pictures
from tests.browser.acts import answers, ask, box, fault, prose, stop, until_longer_than, whole
from tests.browser.test_page import PHONE, STILL, violations
from tests.browsing import Visits
from tests.conftest import SignIn
from tests.stack import Stack

pytestmark = pytest.mark.browser

# As a browser does when somebody pastes or drops: a file made of these bytes.
GIVE = """(element, [kind, files]) => {
  const data = new DataTransfer();
  for (const { name, type, bytes } of files)
    data.items.add(new File([new Uint8Array(bytes)], name, { type }));
  const how = { bubbles: true, cancelable: true };
  const event = kind === "paste"
    ? new ClipboardEvent("paste", { ...how, clipboardData: data })
    : new DragEvent(kind, { ...how, dataTransfer: data });
  element.dispatchEvent(event);
}"""


def file(content: bytes, name: str = "image.png", kind: str = "image/png") -> dict[str, Any]:
    return {"name": name, "type": kind, "bytes": list(content)}


def paste(page: Page, *files: dict[str, Any]) -> None:
    box(page).evaluate(GIVE, ["paste", list(files)])


def tray(page: Page) -> Locator:
    return page.get_by_role("list", name="Files of this message").get_by_role("listitem")


def pick(page: Page, *files: tuple[str, bytes], kind: str = "application/octet-stream") -> None:
    given: Any = [{"name": name, "mimeType": kind, "buffer": content} for name, content in files]
    page.locator("#attach-files").set_input_files(given)


@pytest.mark.smoke
def test_a_pasted_picture_is_seen_by_the_model_and_by_a_colleague(sign_in: SignIn) -> None:
    page = sign_in("alice")
    paste(page, file(pictures.picture(size=(320, 200), colour="blue")))
    expect(tray(page)).to_contain_text(re.compile("320 . 200"))
    page.get_by_role("button", name="Describe image.png").click()
    page.get_by_label("What it shows").fill("A blue field")
    page.get_by_label("How closely").select_option("high")
    page.get_by_role("button", name="Save").click()
    expect(tray(page)).to_contain_text("Closely")
    ask(page, "What is in this image?")
    expect(prose(whole(page))).to_contain_text("320 by 200 pixels and mostly blue")
    expect(tray(page)).to_have_count(0)
    bob = sign_in("bob")
    bob.goto(page.url)
    bob.get_by_role("button", name="A blue field").click()
    expect(
        bob.get_by_role("dialog", name="image.png").get_by_role("img", name="A blue field")
    ).to_be_visible()


@pytest.mark.parametrize("look", [{}, PHONE], ids=["wide", "phone"])
def test_several_files_at_once_and_a_pdf(sign_in: SignIn, look: dict[str, Any]) -> None:
    page = sign_in("alice", **STILL, **look)
    report = ("report.pdf", pictures.document("Totals for November", "More"))
    pick(page, ("plan.png", pictures.picture(size=(200, 300))), report)
    expect(tray(page)).to_have_count(2)
    expect(tray(page).last).to_contain_text("2 pages")
    assert not violations(page)
    page.get_by_role("button", name="Send", exact=True).click()
    answer = prose(whole(page))
    expect(answer).to_contain_text("200 by 300")
    expect(answer).to_contain_text("report.pdf has 2 pages. It begins: “Totals for November”")
    message = page.get_by_role("article", name="You")
    expect(message.get_by_role("link", name="report.pdf")).to_be_visible()
    assert not violations(page)
    width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1]
    ask(page, "How large was that picture?")
    expect(prose(whole(page, 2))).to_contain_text("You showed me earlier")


def test_what_cant_be_sent_says_why_and_the_rest_of_the_draft_stays(
    sign_in: SignIn, visits: Visits, tmp_path: Path
) -> None:
    visits.expected.append("400")
    page = sign_in("alice")
    box(page).fill("Look at these")
    (tmp_path / "large.png").write_bytes(b"\x89PNG" + bytes(60_000_000))
    page.locator("#attach-files").set_input_files(tmp_path / "large.png")
    expect(tray(page)).to_contain_text("“large.png” has 60.0 MB; the API takes less than 50.0 MB")
    bad = {
        "fake.png": (b"not a picture", "neither a PNG, JPEG, WebP or GIF picture nor a PDF"),
        "logo.svg": (pictures.SVG, "is an SVG drawing"),
        "bomb.png": (pictures.bomb(), "too many pixels"),
        "bomb.pdf": (pictures.document_bomb(), "too much time or memory"),
        "moving.gif": (pictures.moving("GIF"), "moves"),
    }
    for number, (name, (content, why)) in enumerate(bad.items(), 2):
        pick(page, (name, content))
        expect(tray(page)).to_have_count(number)
        expect(tray(page).last).to_contain_text(why)
    pick(page, ("good.png", pictures.picture()))
    expect(tray(page).last).to_contain_text(re.compile("40 . 30"))
    expect(box(page)).to_have_value("Look at these")
    page.get_by_role("button", name="Remove large.png").click()
    expect(tray(page)).to_have_count(6)
    ask(page, "Look at this")
    expect(prose(whole(page))).to_contain_text("40 by 30")


def test_a_hundred_and_first_picture_stays_behind(sign_in: SignIn) -> None:
    page = sign_in("alice")
    # Refused by the page, so that only as many are uploaded as a message takes.
    page.evaluate("() => { XMLHttpRequest.prototype.send = () => {}; }")
    pick(page, *[(f"{number}.png", pictures.picture()) for number in range(101)])
    expect(tray(page)).to_have_count(101)
    expect(tray(page).last).to_contain_text("A message takes 100 files at once")


def test_dropped_files_wait_with_the_draft_through_a_reload(sign_in: SignIn) -> None:
    page = sign_in("alice")
    main = page.get_by_role("main")
    dropped = [file(pictures.picture(), "dropped.png")]
    main.evaluate(GIVE, ["dragover", dropped])
    expect(main).to_have_class(re.compile("is-target"))
    main.evaluate(GIVE, ["drop", dropped])
    expect(tray(page)).to_contain_text(re.compile("40 . 30"))
    page.reload()
    expect(tray(page)).to_contain_text("dropped.png")
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_enabled()
    page.get_by_role("button", name="Remove dropped.png").click()
    expect(tray(page)).to_have_count(0)


def test_a_question_about_files_is_stopped_reloaded_and_watched(sign_in: SignIn, stack: Stack) -> None:
    page = sign_in("alice")
    paste(page, file(pictures.picture()))
    pick(page, ("report.pdf", pictures.document("Totals for November")))
    expect(tray(page).first).to_contain_text(re.compile("40 . 30"))
    expect(tray(page).last).to_contain_text("1 page")
    fault(stack, "deltas=300@20")
    ask(page, "What is this?")
    until_longer_than(answers(page).last, 8)
    bob = sign_in("bob")
    bob.goto(page.url)
    sees_files(bob, "Alice")
    until_longer_than(answers(bob).last, 8)
    page.reload()
    sees_files(page, "You")
    stop(page).click()
    for each in (page, bob):
        expect(answers(each).last).to_contain_text("Stopped by Alice")


def sees_files(page: Page, author: str) -> None:
    message = page.get_by_role("article", name=author)
    expect(message.get_by_role("img", name="image.png")).to_be_visible()
    expect(message.get_by_role("link", name="report.pdf")).to_be_visible()

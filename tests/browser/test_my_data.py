"""People take their own along, and look at what is stored of them."""

import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.acts import ask, whole
from tests.conftest import SignIn
from tests.stack import Stack

pytestmark = pytest.mark.browser


@pytest.mark.smoke
def test_she_takes_a_conversation_along_and_sees_who_has_looked(
    sign_in: SignIn, stack: Stack, tmp_path: Path
) -> None:
    page = sign_in("alice", accept_downloads=True)
    ask(page, "Please remember the word zeppelin.")
    whole(page)
    page.get_by_role("button", name="Actions for Please remember").click()
    page.get_by_role("menuitem", name="Export").click()
    with page.expect_download() as fetched:
        page.get_by_role("dialog").get_by_role("button", name="Export").click()
    fetched.value.save_as(tmp_path / "mine.zip")
    with zipfile.ZipFile(tmp_path / "mine.zip") as archive:
        names = sorted(archive.namelist())
        assert "zeppelin" in archive.read(names[0]).decode()
    assert names[1:] == ["manifest.json"]
    out = str(tmp_path / "staff.zip")
    stack.manage("export_responses", "--format", "csv", "--out", out, "--reason", "Ticket 4711")
    page.get_by_role("link", name="My data").click()
    expect(page.get_by_role("heading", name="My data")).to_be_visible()
    looked = page.get_by_role("table", name="Staff who opened or exported your conversations")
    expect(looked.get_by_role("row").filter(has_text="zeppelin").first).to_contain_text("Ticket 4711")
    page.get_by_role("button", name="Prepare the archive").click()
    expect(page.get_by_role("table", name="Your exports").get_by_role("row")).to_have_count(3)


def test_the_page_fits_a_phone(sign_in: SignIn) -> None:
    page = sign_in("alice", viewport={"width": 360, "height": 740})
    page.goto("/my-data/")
    expect(page.get_by_role("heading", name="Who has looked")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

"""A bulk deletion in browsers: one plans and asks, another signs and watches; and the pages of what stays."""

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.acts import LONG, emulator
from tests.browser.test_desk import fits
from tests.browser.test_page import PHONE, STILL, violations
from tests.conftest import SignIn
from tests.stack import Stack

pytestmark = pytest.mark.browser

# Nobody else's responses are as old as these.
AGE = timedelta(days=20)
SETTLES_IN = "UPDATE conversations_endpoint SET settle_seconds = %s"
USUAL, SOON = 60, 1


@pytest.fixture
def old_ones(stack: Stack) -> Iterator[str]:
    """What other programs stored weeks ago, in the ledger by import; the filter that finds just these.

    Upstream takes its time to delete one, so that there is something to watch.
    """
    made = emulator(stack, "POST", "responses", {"count": 160, "age": AGE.total_seconds()})
    stack.manage("import_responses", "-", stdin="\n".join(map(str, made["ids"])))
    stack.change(SETTLES_IN, SOON)
    emulator(stack, "PATCH", "settings", {"latency": 2})
    days = [f"{datetime.now(UTC) - AGE + timedelta(days=some):%Y-%m-%d}" for some in (-1, 1)]
    yield f"from={days[0]}&to={days[1]}"
    emulator(stack, "PATCH", "settings", {"latency": 0})
    stack.change(SETTLES_IN, USUAL)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def check(page: Page) -> None:
    """Axe finds nothing, and nothing scrolls sideways."""
    assert violations(page) == []
    assert fits(page)


def test_one_plans_another_signs_and_the_report_is_proof(
    sign_in: SignIn, stack: Stack, old_ones: str, tmp_path: Path
) -> None:
    oscar = sign_in("oscar", **STILL, **PHONE)
    oscar.goto(f"/admin/conversations/deletionjob/add/?{old_ones}")
    check(oscar)
    press(oscar, "Make the plan")
    expect(oscar.get_by_text("More than 100 responses need a second person's approval.")).to_be_visible()
    check(oscar)
    oscar.get_by_label("Why is it deleted?").fill("The study is over")
    press(oscar, "Delete 160 responses upstream")
    expect(oscar.get_by_text("Another person must approve it")).to_be_visible()
    expect(oscar.get_by_role("heading", name="Approve it")).to_have_count(0)

    admin = sign_in("admin", **STILL)
    admin.goto("/inbox/")
    admin.get_by_role("link", name="Approve or discard the plan").click()
    expect(admin.get_by_text("Reason: The study is over")).to_be_visible()
    check(admin)
    press(admin, "Delete 160 responses upstream")
    expect(admin.locator("[data-figure=ended]")).not_to_have_text("0", timeout=LONG)
    oscar.reload()
    expect(oscar.get_by_role("heading", name="Under way")).to_be_visible()
    check(oscar)
    press(admin, "Pause")
    expect(admin.get_by_text("Nothing more is sent until somebody resumes it.")).to_be_visible()
    emulator(stack, "PATCH", "settings", {"latency": 0})
    press(admin, "Resume")
    expect(admin.locator("[data-figure=confirmed]").or_(report(admin)).first).to_be_visible()
    expect(report(admin)).to_be_visible(timeout=2 * LONG)
    expect(tally(admin, "Confirmed absent")).to_have_text("160")
    check(admin)
    said = verified(admin, tmp_path)
    assert "every deletion has one final outcome: 160 deleted" in said
    assert "The report is whole." in said


def report(page: Page) -> Locator:
    return page.get_by_role("link", name=re.compile("^Report"))


def tally(page: Page, name: str) -> Locator:
    return page.locator(".tally div", has_text=name).get_by_role("definition")


def verified(page: Page, folder: Path) -> str:
    """What the program says that lies in the report, to a Python that knows nothing of this project."""
    with page.expect_download() as download:
        report(page).click()
    download.value.save_as(folder / "report.zip")
    with ZipFile(folder / "report.zip") as archive:
        archive.extractall(folder / "report")
    command = [sys.executable, "-I", str(folder / "report" / "verify_report.py")]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=180).stdout


def test_a_hold_is_placed_and_ended_on_a_phone(sign_in: SignIn) -> None:
    page = sign_in("oscar", **STILL, **PHONE)
    page.goto("/admin/conversations/hold/add/")
    check(page)
    page.get_by_label("What must stay").select_option("Team")
    page.get_by_label("Which").fill("Field")
    page.get_by_label("Reason").fill("Warranty claim 2214 is open")
    press(page, "Place the hold")
    expect(page.get_by_role("heading", level=1, name="Warranty claim 2214 is open")).to_be_visible()
    check(page)
    page.get_by_role("link", name="End this hold").click()
    page.get_by_label(re.compile("Why|Reason")).fill("The claim is settled")
    check(page)
    page.locator("button.danger, form .primary[type=submit]").last.click()
    page.goto("/admin/conversations/hold/")
    expect(page.get_by_text("Warranty claim 2214 is open").first).to_be_visible()
    check(page)


def test_a_policy_is_written_by_one_and_needs_another(sign_in: SignIn) -> None:
    page = sign_in("oscar", **STILL, **PHONE)
    page.goto("/admin/conversations/retentionpolicy/add/")
    check(page)
    page.get_by_label("Name").fill("Field, four weeks")
    page.get_by_label("Team").select_option("Field")
    page.get_by_label("Days").fill("28")
    page.get_by_label("Dry run").check()
    press(page, "Save")
    page.get_by_role("link", name="Field, four weeks").first.click()
    expect(page.get_by_text("Nobody has approved it, so it deletes nothing")).to_be_visible()
    check(page)
    page.get_by_role("link", name="Approve", exact=True).click()
    expect(page.get_by_text("You wrote it yourself; a second person must approve it.")).to_be_visible()
    check(page)

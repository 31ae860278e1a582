"""The audit trail as an auditor sees it."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.conftest import SignIn
from tests.stack import Stack

pytestmark = pytest.mark.browser


@pytest.mark.smoke
def test_an_auditor_filters_the_trail_and_takes_it_along(
    sign_in: SignIn, stack: Stack, tmp_path: Path
) -> None:
    page = sign_in("audrey")
    page.goto("/admin/conversations/auditentry/")
    page.get_by_label("Action", exact=True).select_option("Role changed")
    page.get_by_label("Actor", exact=True).fill("nobody")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_text("Nothing matches these filters.")).to_be_visible()
    page.get_by_label("Actor", exact=True).fill("")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("#result_list").get_by_role("row")).to_have_count(7)
    with page.expect_download() as download:
        page.get_by_role("button", name="Export these entries").click()
    download.value.save_as(tmp_path / "audit.jsonl")
    *entries, end = map(json.loads, (tmp_path / "audit.jsonl").read_text().splitlines())
    assert [entry["action"] for entry in entries] == ["role_changed"] * 6
    assert end["entries"] == 6
    assert json.loads(stack.manage("verify_audit", "--json", "--head", end["head"]["hash"]))["ok"]

"""What a page does beside what it was asked for: all of it is handled, and told."""

import asyncio
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.async_api import Error, Page

from conversations.tools.browser import Click, Event, Kind, Outcome, Point, Wait, downloads, driver, eyes
from conversations.tools.browser.driver import Driver, Patience
from conversations.tools.browser.happenings import Happenings
from tests.tools.browser.visiting import Visit, pixel

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

GO = Click(Point(20, 10))


async def on_page(visit: Visit, script: str, what: str = "") -> str:
    page = visit.site.url(f"happens.html?{urlencode({'what': what, 'script': script})}")
    await visit.browser.visit(page)
    visit.events.clear()
    return page


def page_of(visit: Visit) -> Page:
    assert isinstance(visit.browser, Driver)
    assert visit.browser._page
    return visit.browser._page


def quarantine(visit: Visit) -> Path:
    assert isinstance(visit.browser, Driver)
    assert visit.browser._folder
    return visit.browser._folder / "downloads"


async def gone(visit: Visit, script: str) -> Outcome:
    await on_page(visit, script)
    return await visit.browser.do(GO)


async def test_a_new_tab_is_followed_and_its_end_leads_back(visit: Visit) -> None:
    page = await on_page(visit, "window.open('plain.html')")
    outcome = await visit.browser.do(GO)
    assert (outcome.url, outcome.title) == (visit.site.url("plain.html"), "Plain")
    assert pixel(outcome, 400, 300) == (0x22, 0xAA, 0x77)
    assert visit.told(Kind.NEW_TAB) == [(outcome.url, "A new tab was opened and is shown now.")]
    await visit.browser.visit(visit.site.url(f"happens.html?{urlencode({'script': 'window.close()'})}"))
    assert (await visit.browser.do(GO)).url == page
    assert [detail for _url, detail in visit.told(Kind.TAB_CLOSED)] == [
        "The tab is gone; another one is shown now."
    ]


async def test_a_dialog_is_dismissed_and_told(visit: Visit) -> None:
    outcome = await gone(visit, "document.title = String(confirm('Buy it?'))")
    assert outcome.title == "false"
    assert outcome.notes == ("The page showed a dialog (confirm), which was dismissed: Buy it?",)
    assert [detail for _url, detail in visit.told(Kind.DIALOG)] == [
        "The page showed a dialog (confirm), which was dismissed."
    ]


async def test_a_page_that_holds_back_is_left_all_the_same(visit: Visit) -> None:
    await gone(visit, "addEventListener('beforeunload', (event) => event.preventDefault())")
    assert (await visit.browser.visit(visit.site.url("plain.html"))).title == "Plain"


async def test_a_download_is_put_in_quarantine(visit: Visit) -> None:
    outcome = await gone(visit, "location.assign('/download')")
    assert outcome.title == "Happens"
    ((url, detail),) = visit.told(Kind.DOWNLOAD)
    assert url == visit.site.url("download")
    assert "quarantine" in detail
    assert "a.exe" in detail


@pytest.mark.parametrize(
    ("limits", "path", "told"),
    [
        ({"MOST_FILES": 0}, "download", downloads.TOO_MANY),
        ({"MOST_BYTES": 999}, "download", downloads.TOO_MUCH),
        ({"MOST_BYTES": 400_000}, "endless", downloads.TOO_MUCH),
    ],
)
async def test_downloads_that_are_too_many_or_too_much_are_cancelled(
    visit: Visit, monkeypatch: pytest.MonkeyPatch, limits: dict[str, int], path: str, told: str
) -> None:
    for name, most in limits.items():
        monkeypatch.setattr(downloads, name, most)
    notes = [*(await gone(visit, f"location.assign('/{path}')")).notes]
    async with asyncio.timeout(60):
        while (visit.site.url(path), told) not in visit.told(Kind.DOWNLOAD):
            notes += (await visit.browser.look()).notes
    notes += (await visit.browser.look()).notes
    assert any(note.startswith(told) for note in notes)
    assert all(file.stat().st_size <= 1000 for file in quarantine(visit).iterdir())


async def test_no_file_is_given_to_a_page_that_asks_for_one(visit: Visit) -> None:
    await on_page(visit, "", "file")
    outcome = await visit.browser.do(GO)
    assert [detail for _url, detail in visit.told(Kind.FILE_CHOOSER)] == [
        "The page asked for a file; none was given."
    ]
    assert not outcome.is_stale


async def test_a_crash_is_told_and_the_page_opened_anew(visit: Visit) -> None:
    page = await on_page(visit, "")
    session = await page_of(visit).context.new_cdp_session(page_of(visit))
    with suppress(Error, TimeoutError):
        await asyncio.wait_for(session.send("Page.crash"), 1)
    outcome = await visit.browser.do(Wait(100))
    assert visit.told(Kind.CRASHED) == [(visit.site.url("happens.html"), "The page crashed.")]
    assert (outcome.url, outcome.title) == (page, "Happens")


async def test_the_last_tab_that_closes_is_opened_anew(visit: Visit) -> None:
    page = await on_page(visit, "")
    await page_of(visit).close()
    assert (await visit.browser.look()).url == page


async def test_a_page_that_never_loads_is_not_waited_for_for_ever(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "MODEL", Patience(load=0.3, fetch=0.2))
    outcome = await gone(visit, "location.assign('/never')")
    assert outcome.title == "Happens"
    assert outcome.notes == (
        "The page has not finished loading.",
        "No new picture could be taken; this is the last one.",
    )
    assert (await visit.browser.visit(visit.site.url("plain.html"))).title == "Plain"


async def test_a_page_that_hangs_is_shown_as_it_was_last_and_then_opened_anew(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "ACTION_SECONDS", 1.0)
    monkeypatch.setattr(eyes, "SIGHT_SECONDS", 0.5)
    page = await on_page(visit, "setTimeout(() => { while (true); })")
    before = await visit.browser.look()
    outcome = await visit.browser.do(GO)
    assert outcome.is_stale
    assert outcome.screenshot == before.screenshot
    assert outcome.notes == ("No new picture could be taken; this is the last one.",)
    outcome = await visit.browser.do(GO)
    assert outcome.notes[0] == "The page did not react within 1 seconds."
    assert visit.told(Kind.CRASHED) == [(visit.site.url("happens.html"), "The page hung.")]
    assert (outcome.url, outcome.title, outcome.is_stale) == (page, "Happens", False)


async def test_what_a_page_does_again_and_again_is_told_once_for_each_action() -> None:
    events: list[Event] = []
    happenings = Happenings(events.append)
    for _action in range(2):
        happenings.begin()
        for number in range(1000):
            happenings.refuse(f"http://other.test/{number % 3}", "It may not.")
    assert [event.url[-1] for event in events] == ["0", "1", "2"] * 2


async def test_what_a_page_does_too_often_is_told_so_often_and_that_there_is_more() -> None:
    events: list[Event] = []
    happenings = Happenings(events.append)
    for number in range(1000):
        happenings.refuse(f"http://other.test/{number}", "It may not.")
    assert len(events) == 201
    assert events[-1] == Event(Kind.REFUSED, "", "More happened than is told.")
    assert len(happenings.notes) == 20


async def test_an_action_that_is_cut_short_holds_nothing_up(visit: Visit) -> None:
    await on_page(visit, "document.title = 'held ' + event.ctrlKey")
    action = asyncio.ensure_future(visit.browser.do(Wait(20_000)))
    await asyncio.sleep(0.1)
    action.cancel()
    with pytest.raises(asyncio.CancelledError):
        await action
    assert (await visit.browser.do(GO)).title == "held false"


async def test_what_chromium_asks_for_by_itself_is_told_to_nobody() -> None:
    events: list[Event] = []
    happenings = Happenings(events.append)
    for host in ("chromium.invalid", "redirector.gvt1.com", "other.test"):
        happenings.refuse(f"https://{host}/", "It is not on the list.")
    assert [event.url for event in events] == ["https://other.test/"]
    assert happenings.notes == ["https://other.test/ was refused. It is not on the list."]

"""What is secret stays out of pictures, and a person is asked for where it belongs."""

import asyncio

import pytest

from conversations.tools.browser import Click, Hand, Point, Type, Wait
from conversations.tools.browser.eyes import COVER
from tests.tools.browser.visiting import Visit, pixel

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

COVERED = tuple(bytes.fromhex(COVER.removeprefix("#")))
WHITE = (255, 255, 255)


@pytest.mark.parametrize(
    ("page", "hand"),
    [
        ("secrets.html", Hand.PASSWORD),
        ("framed.html", Hand.PASSWORD),
        ("payment.html", Hand.PAYMENT),
    ],
)
async def test_a_field_for_a_secret_is_covered_and_wants_a_person(
    visit: Visit, page: str, hand: Hand
) -> None:
    outcome = await visit.on(page)
    assert outcome.hand is hand
    assert pixel(outcome, 100, 20) == COVERED
    assert pixel(outcome, 300, 20) == WHITE


async def test_a_password_that_its_page_shows_stays_covered(visit: Visit) -> None:
    await visit.on("secrets.html")
    outcome = await visit.browser.do(Click(Point(50, 120)))
    assert pixel(outcome, 100, 20) == COVERED
    assert outcome.hand is Hand.PASSWORD


async def test_a_field_that_nobody_sees_wants_nobody(visit: Visit) -> None:
    assert (await visit.on("hidden.html")).hand is Hand.NONE


async def test_what_a_page_says_is_read_without_what_is_in_its_fields(visit: Visit) -> None:
    await visit.on("secrets.html")
    assert await visit.browser.read() == "Show"


@pytest.mark.parametrize(
    ("page", "y", "focus"),
    [
        ("secrets.html", 20, "password"),
        ("framed.html", 20, "password"),
        ("secrets.html", 120, "Show, button"),
    ],
)
async def test_what_has_the_focus_is_named_and_what_is_in_it_is_not(
    visit: Visit, page: str, y: int, focus: str
) -> None:
    await visit.on(page)
    outcome = await visit.browser.person(Click(Point(50, y)), Type("quay-street-7"))
    assert outcome.focus == focus


async def test_a_glance_covers_the_same(visit: Visit) -> None:
    await visit.on("secrets.html")
    seen = await visit.browser.glance()
    assert seen is not None
    assert (seen.media_type, seen.title, seen.hand) == ("image/jpeg", "Secrets", Hand.PASSWORD)
    assert max(abs(one - other) for one, other in zip(pixel(seen, 100, 20), COVERED, strict=True)) < 5


async def test_nobody_glances_in_the_middle_of_a_quick_action_but_in_a_long_one(visit: Visit) -> None:
    await visit.on("plain.html")
    waiting = asyncio.ensure_future(visit.browser.do(Wait(2000)))
    await asyncio.sleep(0)
    assert await visit.browser.glance() is None
    await asyncio.sleep(0.8)
    assert await visit.browser.glance() is not None
    assert (await waiting).notes == ()

"""The network between her and the server comes and goes."""

import pytest
from playwright.sync_api import expect

from tests.browser.acts import ask, box, whole
from tests.browser.cuts import (
    BROKEN,
    NOTICED_SECONDS,
    ask_for_more_than,
    banner,
    behind_a_cable,
    cut,
    has_every_word,
    reads_on,
    reload_often,
)
from tests.browsing import Visits
from tests.conftest import SignIn
from tests.stack import Stack

pytestmark = pytest.mark.browser

CUTS = [("drop", 1), ("reset", 1), ("stall", 1), ("stall", 10)]


@pytest.mark.parametrize(("how", "seconds"), CUTS, ids=[f"{how}-{seconds}s" for how, seconds in CUTS])
def test_after_a_cut_she_has_every_word(visits: Visits, stack: Stack, how: str, seconds: float) -> None:
    with behind_a_cable(visits, stack) as (page, cable):
        ask_for_more_than(page, stack, seconds)
        seen = cut(page, cable, how, seconds)
        if seconds > NOTICED_SECONDS:
            reads_on(page, seen)
        has_every_word(page, stack, seconds)


def test_what_she_sends_while_the_network_is_away_goes_out_once_it_is_back(
    visits: Visits, stack: Stack
) -> None:
    with behind_a_cable(visits, stack) as (page, cable):
        ask(page, "First")
        whole(page)
        cable.stall()
        ask(page, "Second")
        expect(page.get_by_role("article", name="You").last).to_contain_text("Second")
        box(page).fill("Half a third")
        banner(page, "Reconnecting|offline")
        cable.restore()
        whole(page, 2)
        expect(page.get_by_role("article", name="You")).to_have_count(2)
        expect(box(page)).to_have_value("Half a third")


def test_eight_reloads_in_one_answer_lose_nothing(sign_in: SignIn, stack: Stack, visits: Visits) -> None:
    visits.expected += BROKEN
    reload_often(sign_in("alice"), stack, 8)

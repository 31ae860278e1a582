"""The network between a browser and the web process is cut for long."""

import pytest

from tests.browser.cuts import (
    BROKEN,
    ask_for_more_than,
    behind_a_cable,
    cut,
    has_every_word,
    reads_on,
    reload_often,
)
from tests.browsing import Visits
from tests.conftest import SignIn
from tests.faults.scene import Recovery
from tests.stack import Stack

pytestmark = pytest.mark.browser


def cut_for(seconds: float, how: str, visits: Visits, stack: Stack, recovery: Recovery) -> None:
    with behind_a_cable(visits, stack) as (page, cable):
        ask_for_more_than(page, stack, seconds)
        seen = cut(page, cable, how, seconds)
        recovery.began()
        reads_on(page, seen)
        recovery.over()
        has_every_word(page, stack, seconds)


@pytest.mark.faults(share=0.25)
@pytest.mark.parametrize("how", ["drop", "reset", "stall"])
def test_after_a_cut_of_10_seconds_she_has_every_word(
    visits: Visits, frail: Stack, recovery: Recovery, how: str
) -> None:
    cut_for(10, how, visits, frail, recovery)


@pytest.mark.faults(share=0.15)
@pytest.mark.parametrize("how", ["drop", "reset", "stall"])
def test_after_a_cut_of_a_minute_she_has_every_word(
    visits: Visits, frail: Stack, recovery: Recovery, how: str
) -> None:
    cut_for(60, how, visits, frail, recovery)


@pytest.mark.faults(share=0.15)
def test_fifty_reloads_in_one_answer_lose_nothing(
    sign_in: SignIn, frail: Stack, visits: Visits, recovery: Recovery
) -> None:
    visits.expected += BROKEN
    reload_often(sign_in("alice", at=frail), frail, 50)

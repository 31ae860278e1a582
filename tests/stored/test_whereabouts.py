"""The sentence that says why a response is still there, at the borders in time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from conversations.models.responses import UpstreamState
from conversations.stored.whereabouts import Whereabouts, is_there, may_be_there, why_still_here

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


def sentence(state: UpstreamState = UpstreamState.STORED, **known: Any) -> str:
    given: dict[str, Any] = {"state": state, "at": NOW, "expires_at": NOW + 12 * DAY}
    return why_still_here(Whereabouts(**(given | known)))


def test_retention_policy_hold_and_chain_are_one_sentence() -> None:
    assert sentence(holds=["Case 12"], later=2) == (
        "It is stored upstream until 22 Mar 2026, 12:00, since the endpoint keeps responses for 30 days;"
        " no policy deletes it sooner; the hold “Case 12” forbids deleting it, though not its"
        " expiry upstream; 2 later responses chain to it."
    )


def test_several_holds_are_all_named() -> None:
    assert "the holds “A”, “B” forbid deleting it" in sentence(holds=["A", "B"])


def test_a_policy_is_named() -> None:
    assert "the policy “Two weeks” deletes it sooner" in sentence(policy="Two weeks")


def test_that_its_owner_deleted_it_comes_before_any_policy() -> None:
    said = sentence(policy="Two weeks", own=NOW + DAY)
    assert "its owner deleted the conversation, and from 11 Mar 2026, 12:00 on it goes" in said
    assert "Two weeks" not in said


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (UpstreamState.NOT_SENT, "never sent upstream"),
        (UpstreamState.NOT_STORED, "store=false"),
        (UpstreamState.NOT_LEARNED, "under an id that was never learned"),
        (UpstreamState.DELETED, "deleted upstream on 9 Mar 2026, 12:00"),
        (UpstreamState.ABSENT, "Upstream confirmed on 9 Mar 2026, 12:00 that it is absent"),
        (UpstreamState.EXPIRED, "expired upstream on 22 Mar 2026, 12:00"),
        (UpstreamState.UNKNOWN, "It is stored upstream until"),
        (UpstreamState.NOT_VISIBLE, "It is stored upstream until"),
    ],
)
def test_every_state_has_its_sentence(state: UpstreamState, words: str) -> None:
    assert words in sentence(state, seen_at=NOW - DAY)


def test_it_is_there_until_the_moment_of_its_expiry() -> None:
    stored = UpstreamState.STORED
    assert is_there(stored, NOW + SECOND, NOW)
    assert not is_there(stored, NOW, NOW)
    assert is_there(stored, None, NOW)
    assert "expired upstream on 10 Mar 2026, 12:00" in sentence(expires_at=NOW)
    assert "when it expires there isn't known" in sentence(expires_at=None)


def test_an_id_that_was_never_learned_may_be_there_until_it_expires() -> None:
    unlearned = UpstreamState.NOT_LEARNED
    assert may_be_there(unlearned, NOW + SECOND, NOW)
    assert not may_be_there(unlearned, NOW, NOW)
    assert not is_there(unlearned, NOW + SECOND, NOW)
    assert "It expired upstream" in sentence(unlearned, expires_at=NOW)

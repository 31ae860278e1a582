"""What each answer of upstream means for a deletion and for its read-back."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from conversations.models.deletions import Outcome, ReadBack
from conversations.responses_api import NotFound, RateLimited, Refused, ResponsesAPIError, Stalled
from conversations.stored.noting import Said
from conversations.stored.verdicts import MOST_ATTEMPTS, Answer, Verdict, decide, decide_read_back, seen

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MISSING = NotFound("No such response", kind="response_not_found", status=404)


def answer(error: ResponsesAPIError | None = None, body: Any = None, status: int | None = 200) -> Answer:
    status = error.status if error else status
    return Answer(request="delete", at=NOW, status=status, body=body, error=error)


def verdict(given: Answer, *, settles_in: timedelta = -SECOND, **known: Any) -> Verdict:
    return decide(given, settles_at=NOW + settles_in, **({"attempts": 1, "sent_before": None} | known))


@pytest.mark.parametrize("body", [{"deleted": True}, "", None])
def test_an_accepted_deletion_is_deleted(body: Any) -> None:
    found = verdict(answer(body=body))
    assert (found.outcome, found.said) == (Outcome.DELETED, Said.DELETED)


@pytest.mark.parametrize("body", [{"deleted": False}, "<html>Welcome to the proxy", {"ok": 1}])
def test_a_200_that_says_something_else_is_no_deletion(body: Any) -> None:
    found = verdict(answer(body=body))
    assert (found.outcome, found.said) == (Outcome.FAILED, None)


def test_a_404_after_the_settle_window_is_final_at_once() -> None:
    found = verdict(answer(MISSING), settles_in=timedelta(0))
    assert (found.outcome, found.said, found.wait) == (Outcome.ALREADY_ABSENT, Said.MISSING, None)


def test_a_404_inside_it_is_tried_again_and_never_later_than_its_end() -> None:
    found = verdict(answer(MISSING), settles_in=30 * SECOND)
    assert (found.outcome, found.said) == (Outcome.NOT_VISIBLE, Said.MISSING)
    assert found.wait == 10
    assert verdict(answer(MISSING), settles_in=SECOND / 2).wait == 0.5


def test_one_after_a_request_that_nobody_heard_back_from_says_so() -> None:
    found = verdict(answer(MISSING), sent_before=NOW - 60 * SECOND)
    assert found.outcome == Outcome.ALREADY_ABSENT
    assert found.explanation == (
        "Upstream has no such response after our own request at 2026-03-10T11:59:00+00:00."
    )


def test_a_404_of_a_wrong_address_says_nothing_of_the_response() -> None:
    found = verdict(answer(NotFound("Resource not found", status=404)))
    assert (found.outcome, found.said) == (Outcome.FAILED, None)


@pytest.mark.parametrize("error", [RateLimited("Slow down", retry_after=90), Stalled()])
def test_what_may_pass_is_tried_again_not_before_upstream_says_and_not_for_ever(
    error: ResponsesAPIError,
) -> None:
    found = verdict(answer(error))
    assert found.outcome == Outcome.PENDING
    assert (found.wait or 0) >= (error.retry_after or 1)
    assert verdict(answer(error), attempts=MOST_ATTEMPTS).outcome == Outcome.FAILED


def test_a_refused_key_fails_with_advice() -> None:
    found = verdict(answer(Refused("No", status=401)))
    assert found.outcome == Outcome.FAILED
    assert "must check the key" in found.explanation


@pytest.mark.parametrize(
    ("given", "read_back", "said"),
    [
        (answer(MISSING), ReadBack.CONFIRMED, Said.MISSING),
        (answer(body={"id": "resp_1"}), ReadBack.STILL_THERE, Said.HERE),
        (answer(RateLimited()), ReadBack.PENDING, None),
        (answer(NotFound("Resource not found", status=404)), ReadBack.PENDING, None),
    ],
)
def test_a_read_back_ends_with_a_clear_answer_only(
    given: Answer, read_back: ReadBack, said: Said | None
) -> None:
    found = decide_read_back(given, tries=3)
    assert (found.read_back, found.wait is None) == (read_back, read_back != ReadBack.PENDING)
    assert seen(given) == said


def test_the_proof_is_bounded_and_keeps_status_ids_and_time() -> None:
    proof = Answer(
        request="delete", at=NOW, status=200, body="x" * 10_000, request_ids={"x-request-id": "1"}
    ).proof()
    assert len(proof.pop("body")) < 5000
    assert proof == {
        "request": "delete",
        "at": "2026-03-10T12:00:00+00:00",
        "status": 200,
        "request_ids": {"x-request-id": "1"},
    }

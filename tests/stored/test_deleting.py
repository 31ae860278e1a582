"""A deletion in the ledger: what may be asked for, who sends it, and that nothing is booked twice."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from conversations import clock
from conversations.models import AuditEntry, Conversation, Deletion, Hold, Response, User
from conversations.models.audit import Action
from conversations.models.deletions import Outcome, ReadBack
from conversations.models.responses import Status, UpstreamState
from conversations.people import audit
from conversations.responses_api import NotFound, ResponsesAPIError, Unreachable
from conversations.stored import claims, deleting
from conversations.stored.booking import book
from conversations.stored.claims import Claimed
from conversations.stored.deleting import CannotDelete
from conversations.stored.verdicts import Answer
from tests.stored.rows import add_response

pytestmark = pytest.mark.django_db(transaction=True)

MISSING = NotFound("No such response", kind="response_not_found", status=404)


@pytest.fixture
def response(conversation: Conversation) -> Response:
    return stored(conversation)


def stored(conversation: Conversation, **fields: Any) -> Response:
    long_ago = clock.now() - timedelta(days=1)
    usual: dict[str, Any] = {
        "response_id": "resp_1",
        "upstream_state": "stored",
        "queued_at": long_ago,
        "ended_at": long_ago,
    }
    usual["expires_at"] = clock.now() + timedelta(days=29)
    return add_response(conversation, **(usual | fields))


def ask_for(response: Response, by: User, reason: str = "Asked to") -> Deletion:
    return deleting.request(response, user=by, actor=audit.person(by), reason=reason)


def answer(error: ResponsesAPIError | None = None, request: str = "delete") -> Answer:
    status, body = (error.status, error.body) if error else (200, {"deleted": True})
    return Answer(request=request, at=clock.now(), status=status, body=body, error=error)


def claimed(row: Deletion) -> Claimed:
    (found,) = claims.claim_one(row)
    return found


def due(row: Deletion) -> list[Claimed]:
    """What a worker finds."""
    return claims.claim(10, row.response.endpoint)


def hold(response: Response, by: User) -> Hold:
    return Hold.objects.create(
        response=response, reason="Case 12", placed_by=by, starts_at=clock.now() - timedelta(days=1)
    )


def outcomes() -> list[str]:
    entries = AuditEntry.objects.filter(action=Action.UPSTREAM_DELETED).order_by("number")
    return [entry.details["outcome"] for entry in entries]


def test_it_is_noted_as_under_way_before_it_is_sent(alice: User, response: Response) -> None:
    row = ask_for(response, alice)
    assert (row.outcome, row.attempts) == (Outcome.PENDING, 0)
    job = claimed(row)
    row.refresh_from_db()
    assert (row.outcome, row.attempts) == (Outcome.IN_FLIGHT, 1)
    assert row.sent_at is not None
    assert claims.claim_one(row) == due(row) == [], "it belongs to the one who claimed it"
    book([(job, answer())])
    row.refresh_from_db()
    response.refresh_from_db()
    assert (row.outcome, row.http_status, row.read_back) == (Outcome.DELETED, 200, ReadBack.PENDING)
    assert row.answers[0]["body"] == {"deleted": True}
    assert (response.upstream_state, response.expires_at) == (UpstreamState.DELETED, None)
    assert outcomes() == ["deleted"]


def test_the_read_back_is_due_after_the_settle_window(alice: User, response: Response) -> None:
    row = ask_for(response, alice)
    book([(claimed(row), answer())])
    row.refresh_from_db()
    assert row.due_at is not None
    assert row.decided_at is not None
    assert row.due_at - row.decided_at == timedelta(seconds=60)
    assert due(row) == []
    Deletion.objects.update(due_at=clock.now())
    (job,) = due(row)
    assert job.reads_back
    assert due(row) == []
    book([(job, answer(MISSING, "read_back"))])
    row.refresh_from_db()
    response.refresh_from_db()
    assert (row.read_back, str(row.due_at), len(row.answers)) == (ReadBack.CONFIRMED, "None", 2)
    assert response.upstream_state == UpstreamState.ABSENT


def test_one_that_is_still_there_is_stored_again_and_may_be_deleted_again(
    alice: User, response: Response
) -> None:
    row = ask_for(response, alice)
    book([(claimed(row), answer())])
    Deletion.objects.update(due_at=clock.now())
    book([(claimed(row), answer(request="read_back"))])
    row.refresh_from_db()
    response.refresh_from_db()
    assert row.read_back == ReadBack.STILL_THERE
    assert response.upstream_state == UpstreamState.STORED
    assert response.expires_at == response.queued_at + timedelta(days=30)
    assert deleting.obstacle(response) == ""


def test_an_answer_lost_in_a_crash_ends_as_absent_after_our_own_request(
    alice: User, response: Response, settings: Settings
) -> None:
    settings.DELETION_LEASE_SECONDS = -1
    row = ask_for(response, alice)
    lost = claimed(row)
    again = claimed(row)
    book([(lost, answer())])
    assert outcomes() == [], "who was given up books nothing"
    book([(again, answer(MISSING))])
    row.refresh_from_db()
    assert row.outcome == Outcome.ALREADY_ABSENT
    assert "after our own request at" in row.explanation
    assert [one.get("lost", False) for one in row.answers] == [True, False]
    assert outcomes() == ["already_absent"]


def test_what_may_pass_waits_and_keeps_its_answers(alice: User, response: Response) -> None:
    row = ask_for(response, alice)
    book([(claimed(row), answer(Unreachable()))])
    row.refresh_from_db()
    assert row.outcome == Outcome.PENDING
    assert row.due_at is not None
    assert row.due_at > clock.now()
    assert [one["kind"] for one in row.answers] == ["unreachable"]
    assert due(row) == []


def test_a_young_one_that_is_missing_is_tried_again(alice: User, conversation: Conversation) -> None:
    response = stored(conversation, ended_at=clock.now())
    row = ask_for(response, alice)
    book([(claimed(row), answer(MISSING))])
    row.refresh_from_db()
    response.refresh_from_db()
    assert (row.outcome, row.decided_at) == (Outcome.NOT_VISIBLE, None)
    assert response.upstream_state == UpstreamState.NOT_VISIBLE
    assert outcomes() == []


def test_a_hold_forbids_it_by_name(alice: User, response: Response) -> None:
    hold(response, alice)
    with pytest.raises(CannotDelete, match="Case 12"):
        ask_for(response, alice)
    assert not Deletion.objects.exists()


def test_a_hold_placed_meanwhile_is_found_by_the_claim(alice: User, response: Response) -> None:
    row = ask_for(response, alice)
    hold(response, alice)
    assert due(row) == []
    row.refresh_from_db()
    assert (row.outcome, row.attempts, row.due_at) == (Outcome.HELD, 0, None)
    assert "Case 12" in row.explanation
    assert outcomes() == ["held"]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"upstream_state": "not_learned", "response_id": None}, "id was never learned"),
        ({"upstream_state": "not_sent", "response_id": None}, "never sent"),
        ({"upstream_state": "not_stored"}, "store=false"),
        ({"upstream_state": "deleted"}, "deleted upstream already"),
        ({"upstream_state": "absent"}, "confirmed that it is absent"),
        ({"status": Status.QUEUED, "ended_at": None}, "still running"),
    ],
)
def test_what_cannot_be_deleted_says_why(
    alice: User, conversation: Conversation, fields: dict[str, Any], why: str
) -> None:
    with pytest.raises(CannotDelete, match=why):
        ask_for(stored(conversation, **fields), alice)


def test_it_is_asked_for_once_and_with_a_reason(alice: User, response: Response) -> None:
    with pytest.raises(CannotDelete, match="Say why"):
        ask_for(response, alice, "  ")
    ask_for(response, alice)
    with pytest.raises(CannotDelete, match="on its way"):
        ask_for(response, alice)
    (entry,) = AuditEntry.objects.filter(action=Action.DELETION_REQUESTED)
    assert (entry.reason, entry.actor_id) == ("Asked to", alice.pk)

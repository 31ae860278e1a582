"""A team that keeps nothing upstream: what is sent, what the next turn is made of, what members are told."""

from uuid import uuid4

import pytest
from django.test import Client

from conversations import clock
from conversations.chat import history, ledger, turns
from conversations.models import Conversation, Response, RetentionPolicy, Team, User
from conversations.models.responses import History, Status, UpstreamState
from conversations.people import audit
from conversations.stored import holds, policies

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def unstored(conversation: Conversation) -> Conversation:
    Team.objects.update(store_upstream=False)
    Conversation.objects.update(background=True)
    conversation.refresh_from_db()
    return conversation


def send(user: User, conversation: Conversation, tip: Response | None = None) -> Response:
    after = tip.turn_id if tip else None
    turn = turns.send_message(user, conversation.pk, client_key=uuid4(), text="Go", tip=after)
    return turn.responses.get()


def test_it_is_sent_with_store_false_and_never_in_the_background(alice: User, unstored: Conversation) -> None:
    row = send(alice, unstored)
    assert (row.stored, row.background) == (False, False)
    job = ledger.Job(row, uuid4(), None, history.gather(row))  # type: ignore[arg-type]  # no address is needed
    assert job.request["store"] is False
    assert "background" not in job.request


def test_the_next_turn_sends_everything_again(alice: User, unstored: Conversation) -> None:
    first = send(alice, unstored)
    ended = {"status": Status.COMPLETED, "ended_at": clock.now(), "response_id": "resp_1"}
    Response.objects.filter(pk=first.pk).update(upstream_state=UpstreamState.NOT_STORED, **ended)
    given = history.gather(send(alice, unstored, first))
    assert (given.how, len(given.items)) == (History.REBUILT, 2)
    assert "not stored upstream" in given.why


def retention(user: User, conversation: Conversation) -> dict[str, object]:
    client = Client()
    client.force_login(user)
    found: dict[str, object] = client.get(f"/api/conversations/{conversation.pk}/").json()["conversation"]
    return found["retention"]  # type: ignore[return-value]  # JSON


def test_members_are_told_what_becomes_of_their_answers(
    alice: User, bob: User, conversation: Conversation
) -> None:
    usual = {"stored": True, "deleted_after_days": None, "erased_here": False, "held": False}
    assert retention(alice, conversation) == usual
    policy = RetentionPolicy(name="Weekly", team=conversation.team, days=7, dry_run=False)
    policies.save(policy, user=alice, actor=audit.person(alice))
    assert retention(alice, conversation) == usual, "nobody has approved it"
    policies.approve(policy, reason="Agreed", user=bob, actor=audit.person(bob))
    assert retention(alice, conversation) == usual | {"deleted_after_days": 7}
    holds.place(send(alice, conversation), reason="Secret case", user=bob, actor=audit.person(bob))
    Team.objects.update(store_upstream=False)
    assert retention(alice, conversation) == usual | {"deleted_after_days": 7, "held": True, "stored": False}

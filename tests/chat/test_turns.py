"""What people do to a conversation, and what the rows are afterwards."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from conversations.chat import turns
from conversations.chat.refusals import Refusal
from conversations.models import Conversation, Deployment, Response, Turn, User
from conversations.models.responses import Direction, Status


def send(user: User, conversation: Conversation, text: str = "Hello", tip: Turn | None = None) -> Turn:
    return turns.send_message(
        user, conversation.pk, client_key=uuid4(), text=text, tip=tip.pk if tip else None
    )


def finish(turn: Turn, status: Status = Status.COMPLETED) -> None:
    Response.objects.filter(turn=turn).update(status=status, ended_at=turn.created_at)
    turns.promote(turn.conversation_id)


def status_of(turn: Turn) -> str:
    return turn.responses.latest("attempt").status


def test_a_message_becomes_a_turn_with_a_queued_response(alice: User, conversation: Conversation) -> None:
    turn = send(alice, conversation, "What is a lease?")
    response = turn.responses.get()
    item = response.items.get()
    assert (response.status, item.direction, item.text) == (
        Status.QUEUED,
        Direction.INPUT,
        "What is a lease?",
    )
    assert item.payload == {
        "type": "message",
        "role": "user",
        "content": [{"type": "input_text", "text": "What is a lease?"}],
    }


def test_the_title_is_the_first_words_of_the_first_message(alice: User, conversation: Conversation) -> None:
    send(
        alice,
        conversation,
        "Explain  the\ndifference between leases, claims and epochs in one short paragraph",
    )
    conversation.refresh_from_db()
    assert conversation.title == "Explain the difference between leases, claims and epochs in…"


def test_sending_twice_is_harmless(alice: User, conversation: Conversation) -> None:
    key = uuid4()
    first = turns.send_message(alice, conversation.pk, client_key=key, text="Hi", tip=None)
    again = turns.send_message(alice, conversation.pk, client_key=key, text="Hi", tip=None)
    assert first == again
    assert Turn.objects.count() == 1


def test_a_message_sent_meanwhile_waits_and_goes_on_when_its_turn_comes(
    alice: User, bob: User, conversation: Conversation
) -> None:
    first = send(alice, conversation)
    second = send(bob, conversation, tip=first)
    third = send(alice, conversation, tip=first)
    assert [status_of(turn) for turn in (first, second, third)] == ["queued", "waiting", "waiting"]
    assert third.parent == second
    finish(first)
    assert [status_of(turn) for turn in (second, third)] == ["queued", "waiting"]


def test_stopping_a_waiting_message_doesnt_let_the_next_one_overtake(
    alice: User, conversation: Conversation
) -> None:
    first = send(alice, conversation)
    second, third = send(alice, conversation), send(alice, conversation)
    turns.request_stop(alice, second.responses.get().pk)
    assert [status_of(turn) for turn in (first, second, third)] == ["queued", "cancelled", "waiting"]


def test_only_so_many_messages_wait(alice: User, conversation: Conversation, settings: Settings) -> None:
    settings.WAITING_TURNS_MAX = 1
    send(alice, conversation)
    send(alice, conversation)
    with pytest.raises(Refusal) as refusal:
        send(alice, conversation)
    assert refusal.value.code == "too_many_waiting"
    assert Turn.objects.count() == 2


def test_stopping_before_it_began_ends_it_at_once_and_says_who(
    alice: User, bob: User, conversation: Conversation
) -> None:
    turn = send(alice, conversation)
    turns.request_stop(bob, turn.responses.get().pk)
    response = turn.responses.get()
    assert (response.status, response.stopped_by) == (Status.CANCELLED, bob)
    assert response.ended_at is not None


def test_running_a_turn_again_is_another_attempt_with_the_same_input(
    alice: User, conversation: Conversation
) -> None:
    turn = send(alice, conversation, "Again, please")
    finish(turn, Status.FAILED)
    key = uuid4()
    second = turns.retry_turn(alice, turn.pk, client_key=key)
    assert turns.retry_turn(alice, turn.pk, client_key=key) == second
    assert (second.attempt, second.status, second.items.get().text) == (2, Status.QUEUED, "Again, please")


def test_a_turn_that_runs_isnt_run_again(alice: User, conversation: Conversation) -> None:
    turn = send(alice, conversation)
    with pytest.raises(Refusal) as refusal:
        turns.retry_turn(alice, turn.pk, client_key=uuid4())
    assert refusal.value.code == "still_running"


@pytest.mark.parametrize(
    ("text", "code"), [("", "empty_message"), (" \n\t", "empty_message"), ("x" * 200_001, "message_too_long")]
)
def test_text_that_cant_be_sent_is_refused(
    alice: User, conversation: Conversation, text: str, code: str
) -> None:
    with pytest.raises(Refusal) as refusal:
        send(alice, conversation, text)
    assert refusal.value.code == code
    assert not Turn.objects.exists()


def test_nul_and_half_an_emoji_are_repaired(alice: User, conversation: Conversation) -> None:
    turn = send(alice, conversation, "a\x00b\ud83dc")
    assert turn.responses.get().items.get().text == "a\ufffdb\ufffdc"


def test_a_tip_of_another_conversation_is_refused(
    alice: User, conversation: Conversation, deployment: Deployment
) -> None:
    other, _created = turns.start_conversation(alice, client_key=uuid4())
    foreign = send(alice, other)
    with pytest.raises(Refusal) as refusal:
        send(alice, conversation, tip=foreign)
    assert refusal.value.code == "unknown_tip"


def test_another_team_can_neither_write_nor_stop_nor_retry(
    alice: User, carol: User, conversation: Conversation
) -> None:
    turn = send(alice, conversation)
    for attempt in (
        lambda: send(carol, conversation),
        lambda: turns.request_stop(carol, turn.responses.get().pk),
        lambda: turns.retry_turn(carol, turn.pk, client_key=uuid4()),
    ):
        with pytest.raises(Refusal) as refusal:
            attempt()
        assert refusal.value.code == "not_found"
    assert status_of(turn) == Status.QUEUED
    assert Turn.objects.count() == 1


def test_a_private_conversation_is_closed_to_the_team(
    alice: User, bob: User, conversation: Conversation
) -> None:
    Conversation.objects.update(visibility="private")
    with pytest.raises(Refusal):
        send(bob, conversation)
    assert send(alice, conversation).author == alice


def test_work_is_handed_over_only_after_the_commit(
    alice: User,
    conversation: Conversation,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        send(alice, conversation)
    assert len(callbacks) == 3  # the title and the turn for those who watch, then the task


def test_the_database_itself_refuses_two_open_responses_of_a_turn(
    alice: User, conversation: Conversation
) -> None:
    turn = send(alice, conversation)
    twin = turn.responses.get()
    twin.pk, twin.attempt = uuid4(), 2
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save(force_insert=True)


@pytest.mark.parametrize(
    "nonsense",
    [
        {"status": "completed"},  # ended, but not when
        {"status": "done"},
        {"status": "in_progress"},  # running, but claimed by nobody
        {"upstream_state": "stored"},  # stored under no id
        {"response_id": ""},
        {"stored": False, "background": True},
    ],
)
def test_the_database_itself_refuses_nonsense(
    alice: User, conversation: Conversation, nonsense: dict[str, object]
) -> None:
    send(alice, conversation)
    with pytest.raises(IntegrityError), transaction.atomic():
        Response.objects.update(**nonsense)

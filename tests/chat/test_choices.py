"""What people choose beside the words, from the command to the request."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from conversations.chat import changes, choices, ledger, turns
from conversations.chat.refusals import Refusal
from conversations.models import Conversation, User


def test_choices_become_the_parameters_of_the_api() -> None:
    chosen = choices.clean({"temperature": 0.5, "effort": "low", "summary": "auto", "verbosity": "high"})
    assert choices.parameters(chosen) == {
        "temperature": 0.5,
        "reasoning": {"effort": "low", "summary": "auto"},
        "text": {"verbosity": "high"},
    }


def test_null_is_left_to_the_api() -> None:
    assert choices.clean({"temperature": None}) == {}
    assert choices.clean(None) == {}


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"temperature": 3}, "“temperature” must be a number from 0 to 2."),
        ({"temperature": True}, "“temperature” must be a number from 0 to 2."),
        ({"temperature": float("nan")}, "“temperature” must be a number from 0 to 2."),
        ({"max_output_tokens": 0.5}, "“max_output_tokens” must be a whole number from 16 to 10000000."),
        ({"effort": ["low"]}, "“effort” must be none, minimal, low, medium, high, xhigh, max."),
        ({"warmth": 1}, "There is no choice “warmth”. Known ones are temperature,"),
        (["temperature"], "Choices are an object, by name."),
    ],
)
def test_a_wrong_choice_is_refused_by_name(asked: Any, told: str) -> None:
    with pytest.raises(Refusal) as refusal:
        choices.clean(asked)
    assert refusal.value.code == "bad_choice"
    assert str(refusal.value).startswith(told)


@pytest.mark.django_db(transaction=True)
def test_a_turns_choices_go_before_its_conversations(alice: User, conversation: Conversation) -> None:
    changes.change_conversation(alice, conversation, {"choices": {"temperature": 1.5, "effort": "low"}})
    turn = turns.send_message(
        alice, conversation.pk, client_key=uuid4(), text="Hi", tip=None, asked={"temperature": 0}
    )
    job = ledger.claim(turn.responses.get().pk, ledger.register_worker())
    assert job is not None
    assert (job.request["temperature"], job.request["reasoning"]) == (0, {"effort": "low"})


@pytest.mark.django_db
def test_a_wrong_choice_leaves_no_row(alice: User, conversation: Conversation) -> None:
    with pytest.raises(Refusal), transaction.atomic():
        turns.send_message(
            alice, conversation.pk, client_key=uuid4(), text="Hi", tip=None, asked={"temperature": "hot"}
        )
    assert not conversation.turns.exists()

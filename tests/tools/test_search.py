"""The search tool sees what the one who asks may see, and tells nobody else what is private."""

import json
from typing import Any
from uuid import uuid4

import pytest

from conversations.chat import turns
from conversations.models import Conversation, Deployment, User
from conversations.stored import searching
from conversations.tools import registry
from conversations.tools.carrying_out import carry_out
from conversations.tools.registry import Context

pytestmark = pytest.mark.django_db


def talked(user: User, text: str, visibility: str = "team") -> Conversation:
    row, _new = turns.start_conversation(user, client_key=uuid4(), visibility=visibility)
    turn = turns.send_message(user, row.pk, client_key=uuid4(), text=text, tip=None)
    searching.index_all(turn.responses.all())
    return row


def found(user: User, conversation: Conversation, words: str) -> Any:
    call = registry.tools()["search_conversations"]
    return json.loads(carry_out(call, json.dumps({"words": words}), Context(user, conversation)).output)


def test_it_finds_words_and_links_back(alice: User, bob: User, conversation: Conversation) -> None:
    there = talked(bob, "We chose the harbour crane from Rotterdam.")
    [hit] = found(alice, conversation, "harbour crane")
    assert hit["link"] == f"/c/{there.pk}/"
    assert hit["asked_by"] == "Bob"
    assert "harbour crane" in hit["excerpt"]


def test_others_and_private_ones_stay_unseen(
    alice: User, bob: User, carol: User, deployment: Deployment, conversation: Conversation
) -> None:
    talked(carol, "The zebra of another team")
    talked(bob, "The zebra that Bob keeps to himself", "private")
    talked(alice, "The zebra that Alice keeps to herself", "private")
    call = registry.tools()["search_conversations"]
    outcome = carry_out(call, '{"words": "zebra"}', Context(alice, conversation))
    assert outcome.output == "Nothing was found."


def test_ones_own_private_words_are_found_in_private(
    alice: User, deployment: Deployment, conversation: Conversation
) -> None:
    talked(alice, "The zebra that Alice keeps to herself", "private")
    conversation.visibility = "private"
    [hit] = found(alice, conversation, "zebra")
    assert "zebra" in hit["excerpt"]

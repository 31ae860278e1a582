"""Rows of the ledger as they are after the chat has made them, without the chat."""

from typing import Any
from uuid import uuid4

from conversations import clock
from conversations.models import Conversation, Response, Turn
from conversations.models.responses import Direction, Status
from conversations.stored import items


def add_response(conversation: Conversation, texts: tuple[str, str] = ("", ""), **fields: Any) -> Response:
    """One that has ended, unless `fields` says otherwise; `texts` are question and answer."""
    now = clock.now()
    turn = Turn.objects.create(
        conversation=conversation,
        author=conversation.owner,
        client_key=uuid4(),
        number=conversation.turns.count() + 1,
        created_at=now,
    )
    deployment = fields.pop("deployment", conversation.deployment)
    given = {
        "person": conversation.owner,
        "team": conversation.team,
        "endpoint": deployment.endpoint,
        "status": Status.COMPLETED,
        "queued_at": now,
        "ended_at": now,
    }
    response = Response.objects.create(
        turn=turn, conversation=conversation, deployment=deployment, **(given | fields)
    )
    question, answer = texts
    for direction, text in ((Direction.INPUT, question), (Direction.OUTPUT, answer)):
        items.add(response, direction, [items.message(text)] if text else [])
    return response

"""Answers that call tools, written as a worker writes them."""

import asyncio
import json
from typing import Any
from uuid import UUID, uuid4

from conversations.chat import calling, ledger, turns
from conversations.chat.ledger import End, Job
from conversations.models import Conversation, Response, ToolCall, ToolPolicy, Turn, User
from conversations.models.responses import Direction, Status, UpstreamState
from conversations.models.tool_calls import CallState
from conversations.tools.carrying_out import in_time

Json = dict[str, Any]

USAGE = {"input_tokens": 10, "output_tokens": 5}


def function_call(call_id: str, name: str = "calculate", **arguments: Any) -> Json:
    arguments = arguments or {"expression": "6 * 7"}
    return {
        "type": "function_call",
        "id": f"fc_{call_id}",
        "call_id": call_id,
        "name": name,
        "arguments": json.dumps(arguments),
        "status": "completed",
    }


def said(text: str) -> Json:
    part = {"type": "output_text", "text": text}
    return {"type": "message", "id": "msg_1", "role": "assistant", "content": [part]}


def policy(conversation: Conversation, tool: str = "calculate", **fields: Any) -> None:
    """As the team of this conversation has it, on where nothing else is said."""
    wanted = {"use": "on", "needs_approval": False, **fields}
    ToolPolicy.objects.update_or_create(team=conversation.team, tool=tool, defaults=wanted)


def send(user: User, conversation: Conversation, text: str = "What is 6 * 7?", **choices: Any) -> Turn:
    return turns.send_message(
        user, conversation.pk, client_key=uuid4(), text=text, tip=None, asked=choices or None
    )


def open_round(turn: Turn) -> Response:
    return turn.responses.latest("attempt", "round")


def claimed(turn: Turn) -> Job:
    job = ledger.claim(open_round(turn).pk, ledger.register_worker())
    assert job is not None
    return job


def answer(turn: Turn, *items: Json, status: Status = Status.COMPLETED) -> Json:
    """The open round of the turn is run and ends with these items; answers the receipt."""
    job = claimed(turn)
    response_id = f"resp_{job.response.pk}"
    ledger.learn(job, {"id": response_id}, {})
    ended = End(status, list(items), {"usage": USAGE}, upstream_state=UpstreamState.STORED)
    return ledger.end(job, ended)


def run(call: ToolCall, worker: UUID | None = None) -> None:
    """As a worker does it; the tool itself is on a thread."""
    called = calling.claim(call.pk, worker or ledger.register_worker())
    if called is not None:
        outcome = asyncio.run(in_time(called.tool, called.call.arguments, called.context))
        calling.finish(called.call, outcome)


def run_all(turn: Turn) -> None:
    for call in ToolCall.objects.filter(response__turn=turn, state=CallState.QUEUED):
        run(call)


def calls_of(turn: Turn) -> list[ToolCall]:
    return list(ToolCall.objects.filter(response__turn=turn).order_by("response__round", "position"))


def states_of(turn: Turn) -> list[str]:
    return [call.state for call in calls_of(turn)]


def inputs_of(response: Response) -> list[Json]:
    rows = response.items.filter(direction=Direction.INPUT).order_by("position")
    return list(rows.values_list("payload", flat=True))


def error_of(call: ToolCall) -> str:
    return str(json.loads(call.output)["error"])

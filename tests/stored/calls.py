"""A call of a tool as it is after somebody has decided on it."""

from typing import Any

from conversations import clock
from conversations.models import Response, ToolCall, User
from conversations.models.tool_calls import CallState


def declined(row: Response, by: User, **fields: Any) -> ToolCall:
    now = clock.now()
    given = {
        "position": 0,
        "call_id": "call_1",
        "name": "get_weather",
        "arguments": '{"location": "A secret place"}',
        "output": '{"error": "Declined by a person: A secret reason"}',
        "state": CallState.DECLINED,
        "needed_approval": True,
        "decided_by": by,
        "decided_at": now,
        "reason": "A secret reason",
        "created_at": now,
        "ended_at": now,
    }
    return ToolCall.objects.create(response=row, **(given | fields))

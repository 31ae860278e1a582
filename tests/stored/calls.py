"""A call of a tool, and a step in a browser, as they are after somebody has decided on them."""

from typing import Any

from conversations import clock
from conversations.models import ComputerRun, ComputerStep, Response, SafetyCheck, ToolCall, User
from conversations.models.computer_runs import Decision, RunEnd, RunState, StepState
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


def stepped(row: Response, by: User, screenshot: str = "") -> ComputerStep:
    """Its only step, which a safety check was raised about, and let go on."""
    now = clock.now()
    ended = {"state": RunState.ENDED, "reason": RunEnd.DONE, "created_at": now, "ended_at": now}
    where = {"conversation": row.conversation, "turn": row.turn, "attempt": row.attempt}
    run = ComputerRun.objects.create(tool="computer", sites=["shop.example.com"], **where, **ended)
    step = ComputerStep.objects.create(
        run=run,
        response=row,
        number=1,
        call_id="call_1",
        actions=[{"type": "type", "text": "A secret name"}],
        state=StepState.DONE,
        url="https://shop.example.com/secret",
        title="Checkout",
        notes=["A secret page was opened."],
        screenshot=screenshot,
        confirmed_by=by,
        confirmed_at=now,
        created_at=now,
        ended_at=now,
    )
    check = {"check_id": "cu_sc_1", "code": "sensitive_domain", "message": "A secret order."}
    decided = {"decision": Decision.PROCEED, "decided_by": by, "decided_at": now}
    SafetyCheck.objects.create(step=step, **check, **decided)
    return step

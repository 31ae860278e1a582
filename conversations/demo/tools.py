"""What the demo's teams let their models call, and the calls of its history carried out."""

import asyncio
from dataclasses import replace

from conversations.chat import calling
from conversations.loop import worker_loop
from conversations.models import Response, Team
from conversations.models.responses import Status
from conversations.models.tool_calls import CallState, Use
from conversations.people.audit import command
from conversations.tools import policies

# By name, whether somebody is asked before; what isn't named is offered, as everywhere.
ON = {"calculate": False, "current_time": False, "get_weather": False, "search_conversations": True}
PATIENCE_SECONDS = 30


def switch_on() -> None:
    for team in Team.objects.order_by("pk"):
        rules = policies.rules_of(team.pk)
        for name, asks in ON.items():
            wanted = replace(rules[name], use=Use.ON, needs_approval=asks)
            policies.change(team, rules[name], wanted, actor=command())


def next_round(response: Response) -> Response | None:
    """The one that brings what the calls of this response say, once they were carried out here."""
    for call in response.calls.filter(state=CallState.QUEUED):
        running = asyncio.run_coroutine_threadsafe(calling.run(call.pk), worker_loop().loop)
        running.result(PATIENCE_SECONDS)
    following = Response.objects.filter(turn=response.turn_id, attempt=response.attempt, status=Status.QUEUED)
    return following.first()

"""Calls of tools as rows: what becomes of one when its answer has ended, and how it ends itself.

Whatever a call comes to, it has an output that the model can read.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import orjson
from django.conf import settings
from django.db.models import F
from django.urls import reverse

from conversations import clock
from conversations.chat import shapes
from conversations.chat.announcing import announce_call
from conversations.chat.queue import enqueue_call
from conversations.models import Response, ToolCall, User
from conversations.models.conversations import Visibility
from conversations.models.tool_calls import ASKING, OPEN_CALLS, Approvers, CallKind, CallState
from conversations.people import notices, rights
from conversations.people.notices import Audience, NoticeKind
from conversations.tools import policies
from conversations.tools.carrying_out import Outcome, failure, misfit
from conversations.tools.policies import Rule

Payload = dict[str, Any]

MOST_CALLS = 64
LONGEST_ID = 200

STOPPED = failure("Stopped by a person before it ran.", CallState.STOPPED)
STOPPED_WHILE_IT_RAN = failure(
    "Stopped by a person while it ran: whether it did anything is not known.", CallState.STOPPED
)
LOST = failure("The worker that ran it is gone: whether it did anything is not known.")
NOBODY_ELSE = failure("Another member of the team would have to approve it, and nobody else can see this.")
TOO_MANY = failure(f"Too many calls at once: only the first {MOST_CALLS} were looked at.")
NOT_HERE = failure("There is no such tool here.")
NOT_ALLOWED = failure("This team doesn't use that tool any more.")
NO_RIGHT = failure("The person who asked may not use tools here any more.")


def add(response: Response, output: list[Payload]) -> list[ToolCall]:
    """A row for each call of an answer that ended whole, decided as far as rules decide it."""
    found = list(_found(response, output))
    if not found:
        return []
    rules, now = policies.rules_of(response.team_id or 0), clock.now()
    for number, call in enumerate(found):
        _decide(call, rules.get(call.name), TOO_MANY if number >= MOST_CALLS else None, now)
    return ToolCall.objects.bulk_create(found)


def hand_on(call: ToolCall) -> None:
    """To the workers, or to whoever is asked."""
    if call.state == CallState.QUEUED:
        enqueue_call(call.pk)
    elif call.state in ASKING:
        _ask(call)


def change(call: ToolCall, **fields: Any) -> bool:
    """Gives an open call these values, unless somebody else was faster."""
    unchanged = ToolCall.objects.filter(pk=call.pk, state=call.state, claim=call.claim, state__in=OPEN_CALLS)
    if not unchanged.update(revision=F("revision") + 1, **fields):
        return False
    asked = call.state in ASKING
    call.refresh_from_db(fields=[*fields, "revision"])
    if asked and call.state not in ASKING:
        notices.settle(NoticeKind.TOOL_APPROVAL, subject=call, by=call.decided_by)
    announce_call(call)
    return True


def end(call: ToolCall, outcome: Outcome, **fields: Any) -> bool:
    return change(call, state=outcome.state, output=outcome.output, ended_at=clock.now(), **fields)


def stop(response: Response) -> None:
    """All that are open of an answer."""
    for call in response.calls.filter(state__in=OPEN_CALLS):
        end(call, STOPPED_WHILE_IT_RAN if call.state == CallState.RUNNING else STOPPED)


def output_of(call: ToolCall) -> Payload:
    """As the next request brings it."""
    if call.kind == CallKind.MCP:
        answer = {"approval_request_id": call.call_id, "approve": call.state == CallState.DONE}
        why = {"reason": call.reason} if call.reason else {}
        return {"type": "mcp_approval_response", **answer, **why}
    return {"type": "function_call_output", "call_id": call.call_id, "output": call.output}


def _found(response: Response, output: list[Payload]) -> Iterator[ToolCall]:
    """Each id once: an answer to a second one of the same id would answer the first."""
    known: set[str] = set()
    for position, item in enumerate(output):
        make = MAKERS.get(str(item.get("type")))
        call = make(item) if make else None
        if call and 0 < len(call.call_id) <= LONGEST_ID and call.call_id not in known:
            known.add(call.call_id)
            call.response, call.position = response, position
            yield call


def _function_call(item: Payload) -> ToolCall:
    return ToolCall(kind=CallKind.FUNCTION, call_id=_text(item, "call_id"), **_called(item))


def _approval_request(item: Payload) -> ToolCall:
    server = _text(item, "server_label")[:LONGEST_ID]
    return ToolCall(kind=CallKind.MCP, call_id=_text(item, "id"), server=server, **_called(item))


MAKERS = {"function_call": _function_call, "mcp_approval_request": _approval_request}


def _called(item: Payload) -> Payload:
    return {"name": _text(item, "name")[:LONGEST_ID], "arguments": _text(item, "arguments")}


def _text(item: Payload, key: str) -> str:
    """Other servers send arguments as an object."""
    value = item.get(key)
    return value if isinstance(value, str) else "" if value is None else orjson.dumps(value).decode()


def _decide(call: ToolCall, rule: Rule | None, refused: Outcome | None, now: datetime) -> None:
    call.created_at = now
    if call.kind == CallKind.FUNCTION and rule is not None:
        call.kind = CallKind.MANUAL if rule.tool.is_manual else CallKind.FUNCTION
        call.approvers, call.needed_approval = rule.approvers, rule.needs_approval
    call.needed_approval = call.needed_approval or call.kind == CallKind.MCP
    outcome = refused or _refused(call, rule)
    if outcome is not None:
        call.state, call.output, call.ended_at = outcome.state, outcome.output, now
    elif call.kind == CallKind.MANUAL:
        call.state = CallState.ASKS_OUTPUT
    elif call.needed_approval:
        call.state = CallState.ASKS_APPROVAL
    else:
        call.state, call.queued_at = CallState.QUEUED, now


def _refused(call: ToolCall, rule: Rule | None) -> Outcome | None:
    """What needs neither a person nor a worker to be told."""
    response = call.response
    if response.stop_requested_at is not None:
        return STOPPED
    if response.round >= settings.TOOL_ROUNDS_MAX:
        return failure(f"Not run: an answer has at most {settings.TOOL_ROUNDS_MAX} rounds.")
    if call.kind != CallKind.MCP:
        if rule is None or not is_offered(call):
            return NOT_HERE
        wrong = misfit(rule.tool, call.arguments)
        if wrong is not None:
            return wrong
    return NOBODY_ELSE if _nobody_else(call) else None


def is_offered(call: ToolCall) -> bool:
    """Whether the request had this tool; a model may name others."""
    return any(
        each.get("type") == "function" and each.get("name") == call.name for each in call.response.tools
    )


def asks_in_vain(call: ToolCall) -> Outcome | None:
    """Why nobody can decide it any more."""
    conversation = call.response.conversation
    if conversation is None or not rights.may_open(person_of(call), conversation):
        return NO_RIGHT
    return NOBODY_ELSE if _nobody_else(call) else None


def ask_anew(call: ToolCall) -> None:
    """Where others may see its conversation now, or may not any more."""
    if call.approvers == Approvers.TEAM:
        notices.settle(NoticeKind.TOOL_APPROVAL, subject=call)
        _ask(call)


def _nobody_else(call: ToolCall) -> bool:
    conversation = call.response.conversation
    asks = call.needed_approval or call.kind == CallKind.MANUAL
    if not asks or call.approvers != Approvers.OTHER or conversation is None:
        return False
    others = conversation.team.memberships.filter(user__is_active=True).exclude(user=call.response.person)
    return conversation.visibility == Visibility.PRIVATE or not others.exists()


def _ask(call: ToolCall) -> None:
    """Whoever may decide finds it in the inbox."""
    response = call.response
    conversation, person = response.conversation, response.person
    if conversation is None or person is None:
        return
    is_one = call.approvers == Approvers.ASKER or conversation.visibility == Visibility.PRIVATE
    notices.tell(
        NoticeKind.TOOL_APPROVAL,
        to=person if is_one else Audience.TEAM,
        subject=call,
        team=conversation.team,
        but_not=person if call.approvers == Approvers.OTHER else None,
        facts={"by": person.name, "tool": shapes.title_of(call), "asks": call.state},
        path=f"{reverse('conversation', args=[conversation.pk])}#call-{call.pk}",
    )


def person_of(call: ToolCall) -> User:
    """On whose behalf it is made."""
    if call.response.person is None:
        raise ValueError(f"nobody asked for {call}")
    return call.response.person

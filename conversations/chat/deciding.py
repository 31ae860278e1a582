"""What people decide about calls: approve, decline, or type what a manual tool says."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from conversations import clock
from conversations.chat import calls, rounds
from conversations.chat.locks import lock_conversation
from conversations.chat.refusals import Refusal
from conversations.chat.sockets import Command
from conversations.models import Conversation, ToolCall, User
from conversations.models.audit import Action
from conversations.models.tool_calls import ASKING, CallKind, CallState, Use
from conversations.people import audit, rights
from conversations.people.audit import audited, record
from conversations.responses_api.text import repair_text
from conversations.tools import policies
from conversations.tools.carrying_out import Outcome, failure

REASON_CHARS = 300


def decide(user: User, command: Command) -> None:
    """As a socket brings it."""
    call = command.uuid("call")
    match command.type:
        case "call.approve":
            approve(user, call)
        case "call.decline":
            decline(user, call, command.fields.get("reason", ""))
        case "call.answer":
            answer(user, call, command.fields.get("output"))


def approve(user: User, call: UUID) -> None:
    """It is run at once, by whichever worker is free."""
    with audited():
        row = _asked(user, call, CallState.ASKS_APPROVAL)
        told = _decided(user)
        if row.kind == CallKind.MCP:
            calls.end(row, Outcome(CallState.DONE, ""), **told)
        elif not _is_in_use(row):
            calls.end(row, calls.NOT_ALLOWED, **told)
        else:
            calls.change(row, state=CallState.QUEUED, queued_at=clock.now(), **told)
            calls.hand_on(row)
        _note(Action.CALL_APPROVED, user, row)
        rounds.go_on(row.response)


def decline(user: User, call: UUID, reason: Any = "") -> None:
    """The model learns that it was declined, and why."""
    why = _clean(reason, REASON_CHARS)
    with audited():
        row = _asked(user, call, CallState.ASKS_APPROVAL, CallState.ASKS_OUTPUT)
        said = f"Declined by a person: {why}" if why else "Declined by a person."
        calls.end(row, failure(said, CallState.DECLINED), reason=why, **_decided(user))
        _note(Action.CALL_DECLINED, user, row)
        rounds.go_on(row.response)


def answer(user: User, call: UUID, output: Any) -> None:
    """What the tool says, typed by a person."""
    text = _clean(output, settings.TOOL_OUTPUT_MAX_BYTES)
    if not text.strip():
        raise Refusal("empty_output", _("Type what the tool says."))
    with audited():
        row = _asked(user, call, CallState.ASKS_OUTPUT)
        if _is_in_use(row):
            calls.end(row, Outcome(CallState.DONE, text), **_decided(user))
        else:
            calls.end(row, calls.NOT_ALLOWED, **_decided(user))
        _note(Action.CALL_ANSWERED, user, row)
        rounds.go_on(row.response)


def ask_anew(conversation: Conversation) -> None:
    """After others may see it, or may not any more, with its row locked: a call that nobody can decide
    any more ends, and of any other those learn who can.
    """
    found = ToolCall.objects.select_related("response__person", "response__conversation__team")
    for call in found.filter(response__conversation=conversation, state__in=ASKING):
        in_vain = calls.asks_in_vain(call)
        if in_vain is None:
            calls.ask_anew(call)
        else:
            calls.end(call, in_vain)
            rounds.go_on(call.response)


def _asked(user: User, call: UUID, *states: CallState) -> ToolCall:
    """The call, its conversation locked; raises Refusal where it doesn't wait for this person."""
    found = ToolCall.objects.select_related("response__person", "response__conversation__team").filter(
        pk=call
    )
    row = found.filter(response__conversation__in=rights.conversations_of(user)).first()
    if row is None or row.response.conversation is None:
        raise Refusal("not_found", _("There is no such call in a conversation of yours."))
    lock_conversation(user, row.response.conversation.pk)
    row.refresh_from_db()
    if row.state not in states:
        raise Refusal("not_waiting", _("This call doesn't wait for that any more."))
    if not rights.may_decide(user, row):
        raise Refusal("not_yours", _("Somebody else has to decide this."))
    return row


def _is_in_use(row: ToolCall) -> bool:
    rule = policies.rules_of(row.response.team_id or 0).get(row.name)
    return rule is not None and rule.use != Use.OFF


def _decided(user: User) -> dict[str, Any]:
    return {"decided_by": user, "decided_at": clock.now()}


def _clean(text: Any, most: int) -> str:
    if not isinstance(text, str) or len(text.encode(errors="replace")) > most:
        raise Refusal("bad_field", _("That is text of at most %(most)d bytes.") % {"most": most})
    return repair_text(text)[0]


def _note(action: Action, user: User, row: ToolCall) -> None:
    details = {"tool": row.name, "server": row.server, "response": str(row.response_id)}
    record(action, actor=audit.person(user), subject=row, team=row.response.team_id, details=details)

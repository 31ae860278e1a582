"""Calls on the worker: one is claimed, carried out beside the others, and its output written."""

import logging
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from conversations import clock
from conversations.chat import calls, rounds
from conversations.chat.locks import touch
from conversations.chat.worker import WorkerProcess, this_process
from conversations.models import ToolCall
from conversations.models.tool_calls import CallState, Use
from conversations.people import rights
from conversations.tools import policies, registry
from conversations.tools.carrying_out import Outcome, in_time
from conversations.tools.policies import Rule
from conversations.tools.registry import Context, Tool

logger = logging.getLogger(__name__)

DATABASE_PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Called:
    """A claimed call with all that is needed to carry it out; `call` is as it was claimed."""

    call: ToolCall
    tool: Tool
    context: Context


async def run(call: UUID) -> None:
    """Carry out a queued call; does nothing if it is no longer queued."""
    await carry_out(await this_process(), call)


async def carry_out(process: WorkerProcess, call: UUID) -> None:
    # Named before it is claimed, or the heartbeat would take the row for one that only seems to run here.
    process.calls.add(call)
    try:
        called = await process.home.write(claim, call, process.row)
        if called is not None:
            outcome = await in_time(called.tool, called.call.arguments, called.context)
            await process.home.persist(DATABASE_PATIENCE_SECONDS, finish, called.call, outcome)
    finally:
        process.calls.discard(call)


def claim(call: UUID, worker: UUID) -> Called | None:
    """The call, if it is still queued, may still be run, and this worker won it."""
    with transaction.atomic():
        row = _locked(call)
        if row is None or row.state != CallState.QUEUED:
            return None
        rule = policies.rules_of(row.response.team_id or 0).get(row.name)
        refused = _refused(row, rule)
        if refused is not None or rule is None:
            _end(row, refused or calls.NOT_HERE)
            return None
        if rule.needs_approval and row.decided_by_id is None:
            asks = {"state": CallState.ASKS_APPROVAL, "needed_approval": True, "approvers": rule.approvers}
            calls.change(row, **asks, queued_at=None)
            calls.hand_on(row)
            return None
        calls.change(row, state=CallState.RUNNING, claim=uuid4(), worker=worker, started_at=clock.now())
        return Called(row, rule.tool, Context(calls.person_of(row), row.response.chat_turn.conversation))


def finish(call: ToolCall, outcome: Outcome) -> None:
    """The output, unless the call was stopped or taken for lost meanwhile."""
    with transaction.atomic():
        touch(call.response.chat_turn.conversation_id)
        if not _end(call, outcome):
            logger.info("The output of call %s came too late", call.pk)


def settle_lost() -> None:
    """Those whose worker is gone: what may be run twice is queued again, of any other nobody knows."""
    for call in lost().values_list("pk", flat=True):
        with transaction.atomic():
            row = _locked(call)
            if row is not None and lost().filter(pk=call).exists():
                _settle(row)


def lost() -> QuerySet[ToolCall]:
    alive_since = clock.now() - timedelta(seconds=settings.LEASE_SECONDS)
    dead = Q(worker=None) | Q(worker__beat_at__lt=alive_since)
    return ToolCall.objects.filter(dead, state=CallState.RUNNING)


def _settle(row: ToolCall) -> None:
    tool = registry.tools().get(row.name)
    if tool is None or not tool.repeatable:
        _end(row, calls.LOST)
        return
    calls.change(row, state=CallState.QUEUED, claim=None, worker=None, queued_at=clock.now(), started_at=None)
    calls.hand_on(row)


def _locked(call: UUID) -> ToolCall | None:
    """As it is once its conversation is locked."""
    found = ToolCall.objects.select_related("response__turn__conversation", "response__person").filter(
        pk=call
    )
    conversation = found.values_list("response__conversation", flat=True).first()
    if conversation is None:
        return None
    touch(conversation)
    return found.first()


def _refused(row: ToolCall, rule: Rule | None) -> Outcome | None:
    """Rights and policies are asked again: since the call was made, days may have passed."""
    if rule is None or rule.use == Use.OFF:
        return calls.NOT_ALLOWED
    may = rights.may_open(calls.person_of(row), row.response.chat_turn.conversation)
    return None if may else calls.NO_RIGHT


def _end(row: ToolCall, outcome: Outcome) -> bool:
    ended = calls.end(row, outcome)
    if ended:
        rounds.go_on(row.response)
    return ended

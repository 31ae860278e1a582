"""What people decide about a run of computer use, and what becomes of one that is left alone."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _

from conversations import clock
from conversations.chat import computing, turns
from conversations.chat.endings import WORKER_LOST
from conversations.chat.locks import lock_conversation, touch
from conversations.chat.queue import enqueue_run
from conversations.chat.refusals import Refusal
from conversations.chat.sockets import Command
from conversations.chat.trail import note
from conversations.models import ComputerRun, ComputerStep, Response, SafetyCheck, User
from conversations.models.audit import Action
from conversations.models.computer_runs import FOR_PERSONS, Decision, RunEnd, RunState, StepState
from conversations.models.responses import Status
from conversations.people import audit, rights
from conversations.people.audit import audited


def decide(user: User, step: UUID, *, proceed: bool) -> None:
    """On a step that waits for a person: it is done, or the task ends without it."""
    with audited():
        found = ComputerStep.objects.select_related("run", "response").filter(pk=step)
        row = found.filter(run__conversation__in=rights.conversations_of(user)).first()
        if row is None:
            raise Refusal("not_found", _("There is no such step in a conversation of yours."))
        run = locked(user, row.run_id)
        row.refresh_from_db()
        if row.state != StepState.ASKS or run.state != RunState.WAITS_FOR_PERSON:
            raise Refusal("not_waiting", _("This step doesn't wait for that any more."))
        book(row, Decision.PROCEED if proceed else Decision.DECLINE, user)
        if proceed:
            _proceed(run, row, user)
        else:
            end(run, RunEnd.DECLINED, by=user)


def pause(user: User, key: UUID) -> None:
    with audited():
        run = locked(user, key)
        if run.state != RunState.RUNNING:
            raise too_late()
        computing.change(run, state=RunState.PAUSED, told="", waits_since=clock.now())
        note(Action.COMPUTER_STEERED, audit.person(user), run, state=run.state)


def resume(user: User, key: UUID) -> None:
    """Of a task that was paused, or that asks for a person where none of its steps asks for a word."""
    with audited():
        run = locked(user, key)
        asks = run.steps.filter(state=StepState.ASKS).exists()
        if asks or run.state not in (RunState.PAUSED, RunState.WAITS_FOR_PERSON):
            raise too_late()
        computing.go_on(run, by=user)
        note(Action.COMPUTER_STEERED, audit.person(user), run, state=run.state)


def end(run: ComputerRun, reason: RunEnd, told: str = "", by: User | None = None) -> None:
    """The run, and the request that waits for its steps. With the conversation locked."""
    computing.end(run, reason, told, by)
    rows = Response.objects.select_related("turn").filter(turn=run.turn_id, attempt=run.attempt)
    waiting = rows.filter(status=Status.WAITING).first()
    if waiting is None:
        return
    if reason in (RunEnd.INTERRUPTED, RunEnd.FAILED):
        error = WORKER_LOST | ({"summary": told, "message": told} if told else {})
        turns.call_off(waiting, Status.INTERRUPTED, error=error)
    else:
        turns.call_off(waiting)


def attend() -> None:
    """For the sweeper: runs that wait too long, that nobody took up, and whose worker is gone."""
    now = clock.now()
    late = now - timedelta(seconds=settings.COMPUTER_WAIT_SECONDS)
    _end_each(Q(state__in=FOR_PERSONS, waits_since__lt=late), RunEnd.UNATTENDED)
    silent = now - timedelta(seconds=settings.LEASE_SECONDS)
    gone = Q(worker__beat_at__lt=silent) | Q(worker=None, browser__isnull=False)
    _end_each(gone & ~Q(state=RunState.ENDED), RunEnd.INTERRUPTED)
    unclaimed = now - timedelta(seconds=settings.REQUEUE_SECONDS)
    for key in ComputerRun.objects.filter(
        state=RunState.QUEUED, browser=None, created_at__lt=unclaimed
    ).values_list("pk", flat=True):
        enqueue_run(key)
    _note_ends()


def _end_each(which: Q, reason: RunEnd) -> None:
    for key, conversation in ComputerRun.objects.filter(which).values_list("pk", "conversation"):
        with audited():
            touch(conversation)
            run = ComputerRun.objects.filter(which, pk=key).first()
            if run is None:
                continue
            for step in run.steps.filter(state=StepState.ASKS):
                book(step, Decision.NOBODY, None)
            end(run, reason if computing.is_answering(run) else RunEnd.DONE)


def _note_ends() -> None:
    """An entry for each run that has ended. Where it ended the trail couldn't be the last step."""
    ended = ComputerRun.objects.filter(state=RunState.ENDED, noted_at=None)
    for run in ended.select_related("conversation", "stopped_by")[:100]:
        with audited():
            if ComputerRun.objects.filter(pk=run.pk, noted_at=None).update(noted_at=clock.now()):
                told = {"reason": run.reason, "steps": _told(run)}
                by = {"stopped_by": run.stopped_by.username} if run.stopped_by else {}
                note(Action.COMPUTER_ENDED, audit.system("computer"), run, **told, **by)


def _told(run: ComputerRun) -> list[list[Any]]:
    """Of each step its number, what became of it, the kinds of its actions, and its picture's hash."""
    return [
        [step.number, step.state, [str(action.get("type")) for action in step.actions], step.screenshot]
        for step in run.steps.order_by("number")
    ]


def too_late() -> Refusal:
    return Refusal("not_waiting", _("This task is not in that state any more."))


def locked(user: User, key: UUID) -> ComputerRun:
    found = ComputerRun.objects.filter(pk=key, conversation__in=rights.conversations_of(user))
    conversation = found.values_list("conversation", flat=True).first()
    if conversation is None:
        raise Refusal("not_found", _("There is no such task in a conversation of yours."))
    lock_conversation(user, conversation)
    return found.get()


def book(step: ComputerStep, decision: Decision, user: User | None) -> None:
    now = clock.now()
    SafetyCheck.objects.filter(step=step, decision="").update(
        decision=decision, decided_by=user, decided_at=now
    )
    if user is not None:
        ComputerStep.objects.filter(pk=step.pk).update(confirmed_by=user, confirmed_at=now)
    codes = list(step.checks.values_list("code", flat=True))
    actor = audit.person(user) if user else audit.system("computer")
    told = {"step": step.number, "checks": codes, "decision": decision}
    note(Action.COMPUTER_CHECKED, actor, step.run, **told)


def _proceed(run: ComputerRun, step: ComputerStep, user: User) -> None:
    ComputerStep.objects.filter(pk=step.pk).update(state=StepState.QUEUED)
    if run.steps.filter(state=StepState.ASKS).exists():
        return
    computing.go_on(run, by=user)


COMMANDS: dict[str, Callable[[User, Command], None]] = {
    "computer.proceed": lambda user, command: decide(user, command.uuid("step"), proceed=True),
    "computer.decline": lambda user, command: decide(user, command.uuid("step"), proceed=False),
    "computer.pause": lambda user, command: pause(user, command.uuid("run")),
    "computer.resume": lambda user, command: resume(user, command.uuid("run")),
}

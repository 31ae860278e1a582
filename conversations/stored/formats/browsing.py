"""What a model did in a browser, step by step, with who decided what and when, and each picture's hash."""

from typing import Any

from conversations.models import ComputerRun, ComputerStep, Response, SafetyCheck, User
from conversations.stored.browsed import steps
from conversations.stored.formats.times import for_people, time

RUN = (
    *("tool", "environment", "width", "height", "start_url", "sites", "most_steps", "most_seconds"),
    *("confirm_all", "state", "reason", "told", "waited"),
)
STEP = ("number", "call_id", "actions", "state", "screenshot", "is_stale", "url", "title", "notes")
CHECK = ("check_id", "code", "message", "decision")


def as_object(row: Response) -> dict[str, Any] | None:
    """The part of a task that belongs to this response, with the facts of the whole."""
    own = steps(row)
    return _run(own[0].run) | {"steps": [_step(step) for step in own]} if own else None


def _run(run: ComputerRun) -> dict[str, Any]:
    times = {name: time(getattr(run, name)) for name in ("created_at", "started_at", "ended_at")}
    told = {name: getattr(run, name) for name in RUN}
    return {"run": str(run.pk), **told, **times, "stopped_by": _name(run.stopped_by)}


def _step(step: ComputerStep) -> dict[str, Any]:
    pointer = None if step.pointer_x is None else [step.pointer_x, step.pointer_y]
    times = {name: time(getattr(step, name)) for name in ("created_at", "started_at", "ended_at")}
    return {
        **{name: getattr(step, name) for name in STEP},
        "pointer": pointer,
        **times,
        "decided_by": _name(step.confirmed_by),
        "decided_at": time(step.confirmed_at),
        "checks": [_check(check) for check in step.checks.all()],
    }


def _check(check: SafetyCheck) -> dict[str, Any]:
    told = {name: getattr(check, name) for name in CHECK}
    return {**told, "decided_by": _name(check.decided_by), "decided_at": time(check.decided_at)}


def _name(user: User | None) -> str | None:
    return user.username if user else None


def verdict(step: ComputerStep) -> str:
    """Its state, what was decided about each check, by whom and when."""
    told = [step.get_state_display()]
    told += [f"{check.code}: {check.get_decision_display() or 'not decided'}" for check in step.checks.all()]
    if step.confirmed_by is not None:
        told.append(f"decided by {step.confirmed_by.name} on {for_people(step.confirmed_at)}")
    return ", ".join(told)

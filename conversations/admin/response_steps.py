"""Steps in a browser on a response's page: who decided what, and under a grant what was seen and done."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.safestring import SafeString

from conversations.admin import cells
from conversations.models import ComputerRun, ComputerStep, Response
from conversations.models.computer_runs import Decision, StepState
from conversations.stored import browsed
from conversations.stored.telling import Line

STATES = {
    StepState.ASKS: ("expiring", "circle-help"),
    StepState.QUEUED: ("", "hourglass"),
    StepState.RUNNING: ("", "loader"),
    StepState.DONE: ("stored", "check"),
    StepState.FAILED: ("failed", "octagon-alert"),
    StepState.NOT_DONE: ("", "square"),
}
DECISIONS = {Decision.PROCEED: "check", Decision.DECLINE: "x", Decision.NOBODY: "hourglass"}


@dataclass(frozen=True)
class Shown:
    """`lines` and `picture` are empty while they are closed. `checks`: codes, each with its decision."""

    row: ComputerStep
    pill: SafeString
    checks: list[tuple[str, SafeString | str]]
    lines: list[Line]
    picture: str


@dataclass(frozen=True)
class Task:
    run: ComputerRun
    steps: list[Shown]


def of(response: Response, *, readable: bool) -> Task | None:
    """The part of a task that belongs to this response."""
    rows = response.computer_steps.select_related("run", "confirmed_by").prefetch_related("checks")
    steps = list(rows.order_by("number"))
    return Task(steps[0].run, [_shown(step, readable) for step in steps]) if steps else None


def _shown(row: ComputerStep, readable: bool) -> Shown:
    meaning, icon = STATES[StepState(row.state)]
    pill = cells.pill(row.get_state_display(), meaning=meaning, icon_name=icon)
    checks = [
        (check.code, _decision(check.decision, check.get_decision_display())) for check in row.checks.all()
    ]
    if not readable:
        return Shown(row, pill, checks, [], "")
    return Shown(row, pill, checks, browsed.lines(row), _picture(row))


def _decision(decision: str, word: str) -> SafeString | str:
    return cells.pill(word, icon_name=DECISIONS[Decision(decision)]) if decision else ""


def _picture(row: ComputerStep) -> str:
    if not row.screenshot:
        return ""
    return reverse("admin:conversations_response_file", args=[row.response_id, row.screenshot])

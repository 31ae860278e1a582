"""Computer use in a turn: the run with its first look, a step for each call, what the next request brings.

The first request waits for a picture of the screen; each `computer_call` becomes a step, which a worker with
a browser carries out (`computer.py`) once whoever is asked has agreed (`steering.py`).
"""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from conversations import clock
from conversations.chat import choices, computer_shapes
from conversations.chat.announcing import announce_computer
from conversations.chat.choices import Choices
from conversations.chat.queue import enqueue_run
from conversations.chat.refusals import Refusal
from conversations.models import (
    ComputerPolicy,
    ComputerRun,
    ComputerStep,
    Conversation,
    Response,
    SafetyCheck,
    User,
)
from conversations.models.computer_runs import OPEN_STEPS, RunEnd, RunState, StepState
from conversations.models.conversations import Visibility
from conversations.models.responses import OPEN, Status
from conversations.people import notices
from conversations.people.notices import Audience, NoticeKind
from conversations.stored import references
from conversations.stored.capabilities import abilities_of
from conversations.tools import computers
from conversations.tools.computers import Plan

Payload = dict[str, Any]

PREVIEW = "computer_use_preview"
PREVIEW_MODEL = "computer-use-preview"
TOOLS = ("computer", PREVIEW)
INSTRUCTIONS = (
    "You are an AI agent with the ability to control a browser. You can control the keyboard and mouse. You "
    "take a screenshot after each action to check if your action was successful. Once you have completed the "
    "requested task you should stop running and pass back control to your human supervisor."
)
ENDS = {
    Status.CANCELLED: RunEnd.STOPPED,
    Status.INTERRUPTED: RunEnd.INTERRUPTED,
    Status.FAILED: RunEnd.FAILED,
    Status.INCOMPLETE: RunEnd.FAILED,
}
# A browser that is about to go is no start for a task.
LEAST_LEFT = timedelta(seconds=2)


def tools(chosen: Choices, conversation: Conversation) -> list[Payload]:
    """As a request takes it; raises Refusal where the team may not."""
    plan = check(chosen, conversation.team_id)
    if plan is None:
        return []
    model = abilities_of(conversation.deployment).model
    if not (model and model.name == PREVIEW_MODEL):
        return [{"type": "computer"}]
    display = {"display_width": plan.display_width, "display_height": plan.display_height}
    return [{"type": PREVIEW, **display, "environment": computers.ENVIRONMENT}]


def check(chosen: Choices, team: int) -> Plan | None:
    """What a browser that was chosen is opened with; raises Refusal where the team may not."""
    if chosen.get("computer") in (None, False):
        return None
    policy, settings_ = computers.policy_of(team), _settings(chosen)
    if policy is None:
        raise Refusal("cannot", _("This team's models may not use a browser."), choice="computer")
    if why := computers.why_not_plan(policy, settings_):
        raise Refusal("cannot", why, choice="computer")
    return computers.plan_of(policy, settings_)


def _settings(chosen: Choices) -> Payload:
    value = chosen.get("computer")
    return value if isinstance(value, dict) else {}


def parameters(given: list[Payload]) -> Payload:
    """What goes with the tool: screenshots soon fill a context."""
    return {"truncation": "auto"} if tool_in(given) else {}


def tool_in(given: list[Payload]) -> str:
    """The type of the computer tool; empty where there is none."""
    return str(_tool(given).get("type", ""))


def _tool(given: list[Payload]) -> Payload:
    return next((tool for tool in given if tool.get("type") in TOOLS), {})


def looks_first(response: Response) -> bool:
    """Whether it waits for a browser's first picture, which is asked for here once."""
    if not tool_in(response.tools):
        return False
    known = ComputerRun.objects.filter(turn=response.turn_id, attempt=response.attempt)
    if not known.exists():
        _begin(response)
    return True


def _begin(response: Response) -> None:
    policy, tool = ComputerPolicy.objects.get(team=response.team_id), _tool(response.tools)
    turn = response.chat_turn
    plan = computers.plan_of(policy, _settings(choices.merged(turn.conversation.choices, turn.choices)))
    run = ComputerRun(
        conversation=turn.conversation,
        turn=turn,
        attempt=response.attempt,
        tool=tool["type"],
        # The preview was told of one.
        width=tool.get("display_width", plan.display_width),
        height=tool.get("display_height", plan.display_height),
        start_url=plan.start_url,
        sites=policy.hosts,
        most_steps=plan.most_steps,
        most_seconds=plan.most_seconds,
        confirm_all=policy.confirm_all,
        created_at=clock.now(),
    )
    kept = _kept_browser(run)
    if kept is not None:
        run.browser, run.worker_id = kept.browser, kept.worker_id
    run.save(force_insert=True)
    ComputerStep.objects.create(run=run, number=0, response=response, created_at=clock.now())
    announce_computer(run)
    if kept is None:
        enqueue_run(run.pk)


def _kept_browser(run: ComputerRun) -> ComputerRun | None:
    """The run before, where its worker still has its browser, and the same rules hold."""
    last = ComputerRun.objects.filter(conversation=run.conversation_id).order_by("-created_at").first()
    now = clock.now()
    if last is not None and last.state == RunState.WAITS_FOR_PERSON and not is_answering(last):
        end(last, RunEnd.DONE)
    if last is None or last.kept_until is None or last.kept_until < now + LEAST_LEFT or last.worker is None:
        return None
    alive = last.worker.beat_at > now - timedelta(seconds=settings.LEASE_SECONDS)
    return last if alive and _opened_with(last) == _opened_with(run) else None


def _opened_with(run: ComputerRun) -> tuple[Any, ...]:
    return run.sites, run.width, run.height, run.start_url


def run_of(response: Response) -> ComputerRun | None:
    if not tool_in(response.tools):
        return None
    return ComputerRun.objects.filter(turn=response.turn_id, attempt=response.attempt).first()


def add(response: Response, output: list[Payload]) -> list[ComputerStep]:
    """A step for each call of an answer; where there shall be none the run ends."""
    run = run_of(response)
    if run is None or not run.is_open:
        return []
    ended = ENDS.get(Status(response.status)) or (RunEnd.STOPPED if response.stop_requested_at else None)
    calls = [(place, item) for place, item in enumerate(output) if item.get("type") == "computer_call"]
    ended = ended or (_limit(run) if calls else None)
    if ended:
        end(run, ended)
        return []
    first = run.steps.count()
    steps = [_step(run, response, first + at, *call) for at, call in enumerate(calls)]
    # What comes while a person has the hand is not done any more when they give it back.
    has_hand = run.state == RunState.PERSON_HAS_HAND
    if not has_hand and any(step.state == StepState.ASKS for step in steps):
        ask_person(run)
    elif steps:
        announce_computer(run)
    return steps


def ask_person(run: ComputerRun, told: str = "") -> None:
    waits: Payload = {"waits_since": clock.now(), "waited": waited(run), "hand_of": None}
    change(run, state=RunState.WAITS_FOR_PERSON, told=told, **waits)


def _limit(run: ComputerRun) -> RunEnd | None:
    if run.state == RunState.PERSON_HAS_HAND:
        return None
    if run.steps.exclude(number=0).count() >= run.most_steps:
        return RunEnd.STEPS
    spent = (clock.now() - (run.started_at or run.created_at)).total_seconds() - run.waited
    return RunEnd.TIME if spent >= run.most_seconds else None


def _step(run: ComputerRun, response: Response, number: int, place: int, item: Payload) -> ComputerStep:
    checks = [check for check in item.get("pending_safety_checks") or [] if isinstance(check, dict)]
    actions = [item["action"]] if item.get("action") else item.get("actions")
    step = ComputerStep.objects.create(
        run=run,
        number=number,
        response=response,
        position=place,
        call_id=str(item.get("call_id") or "")[:200],
        actions=[each for each in actions if isinstance(each, dict)] if isinstance(actions, list) else [],
        state=StepState.ASKS if checks or run.confirm_all else StepState.QUEUED,
        created_at=clock.now(),
    )
    SafetyCheck.objects.bulk_create(
        SafetyCheck(
            step=step,
            check_id=str(check.get("id") or "")[:200],
            code=str(check.get("code") or "")[:100],
            message=str(check.get("message") or ""),
        )
        for check in checks
    )
    return step


def done(response: Response) -> None:
    """An answer that called nothing gives the person the say again, who may be at the browser just now."""
    run = run_of(response)
    at_browser = (RunState.WAITS_FOR_PERSON, RunState.PERSON_HAS_HAND)
    if run is not None and run.is_open and run.state not in at_browser:
        end(run, RunEnd.DONE)


def go_on(run: ComputerRun, by: User | None = None) -> None:
    """It waits for nobody any more, and what it took them doesn't count. There may be nothing left to do."""
    if not is_answering(run):
        end(run, RunEnd.DONE, by=by)
        return
    change(run, by=by, state=RunState.RUNNING, told="", hand_of=None, waits_since=None, waited=waited(run))


def waited(run: ComputerRun) -> float:
    """Seconds that it has waited for people until now."""
    return run.waited + ((clock.now() - run.waits_since).total_seconds() if run.waits_since else 0)


def is_answering(run: ComputerRun) -> bool:
    return Response.objects.filter(turn=run.turn_id, attempt=run.attempt, status__in=OPEN).exists()


def call_off(response: Response) -> None:
    """Stopped while nothing of it ran upstream."""
    run = run_of(response)
    if run is not None and run.is_open:
        end(run, RunEnd.STOPPED)


def is_under_way(response: Response) -> bool:
    return response.computer_steps.filter(state__in=OPEN_STEPS).exists()


def outputs(response: Response) -> list[tuple[int, Payload]]:
    """What its steps came to, as the next request brings it, with the places of their calls."""
    done = response.computer_steps.filter(number__gt=0).exclude(screenshot="").select_related("run")
    return [(step.position or 0, _output(step)) for step in done.order_by("number")]


def _output(step: ComputerStep) -> Payload:
    checks = [
        {"id": check.check_id, "code": check.code, "message": check.message} for check in step.checks.all()
    ]
    seen = step.run.tool == PREVIEW and step.url.startswith("http")
    return {
        "type": "computer_call_output",
        "call_id": step.call_id,
        "acknowledged_safety_checks": checks,
        "output": {"type": "computer_screenshot", "image_url": references.reference(step.screenshot)},
        **({"current_url": step.url} if seen else {}),
    }


def change(run: ComputerRun, *, by: User | None = None, **fields: Any) -> bool:
    """Gives a run that is as it was read these values, and tells everyone who watches. `by`: who did it."""
    asked = run.state == RunState.WAITS_FOR_PERSON
    unchanged = ComputerRun.objects.filter(pk=run.pk, state=run.state)
    if not unchanged.update(revision=F("revision") + 1, **fields):
        return False
    run.refresh_from_db()
    if run.state == RunState.WAITS_FOR_PERSON:
        _ask(run)
    elif asked:
        notices.settle(NoticeKind.COMPUTER_CHECK, subject=run, by=by)
    announce_computer(run)
    return True


def ask_anew(conversation: Conversation) -> None:
    """Where others may see it now, or may not any more."""
    for run in conversation.computer_runs.filter(state=RunState.WAITS_FOR_PERSON):
        notices.settle(NoticeKind.COMPUTER_CHECK, subject=run)
        _ask(run)


def _ask(run: ComputerRun) -> None:
    """Whoever may decide finds it in the inbox."""
    conversation, until = run.conversation, computer_shapes.waits_until(run)
    is_private = conversation.visibility == Visibility.PRIVATE
    notices.tell(
        NoticeKind.COMPUTER_CHECK,
        to=conversation.owner if is_private else Audience.TEAM,
        subject=run,
        team=conversation.team,
        facts={"by": run.turn.author.name, "until": until.isoformat(), "why": run.told},
        path=reverse("conversation", args=[conversation.pk]),
    )


def end(run: ComputerRun, reason: RunEnd, told: str = "", by: User | None = None) -> None:
    """What it hasn't done is never done; its browser stays a while for the next task."""
    now = clock.now()
    kept = now + timedelta(seconds=settings.COMPUTER_KEPT_SECONDS) if run.browser else None
    run.steps.filter(state__in=OPEN_STEPS).update(
        state=StepState.NOT_DONE, ended_at=now, revision=F("revision") + 1
    )
    ended = {"state": RunState.ENDED, "reason": reason, "told": told[:300], "ended_at": now}
    change(run, by=by, **ended, **_stopped(run), hand_of=None, waits_since=None, kept_until=kept)


def _stopped(run: ComputerRun) -> Payload:
    """Who asked for its stop, and when."""
    stopped = Response.objects.filter(turn=run.turn_id, attempt=run.attempt, stopped_by__isnull=False)
    row = stopped.order_by("-round").first()
    return {"stopped_by": row.stopped_by_id, "stop_requested_at": row.stop_requested_at} if row else {}

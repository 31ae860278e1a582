"""The rounds of an attempt: an answer that called tools, their outputs, the next request that brings them.

The next round is a row that waits from the moment that calls are open, and the last output queues it. In
between nothing runs anywhere, whether that takes a moment or days.
"""

from typing import Any

from django.conf import settings
from django.db.models import F

from conversations import clock
from conversations.chat import calls, computing
from conversations.chat.announcing import announce_turn
from conversations.chat.queue import enqueue
from conversations.models import Response, Turn
from conversations.models.computer_runs import MOST_STEPS
from conversations.models.responses import Direction, Status
from conversations.models.tool_calls import OPEN_CALLS
from conversations.stored import items, references
from conversations.stored.capabilities import abilities_of

Payload = dict[str, Any]

# A round is asked for as the one before it; the row has these columns in common with it.
SAME = (
    *("turn_id", "attempt", "person_id", "conversation_id", "team_id", "endpoint_id", "deployment_id"),
    *("stored", "keep", "background", "instructions"),
)


def begin(response: Response, output: list[Payload]) -> None:
    """In the transaction of its end: the calls of a whole answer, and the round that waits for them."""
    if not response.tools:
        return
    steps = computing.add(response, output)
    if response.status != Status.COMPLETED:
        return
    added = calls.add(response, output)
    if not (added or steps):
        computing.done(response)
        return
    if response.stop_requested_at is None and response.round < _most(response):
        _add(response)
    announce_turn(response.chat_turn)
    for call in added:
        calls.hand_on(call)
    go_on(response)


def go_on(response: Response) -> None:
    """Queues the round behind this one once every call has its output."""
    following = Response.objects.filter(
        turn=response.turn_id, attempt=response.attempt, round=response.round + 1, status=Status.WAITING
    ).first()
    if following is None or response.calls.filter(state__in=OPEN_CALLS).exists():
        return
    if computing.is_under_way(response):
        return
    _bring_outputs(response, following)
    Response.objects.filter(pk=following.pk).update(
        status=Status.QUEUED, queued_at=clock.now(), revision=F("revision") + 1
    )
    announce_turn(response.chat_turn)
    enqueue(following.pk)


def call_off(following: Response) -> None:
    """A round that never begins: the calls that it waited for are stopped, and told to the model later on."""
    before = before_it(following)
    if before is not None and not following.items.exists():
        calls.stop(before)
        _bring_outputs(before, following)


def before_it(following: Response) -> Response | None:
    """The round whose outputs this one brings."""
    rows = Response.objects.filter(turn=following.turn_id, attempt=following.attempt)
    return rows.filter(round=following.round - 1).first()


def _most(response: Response) -> int:
    """A run of computer use has a limit of its own."""
    return MOST_STEPS + 2 if computing.tool_in(response.tools) else settings.TOOL_ROUNDS_MAX


def _add(response: Response) -> None:
    following = Response(
        **{name: getattr(response, name) for name in SAME},
        round=response.round + 1,
        status=Status.WAITING,
        queued_at=clock.now(),
        tools=response.tools,
        parameters=dict(response.parameters),
    )
    as_later_round(following)
    following.save(force_insert=True)


def as_later_round(response: Response) -> None:
    """Nothing has to be called any more; in the last round nothing may be."""
    response.parameters.pop("tool_choice", None)
    if response.round < _most(response):
        return
    if abilities_of(response.deployment).can("tool_choice"):
        response.parameters["tool_choice"] = "none"
    else:
        response.tools = []


def to_run_again(turn: Turn, status: Status, *, asked_otherwise: bool) -> Response:
    """The round that another attempt begins with; if it has to wait for another turn, the first."""
    failed = _broke_off(turn, asked_otherwise=asked_otherwise) if status == Status.QUEUED else None
    return failed or turn.responses.order_by("attempt", "round")[0]


def _broke_off(turn: Turn, *, asked_otherwise: bool) -> Response | None:
    """A later round where the last attempt broke off: another one can go on there, and ask nobody again."""
    last = turn.responses.latest("attempt", "round")
    may_succeed = asked_otherwise or bool((last.error or {}).get("retryable"))
    broke_off = last.status == Status.INTERRUPTED or (last.status == Status.FAILED and may_succeed)
    elsewhere = last.endpoint_id != turn.conversation.deployment.endpoint_id
    if last.round == 1 or not broke_off or elsewhere or computing.tool_in(last.tools):
        return None
    return last if last.items.filter(direction=Direction.INPUT).exists() else None


def _bring_outputs(response: Response, following: Response) -> None:
    called = [(call.position, calls.output_of(call)) for call in response.calls.all()]
    placed = sorted([*called, *computing.outputs(response)], key=lambda each: each[0])
    payloads = [payload for _place, payload in placed]
    items.add(following, Direction.INPUT, payloads)
    references.bind(following, payloads)
    size = items.size_of(payloads) + references.size_of(payloads)
    Response.objects.filter(pk=following.pk).update(size=size)

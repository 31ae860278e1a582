"""What a request tells the model of the turns before: by chaining, or sent again from the ledger."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db.models import CharField

from conversations import clock
from conversations.chat.pairing import paired
from conversations.composed import Composed, Slot
from conversations.models import Item, Response, Turn
from conversations.models.endpoints import Keep
from conversations.models.responses import TERMINAL, Direction, History, Status, UpstreamState
from conversations.stored import items

Payload = dict[str, Any]

CHAINABLE = (Status.COMPLETED, Status.INCOMPLETE)

# Items that wait for an answer, which nothing but the next request can bring.
CALLS = ("function_call", "custom_tool_call", "computer_call", "mcp_approval_request")

APPROVALS = ("mcp_approval_request", "mcp_approval_response")

ROUNDS = Composed(lambda: Response.objects.filter(turn=Slot("turn")).order_by("attempt", "round"))
PAYLOADS = Composed(
    lambda: (
        Item.objects.filter(response=Slot("response"), direction=Slot("direction", CharField()))
        .order_by("position")
        .values_list("payload", flat=True)
    )
)


@dataclass(frozen=True)
class Input:
    """The part of a request that carries the conversation."""

    items: list[Payload]
    previous: Response | None
    how: History
    why: str = ""


def gather(response: Response) -> Input:
    """Chain where upstream still has what came before, else send it again and say why."""
    parent = before(response)
    own = _payloads(response, Direction.INPUT)
    if parent is None:
        return Input(own, None, History.FRESH)
    if response.keep == Keep.RESENT:
        return resend(response, parent)
    obstacle = why_not_chain(parent, response)
    if obstacle:
        return rebuild(response, obstacle)
    return Input(own, parent, History.CHAINED)


def before(response: Response) -> Response | None:
    """What it follows: the round before it, else the answer to the turn before."""
    earlier = _earlier_rounds(response)
    return earlier[-1] if earlier else answer_of(response.chat_turn.parent_id)


def resend(response: Response, parent: Response) -> Input:
    """The whole branch as the API gave it: what it stores there it knows again by its ids."""
    branch: list[Payload] = []
    for rounds in _said_before(response):
        whole = bool(rounds) and not why_not_chain(rounds[-1], response)
        branch += _as_given(rounds) if whole else _as_told(rounds, response)
    return Input(paired([*_compacted(branch), *_payloads(response, Direction.INPUT)]), parent, History.RESENT)


def rebuild(response: Response, why: str) -> Input:
    """The whole branch from the ledger: what people wrote and what they saw."""
    branch: list[Payload] = []
    for rounds in _said_before(response):
        branch += _as_told(rounds, response)
    own = _without_approvals(_payloads(response, Direction.INPUT))
    return Input(paired([*_compacted(branch), *own]), before(response), History.REBUILT, why)


def _compacted(branch: list[Payload]) -> list[Payload]:
    """A compaction stands for all that came before it."""
    places = [place for place, item in enumerate(branch) if item.get("type") == "compaction"]
    return branch[places[-1] :] if places else branch


def answer_of(turn: UUID | None) -> Response | None:
    """The last round of the attempt that counts, if one has ended."""
    rounds = _counting(turn) if turn else []
    return rounds[-1] if rounds else None


def _counting(turn: UUID) -> list[Response]:
    """The rounds of the newest attempt that was answered whole, else that said anything, else that ended."""
    attempts = [list(rows) for _number, rows in groupby(ROUNDS.rows(turn=turn), lambda row: row.attempt)]
    attempts = [[*_earlier_rounds(rounds[0]), *rounds] for rounds in attempts]
    ended = [rounds for rounds in reversed(attempts) if rounds[-1].status in TERMINAL]
    whole = [rounds for rounds in ended if rounds[-1].status in CHAINABLE]
    spoke = [] if whole else [rounds for rounds in ended if _said_anything(rounds)]
    return next(iter(whole or spoke or ended), [])


def _said_anything(rounds: list[Response]) -> bool:
    return Item.objects.filter(response__in=rounds, direction=Direction.OUTPUT).exists()


def _earlier_rounds(response: Response) -> list[Response]:
    """What it goes on from: of its own attempt, and where that began later, of the attempt before."""
    if response.round == 1:
        return []
    rounds: list[Response] = []
    for row in reversed(ROUNDS.rows(turn=response.turn_id)):
        if row.attempt <= response.attempt and row.round == response.round - len(rounds) - 1:
            rounds.append(row)
    return rounds[::-1]


def _said_before(response: Response) -> Iterator[list[Response]]:
    """The branch up to this response, oldest first, each turn by the rounds that count."""
    for turn in ancestors(response.chat_turn):
        yield _counting(turn.pk) or ROUNDS.rows(turn=turn.pk)[:1]
    yield _earlier_rounds(response)


def ancestors(turn: Turn) -> list[Turn]:
    """The turns before this one on its branch, oldest first."""
    turns = {found.pk: found for found in turn.conversation.turns.all()}
    branch: list[Turn] = []
    parent = turns.get(turn.parent_id) if turn.parent_id else None
    while parent is not None:
        branch.append(parent)
        parent = turns.get(parent.parent_id) if parent.parent_id else None
    return branch[::-1]


def why_not_chain(parent: Response, response: Response) -> str:
    """Empty where `previous_response_id` will do."""
    if parent.endpoint_id != response.endpoint_id:
        return "The answer before was made on another endpoint."
    obstacle = _why_not_there(parent)
    if not obstacle and _leaves_calls(parent, response):
        return "The answer before called tools, and was stopped there."
    return obstacle


def _why_not_there(parent: Response) -> str:
    if parent.status not in CHAINABLE:
        return f"The answer before is not whole upstream ({parent.get_status_display().lower()})."
    if not parent.stored or parent.upstream_state == UpstreamState.NOT_STORED:
        return "The answer before was not stored upstream."
    if parent.upstream_state in (UpstreamState.DELETED, UpstreamState.ABSENT, UpstreamState.EXPIRED):
        return f"The answer before is no longer upstream ({parent.get_upstream_state_display().lower()})."
    if parent.expires_at and parent.expires_at <= clock.now():
        return "The answer before has expired upstream."
    return "" if parent.response_id else "The answer before has no response id."


def _leaves_calls(parent: Response, response: Response) -> bool:
    """Whether it called what nobody answered: the API would refuse whatever chains on it."""
    if not parent.tools or parent.turn_id == response.turn_id:
        return False
    return parent.items.filter(direction=Direction.OUTPUT, type__in=CALLS).exists()


def _as_given(rounds: list[Response]) -> list[Payload]:
    return [payload for row in rounds for way in Direction for payload in _payloads(row, way)]


def _as_told(rounds: list[Response], asking: Response) -> list[Payload]:
    told: list[Payload] = []
    for row in rounds:
        # Only the endpoint that encrypted something can read it again.
        readable = row.endpoint_id == asking.endpoint_id
        said = [items.sendable(payload, readable=readable) for payload in _payloads(row, Direction.OUTPUT)]
        told += [*_payloads(row, Direction.INPUT), *(item for item in said if item)]
    return _without_approvals(told)


def _without_approvals(payloads: list[Payload]) -> list[Payload]:
    """An approval means something only beside the request that upstream keeps under its id."""
    return [payload for payload in payloads if payload.get("type") not in APPROVALS]


def _payloads(response: Response, direction: Direction) -> list[Payload]:
    return PAYLOADS.rows(response=response.pk, direction=direction)

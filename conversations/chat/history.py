"""What a request tells the model of the turns before: by chaining, or sent again from the ledger."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import CharField

from conversations import clock
from conversations.composed import Composed, Slot
from conversations.models import Item, Response, Turn
from conversations.models.endpoints import Keep
from conversations.models.responses import TERMINAL, Direction, History, Status, UpstreamState
from conversations.stored import items

CHAINABLE = (Status.COMPLETED, Status.INCOMPLETE)

ENDED = Composed(lambda: Response.objects.filter(turn=Slot("turn"), status__in=TERMINAL).order_by())
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

    items: list[dict[str, Any]]
    previous: Response | None
    how: History
    why: str = ""


def gather(response: Response) -> Input:
    """Chain where upstream still has what came before, else send it again and say why."""
    parent = answer_of(response.chat_turn.parent_id)
    own = _payloads(response, Direction.INPUT)
    if parent is None:
        return Input(own, None, History.FRESH)
    if response.keep == Keep.RESENT:
        return resend(response, parent)
    obstacle = why_not_chain(parent, response)
    if obstacle:
        return rebuild(response, obstacle)
    return Input(own, parent, History.CHAINED)


def resend(response: Response, parent: Response) -> Input:
    """The whole branch as the API gave it: what it stores there it knows again by its ids."""
    branch: list[dict[str, Any]] = []
    for turn in ancestors(response.chat_turn):
        answer = answer_of(turn.pk)
        whole = answer is not None and not why_not_chain(answer, response)
        branch += _as_given(answer) if whole and answer else _turn_items(turn, response)
    return Input([*_compacted(branch), *_payloads(response, Direction.INPUT)], parent, History.RESENT)


def rebuild(response: Response, why: str) -> Input:
    """The whole branch from the ledger: what people wrote and what they saw."""
    branch: list[dict[str, Any]] = []
    for turn in ancestors(response.chat_turn):
        branch += _turn_items(turn, response)
    return Input(
        [*_compacted(branch), *_payloads(response, Direction.INPUT)],
        answer_of(response.chat_turn.parent_id),
        History.REBUILT,
        why,
    )


def _compacted(branch: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A compaction stands for all that came before it."""
    places = [place for place, item in enumerate(branch) if item.get("type") == "compaction"]
    return branch[places[-1] :] if places else branch


def answer_of(turn: UUID | None) -> Response | None:
    """The newest attempt at a turn that was answered whole, else that said anything, else that ended."""
    if turn is None:
        return None
    ended = sorted(ENDED.rows(turn=turn), key=lambda row: row.attempt, reverse=True)
    whole = [row for row in ended if row.status in CHAINABLE]
    spoke = [] if whole else [row for row in ended if row.items.filter(direction=Direction.OUTPUT).exists()]
    return next(iter(whole or spoke or ended), None)


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
    if parent.status not in CHAINABLE:
        return f"The answer before is not whole upstream ({parent.get_status_display().lower()})."
    if not parent.stored or parent.upstream_state == UpstreamState.NOT_STORED:
        return "The answer before was not stored upstream."
    if parent.upstream_state in (UpstreamState.DELETED, UpstreamState.ABSENT, UpstreamState.EXPIRED):
        return f"The answer before is no longer upstream ({parent.get_upstream_state_display().lower()})."
    if parent.expires_at and parent.expires_at <= clock.now():
        return "The answer before has expired upstream."
    return "" if parent.response_id else "The answer before has no response id."


def _as_given(answer: Response) -> list[dict[str, Any]]:
    return [*_payloads(answer, Direction.INPUT), *_payloads(answer, Direction.OUTPUT)]


def _turn_items(turn: Turn, asking: Response) -> list[dict[str, Any]]:
    response = answer_of(turn.pk) or turn.responses.order_by("attempt", "round").first()
    if response is None:
        return []
    # Only the endpoint that encrypted something can read it again.
    readable = response.endpoint_id == asking.endpoint_id
    said = [items.sendable(payload, readable=readable) for payload in _payloads(response, Direction.OUTPUT)]
    return [*_payloads(response, Direction.INPUT), *(item for item in said if item)]


def _payloads(response: Response, direction: Direction) -> list[dict[str, Any]]:
    return PAYLOADS.rows(response=response.pk, direction=direction)

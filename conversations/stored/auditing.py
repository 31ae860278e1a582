"""Asks upstream what it has of one response now, for a person at the desk, and notes what that tells."""

from dataclasses import dataclass
from typing import Any, Literal

import orjson

from conversations.models import Response
from conversations.models.audit import Action
from conversations.people.audit import Actor, audited, record
from conversations.responses_api import Endpoint, ResponsesAPI
from conversations.stored.asking import ask
from conversations.stored.depth import bounded
from conversations.stored.endpoints import address_of
from conversations.stored.fetching import WITH_PICTURES, last_of
from conversations.stored.noting import note
from conversations.stored.verdicts import Answer, answer_to, seen

Order = Literal["asc", "desc"]

PAGE = 100
MOST_ITEMS = 1000
MOST_BYTES = 20_000_000


@dataclass(frozen=True)
class Sight:
    """`found` is upstream's copy, None where there is none to show; `answer` says why."""

    answer: Answer
    found: dict[str, Any] | None = None


@dataclass(frozen=True)
class InputItems:
    """`cut`: there are more than are read here. `answer`: of the last page that was asked for."""

    answer: Answer
    items: list[dict[str, Any]]
    order: Order
    cut: bool = False


def retrieve(response: Response, *, actor: Actor) -> Sight:
    """What upstream has now; the row then says what was seen, and when."""
    address, response_id = address_of(response.endpoint), response.response_id or ""
    sight = ask(lambda api: _retrieve(api, address, response_id))
    with audited():
        note(response, seen(sight.answer), sight.answer.at)
        _note(Action.UPSTREAM_RETRIEVED, response, actor, sight.answer)
    return sight


async def _retrieve(api: ResponsesAPI, address: Endpoint, response_id: str) -> Sight:
    found: dict[str, Any] | None = None

    async def call() -> dict[str, Any]:
        nonlocal found
        found = await api.retrieve(address, response_id)
        return found

    answer = await answer_to("retrieve", call())
    return Sight(answer, found)


def input_items(response: Response, order: Order, *, actor: Actor) -> InputItems:
    """All pages, up to what a page of the desk can hold."""
    address, response_id = address_of(response.endpoint), response.response_id or ""
    read = ask(lambda api: _input_items(api, address, response_id, order))
    _note(Action.INPUT_ITEMS_READ, response, actor, read.answer, order=order, items=len(read.items))
    return read


async def _input_items(api: ResponsesAPI, address: Endpoint, response_id: str, order: Order) -> InputItems:
    items: list[dict[str, Any]] = []
    after: str | None = None
    size = 0
    while True:
        page: dict[str, Any] = {}

        async def call(after: str | None = after, page: dict[str, Any] = page) -> dict[str, Any]:
            page |= await api.input_items(
                address, response_id, after=after, limit=PAGE, order=order, include=WITH_PICTURES
            )
            return page

        answer = await answer_to("input_items", call())
        data = [bounded(item) for item in page.get("data") or [] if isinstance(item, dict)]
        items += data
        size += sum(len(orjson.dumps(item)) for item in data)
        following = last_of(page)
        if answer.error or following in (None, after):
            return InputItems(answer, items, order)
        if len(items) >= MOST_ITEMS or size >= MOST_BYTES:
            return InputItems(answer, items[:MOST_ITEMS], order, cut=True)
        after = following


def _note(action: Action, response: Response, actor: Actor, answer: Answer, **details: Any) -> None:
    record(
        action,
        actor=actor,
        subject=response,
        team=response.team_id,
        details={"status": answer.status, "request_ids": answer.request_ids, **details},
    )

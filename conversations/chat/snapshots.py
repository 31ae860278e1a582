"""A conversation for someone who comes in: rows, and for what runs the checkpoint plus the log's tail."""

import copy
import logging
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import redis
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, QuerySet

from conversations.chat import attaching, shapes
from conversations.chat.event_log import read_after
from conversations.chat.transcript import Transcript, fold
from conversations.models import Conversation, Item, Response, ToolCall, Turn
from conversations.models.computer_runs import ComputerRun, RunState
from conversations.models.responses import OPEN, Direction, Status
from conversations.models.tool_calls import ASKING

logger = logging.getLogger(__name__)

PAGE = 50

Json = dict[str, Any]


def turns_page(conversation: Conversation, *, before: UUID | None = None) -> tuple[list[Json], str | None]:
    """The newest turns, oldest first, and the id to ask for those before them."""
    rows = conversation.turns.select_related("author").order_by("-number")
    if before is not None:
        rows = rows.filter(number__lt=conversation.turns.get(pk=before).number)
    page = list(rows[: PAGE + 1])
    shown = page[:PAGE][::-1]
    earlier = str(shown[0].pk) if len(page) > PAGE else None
    return _with_responses(shown), earlier


def with_state(rows: QuerySet[Conversation]) -> QuerySet[Conversation]:
    """With what a list of conversations shows: team, owner, whether something is `running`, and whether
    it `asks`: for somebody's word, without which it doesn't go on.
    """
    open_ones = Response.objects.filter(turn__conversation=OuterRef("pk"), status__in=OPEN)
    calls = ToolCall.objects.filter(response__conversation=OuterRef("pk"), state__in=ASKING)
    runs = ComputerRun.objects.filter(conversation=OuterRef("pk"), state=RunState.WAITS_FOR_PERSON)
    asks = ExpressionWrapper(Exists(calls) | Exists(runs), output_field=BooleanField())
    return rows.select_related("team", "owner").annotate(running=Exists(open_ones), asks=asks)


@dataclass(frozen=True)
class Written:
    text: str = ""
    attachments: list[Json] = field(default_factory=list)


def written(turns: list[Turn]) -> dict[UUID, Written]:
    """What people wrote, by turn: the first input item of every attempt, unless it was erased."""
    first = Item.objects.filter(direction=Direction.INPUT, position=0, response__attempt=1, response__round=1)
    rows = first.filter(response__turn__in=turns)
    found = list(rows.values_list("response__turn_id", "response_id", "payload", "text"))
    files = attaching.of_turns((turn, response, payload) for turn, response, payload, _text in found)
    return {turn: Written(text, files.get(turn, [])) for turn, _response, _payload, text in found}


def announced(turn: Turn) -> Json:
    """A turn for those who watch: rows without items, which they have or get as frames."""
    responses = shapes.with_calls(shapes.responses().filter(turn=turn).order_by("attempt", "round"))
    said = written([turn]).get(turn.pk, Written())
    return shapes.turn(turn, responses, said.text, said.attachments)


def _with_responses(turns: list[Turn]) -> list[Json]:
    rows = shapes.responses().filter(turn__in=turns).order_by("attempt", "round")
    responses = shapes.with_calls(rows)
    items, texts = _items_by_response(responses), written(turns)
    page = []
    for turn in turns:
        mine = [response for response in responses if response.turn_id == turn.pk]
        said = texts.get(turn.pk, Written())
        shape = shapes.turn(turn, mine, said.text, said.attachments)
        for response, one in zip(mine, shape["responses"], strict=True):
            one.update(_state(response, items.get(response.pk, [])))
        page.append(shape)
    return page


def _items_by_response(responses: list[Response]) -> dict[UUID, list[Json]]:
    rows = Item.objects.filter(response__in=responses, direction=Direction.OUTPUT).order_by("position")
    found: dict[UUID, list[Json]] = {}
    for response, payload in rows.values_list("response_id", "payload"):
        found.setdefault(response, []).append(payload)
    return found


def _state(response: Response, items: list[Json]) -> Json:
    if response.status != Status.IN_PROGRESS:
        return {"items": items, "cursor": None}
    transcript, epoch, seq = open_state(response)
    cursor = {"epoch": epoch, "seq": seq, "upstream_seq": transcript.upstream_seq}
    return {"items": transcript.items, "cursor": cursor if epoch else None}


def open_state(response: Response, *, before_epoch: int | None = None) -> tuple[Transcript, int, int]:
    """A running response's transcript, and the epoch and seq of the frame that it reaches (none: 0, -1)."""
    saved = response.checkpoint or {}
    transcript = Transcript()
    if saved:
        # A copy, since the row may be asked again: a takeover does, once the old worker is shut out.
        transcript.apply(copy.deepcopy(saved["state"]))
    epoch, seq = saved.get("epoch", 0), saved.get("seq", -1)
    try:
        frames = read_after(response.pk, epoch, seq, before_epoch=before_epoch)
    except redis.RedisError as error:
        logger.warning("Shown as of the last checkpoint, since the log can't be read: %s", error)
        return transcript, epoch, seq
    return fold(transcript, epoch, seq, frames)

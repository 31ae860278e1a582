"""Makes sure that all of a held response is here before upstream forgets it, whom a hold doesn't bind.

What the ledger lacks is fetched and kept beside it, as upstream has it: the ledger goes on saying what people
saw. Whatever comes of it stands in a HeldCopy, which the hold's page and the desk's first page show.
"""

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from conversations import clock
from conversations.loop import WorkerLoop, worker_loop
from conversations.models import HeldCopy, Item, LooseEnd, Response
from conversations.models.audit import Action
from conversations.models.holds import CopyState
from conversations.models.responses import AT_UPSTREAM, OPEN, Direction, Origin, Status, UpstreamState
from conversations.people.audit import audited, record, system
from conversations.responses_api import Endpoint, NotFound, ResponsesAPI, ResponsesAPIError, Timeouts
from conversations.stored import chains, holds, references
from conversations.stored.endpoints import address_of
from conversations.stored.fetching import Fetched, fetch
from conversations.stored.items import Payload
from conversations.stored.noting import Said, note

BATCH = 200
AT_ONCE = 4
LEASE = timedelta(minutes=10)
# What is complete may lose something later, such as the text of the responses before it.
AGAIN = timedelta(days=1)
LONGEST_PAUSE_MINUTES = 60
CUT_OFF = (Status.CANCELLED, Status.INTERRUPTED, Status.FAILED)
KEPT_ELSEWHERE = ("file_id", "container_id", "vector_store_ids")

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Wanted:
    """One that must be fetched, as plain values for the loop."""

    copy: int
    address: Endpoint
    response_id: str


def run() -> None:
    """A batch of those that are due."""
    home = worker_loop()
    home.run(_run(home))


async def _run(home: WorkerLoop) -> None:
    await home.write(_give_up_expired)
    keys = await home.write(due)
    if not keys:
        return
    gate, seconds = asyncio.Semaphore(AT_ONCE), settings.DESK_UPSTREAM_SECONDS
    async with ResponsesAPI(Timeouts(read=seconds, total=seconds)) as api:

        async def one(key: UUID) -> None:
            async with gate:
                wanted = await home.write(begin, key)
                if wanted is not None:
                    await home.write(book, wanted.copy, await _fetched(api, wanted))

        found = await asyncio.gather(*map(one, keys), return_exceptions=True)
    for key, result in zip(keys, found, strict=True):
        if isinstance(result, BaseException):
            logger.error("The copy of %s stumbled and is tried again", key, exc_info=result)


async def _fetched(api: ResponsesAPI, wanted: Wanted) -> Fetched | ResponsesAPIError:
    try:
        return await fetch(api, wanted.address, wanted.response_id)
    except ResponsesAPIError as error:
        return error


def due() -> list[UUID]:
    """What is held, expires soon, and hasn't been looked at lately."""
    now = clock.now()
    rows = expiring().filter(Q(held_copy=None) | Q(held_copy__due_at__lte=now))
    return list(rows.order_by("expires_at").values_list("pk", flat=True)[:BATCH])


def expiring() -> QuerySet[Response]:
    """Held responses that upstream will soon forget, as far as they can be asked for."""
    now = clock.now()
    until = now + timedelta(days=settings.HOLD_COPY_DAYS)
    there = Q(upstream_state__in=AT_UPSTREAM, response_id__isnull=False, expires_at__gt=now)
    return Response.objects.filter(holds.on_any(), there, expires_at__lte=until).exclude(status__in=OPEN)


def begin(key: UUID) -> Wanted | None:
    """Look at what the ledger has; None where that is all, or where another process is at it."""
    response = Response.objects.select_related("endpoint").get(pk=key)
    row, _made = HeldCopy.objects.get_or_create(response=response)
    now, lacking = clock.now(), missing(response)
    mine = HeldCopy.objects.filter(pk=row.pk, due_at=row.due_at)
    if lacking and row.body is None:
        won = mine.update(missing=lacking, attempts=row.attempts + 1, due_at=now + LEASE)
        return Wanted(row.pk, address_of(response.endpoint), response.response_id or "") if won else None
    if lacking:
        mine.update(missing=lacking, due_at=now + AGAIN)
    else:
        mine.update(state=CopyState.COMPLETE, missing=[], trouble="", looked_at=now, due_at=now + AGAIN)
    return None


def missing(response: Response) -> list[str]:
    """What the ledger lacks of it, in words."""
    items = list(response.items.all())
    given = [item.payload for item in items if item.direction == Direction.INPUT]
    came = [item.payload for item in items if item.direction == Direction.OUTPUT]
    lacking = [] if given else [_("its input")]
    if response.status in CUT_OFF:
        lacking.append(_("the end of its answer, which was cut off here"))
    elif not came:
        lacking.append(_("its answer"))
    if any(payload.get("type") == "item_reference" for payload in given):
        lacking.append(_("items that its input names by reference"))
    if response.origin != Origin.IMPORT and not _has_its_chain(response):
        lacking.append(_("what came before it in its chain"))
    return lacking


def _has_its_chain(response: Response) -> bool:
    before = chains.ancestors(response)
    way = [response.pk, *before]
    if LooseEnd.objects.filter(response__in=way).exclude(response__origin=Origin.IMPORT).exists():
        return False
    with_input = Item.objects.filter(response__in=before, direction=Direction.INPUT)
    return with_input.values("response").distinct().count() == len(before)


def book(key: int, found: Fetched | ResponsesAPIError) -> None:
    row = HeldCopy.objects.select_related("response__endpoint").get(pk=key)
    row.looked_at = clock.now()
    if isinstance(found, Fetched):
        # Files are written before the transaction, which may be rolled back.
        found = Fetched(found.response_id, *references.put_away(row.response, [found.body, found.input]))
    with audited():
        if isinstance(found, Fetched):
            _keep(row, found)
        else:
            _note_trouble(row, found)
        row.save()
        details = {"copy": str(row.state), "response_id": row.response.response_id}
        record(
            Action.UPSTREAM_RETRIEVED,
            actor=system("holds"),
            subject=row.response,
            team=row.response.team_id,
            details=details,
        )


def _keep(row: HeldCopy, found: Fetched) -> None:
    note(row.response, Said.HERE, clock.now())
    row.body, row.input = found.body, found.input
    elsewhere = sorted(set(_elsewhere([*found.input, *found.output])))
    row.state = CopyState.PARTIAL if elsewhere else CopyState.FETCHED
    row.trouble = (_("Kept elsewhere: %s") % ", ".join(elsewhere))[:300] if elsewhere else ""
    row.due_at = None


def _note_trouble(row: HeldCopy, error: ResponsesAPIError) -> None:
    row.trouble = f"{error.summary} {error.advice}"[:300]
    if isinstance(error, NotFound) and error.kind == "response_not_found":
        note(row.response, Said.MISSING, clock.now())
        if row.response.upstream_state != UpstreamState.NOT_VISIBLE:
            row.state, row.due_at = CopyState.LOST, None
            return
    pause = min(2**row.attempts, LONGEST_PAUSE_MINUTES)
    row.state, row.due_at = CopyState.TROUBLE, clock.now() + timedelta(minutes=pause)


def _give_up_expired() -> None:
    """What upstream forgot before it could be fetched."""
    late = HeldCopy.objects.filter(state=CopyState.TROUBLE, response__expires_at__lte=clock.now())
    late.update(state=CopyState.LOST, due_at=None)


def _elsewhere(payloads: Iterable[Payload]) -> Iterable[str]:
    """Files and the like that a response only names; the API has other doors for those."""
    for payload in payloads:
        parts = payload.get("content")
        for part in [payload, *(parts if isinstance(parts, list) else [])]:
            if isinstance(part, dict):
                yield from (str(part[name]) for name in KEPT_ELSEWHERE if part.get(name))


def troubled(responses: QuerySet[Response]) -> QuerySet[Response]:
    """Held ones that are not here in full, although upstream forgets or forgot them."""
    unsafe = Q(held_copy__state__in=[CopyState.TROUBLE, CopyState.LOST])
    return responses.filter(holds.on_any(), unsafe)

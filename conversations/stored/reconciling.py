"""Compares what an endpoint lists with the ledger, where the endpoint can list.

row = begin(actor, None, endpoint)
compare(row.pk)               # changes nothing but its own rows
settle(row, actor, None)      # an import of the differences: it adds, learns and notes what is gone
"""

import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count

from conversations import clock
from conversations.loop import WorkerLoop, worker_loop
from conversations.models import Difference, Endpoint, ImportJob, Reconciliation, Response, User
from conversations.models.audit import Action
from conversations.models.imports import JobStatus
from conversations.models.reconciling import Kind
from conversations.models.responses import OPEN, UpstreamState
from conversations.people.audit import Actor, audited, record
from conversations.people.chain import current_head
from conversations.responses_api import BadRequest, NotFound, ResponsesAPI, ResponsesAPIError, Timeouts
from conversations.stored import importing, leases
from conversations.stored.endpoints import address_of
from conversations.stored.fetching import last_of
from conversations.stored.importing import Asked
from conversations.stored.items import Payload
from conversations.stored.noting import OVER
from conversations.stored.pauses import Pauses

CANNOT_LIST = (
    "This endpoint doesn't list its responses, as plain Azure OpenAI resources don't. Only what the ledger "
    "knows can be looked after; bring in other ids by an import."
)
MOST_ATTEMPTS = 6

logger = logging.getLogger(__name__)

SAID_TO_BE_THERE = (UpstreamState.STORED, UpstreamState.UNKNOWN, UpstreamState.NOT_VISIBLE)


class CannotList(Exception):
    pass


def begin(actor: Actor, by: User | None, endpoint: Endpoint) -> Reconciliation:
    return Reconciliation.objects.create(
        endpoint=endpoint, by=by, actor=actor.text, status=JobStatus.RUNNING, created_at=clock.now()
    )


def compare(key: UUID) -> bool:
    """To its end; False where another process does, or nothing is left. Again means from the start.

    Raises GivenUp.
    """
    token = leases.claim(Reconciliation.objects.all(), key)
    if token is None:
        return False
    row = Reconciliation.objects.select_related("endpoint").get(pk=key)
    row.differences.all().delete()
    home = worker_loop()
    try:
        with leases.handed_over(Reconciliation.objects.all(), key, token):
            trouble = home.run(Comparison(home, row, token).go())
        _end(row, token, trouble)
    except leases.LeaseLost as lost:
        logger.warning("Reconciliation left to others: %s", lost)
    return True


def _end(row: Reconciliation, token: UUID, trouble: str) -> None:
    with audited():
        leases.end(Reconciliation.objects.all(), row.pk, token, trouble)
        details = {"endpoint": row.endpoint.name, "trouble": trouble, "differences": kinds(row)}
        record(Action.RECONCILED, actor=Actor(row.actor, row.by_id), subject=row, details=details)


class Comparison:
    """The keys of all rows that were listed are kept in memory: 100 bytes a response."""

    def __init__(self, home: WorkerLoop, row: Reconciliation, token: UUID) -> None:
        self.home = home
        self.row = row
        self.token = token
        self.listed = 0
        self.seen: set[UUID] = set()

    async def go(self) -> str:
        """Why it could not be done, empty where it was."""
        try:
            async for page in self._pages():
                await self.home.write(self._take, page)
        except CannotList:
            await self.home.write(self._note_ability, False)
            return CANNOT_LIST
        except ResponsesAPIError as error:
            return str(error)
        await self.home.write(self._note_ability, True)
        await self.home.write(self._find_ghosts)
        return ""

    async def _pages(self) -> AsyncIterator[list[Payload]]:
        address, after = address_of(self.row.endpoint), None
        async with ResponsesAPI(Timeouts(read=settings.UPSTREAM_SILENCE_SECONDS)) as api:
            while True:
                page = await _patiently(api, address, after)
                yield [each for each in page.get("data") or [] if isinstance(each, dict) and each.get("id")]
                following = last_of(page)
                if following is None or following == after:
                    return
                after = following

    def _take(self, page: list[Payload]) -> None:
        leases.stay()
        leases.renew(Reconciliation.objects.all(), self.row.pk, self.token)
        known = {row.response_id: row for row in self._rows(page)}
        found = [self._judged(each, known.get(each["id"])) for each in page]
        Difference.objects.bulk_create([each for each in found if each], ignore_conflicts=True)
        self.seen |= {row.pk for row in known.values()}
        self.listed += len(page)
        Reconciliation.objects.filter(pk=self.row.pk).update(listed=self.listed)

    def _rows(self, page: list[Payload]) -> list[Response]:
        ids = [each["id"] for each in page]
        return list(Response.objects.filter(endpoint=self.row.endpoint, response_id__in=ids))

    def _judged(self, listed: Payload, row: Response | None) -> Difference | None:
        if row is not None:
            gone = row.upstream_state in OVER
            return self._difference(Kind.STILL_THERE, listed["id"], row) if gone else None
        ours = self._ours(listed)
        if ours is None:
            return self._difference(Kind.ORPHAN, listed["id"], None)
        return None if ours.is_open else self._difference(Kind.UNLEARNED, listed["id"], ours)

    def _ours(self, listed: Payload) -> Response | None:
        """By the key that we send along."""
        metadata = listed.get("metadata")
        try:
            key = UUID(metadata["run_id"]) if isinstance(metadata, dict) else None
        except (KeyError, ValueError, TypeError, AttributeError):
            return None
        ours = Response.objects.filter(endpoint=self.row.endpoint, response_id=None)
        return ours.filter(pk=key).first() if key else None

    def _find_ghosts(self) -> None:
        window = timedelta(seconds=self.row.endpoint.settle_seconds)
        rows = Response.objects.filter(
            endpoint=self.row.endpoint,
            response_id__isnull=False,
            upstream_state__in=SAID_TO_BE_THERE,
            ended_at__lt=self.row.created_at - window,
        ).exclude(status__in=OPEN)
        missed = (row for row in rows.iterator(chunk_size=1000) if row.pk not in self.seen)
        for batch in importing.batches(missed):
            leases.renew(Reconciliation.objects.all(), self.row.pk, self.token)
            ghosts = [self._difference(Kind.GHOST, row.response_id or "", row) for row in batch]
            Difference.objects.bulk_create(ghosts, ignore_conflicts=True)

    def _difference(self, kind: Kind, response_id: str, row: Response | None) -> Difference:
        return Difference(reconciliation=self.row, kind=kind, response_id=response_id[:200], row=row)

    def _note_ability(self, can_list: bool) -> None:
        Endpoint.objects.filter(pk=self.row.endpoint_id).update(can_list=can_list)


async def _patiently(api: ResponsesAPI, address: Any, after: str | None) -> dict[str, Any]:
    """A page; what may succeed later is tried again."""
    pauses = Pauses()
    for attempt in range(MOST_ATTEMPTS):
        try:
            return await api.list_responses(address, after=after)
        except ResponsesAPIError as error:
            if after is None and (isinstance(error, NotFound) or _no_such_method(error)):
                raise CannotList from error
            if not error.retryable or attempt == MOST_ATTEMPTS - 1:
                raise
            pauses.begin(error.retry_after, attempt)
            await pauses.over()
    raise AssertionError("unreachable: the last attempt returns or raises")


def _no_such_method(error: ResponsesAPIError) -> bool:
    return isinstance(error, BadRequest) and error.status in (400, 405)


def settle(row: Reconciliation, actor: Actor, by: User | None) -> ImportJob | None:
    """One import of all that differs; None where nothing does, or it was begun before."""
    deployment = row.endpoint.deployments.first()
    if deployment is None or row.settled_by_id or not row.differences.exists():
        return None
    asked = Asked(actor=actor, by=by, deployment=deployment, source=f"reconciliation of {row.endpoint.name}")
    ids = row.differences.order_by("pk").values_list("response_id", flat=True)
    job = importing.begin_with(asked, ids.iterator())
    Reconciliation.objects.filter(pk=row.pk, settled_by=None).update(settled_by=job)
    return job


def kinds(row: Reconciliation) -> dict[str, int]:
    """How many differences of each kind; every kind is there."""
    counted = dict(row.differences.order_by().values_list("kind").annotate(Count("id")))
    return {kind.value: counted.get(kind.value, 0) for kind in Kind}


def report(row: Reconciliation) -> dict[str, Any]:
    head = current_head()
    return {
        "reconciliation": str(row.pk),
        "endpoint": row.endpoint.name,
        "status": row.status,
        "can_list": row.endpoint.can_list,
        "trouble": row.trouble,
        "listed": row.listed,
        "differences": kinds(row),
        "audit": {"entries": head.count, "head": head.hash},
    }

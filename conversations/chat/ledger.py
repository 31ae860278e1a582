"""What a worker writes of a running response. Every write repeats the claim; without it nothing is written.

All of this is synchronous and runs in the worker's few ledger threads.
"""

import os
import socket
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import BigIntegerField, F, IntegerField, QuerySet

from conversations import clock
from conversations.chat import requests, rounds, schemas, shapes
from conversations.chat.attaching import fitting
from conversations.chat.history import Input, gather, rebuild
from conversations.chat.locks import touch
from conversations.chat.turns import promote
from conversations.composed import Composed, Slot
from conversations.models import Response, ToolCall, Worker
from conversations.models.responses import Direction, History, Status, UpstreamState
from conversations.models.tool_calls import CallState
from conversations.prepared import prepared
from conversations.responses_api import Endpoint as Address
from conversations.stored import items, references, searching, tokens, usage
from conversations.stored.endpoints import address_of

CHARS_PER_TOKEN = 4


class ClaimLost(Exception):
    """Another worker, or the sweeper, has taken this response over."""


@dataclass(frozen=True)
class Job:
    """A claimed response with all that is needed to run it; `response` is read, never saved."""

    response: Response
    claim: UUID
    address: Address
    given: Input

    @property
    def conversation(self) -> UUID:
        return self.response.chat_turn.conversation_id

    @property
    def request(self) -> dict[str, Any]:
        """The body of the request, as `responses.create` takes it."""
        return requests.body(self.response, self.given)


@dataclass(frozen=True)
class End:
    """How a response ended: ours and upstream's view of it."""

    status: Status
    items: list[dict[str, Any]]
    response: dict[str, Any] = field(default_factory=dict)
    error: dict[str, Any] | None = None
    upstream_state: UpstreamState = UpstreamState.UNKNOWN
    first_delta_at: datetime | None = None
    request_ids: dict[str, str] = field(default_factory=dict)
    repaired: int = 0


def register_worker() -> UUID:
    now = clock.now()
    return Worker.objects.create(host=socket.gethostname(), pid=os.getpid(), started_at=now, beat_at=now).pk


def beat(worker: UUID, runs: set[UUID], calls: set[UUID]) -> None:
    """Renew the worker's lease. Rows that it seems to run but doesn't are left to the sweeper: a claim, say,
    whose commit was thought to have failed.
    """
    now = clock.now()
    Worker.objects.filter(pk=worker).update(beat_at=now)
    settled = now - timedelta(seconds=settings.LEASE_SECONDS)
    mine = Response.objects.filter(worker=worker, status=Status.IN_PROGRESS, started_at__lt=settled)
    mine.exclude(pk__in=runs).update(worker=None)
    called = ToolCall.objects.filter(worker=worker, state=CallState.RUNNING, started_at__lt=settled)
    called.exclude(pk__in=calls).update(worker=None)


def _queued() -> QuerySet[Response]:
    return Response.objects.filter(pk=Slot("response"), status=Status.QUEUED, stop_requested_at=None)


def _held() -> QuerySet[Response]:
    return Response.objects.filter(pk=Slot("response"), claim=Slot("claim"), status=Status.IN_PROGRESS)


QUEUED = Composed(lambda: _queued().select_related("turn", "deployment", "endpoint").order_by())
UNCLAIMED = Composed(lambda: _queued().filter(epoch=Slot("epoch", IntegerField())))
HELD = Composed(_held)
UNSTOPPED = Composed(lambda: _held().filter(stop_requested_at=None))
ANY = Composed(lambda: Response.objects.filter(pk=Slot("response")).order_by())
NEXT_REVISION = F("revision") + 1
GROWN = F("size") + Slot("grown", BigIntegerField())


@prepared
def claim(response: UUID, worker: UUID) -> Job | None:
    """The response, if it is still queued and this call won it: the UPDATE alone decides."""
    row = QUEUED.first(response=response)
    if row is None:
        return None
    job = Job(row, uuid4(), address_of(row.endpoint), fitting(gather(row)))
    row.epoch += 1
    claimed = {
        "status": Status.IN_PROGRESS,
        "claim": job.claim,
        "worker": worker,
        "epoch": row.epoch,
        "started_at": clock.now(),
        "revision": NEXT_REVISION,
        **_sending(job),
    }
    won = UNCLAIMED.update(claimed, response=response, epoch=row.epoch - 1)
    return job if won else None


def _sending(job: Job) -> dict[str, Any]:
    """How the history goes along, and that upstream may hold a response of unknown id from now on."""
    row, given = job.response, job.given
    return {
        "previous": given.previous,
        "history": given.how,
        "history_reason": given.why,
        "upstream_state": UpstreamState.NOT_LEARNED,
        "expires_at": _expiry(row, clock.now()) if row.stored else None,
        "key_alias": f"{row.endpoint.auth}:{row.endpoint.key_name or job.address.token_scope}".rstrip(":"),
    }


def send_again_from_ledger(job: Job, why: str) -> Job:
    """The same job with the history rebuilt, because upstream no longer has it."""
    again = Job(job.response, job.claim, job.address, fitting(rebuild(job.response, why)))
    _write(again, **_sending(again))
    return again


@prepared
def learn(job: Job, created: dict[str, Any], request_ids: dict[str, str]) -> None:
    """The response id, committed before anyone sees a word: what isn't written down can't be deleted."""
    row = job.response
    now = clock.now()
    _write(
        job,
        response_id=created.get("id") or None,
        model=str(created.get("model") or "")[:120],
        request_ids=request_ids,
        upstream_state=UpstreamState.UNKNOWN if row.stored else UpstreamState.NOT_STORED,
        upstream_seen_at=now,
        expires_at=_expiry(row, now) if row.stored else None,
    )


@prepared
def checkpoint(job: Job, state: dict[str, Any] | None, **known: Any) -> bool:
    """Save the open transcript if it has changed, and the columns that are `known` by now; answers whether
    somebody asked to stop meanwhile.
    """
    if state is not None:
        fields = {"checkpoint": state, "epoch": state["epoch"], **known}
        if UNSTOPPED.update(fields, response=job.response.pk, claim=job.claim):
            return False
        _write(job, **fields)
    return Response.objects.filter(pk=job.response.pk, stop_requested_at__isnull=False).exists()


def hand_over(job: Job, state: dict[str, Any]) -> None:
    """Save the open transcript and leave the response to whoever sweeps next."""
    _write(job, checkpoint=state, epoch=state["epoch"], worker=None)


@prepared
def end(job: Job, outcome: End) -> dict[str, Any]:
    """The end in one transaction: status, usage, items, calls, the turns that waited. Returns the receipt."""
    with transaction.atomic():
        # Locks the conversation, before the response as everywhere: a message sent at this very moment either
        # sees the end or waits where `promote` finds it.
        touch(job.conversation)
        _write(
            job,
            status=outcome.status,
            ended_at=clock.now(),
            error=outcome.error,
            incomplete_details=outcome.response.get("incomplete_details"),
            first_delta_at=outcome.first_delta_at,
            request_ids=outcome.request_ids,
            repaired=outcome.repaired,
            verdict=schemas.verdict(job.response.parameters, outcome.status, outcome.items),
            upstream_state=outcome.upstream_state,
            size=GROWN,
            grown=items.size_of(outcome.items) + references.size_of(outcome.items),
            checkpoint=None,
            revision=NEXT_REVISION,
            **_usage(job, outcome),
            **({"expires_at": None} if outcome.upstream_state == UpstreamState.NOT_STORED else {}),
        )
        items.add(job.response, Direction.OUTPUT, outcome.items)
        searching.index(job.response)
        row = _as_it_is(job)
        rounds.begin(row, outcome.items)
        promote(job.conversation)
        usage.count_end(row)
    return shapes.response(row)


def _as_it_is(job: Job) -> Response:
    """The row now, with the rows beside it that are known."""
    (row,) = ANY.rows(response=job.response.pk)
    row.deployment = job.response.deployment
    if job.given.previous and job.given.previous.pk == row.previous_id:
        row.previous = job.given.previous
    return row


def _write(job: Job, *, grown: int = 0, **fields: Any) -> None:
    if not HELD.update(fields, response=job.response.pk, claim=job.claim, grown=grown):
        raise ClaimLost(f"response {job.response.pk} is run by another worker, or ended")


def _expiry(row: Response, stored_at: datetime) -> datetime:
    return stored_at + timedelta(days=row.endpoint.retention_days)


def _usage(job: Job, outcome: End) -> dict[str, Any]:
    told = outcome.response.get("usage")
    reported = told if isinstance(told, dict) else {}
    counted = reported.get("output_tokens") is not None
    if not counted and not outcome.items:
        return {}
    figures = tokens.counted(reported) if counted else _estimated(job, outcome.items)
    cost = job.response.deployment.price_of(
        input_tokens=figures["input_tokens"],
        cached_tokens=figures["cached_tokens"],
        output_tokens=figures["output_tokens"],
    )
    return figures | {"cost": cost, "usage_estimated": not counted}


def _estimated(job: Job, output: list[dict[str, Any]]) -> dict[str, int]:
    """For an answer that ended without a count; the page marks these figures as estimated."""
    previous = job.given.previous if job.given.how == History.CHAINED else None
    before = (previous.input_tokens or 0) + (previous.output_tokens or 0) if previous else 0
    return {
        "input_tokens": before + _tokens(job.given.items) + len(job.response.instructions) // CHARS_PER_TOKEN,
        "cached_tokens": 0,
        "output_tokens": _tokens(output),
        "reasoning_tokens": 0,
    }


def _tokens(payloads: Iterable[dict[str, Any]]) -> int:
    return sum(len(items.text_of(payload)) for payload in payloads) // CHARS_PER_TOKEN

"""Notes what upstream says of its copy of a response that the ledger has.

A response's page, a deletion and its read-back, an import and a reconciliation all end here, so that the same
answer means the same: what is deleted or absent has no expiry, and what is found again expires as it would
have. The daily figures move along.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from uuid import UUID

from django.db import transaction
from django.db.models import F

from conversations.models import Response
from conversations.models.responses import UpstreamState
from conversations.stored import usage

GONE = (UpstreamState.DELETED, UpstreamState.ABSENT)
# Nothing of them is upstream, as far as is known.
OVER = (*GONE, UpstreamState.EXPIRED)
# What this must know of a row, and nothing that may be long.
READ = (
    *("status", "queued_at", "started_at", "ended_at", "upstream_state", "expires_at"),
    *("endpoint__settle_seconds", "endpoint__retention_days"),
)


class Said(Enum):
    """Upstream, of one response."""

    HERE = "it has it"
    DELETED = "it has deleted it, as asked"
    MISSING = "it knows no such response"


@dataclass(frozen=True)
class Known:
    """Of upstream's copy, from then on. `is_new`: whoever shows the row must read it again."""

    upstream_state: UpstreamState
    expires_at: datetime | None
    is_new: bool


def note(response: Response, said: Said | None, at: datetime) -> None:
    """A running one is left to who runs it. `response` becomes what the row is then."""
    known = note_all([(response.pk, said, at)]).get(response.pk)
    if known is not None:
        response.upstream_state, response.expires_at = known.upstream_state, known.expires_at
        response.upstream_seen_at = at


def note_all(news: Iterable[tuple[UUID, Said | None, datetime]]) -> dict[UUID, Known]:
    """The same of many at once. Of those of which the same is known the latest look counts for all."""
    told = {key: (said, at) for key, said, at in news if said is not None}
    if not told:
        return {}
    alike: defaultdict[Known, list[UUID]] = defaultdict(list)
    with transaction.atomic():
        rows = Response.objects.filter(pk__in=told).select_related("endpoint").only(*READ)
        for row in rows.select_for_update(of=("self",), no_key=True).order_by("pk"):
            if (known := _known(row, *told[row.pk])) is not None:
                alike[known].append(row.pk)
        for known, keys in alike.items():
            _write(known, keys, max(told[key][1] for key in keys))
    return {key: known for known, keys in alike.items() for key in keys}


def _write(known: Known, keys: list[UUID], at: datetime) -> None:
    usage.change(
        Response.objects.filter(pk__in=keys),
        upstream_state=known.upstream_state,
        expires_at=known.expires_at,
        upstream_seen_at=at,
        **({"revision": F("revision") + 1} if known.is_new else {}),
    )


def _known(row: Response, said: Said, at: datetime) -> Known | None:
    """None where nothing is to be noted."""
    state = None if row.is_open else meaning(row, said, at)
    if state is None:
        return None
    expires_at = _expiry(row, state)
    return Known(state, expires_at, (row.upstream_state, row.expires_at) != (state, expires_at))


def meaning(row: Response, said: Said, at: datetime) -> UpstreamState | None:
    """What is known of upstream's copy from then on; None where the answer tells nothing of it."""
    if said is Said.HERE:
        return UpstreamState.STORED
    if said is Said.DELETED:
        return UpstreamState.DELETED
    if row.upstream_state == UpstreamState.NOT_STORED:
        return None
    if row.upstream_state in GONE:
        return UpstreamState.ABSENT
    if row.upstream_state == UpstreamState.EXPIRED or (row.expires_at and row.expires_at <= at):
        return UpstreamState.EXPIRED
    return UpstreamState.NOT_VISIBLE if at < settles_at(row) else UpstreamState.ABSENT


def settles_at(row: Response) -> datetime:
    """From when on a response that upstream doesn't know is absent, not merely invisible yet."""
    return (row.ended_at or row.queued_at) + timedelta(seconds=row.endpoint.settle_seconds)


def _expiry(row: Response, state: UpstreamState) -> datetime | None:
    if state in GONE:
        return None
    stored_at = row.started_at or row.queued_at
    return row.expires_at or stored_at + timedelta(days=row.endpoint.retention_days)

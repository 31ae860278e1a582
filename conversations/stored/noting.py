"""Notes what upstream says of its copy of a response that the ledger has.

A response's page, a deletion and its read-back, an import and a reconciliation all end here, so that the same
answer means the same: what is deleted or absent has no expiry, and what is found again expires as it would
have. The daily figures move along.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from django.db import transaction
from django.db.models import F

from conversations.models import Response
from conversations.models.responses import UpstreamState
from conversations.stored import usage

GONE = (UpstreamState.DELETED, UpstreamState.ABSENT)
# Nothing of them is upstream, as far as is known.
OVER = (*GONE, UpstreamState.EXPIRED)


class Said(Enum):
    """Upstream, of one response."""

    HERE = "it has it"
    DELETED = "it has deleted it, as asked"
    MISSING = "it knows no such response"


def note(response: Response, said: Said | None, at: datetime) -> None:
    """A running one is left to who runs it. `response` becomes what the row is then."""
    if said is None:
        return
    with transaction.atomic():
        rows = Response.objects.filter(pk=response.pk)
        row = rows.select_for_update(of=("self",), no_key=True).select_related("endpoint").get()
        state = None if row.is_open else meaning(row, said, at)
        if state is None:
            return
        known = {"upstream_state": state, "expires_at": _expiry(row, state), "upstream_seen_at": at}
        usage.change(rows, **known, **_revised(row, known))
    for name, value in known.items():
        setattr(response, name, value)


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


def _revised(row: Response, known: Mapping[str, Any]) -> dict[str, Any]:
    """Whoever shows the row need not read it again because it was looked at."""
    same = all(getattr(row, name) == known[name] for name in ("upstream_state", "expires_at"))
    return {} if same else {"revision": F("revision") + 1}

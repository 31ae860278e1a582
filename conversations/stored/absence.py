"""What a 404 says of a response that the ledger has."""

from datetime import timedelta

from django.db.models import F

from conversations import clock
from conversations.models import Response
from conversations.models.responses import OPEN, UpstreamState
from conversations.stored import usage

SURE = (UpstreamState.DELETED, UpstreamState.EXPIRED, UpstreamState.ABSENT)


def settled(row: Response) -> bool:
    """Whether it ended long enough ago that a 404 means that it is gone, not that it isn't visible yet."""
    window = timedelta(seconds=row.endpoint.settle_seconds)
    return row.ended_at is not None and row.ended_at + window <= clock.now()


def note_absence(row: Response) -> None:
    """Upstream answered 404, as of now. What was deleted or expired stays so."""
    now = clock.now()
    rows = Response.objects.filter(pk=row.pk).exclude(status__in=OPEN).exclude(upstream_state__in=SURE)
    if row.expires_at and row.expires_at <= now:
        state = UpstreamState.EXPIRED
    else:
        state = UpstreamState.ABSENT if settled(row) else UpstreamState.NOT_VISIBLE
    usage.change(rows, upstream_state=state, upstream_seen_at=now, revision=F("revision") + 1)

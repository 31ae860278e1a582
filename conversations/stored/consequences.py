"""What hangs on a response, told before it is deleted upstream."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from conversations import clock
from conversations.models import Hold, Response
from conversations.models.responses import UpstreamState
from conversations.stored import chains, holds
from conversations.stored.whereabouts import MAYBE_THERE

SHOWN = 10


@dataclass(frozen=True)
class Consequences:
    """`next`: those that chain to it directly, some of them. `copies`: stored ones that contain its text,
    since they come later in its chain or answer the same message; `earlier`: how many are in its own text.
    """

    next: list[Response]
    chained: int
    later: int
    copies: list[Response]
    copies_count: int
    earlier: int
    holds: list[Hold]
    counted_all: bool


def of(response: Response, visible: QuerySet[Response]) -> Consequences:
    """`visible`: what the viewer may list; the counts are of everything."""
    later = chains.descendants(response)
    chained = Response.objects.filter(previous=response)
    copies = _stored().filter(Q(pk__in=later[:SHOWN]) | _same_turn(response)).exclude(pk=response.pk)
    counted = _stored().filter(_same_turn(response)).exclude(pk=response.pk).count() + _count(later)
    return Consequences(
        next=list(visible.filter(pk__in=chained.order_by("queued_at")[:SHOWN].values("pk"))),
        chained=chained.count(),
        later=len(later),
        copies=list(visible.filter(pk__in=copies.values("pk"))[:SHOWN]),
        copies_count=counted,
        earlier=len(chains.ancestors(response)),
        holds=list(holds.holds_of(response).select_related("placed_by")),
        counted_all=len(later) < chains.REACH,
    )


def _stored() -> QuerySet[Response]:
    """What upstream still has, as far as is known."""
    unexpired = Q(expires_at=None) | Q(expires_at__gt=clock.now())
    return Response.objects.filter(unexpired, upstream_state__in=[*MAYBE_THERE, UpstreamState.NOT_LEARNED])


def _same_turn(response: Response) -> Q:
    """Other attempts at the same message were sent the same text."""
    return Q(turn=response.turn_id) if response.turn_id else Q(pk__in=[])


def _count(keys: list[UUID]) -> int:
    """In slices, since a statement takes only so many parameters."""
    slices = [keys[at : at + 500] for at in range(0, len(keys), 500)]
    return sum(_stored().filter(pk__in=some).count() for some in slices)

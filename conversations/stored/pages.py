"""Pages of a list that is never counted: each begins behind the last row of the one before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from conversations.models import Response, User
from conversations.stored.holds import is_held
from conversations.stored.selection import BadSelection, Selection, responses_of

SIZE = 50
NEWEST_FIRST = ("-queued_at", "-id")
Order = tuple[str, str]

# What a line of the list shows; texts and JSON, which may be long, stay where they are.
COLUMNS = (
    *("id", "response_id", "origin", "status", "upstream_state", "stored", "background", "model", "size"),
    *("person", "team", "conversation", "deployment", "endpoint"),
    *("input_tokens", "output_tokens", "usage_estimated", "cost", "queued_at", "expires_at"),
)
# Looked up for the rows of one page instead of joined, so that the database never joins what it won't show.
BESIDE = ("person", "team", "deployment", "endpoint")


@dataclass(frozen=True, order=True)
class Cursor:
    """A place between two rows, as it stands in an address: the time and the id of the row at it."""

    at: datetime
    pk: UUID

    @classmethod
    def parse(cls, name: str, text: str) -> Self:
        at, _tilde, pk = text.partition("~")
        try:
            return cls(datetime.fromisoformat(at).astimezone(UTC), UUID(pk))
        except (ValueError, OverflowError) as error:
            raise BadSelection({name: [_("This is no place in the list.")]}) from error

    @classmethod
    def of(cls, row: Response, order: Order) -> Self:
        return cls(getattr(row, order[0].lstrip("-")), row.pk)

    def __str__(self) -> str:
        return f"{self.at.astimezone(UTC).isoformat().replace('+00:00', 'Z')}~{self.pk}"


@dataclass(frozen=True)
class Page:
    """Rows, and where the pages in front of and behind them begin; empty where there is none."""

    rows: list[Response]
    before: str = ""
    after: str = ""


def lines(rows: QuerySet[Response]) -> QuerySet[Response]:
    """The same rows with only what lists show."""
    return rows.only(*COLUMNS).prefetch_related(*BESIDE)


def listed(user: User, selection: Selection, *, after: str = "", before: str = "") -> Page:
    """A page of the selected responses, in the selection's order."""
    rows = lines(responses_of(user, selection))
    return page_of(rows, selection.order, after=after, before=before)


def held_among(rows: Sequence[Response]) -> set[UUID]:
    """Which rows of a page are held."""
    held = Response.objects.filter(is_held(), pk__in=[row.pk for row in rows])
    return set(held.order_by().values_list("pk", flat=True)) if rows else set()


def page_of(
    rows: QuerySet[Response], order: Order, *, after: str = "", before: str = "", size: int = SIZE
) -> Page:
    """One page of the selected rows; `after` and `before` are cursors of an earlier page."""
    if before and not after:
        return _back_from(Cursor.parse("before", before), rows, order, size)
    place = Cursor.parse("after", after) if after else None
    found = list((rows.filter(beyond(place, order)) if place else rows).order_by(*order)[: size + 1])
    return _page(found[:size], order, has_before=place is not None, has_after=len(found) > size)


def _back_from(place: Cursor, rows: QuerySet[Response], order: Order, size: int) -> Page:
    backwards = reverse(order)
    found = list(rows.filter(beyond(place, backwards)).order_by(*backwards)[: size + 1])
    return _page(found[:size][::-1], order, has_before=len(found) > size, has_after=True)


def _page(rows: list[Response], order: Order, *, has_before: bool, has_after: bool) -> Page:
    before = str(Cursor.of(rows[0], order)) if rows and has_before else ""
    return Page(rows, before, str(Cursor.of(rows[-1], order)) if rows and has_after else "")


def reverse(order: Order) -> Order:
    time, pk = (name.removeprefix("-") if name.startswith("-") else f"-{name}" for name in order)
    return time, pk


def beyond(place: Cursor, order: Order) -> Q:
    """What comes after the place; the first comparison is the one that an index starts at."""
    time, pk = (name.lstrip("-") for name in order)
    than = "lt" if order[0].startswith("-") else "gt"
    starts: dict[str, Any] = {f"{time}__{than}e": place.at}
    return Q(**starts) & (Q(**{f"{time}__{than}": place.at}) | Q(**{f"{pk}__{than}": place.pk}))

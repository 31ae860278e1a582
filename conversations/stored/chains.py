"""A response's chain as a tree with forks, bounded however large it is, and what the model had before it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise, takewhile
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from conversations.models import Item, Response
from conversations.models.responses import Direction, History, Origin
from conversations.stored import items
from conversations.stored.holds import is_held

# How far is looked at all, how many responses are shown, and how many forks of one.
REACH = 10_000
SHOWN = 80
FORKS = 12

_UP = """
WITH RECURSIVE chain(id, previous_id, depth) AS (
    SELECT id, previous_id, 0 FROM conversations_response WHERE id = %s
    UNION ALL
    SELECT r.id, r.previous_id, c.depth + 1
    FROM conversations_response r JOIN chain c ON r.id = c.previous_id WHERE c.depth < %s
) SELECT id FROM chain WHERE depth > 0 ORDER BY depth
"""
_DOWN = """
WITH RECURSIVE chain(id, previous_id) AS (
    SELECT id, previous_id FROM conversations_response WHERE id = %s
    UNION ALL
    SELECT r.id, r.previous_id FROM conversations_response r JOIN chain c ON r.previous_id = c.id
) SELECT id, previous_id FROM chain LIMIT %s
"""

_FROM_ROOT = """
WITH RECURSIVE chain(id) AS (
    SELECT id FROM conversations_response WHERE id = %s
    UNION
    SELECT r.id FROM conversations_response r JOIN chain c ON r.previous_id = c.id
) SELECT id FROM chain
"""


@dataclass
class Node:
    """`then`: the responses of a straight run after this one; `forks`: where the run parts.
    `more`: responses after this one that are not shown.
    """

    row: Response
    current: bool = False
    then: list["Node"] = field(default_factory=list)
    forks: list["Node"] = field(default_factory=list)
    more: int = 0

    @property
    def last(self) -> "Node":
        """The end of the run, where it parts."""
        return self.then[-1] if self.then else self


@dataclass(frozen=True)
class Tree:
    """`earlier`: how many responses before the first are not shown; `cut`: there are more than REACH."""

    root: Node
    earlier: int
    shown: int
    cut: bool


def ancestors(response: Response) -> list[UUID]:
    """From the one before it up to the first."""
    return [_uuid(row[0]) for row in _rows(_UP, response.pk, REACH)]


def descendants(response: Response) -> list[UUID]:
    """Everything that chains to it, directly or through others; at most REACH."""
    return [found for found, _before in _below(response.pk) if found != response.pk]


def from_root(root: UUID) -> RawSQL:
    """All that begins with a response, however much, for `filter(pk__in=…)`: only the database sees it."""
    return RawSQL(_FROM_ROOT, [_key(root)])  # noqa: S611  # no text of anybody is in it


def tree(response: Response, visible: QuerySet[Response]) -> Tree:
    """The whole tree where it is small; the near part of it, with counts of the rest, where it is large.

    `visible`: what the viewer may list. Others are left out, and so is what hangs on them.
    """
    up = ancestors(response)
    path = [response.pk, *up][: SHOWN // 2]
    found = _below(path[-1])
    children = defaultdict[UUID, list[UUID]](list)
    for one, before in found:
        if one != path[-1] and before is not None:
            children[before].append(one)
    _lead(path, children)
    rows = _annotated(visible, _nearest(path, children))
    start = [*takewhile(rows.__contains__, path)][-1]
    root = _node(start, rows, children, response.pk)
    return Tree(root, len(up) - path.index(start), len(rows), len(found) > REACH)


def _lead(path: list[UUID], children: dict[UUID, list[UUID]]) -> None:
    """The way to the current one comes first among forks, and is there even where the rest is cut."""
    for one, before in pairwise(path):
        others = [child for child in children[before] if child != one]
        children[before] = [one, *others]


def _nearest(path: list[UUID], children: dict[UUID, list[UUID]]) -> set[UUID]:
    """The way to the current one, then what follows it, then the forks before it."""
    chosen = set(path)
    for start in path:
        ring = [start]
        while ring and len(chosen) < SHOWN:
            ring = [child for one in ring for child in children[one][:FORKS]]
            chosen.update(ring[: SHOWN - len(chosen)])
            ring = [one for one in ring if one in chosen]
    return chosen


def _node(start: UUID, rows: dict[UUID, Response], children: dict[UUID, list[UUID]], current: UUID) -> Node:
    """One node with the run after it. A run is a loop, so that a long chain is no deep recursion."""
    head = node = Node(rows[start], start == current)
    at = start
    while True:
        shown = [child for child in children[at] if child in rows]
        node.more = sum(_weight(child, children) for child in children[at] if child not in rows)
        if len(shown) != 1:
            break
        at = shown[0]
        node = Node(rows[at], at == current)
        head.then.append(node)
    node.forks = [_node(child, rows, children, current) for child in shown]
    return head


def _weight(start: UUID, children: dict[UUID, list[UUID]]) -> int:
    """How many responses hang on it, itself included."""
    count, ring = 0, [start]
    while ring:
        count += len(ring)
        ring = [child for one in ring for child in children[one]]
    return count


def _annotated(visible: QuerySet[Response], chosen: Iterable[UUID]) -> dict[UUID, Response]:
    rows = visible.filter(pk__in=chosen).annotate(held=is_held()).select_related("deployment")
    return {row.pk: row for row in rows.defer("instructions", "tools", "parameters", "checkpoint", "error")}


def _below(start: UUID) -> list[tuple[UUID, UUID | None]]:
    found = _rows(_DOWN, start, REACH + 1)
    return [(_uuid(row[0]), _uuid(row[1]) if row[1] else None) for row in found]


def _rows(statement: str, start: UUID, limit: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [_key(start), limit])
        return list(cursor.fetchall())


def _key(key: UUID) -> UUID | str:
    return key if connection.features.has_native_uuid_field else key.hex


def _uuid(value: Any) -> UUID:
    """SQLite has them as text."""
    return value if isinstance(value, UUID) else UUID(value)


def context_of(response: Response) -> list[dict[str, Any]]:
    """All that the model read for it, as far as the ledger knows: the chain before it and its own input."""
    way = [response.pk, *ancestors(response)]
    rows = Response.objects.in_bulk(way)
    said = defaultdict[UUID, dict[str, list[dict[str, Any]]]](lambda: {"input": [], "output": []})
    for item in Item.objects.filter(response__in=way).order_by("position").defer("text"):
        said[item.response_id][item.direction].append(item.payload)
    context: list[dict[str, Any]] = []
    for key in reversed(way):
        context = [*_before(rows[key], context), *said[key][Direction.INPUT]]
        context += said[key][Direction.OUTPUT] if key != response.pk else []
    return context


def _before(row: Response, context: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What of the chain so far went along with a response; the input of an imported one holds all of it."""
    if row.origin == Origin.IMPORT:
        return []
    if row.history == History.CHAINED:
        return context
    return [again for one in context if (again := items.sendable(one) if "id" in one else one)]

"""Pages of items or responses."""

from collections.abc import Mapping
from typing import Any

from conversations.emulator import errors, validation

Json = dict[str, Any]

DEFAULT_LIMIT, MOST = 20, 100


def page(items: list[Json], query: Mapping[str, str]) -> Json:
    """One page of ``items`` (which come oldest first) by ``limit``, ``order`` (newest first unless told),
    ``after`` and ``before``."""
    limit, ordered = _limit(query), _ordered(items, query)
    if "after" in query:
        ordered = ordered[_place(ordered, query, "after") + 1 :]
    if "before" in query:
        ordered = ordered[: _place(ordered, query, "before")]
    data = ordered[:limit]
    return {
        "object": "list",
        "data": data,
        "first_id": data[0]["id"] if data else None,
        "last_id": data[-1]["id"] if data else None,
        "has_more": len(ordered) > limit,
    }


def _limit(query: Mapping[str, str]) -> int:
    given = query.get("limit", str(DEFAULT_LIMIT))
    if not given.isdecimal():
        raise validation.wrong_type("limit", "an integer", given)
    if int(given) < 1:
        raise validation.out_of_range("limit", given, "integer", "below minimum", ">= 1")
    if int(given) > MOST:
        raise validation.out_of_range("limit", given, "integer", "above maximum", f"<= {MOST}")
    return int(given)


def _ordered(items: list[Json], query: Mapping[str, str]) -> list[Json]:
    order = query.get("order", "desc")
    if order not in ("asc", "desc"):
        raise validation.wrong_value("order", order, ("asc", "desc"))
    return items if order == "asc" else items[::-1]


def _place(items: list[Json], query: Mapping[str, str], name: str) -> int:
    for place, item in enumerate(items):
        if item["id"] == query[name]:
            return place
    raise errors.invalid(f"Item with id '{query[name]}' not found.", param=name)

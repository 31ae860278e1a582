"""What differs between the ledger's copy of a response and upstream's, each difference by its name. Pure.

Both sides are JSON as the API has it. Null, an empty list and an absent key mean the same to it, and so here.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import orjson

Json = dict[str, Any]

# What only one side can have: made by upstream in its own time, or by the form of the request.
OURS_ALONE = ("input", "stream", "stream_options", "include")
# Made by upstream for input that had none.
GIVEN_BY_UPSTREAM = ("id", "status")


class Kind(StrEnum):
    CHANGED = "changed"
    MISSING = "missing"  # upstream lacks it
    ADDED = "added"  # the ledger lacks it
    MOVED = "moved"


@dataclass(frozen=True)
class Difference:
    """`path`: keys and positions from the top, such as ("output", 2, "content", 0, "text")."""

    kind: Kind
    path: tuple[str | int, ...]
    here: Any = None
    there: Any = None


@dataclass(frozen=True)
class Pair:
    """An item of the ledger beside the same item upstream; one of them may be missing."""

    here: Json | None
    there: Json | None
    here_at: int | None
    there_at: int | None
    differences: Sequence[Difference]
    moved: bool = False

    @property
    def kind(self) -> Kind | None:
        """None where both are the same."""
        if self.here is None:
            return Kind.ADDED
        if self.there is None:
            return Kind.MISSING
        if self.differences:
            return Kind.CHANGED
        return Kind.MOVED if self.moved else None


@dataclass(frozen=True)
class Comparison:
    """`only_upstream`: names of fields that the request left to upstream; they are no differences."""

    differences: list[Difference]
    output: list[Pair]
    only_upstream: list[str] = field(default_factory=list)

    @property
    def same(self) -> bool:
        return not self.differences


def compare(here: Json, there: Json) -> Comparison:
    """`here` says all that the ledger knows, `there` is what upstream answered to a retrieve."""
    known = {key: value for key, value in here.items() if key not in OURS_ALONE and key != "output"}
    found: list[Difference] = []
    for key, value in known.items():
        found += differences((key,), value, there.get(key))
    pairs = align(items_of(here.get("output")), items_of(there.get("output")))
    found += of_pairs("output", pairs)
    left = sorted(key for key in there if key not in here and not is_empty(there[key]))
    return Comparison(found, pairs, left)


def of_pairs(name: str, pairs: Sequence[Pair]) -> list[Difference]:
    """Every difference between two lists of items, as paths below `name`; positions are the ledger's, and
    upstream's for what the ledger lacks.
    """
    found: list[Difference] = []
    for pair in pairs:
        at = pair.here_at if pair.here_at is not None else pair.there_at
        place: tuple[str | int, ...] = (name, at or 0)
        if pair.kind in (Kind.MISSING, Kind.ADDED):
            found.append(Difference(pair.kind, place, pair.here, pair.there))
        elif pair.moved:
            found.append(Difference(Kind.MOVED, place, pair.here_at, pair.there_at))
        found += [
            Difference(each.kind, place + each.path, each.here, each.there) for each in pair.differences
        ]
    return found


def differences(path: tuple[str | int, ...], here: Any, there: Any) -> list[Difference]:
    """Every place where two JSON values differ."""
    if is_empty(here) and is_empty(there):
        return []
    if is_empty(here):
        return [Difference(Kind.ADDED, path, None, there)]
    if is_empty(there):
        return [Difference(Kind.MISSING, path, here, None)]
    if isinstance(here, dict) and isinstance(there, dict):
        keys = [*here, *(key for key in there if key not in here)]
        return [one for key in keys for one in differences((*path, key), here.get(key), there.get(key))]
    if isinstance(here, list) and isinstance(there, list):
        longest = range(max(len(here), len(there)))
        return [one for at in longest for one in differences((*path, at), _at(here, at), _at(there, at))]
    return [] if _same(here, there) else [Difference(Kind.CHANGED, path, here, there)]


def align(here: Sequence[Json], there: Sequence[Json], *, sent: bool = False) -> list[Pair]:
    """Items beside each other: by id first, then by content, then by their order.

    `sent`: the ledger's are as they were sent, to which upstream gives ids and a status of its own.
    """
    mine, theirs = ([_plain(one) if sent else one for one in side] for side in (here, there))
    partner: dict[int, int] = {}
    for key in (_identity, _content, _sort):
        _match(mine, theirs, partner, key)
    moved = _out_of_order(partner)
    pairs = [
        Pair(
            here[at],
            there[partner[at]],
            at,
            partner[at],
            _between(mine[at], theirs[partner[at]], sent),
            at in moved,
        )
        if at in partner
        else Pair(here[at], None, at, None, ())
        for at in range(len(here))
    ]
    return _with_added(pairs, there, set(partner.values()))


def items_of(value: Any) -> list[Json]:
    """A list of objects, whatever upstream sent in its place."""
    given = value if isinstance(value, list) else [] if is_empty(value) else [value]
    return [one if isinstance(one, dict) else {"type": "malformed", "value": one} for one in given]


def _plain(item: Json) -> Json:
    """With the API's shorthands written out."""
    plain = {"type": "message", **item} if "role" in item else dict(item)
    if isinstance(plain.get("content"), list):
        plain["content"] = [_detailed(part) for part in plain["content"]]
    if isinstance(plain.get("content"), str):
        kind = "output_text" if plain.get("role") == "assistant" else "input_text"
        plain["content"] = [{"type": kind, "text": plain["content"]}]
    return plain


def _detailed(part: Any) -> Any:
    is_picture = isinstance(part, dict) and part.get("type") == "input_image"
    return {"detail": "auto", **part} if is_picture else part


def _between(here: Json, there: Json, sent: bool) -> list[Difference]:
    given = {key for key in GIVEN_BY_UPSTREAM if sent and is_empty(here.get(key))}
    return differences((), here, {key: value for key, value in there.items() if key not in given})


def _match(
    here: Sequence[Json], there: Sequence[Json], partner: dict[int, int], key: Callable[[Json], bytes]
) -> None:
    """Pair what has no partner yet and the same key, in order."""
    taken, free = set(partner.values()), defaultdict[bytes, list[int]](list)
    for at in reversed(range(len(there))):
        if at not in taken and key(there[at]):
            free[key(there[at])].append(at)
    for at, item in enumerate(here):
        if at not in partner and free.get(key(item)):
            partner[at] = free[key(item)].pop()


def _identity(item: Json) -> bytes:
    return str(item.get("id") or "").encode()


def _content(item: Json) -> bytes:
    kept = {key: value for key, value in item.items() if key not in GIVEN_BY_UPSTREAM}
    return orjson.dumps(_filled(kept), option=orjson.OPT_SORT_KEYS)


def _sort(item: Json) -> bytes:
    return f"{item.get('type')} {item.get('role')}".encode()


def _filled(value: Any) -> Any:
    """Without what is empty, so that absent and null weigh the same."""
    if isinstance(value, dict):
        return {key: _filled(inner) for key, inner in value.items() if not is_empty(inner)}
    return [_filled(inner) for inner in value] if isinstance(value, list) else value


def _out_of_order(partner: dict[int, int]) -> set[int]:
    """The fewest items that have to move for the rest to stand in the same order on both sides."""
    return set(partner) - _longest_run(partner)


def _longest_run(partner: dict[int, int]) -> set[int]:
    """Positions of a longest increasing run of partners."""
    ends: list[int] = []
    last: list[int] = []
    before: dict[int, int | None] = {}
    for at in sorted(partner):
        rank = bisect_left(ends, partner[at])
        before[at] = last[rank - 1] if rank else None
        ends[rank : rank + 1] = [partner[at]]
        last[rank : rank + 1] = [at]
    run: set[int] = set()
    at_last = last[-1] if last else None
    while at_last is not None:
        run.add(at_last)
        at_last = before[at_last]
    return run


def _with_added(pairs: list[Pair], there: Sequence[Json], matched: set[int]) -> list[Pair]:
    """What only upstream has stands where upstream has it: behind the partner of the item before it."""
    following = defaultdict[int, list[Pair]](list)
    before = -1
    for at, item in enumerate(there):
        if at in matched:
            before = at
        else:
            following[before].append(Pair(None, item, None, at, ()))
    rows = following[-1]
    for pair in pairs:
        rows.append(pair)
        rows += following[pair.there_at] if pair.there_at is not None else []
    return rows


def _same(here: Any, there: Any) -> bool:
    return bool(here == there) and isinstance(here, bool) == isinstance(there, bool)


def is_empty(value: Any) -> bool:
    """Null, and text, lists and objects with nothing in them; never a number or false."""
    return value is None or value in ("", [], {})


def _at(values: list[Any], at: int) -> Any:
    return values[at] if at < len(values) else None

"""Refusals, folded: per source and minute one entry at once and one with the count of the rest.

Redis counts, so that a flood costs a few bytes there however many web processes it hits. With Redis away each
process counts for itself. Either way the number of open counts is bounded; beyond it they share one.
"""

import ipaddress
import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import NamedTuple, Protocol, cast

import orjson
import redis

from conversations import bus, clock
from conversations.models.audit import Action
from conversations.people.audit import ANONYMOUS, NOTHING, Actor, record

logger = logging.getLogger(__name__)

OPEN = "responses_ui:refusals:open"
OPEN_MAX = 200
KEPT_SECONDS = 86_400
SUBJECTS_COUNTED = 200
SUBJECTS_TOLD = 20
TOTAL = "total"
ELSEWHERE = "many"


class Fold(NamedTuple):
    """What is counted together."""

    action: str
    minute: int
    source: str
    actor: str = ANONYMOUS
    actor_id: int | None = None

    def member(self) -> bytes:
        return orjson.dumps(list(self))

    def crowd(self) -> "Fold":
        """Where it is counted when too many are open."""
        return Fold(self.action, self.minute, ELSEWHERE)


class Tally(Protocol):
    def add(self, fold: Fold, subject: str, times: int) -> int:
        """How often the fold has been added to so far, these times included."""

    def crowded(self) -> bool: ...

    def withdraw(self, fold: Fold) -> None: ...

    def so_far(self, fold: Fold) -> int: ...

    def take(self, before: int) -> Iterator[tuple[Fold, Mapping[str, int]]]:
        """The folds of minutes before this one, each to one caller only."""

    def give_back(self, fold: Fold, counts: Mapping[str, int]) -> None: ...


class RedisTally:
    def add(self, fold: Fold, subject: str, times: int) -> int:
        member = fold.member()
        with bus.client().pipeline() as pipe:
            pipe.hincrby(_key(member), TOTAL, times)
            pipe.expire(_key(member), KEPT_SECONDS)
            pipe.zadd(OPEN, {member: fold.minute})
            pipe.hlen(_key(member))
            total, _, _, told = pipe.execute()
        if subject and told <= SUBJECTS_COUNTED:
            bus.client().hincrby(_key(member), subject, times)
        return int(total)

    def so_far(self, fold: Fold) -> int:
        return int(bus.client().hget(_key(fold.member()), TOTAL) or 0)

    def crowded(self) -> bool:
        return int(bus.client().zcard(OPEN)) > OPEN_MAX

    def withdraw(self, fold: Fold) -> None:
        self._take_one(fold.member())

    def take(self, before: int) -> Iterator[tuple[Fold, Mapping[str, int]]]:
        ended = cast(list[bytes], bus.client().zrangebyscore(OPEN, "-inf", f"({before}"))
        for member in ended:
            counts = self._take_one(member)
            if counts:
                yield Fold(*orjson.loads(member)), counts

    def give_back(self, fold: Fold, counts: Mapping[str, int]) -> None:
        with bus.client().pipeline() as pipe:
            for name, count in counts.items():
                pipe.hincrby(_key(fold.member()), name, count)
            pipe.zadd(OPEN, {fold.member(): fold.minute})
            pipe.execute()

    def _take_one(self, member: bytes) -> dict[str, int]:
        """Read and removed at once, so that of several takers one gets it."""
        with bus.client().pipeline() as pipe:
            pipe.hgetall(_key(member))
            pipe.delete(_key(member))
            pipe.zrem(OPEN, member)
            found = pipe.execute()[0]
        return {name.decode(): int(count) for name, count in found.items()}


class OwnTally:
    """This process's, for while Redis is away."""

    def __init__(self) -> None:
        self.folds: dict[Fold, Counter[str]] = {}

    def add(self, fold: Fold, subject: str, times: int) -> int:
        counts = self.folds.setdefault(fold, Counter())
        counts[TOTAL] += times
        if subject and len(counts) <= SUBJECTS_COUNTED:
            counts[subject] += times
        return counts[TOTAL]

    def so_far(self, fold: Fold) -> int:
        return self.folds.get(fold, Counter())[TOTAL]

    def give_back(self, fold: Fold, counts: Mapping[str, int]) -> None:
        self.folds.setdefault(fold, Counter()).update(counts)

    def crowded(self) -> bool:
        return len(self.folds) > OPEN_MAX

    def withdraw(self, fold: Fold) -> None:
        self.folds.pop(fold, None)

    def take(self, before: int) -> Iterator[tuple[Fold, Mapping[str, int]]]:
        for fold in [fold for fold in self.folds if fold.minute < before]:
            counts = self.folds.pop(fold, None)
            if counts:
                yield fold, counts


_shared, _own = RedisTally(), OwnTally()


def refused(action: Action, *, actor: Actor, subject: tuple[str, str] = NOTHING, times: int = 1) -> None:
    """Something was refused to somebody. `subject`: what, or whose account."""
    fold = _fold(action, actor)
    try:
        first = _first(_shared, fold, subject, times)
    except redis.RedisError as error:
        logger.warning("Refusals are counted in this process only: %s", error)
        first = _first(_own, fold, subject, times)
    if first:
        record(action, actor=actor, subject=subject, details={"count": 1})
        close_ended()


def so_far(action: Action, actor: Actor) -> int:
    """How often that was refused to this actor in this minute."""
    fold = _fold(action, actor)
    try:
        return _shared.so_far(fold)
    except redis.RedisError:
        return _own.so_far(fold)


def _fold(action: Action, actor: Actor) -> Fold:
    return Fold(action, this_minute(), network_of(actor.source), actor.text, actor.id)


def _first(tally: Tally, fold: Fold, subject: tuple[str, str], times: int) -> bool:
    """Counts it; whether the first of its minute is among them, which shall be written down at once."""
    told = ":".join(subject).strip(":")
    if tally.add(fold, told, times) > times:
        return False
    if not tally.crowded():
        return True
    tally.withdraw(fold)
    return tally.add(fold.crowd(), told, times) == times


def close_ended() -> None:
    """Writes the counts of the minutes that are over. Called every minute, and by refusals themselves."""
    _close(_own)
    try:
        _close(_shared)
    except redis.RedisError as error:
        logger.warning("Counts of refusals wait until Redis is back: %s", error)


def _close(tally: Tally) -> None:
    for fold, counts in tally.take(before=this_minute()):
        further = counts[TOTAL] - 1
        try:
            if further:
                _write(fold, further, counts)
        except Exception:
            tally.give_back(fold, counts)
            raise


def _write(fold: Fold, further: int, counts: Mapping[str, int]) -> None:
    subjects = Counter({name: count for name, count in counts.items() if name != TOTAL})
    record(
        Action(fold.action),
        actor=Actor(fold.actor, fold.actor_id, fold.source),
        details={
            "count": further,
            "minute": datetime.fromtimestamp(fold.minute * 60, UTC).isoformat(),
            "subjects": dict(subjects.most_common(SUBJECTS_TOLD)),
        },
    )


def this_minute() -> int:
    return int(clock.now().timestamp() // 60)


def network_of(source: str) -> str:
    """An IPv6 network counts as one source: whoever has one has 2⁶⁴ addresses."""
    try:
        address = ipaddress.ip_address(source)
    except ValueError:
        return source
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else source


def _key(member: bytes) -> bytes:
    return b"responses_ui:refusals:" + member

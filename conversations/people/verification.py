"""Walks the audit trail from its first entry and tells what doesn't fit, in constant memory."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from conversations.models import AuditEntry, AuditHead
from conversations.models.audit import GENESIS
from conversations.people import chain, triggers

BATCH = 1000


@dataclass(frozen=True)
class Problem:
    kind: str
    text: str
    number: int | None = None


@dataclass
class Verdict:
    entries: int = 0
    head: str = GENESIS
    problems: list[Problem] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.problems

    def as_json(self) -> dict[str, Any]:
        problems = [vars(problem) for problem in self.problems]
        return {"ok": self.ok, "entries": self.entries, "head": self.head, "problems": problems}


def verify(known_head: str = "") -> Verdict:
    """`known_head`: a head from an earlier report, which must still be in the chain."""
    walk = Walk(known_head)
    walk.go()
    for name in triggers.missing():
        text = f"The trigger {name} is missing or altered; `manage.py migrate` makes it again."
        walk.verdict.problems.append(Problem("trigger", text))
    return walk.verdict


class Walk:
    """Others may write meanwhile: the head read before is what must be there, the one after is what may."""

    def __init__(self, known_head: str) -> None:
        self.known_head = known_head
        self.known_head_seen = known_head in ("", GENESIS)
        self.verdict = Verdict()

    def go(self) -> None:
        before = AuditHead.objects.first()
        broken = next(self._breaks(before), None)
        if broken is None:
            broken = head_problem(before) or self._beyond_the_head()
        if broken is not None:
            self.verdict.problems.append(broken)
        elif not self.known_head_seen:
            text = f"No entry has the hash {self.known_head}: the trail was cut or rewritten since then."
            self.verdict.problems.append(Problem("known_head", text))

    def _breaks(self, head: AuditHead | None) -> Iterator[Problem]:
        for entry in entries():
            problem = self._problem_of(entry)
            if problem is not None:
                yield problem
                return
            self.verdict.entries, self.verdict.head = entry.number, entry.hash
            self.known_head_seen |= entry.hash == self.known_head
            if head is not None and entry.number == head.count and entry.hash != head.hash:
                yield Problem("head", "The head row doesn't have the hash of the last entry.", entry.number)
        if head is not None and self.verdict.entries < head.count:
            missing = self.verdict.entries + 1
            text = f"Entry {missing} is missing and all after it: the head row counts {head.count} entries."
            yield Problem("missing", text, missing)

    def _problem_of(self, entry: AuditEntry) -> Problem | None:
        expected = self.verdict.entries + 1
        if entry.number > expected:
            return Problem("missing", f"Entry {expected} is missing: {entry.number} comes next.", expected)
        if entry.number < expected:
            return Problem("inserted", f"Entry {entry.number} was inserted.", entry.number)
        key = chain.key_named(entry.key_id)
        if key is None:
            text = (
                f"Entry {entry.number} is sealed with the key {entry.key_id}, which is not this AUDIT_KEY. "
                "Name earlier keys in AUDIT_KEYS_OLD."
            )
            return Problem("unknown_key", text, entry.number)
        if entry.hash != chain.keyed_hash(key, entry.sealed()):
            text = (
                f"Entry {entry.number} is not what was written: it was changed, or another is in its place."
            )
            return Problem("changed", text, entry.number)
        if entry.previous_hash != self.verdict.head:
            text = f"Entry {entry.number} doesn't follow the entry before it: one was replaced or reordered."
            return Problem("reordered", text, entry.number)
        return None

    def _beyond_the_head(self) -> Problem | None:
        """Read last: an honest entry is committed together with its head."""
        head = AuditHead.objects.first()
        if head is None or self.verdict.entries <= head.count:
            return None
        number = head.count + 1
        return Problem("inserted", f"Entry {number} was inserted: the head row doesn't know it.", number)


def head_problem(head: AuditHead | None) -> Problem | None:
    if head is None:
        return Problem("head", "The head row is missing.")
    key = chain.key_named(head.key_id)
    if key is None:
        return Problem(
            "unknown_key", f"The head row is sealed with the key {head.key_id}, which is not known here."
        )
    if head.seal != chain.head_seal(key, head):
        return Problem("head", "The head row was changed: its seal doesn't fit.")
    return None


def entries() -> Iterator[AuditEntry]:
    """All by number; in batches, so that no long query holds the database up."""
    batch = list(AuditEntry.objects.order_by("number")[:BATCH])
    while batch:
        yield from batch
        batch = list(AuditEntry.objects.filter(number__gt=batch[-1].number).order_by("number")[:BATCH])

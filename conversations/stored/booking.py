"""Writes down what upstream said to deletions and read-backs: many in one transaction, each once.

A single deletion has an audit entry of its own. For those of a bulk deletion one entry stands for all that
were decided in the transaction, and binds each of them by its `digest`.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from django.utils.translation import gettext as _

from conversations import clock
from conversations.models import Deletion, DeletionJob
from conversations.models.audit import Action
from conversations.models.deletion_jobs import JobState
from conversations.models.deletions import UNDECIDED, Outcome, ReadBack
from conversations.people.audit import Actor, audited, record
from conversations.people.chain import canonical
from conversations.stored import holds, usage
from conversations.stored.noting import Said, note_all, settles_at
from conversations.stored.updating import update_each
from conversations.stored.verdicts import Answer, decide, decide_read_back, seen, tries

BOOKED = (
    *("outcome", "explanation", "http_status", "answers", "decided_at", "due_at"),
    *("read_back", "read_back_at"),
)


class Claim(Protocol):
    """What a booking must know of a claim."""

    @property
    def deletion(self) -> int: ...
    @property
    def attempt(self) -> int: ...
    @property
    def reads_back(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Decided:
    """`what`: the outcome, or what the read-back found; `answer`: which of the row's answers says so."""

    row: Deletion
    what: str
    at: datetime
    answer: int | None = None


def book(answered: Sequence[tuple[Claim, Answer]]) -> None:
    """Answers to requests that somebody else has claimed since are dropped."""
    with audited():
        cancelled = _cancelled_jobs(claim.deletion for claim, _answer in answered)
        rows = _rows(claim.deletion for claim, _answer in answered)
        mine = [(rows[claim.deletion], answer) for claim, answer in answered if _is_ours(rows, claim)]
        said = [_apply(row, answer, row.job_id in cancelled) for row, answer in mine]
        update_each([row for row, _answer in mine], BOOKED)
        note_all((row.response_id, what, answer.at) for (row, answer), what in zip(mine, said, strict=True))
        _tell([found for row, answer in mine if (found := _decided(row, answer))])


def give_back(claims: Sequence[Claim], at: datetime) -> None:
    """Nothing was sent for them: they are due again then, and it counts as no attempt."""
    with audited():
        cancelled = _cancelled_jobs(claim.deletion for claim in claims)
        rows = _rows(claim.deletion for claim in claims)
        mine = [rows[claim.deletion] for claim in claims if _is_ours(rows, claim)]
        over = [found for row in mine if (found := _unclaim(row, at, row.job_id in cancelled))]
        update_each(mine, [*BOOKED, "attempts", "read_back_tries", "sent_at"])
        _tell(over)


def _unclaim(row: Deletion, at: datetime, cancelled: bool) -> Decided | None:
    row.due_at = at
    if row.is_decided:
        row.read_back_tries -= 1
        return None
    row.attempts -= 1
    row.sent_at = row.sent_at if row.answers else None
    row.outcome = Outcome.PENDING
    if not cancelled:
        return None
    row.outcome, row.decided_at, row.due_at = Outcome.CANCELLED, clock.now(), None
    return Decided(row, row.outcome, row.decided_at)


def _cancelled_jobs(keys: Iterable[int]) -> set[UUID]:
    """Their jobs are locked until the end: none is cancelled, or found to be done, meanwhile."""
    jobs = DeletionJob.objects.filter(deletions__in=list(keys)).values("pk")
    locked = DeletionJob.objects.select_for_update(no_key=True).filter(pk__in=jobs).order_by("pk")
    return {pk for pk, state in locked.values_list("pk", "state") if state == JobState.CANCELLED}


def _rows(keys: Iterable[int]) -> dict[int, Deletion]:
    rows = Deletion.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=list(keys))
    known = rows.select_related("response__endpoint").defer(*(f"response__{name}" for name in UNREAD))
    return {row.pk: row for row in known.order_by("pk")}


# Of responses: long, and of no use here.
UNREAD = ("instructions", "tools", "parameters", "checkpoint", "error", "request_ids")


def _is_ours(rows: dict[int, Deletion], claim: Claim) -> bool:
    row = rows.get(claim.deletion)
    if row is None:
        return False
    if claim.reads_back:
        return row.read_back == ReadBack.PENDING and row.read_back_tries == claim.attempt
    return row.outcome == Outcome.IN_FLIGHT and row.attempts == claim.attempt


def _apply(row: Deletion, answer: Answer, cancelled: bool) -> Said | None:
    """Changes the row as the answer demands; what the answer says of the response."""
    unheard = _first_unheard(row.answers)
    row.answers = [*row.answers, answer.proof()]
    if answer.request == "read_back":
        return _apply_read_back(row, answer)
    found = decide(
        answer,
        settles_at=settles_at(row.response),
        attempts=tries(row.attempts),
        sent_before=unheard,
        in_job=row.job_id is not None,
    )
    undecided = found.outcome in UNDECIDED
    row.outcome = Outcome.CANCELLED if undecided and cancelled else found.outcome
    row.explanation, row.http_status = found.explanation, answer.status
    row.decided_at = answer.at if row.is_decided else None
    row.due_at = None if row.is_decided else _after(answer, found.wait)
    if row.outcome == Outcome.DELETED:
        row.read_back, row.due_at = ReadBack.PENDING, _after(answer, row.response.endpoint.settle_seconds)
    return found.said


def _apply_read_back(row: Deletion, answer: Answer) -> Said | None:
    found = decide_read_back(answer, tries=row.read_back_tries)
    row.read_back, row.due_at = found.read_back, _after(answer, found.wait)
    row.read_back_at = None if found.read_back == ReadBack.PENDING else answer.at
    return seen(answer)


def _after(answer: Answer, seconds: float | None) -> datetime | None:
    return None if seconds is None else answer.at + timedelta(seconds=seconds)


def _decided(row: Deletion, answer: Answer) -> Decided | None:
    """None while it isn't."""
    if answer.request == "read_back":
        what = "" if row.read_back == ReadBack.PENDING else row.read_back
    else:
        what = row.outcome if row.is_decided else ""
    return Decided(row, what, answer.at, len(row.answers) - 1) if what else None


def _first_unheard(answers: list[dict[str, Any]]) -> datetime | None:
    """When an earlier request of ours was sent that upstream may have obeyed unheard."""
    unheard = [one for one in answers if one.get("lost") or one.get("may_have_run")]
    return datetime.fromisoformat(unheard[0]["at"]) if unheard and unheard[0]["at"] else None


def book_held(keys: Iterable[int]) -> None:
    """In the transaction that found them held. One whose hold has just ended stays due."""
    rows, now = _rows(keys), clock.now()
    names = holds.names(row.response for row in rows.values())
    held = [row for row in rows.values() if row.response_id in names]
    for row in held:
        explanation = _("Held: %(holds)s") % {"holds": names[row.response_id]}
        row.outcome, row.explanation = Outcome.HELD, explanation[:300]
        row.decided_at, row.due_at = now, None
    update_each(held, BOOKED)
    _tell([Decided(row, Outcome.HELD, now) for row in held])


def _tell(decided: Sequence[Decided]) -> None:
    """Figures and audit trail, which come last in a transaction."""
    usage.count_deletions([(each.row.response, each.what, each.at) for each in decided])
    by_job: defaultdict[UUID | None, list[Decided]] = defaultdict(list)
    for each in decided:
        by_job[each.row.job_id].append(each)
    for single in by_job.pop(None, []):
        _tell_single(single)
    for job, ones in by_job.items():
        _tell_job(str(job), ones)


def _tell_single(decided: Decided) -> None:
    row, answer = decided.row, {} if decided.answer is None else decided.row.answers[decided.answer]
    told: dict[str, Any] = {"deletion": row.pk, "response_id": row.response.response_id}
    if decided.what in ReadBack.values:
        action, told = Action.DELETION_READ_BACK, told | {"read_back": decided.what}
    else:
        action, told = Action.UPSTREAM_DELETED, told | {"outcome": decided.what}
    told |= {name: answer[name] for name in ("status", "request_ids") if name in answer}
    actor, team = Actor(row.actor, row.requested_by_id), row.response.team_id
    record(action, actor=actor, subject=row.response, team=team, details=told)


def _tell_job(job: str, decided: Sequence[Decided]) -> None:
    rows: defaultdict[str, list[list[int | None]]] = defaultdict(list)
    for each in decided:
        rows[str(each.what)].append([each.row.pk, each.answer])
    details = {
        "counts": {what: len(keys) for what, keys in rows.items()},
        "rows": rows,
        "digest": digest(line(each) for each in sorted(decided, key=lambda each: each.row.pk)),
    }
    actor = Actor(decided[0].row.actor, decided[0].row.requested_by_id)
    record(Action.JOB_PROGRESSED, actor=actor, subject=("deletionjob", job), details=details)


def line(decided: Decided) -> bytes:
    row = decided.row
    answer = None if decided.answer is None else row.answers[decided.answer]
    return stated(row.pk, row.response.response_id, decided.what, answer)


def stated(deletion: int, response_id: str | None, what: str, answer: Any = None) -> bytes:
    return canonical({"answer": answer, "deletion": deletion, "response_id": response_id, "what": str(what)})


def digest(lines: Iterable[bytes]) -> str:
    """Of the rows that an entry JOB_PROGRESSED or JOB_CANCELLED stands for: SHA-256, in hex, over a line for
    each, ended by a newline, in the order of their keys. A line is a JSON object, its keys sorted, without
    spaces, in ASCII:

        {"answer":ANSWER,"deletion":KEY,"response_id":"resp_…","what":"deleted"}

    The entry's `rows` has `[KEY, NUMBER]` of each row by `what`, an outcome or what a read-back found. ANSWER
    is the row's `answers[NUMBER]`; null where NUMBER is, because nothing was asked. A JOB_CANCELLED has no
    `rows`: it stands for those that were cancelled `at` that moment, whose ANSWER is null.
    """
    whole = hashlib.sha256()
    for each in lines:
        whole.update(each + b"\n")
    return whole.hexdigest()

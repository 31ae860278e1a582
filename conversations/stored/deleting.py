"""Deletes responses upstream, with proof: request, claim, send, book, and read back after the settle window.

One response from its page and a bulk job's many run through the same rows and the same `decide`. Only `send`
and `look` talk to upstream; the rest is database, each a transaction of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations import clock
from conversations.models import Deletion, Response, User
from conversations.models.audit import Action
from conversations.models.deletions import UNDECIDED, Outcome, ReadBack
from conversations.models.responses import UpstreamState
from conversations.people.audit import Actor, audited, record
from conversations.responses_api import Endpoint, ResponsesAPI
from conversations.stored import holds, usage
from conversations.stored.asking import ask
from conversations.stored.endpoints import address_of
from conversations.stored.noting import note, settles_at
from conversations.stored.verdicts import Answer, Verdict, answer_to, decide, decide_read_back, seen
from conversations.stored.whereabouts import moment

REASON_MAX = 500
NOTHING_THERE = {
    UpstreamState.NOT_STORED: gettext_lazy(
        "It was asked for with store=false, so upstream has nothing to delete."
    ),
    UpstreamState.DELETED: gettext_lazy("It was deleted upstream already."),
    UpstreamState.ABSENT: gettext_lazy(
        "Upstream has confirmed that it is absent, so there is nothing to delete."
    ),
}


class CannotDelete(Exception):
    """Why, for people."""


def obstacle(response: Response) -> str:
    """Why the response can't be deleted upstream now; empty where it can."""
    if response.is_open:
        return _("It is still running. Stop it first.")
    if not response.response_id:
        return _without_id(response)
    if response.upstream_state in NOTHING_THERE:
        return str(NOTHING_THERE[UpstreamState(response.upstream_state)])
    if response.deletions.filter(outcome__in=UNDECIDED).exists():
        return _("A deletion of it is on its way already.")
    named = ", ".join(f"“{hold.reason}”" for hold in holds.holds_of(response))
    return _("It is held (%(holds)s) and must stay until the hold ends.") % {"holds": named} if named else ""


def _without_id(response: Response) -> str:
    if response.upstream_state == UpstreamState.NOT_SENT:
        return _("It was never sent upstream, so there is nothing to delete.")
    return _(
        "Its id was never learned, so upstream can't be asked to delete it. If it is stored there, it expires"
        " by %(when)s."
    ) % {"when": moment(response.expires_at)}


def request(response: Response, *, user: User | None, actor: Actor, reason: str) -> Deletion:
    """Write down that it shall be deleted; nothing is sent yet."""
    reason = reason.strip()[:REASON_MAX]
    why_not = obstacle(response) or ("" if reason else _("Say why it shall be deleted."))
    if why_not:
        raise CannotDelete(why_not)
    now = clock.now()
    try:
        with audited():
            row = Deletion.objects.create(
                response=response,
                requested_by=user,
                actor=actor.text,
                reason=reason,
                requested_at=now,
                due_at=now,
            )
            _note(Action.DELETION_REQUESTED, row, actor, reason=reason)
    except IntegrityError as error:
        raise CannotDelete(_("A deletion of it is on its way already.")) from error
    return row


@dataclass(frozen=True)
class Claimed:
    """A deletion whose next request is this process's to make for a while; `attempt` fences off others."""

    deletion: Deletion
    address: Endpoint
    attempt: int

    @property
    def response_id(self) -> str:
        return self.deletion.response.response_id or ""


def claim(key: int) -> Claimed | None:
    """Note that the request is under way, before it is. The one UPDATE asks for holds too."""
    row = _due().filter(pk=key, outcome__in=UNDECIDED).first()
    if row is None:
        return None
    now = clock.now()
    lost = [_lost(row)] if row.outcome == Outcome.IN_FLIGHT else []
    mine = Deletion.objects.filter(pk=key, outcome=row.outcome, attempts=row.attempts)
    won = mine.exclude(holds.is_held("response__")).update(
        outcome=Outcome.IN_FLIGHT,
        attempts=F("attempts") + 1,
        sent_at=now,
        due_at=now + timedelta(seconds=settings.DELETION_LEASE_SECONDS),
        answers=[*row.answers, *lost],
    )
    if not won:
        _book_held(row)
        return None
    row.refresh_from_db(fields=["outcome", "attempts", "sent_at", "due_at", "answers"])
    return Claimed(row, address_of(row.response.endpoint), row.attempts)


def claim_read_back(key: int) -> Claimed | None:
    row = _due().filter(pk=key, read_back=ReadBack.PENDING).first()
    if row is None:
        return None
    mine = Deletion.objects.filter(pk=key, read_back=ReadBack.PENDING, read_back_tries=row.read_back_tries)
    lease = timedelta(seconds=settings.DELETION_LEASE_SECONDS)
    won = mine.update(read_back_tries=F("read_back_tries") + 1, due_at=clock.now() + lease)
    return Claimed(row, address_of(row.response.endpoint), row.read_back_tries + 1) if won else None


def _due() -> QuerySet[Deletion]:
    due = Deletion.objects.filter(due_at__lte=clock.now())
    return due.select_related("response__endpoint").order_by("due_at")


def due(limit: int) -> tuple[list[int], list[int]]:
    """Keys of what is due: to be deleted, and to be read back."""
    found = list(_due().values_list("pk", "outcome")[:limit])
    undecided = [key for key, outcome in found if outcome in UNDECIDED]
    return undecided, [key for key, outcome in found if outcome not in UNDECIDED]


async def send(api: ResponsesAPI, claimed: Claimed) -> Answer:
    return await answer_to("delete", api.delete(claimed.address, claimed.response_id))


async def look(api: ResponsesAPI, claimed: Claimed) -> Answer:
    return await answer_to("read_back", api.retrieve(claimed.address, claimed.response_id))


def book(claimed: Claimed, answer: Answer) -> None:
    """What upstream said, and what follows from it. Nothing, if somebody else has claimed it since."""
    row = claimed.deletion
    found = decide(
        answer,
        settles_at=settles_at(row.response),
        attempts=claimed.attempt,
        sent_before=_first_sent(row.answers),
    )
    decided = found.outcome not in UNDECIDED
    with audited():
        mine = Deletion.objects.filter(pk=row.pk, outcome=Outcome.IN_FLIGHT, attempts=claimed.attempt)
        won = mine.update(
            outcome=found.outcome,
            explanation=found.explanation,
            http_status=answer.status,
            answers=[*row.answers, answer.proof()],
            decided_at=answer.at if decided else None,
            due_at=_after(found, row, answer.at),
            read_back=ReadBack.PENDING if found.outcome == Outcome.DELETED else ReadBack.NONE,
        )
        if won:
            note(row.response, found.said, answer.at)
        if won and decided:
            usage.count_deletion(row.response, found.outcome, answer.at)
            _note(Action.UPSTREAM_DELETED, row, _asker(row), details=_told(found, answer))


def _after(found: Verdict, row: Deletion, at: datetime) -> datetime | None:
    """When the next request is due: another try, or the read-back."""
    if found.outcome == Outcome.DELETED:
        return at + timedelta(seconds=row.response.endpoint.settle_seconds)
    return None if found.wait is None else at + timedelta(seconds=found.wait)


def book_read_back(claimed: Claimed, answer: Answer) -> None:
    row = claimed.deletion
    found = decide_read_back(answer, tries=claimed.attempt)
    with audited():
        mine = Deletion.objects.filter(pk=row.pk, read_back=ReadBack.PENDING, read_back_tries=claimed.attempt)
        won = mine.update(
            read_back=found.read_back,
            read_back_at=None if found.read_back == ReadBack.PENDING else answer.at,
            answers=[*row.answers, answer.proof()],
            due_at=None if found.wait is None else answer.at + timedelta(seconds=found.wait),
        )
        if won:
            note(row.response, seen(answer), answer.at)
        if won and found.wait is None:
            usage.count_deletion(row.response, found.read_back, answer.at)
            details = {"read_back": str(found.read_back), "status": answer.status, "deletion": row.pk}
            _note(Action.DELETION_READ_BACK, row, _asker(row), details=details)


def _book_held(row: Deletion) -> None:
    named = ", ".join(f"“{hold.reason}”" for hold in holds.holds_of(row.response))
    explanation = _("Held: %(holds)s") % {"holds": named}
    waiting = Deletion.objects.filter(pk=row.pk, outcome=row.outcome, attempts=row.attempts)
    with audited():
        held = waiting.filter(holds.is_held("response__")).update(
            outcome=Outcome.HELD, explanation=explanation[:300], decided_at=clock.now(), due_at=None
        )
        if held:
            _note(Action.UPSTREAM_DELETED, row, _asker(row), details={"outcome": str(Outcome.HELD)})


def carry_out(deletion: Deletion) -> Deletion:
    """The first request at once, for a person who waits; a worker makes the ones that may follow."""
    claimed = claim(deletion.pk)
    if claimed is not None:
        book(claimed, ask(lambda api: send(api, claimed)))
    deletion.refresh_from_db()
    return deletion


def _lost(row: Deletion) -> dict[str, Any]:
    """A request whose answer nobody wrote down: its process ended meanwhile."""
    return {"request": "delete", "at": row.sent_at.isoformat() if row.sent_at else None, "lost": True}


def _first_sent(answers: list[dict[str, Any]]) -> datetime | None:
    """When an earlier request of ours was sent that upstream may have obeyed unheard."""
    unheard = [one for one in answers if one.get("lost") or one.get("may_have_run")]
    return datetime.fromisoformat(unheard[0]["at"]) if unheard and unheard[0]["at"] else None


def _asker(row: Deletion) -> Actor:
    return Actor(row.actor, row.requested_by_id)


def _told(found: Verdict, answer: Answer) -> dict[str, Any]:
    return {"outcome": str(found.outcome), "status": answer.status, "request_ids": answer.request_ids}


def _note(
    action: Action,
    row: Deletion,
    actor: Actor,
    *,
    reason: str = "",
    details: Mapping[str, Any] | None = None,
) -> None:
    record(
        action,
        actor=actor,
        subject=row.response,
        team=row.response.team_id,
        reason=reason,
        details={"deletion": row.pk, "response_id": row.response.response_id, **(details or {})},
    )

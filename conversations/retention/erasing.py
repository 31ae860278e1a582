"""Erases the words of responses here. `PLACES` names where they lie, `ELSEWHERE` what is out of reach.

    erase([response.pk, …], actor=actor)           # up to BATCH of them, one transaction
    erase_due(job, actor=actor)                    # what a job has deleted upstream, batch by batch

What stays of a response is its row without words (ids, times, tokens, outcomes) and a Tombstone.
"""

import hmac
import logging
import secrets
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
import redis
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy

from conversations import bus, clock
from conversations.models import (
    ComputerRun,
    ComputerStep,
    Conversation,
    DeletionJob,
    Export,
    HeldCopy,
    Item,
    Response,
    SafetyCheck,
    Tombstone,
    ToolCall,
    Turn,
)
from conversations.models.audit import Action
from conversations.models.computer_runs import OPEN_STEPS, StepState
from conversations.models.deletions import GONE
from conversations.models.imports import JobStatus
from conversations.models.responses import OPEN
from conversations.models.tool_calls import OPEN_CALLS
from conversations.people.audit import Actor, audited, record
from conversations.stored import attachments, holds, searching
from conversations.stored.whereabouts import MAYBE_THERE

logger = logging.getLogger(__name__)

BATCH = 200
WORDS_OF_CALLS = ("arguments", "output", "reason")
WORDS_OF_STEPS: dict[str, Any] = {"actions": [], "url": "", "title": "", "notes": [], "screenshot": ""}
PLACES = (
    gettext_lazy("the items that went in and came out, with their text"),
    gettext_lazy(
        "the instructions, tools and parameters that were sent, and upstream's words about an error"
    ),
    gettext_lazy("what tools were called with, what they answered, and why a call was declined"),
    gettext_lazy("what a model did in a browser, and the addresses, titles and pictures of the pages it saw"),
    gettext_lazy("pictures and documents in them, with their names and text, unless others have them too"),
    gettext_lazy("the index that searches look in"),
    gettext_lazy("copies that were fetched from upstream while a hold was in force"),
    gettext_lazy("the log of the running answer in Redis"),
    gettext_lazy("the files of exports that are kept for download"),
    gettext_lazy(
        "the title of a conversation whose first message it was; instructions and choices of an empty one"
    ),
)
ELSEWHERE = (
    gettext_lazy("backups of the database and of the files, until they are replaced"),
    gettext_lazy("freed space in the files of the database and of Redis, until they use it again"),
    gettext_lazy("copies that upstream keeps to watch for abuse, for as long as its terms say"),
    gettext_lazy("files and containers that were uploaded or made upstream"),
    gettext_lazy("exports that somebody has downloaded already, and copies in browsers"),
)


@dataclass(frozen=True)
class Erased:
    """`left`: asked for, but held, running, still upstream or erased before."""

    responses: int
    items: int
    calls: int
    size: int
    exports: int
    left: int


def erasable() -> QuerySet[Response]:
    """Neither running, held, erased already nor, as far as is known, still upstream: who wants the words gone
    wants that copy gone first. One whose id was never learned can't be deleted there, so it isn't waited for.
    """
    there = Q(upstream_state__in=MAYBE_THERE) & (Q(expires_at=None) | Q(expires_at__gt=clock.now()))
    # The answer goes on with what these calls come to, be it in days.
    calling = Exists(ToolCall.objects.filter(response=OuterRef("pk"), state__in=OPEN_CALLS))
    rows = Response.objects.filter(erased_at=None).exclude(status__in=OPEN).exclude(there)
    return rows.exclude(calling).exclude(holds.is_held())


def erase(keys: Sequence[UUID], *, actor: Actor, job: DeletionJob | None = None, reason: str = "") -> Erased:
    """One transaction; what it leaves alone is counted."""
    exports = _forget_exports(keys)
    with audited():
        wanted = holds.free(erasable()).filter(pk__in=keys).order_by("pk")
        rows = list(wanted.select_for_update(of=("self",), no_key=True))
        stones = _bury(rows, actor, job)
        calls = _blank_calls(rows) + _blank_steps(rows)
        _blank(rows)
        _blank_conversations(rows)
        erased = Erased(
            responses=len(rows),
            items=sum(stone.items for stone in stones),
            calls=calls,
            size=sum(stone.size for stone in stones),
            exports=exports,
            left=len(keys) - len(rows),
        )
        if rows:
            _note(rows, erased, actor, job, reason)
        transaction.on_commit(lambda: _forget_logs(rows))
    # Once more, for a file that was finished meanwhile; later ones see what was erased.
    _forget_exports(keys)
    return erased


def erase_due(job: DeletionJob, *, actor: Actor) -> Erased | None:
    """The next batch of what this job has deleted upstream; None where none is left."""
    done = job.deletions.filter(outcome__in=GONE, response=OuterRef("pk"))
    keys = list(erasable().filter(Exists(done)).order_by("pk").values_list("pk", flat=True)[:BATCH])
    return erase(keys, actor=actor, job=job, reason=job.reason) if keys else None


def _bury(rows: list[Response], actor: Actor, job: DeletionJob | None) -> list[Tombstone]:
    now, items, calls = clock.now(), _payloads(rows), _words_of_calls(rows)
    stones = [
        Tombstone(
            response=row,
            job=job,
            actor=actor.text,
            erased_at=now,
            items=len(items[row.pk]),
            size=sum(map(len, items[row.pk] + calls[row.pk])),
            digest=_digest(items[row.pk] + calls[row.pk]),
        )
        for row in rows
    ]
    return Tombstone.objects.bulk_create(stones)


def _payloads(rows: list[Response]) -> dict[UUID, list[bytes]]:
    found: dict[UUID, list[bytes]] = defaultdict(list)
    items = Item.objects.filter(response__in=rows).order_by("response", "direction", "position")
    for key, payload in items.values_list("response_id", "payload").iterator():
        found[key].append(orjson.dumps(payload, option=orjson.OPT_SORT_KEYS))
    return found


def _words_of_calls(rows: list[Response]) -> dict[UUID, list[bytes]]:
    found: dict[UUID, list[bytes]] = defaultdict(list)
    calls = ToolCall.objects.filter(response__in=rows).order_by("response", "position")
    for key, *words in calls.values_list("response_id", *WORDS_OF_CALLS).iterator():
        found[key].append(orjson.dumps(words))
    steps = ComputerStep.objects.filter(response__in=rows).order_by("response", "number")
    for key, *words in steps.values_list("response_id", *WORDS_OF_STEPS).iterator():
        found[key].append(orjson.dumps(words))
    return found


def _digest(payloads: list[bytes]) -> str:
    """The salt is forgotten as soon as this returns."""
    seal = hmac.new(secrets.token_bytes(32), digestmod="sha256")
    for payload in payloads:
        seal.update(payload)
    return seal.hexdigest()


def _blank(rows: list[Response]) -> None:
    Item.objects.filter(response__in=rows).delete()
    HeldCopy.objects.filter(response__in=rows).delete()
    attachments.release(rows)
    searching.forget(rows)
    now = clock.now()
    for row in rows:
        row.instructions, row.tools, row.parameters, row.checkpoint = "", [], {}, None
        row.verdict = None
        # Upstream's own sentence may quote what was sent; the others are ours.
        row.error = row.error and row.error | {"message": row.error.get("summary", "")}
        row.erased_at, row.revision = now, row.revision + 1
    fields = (
        *("instructions", "tools", "parameters", "checkpoint", "verdict"),
        *("error", "erased_at", "revision"),
    )
    Response.objects.bulk_update(rows, fields)


def _blank_calls(rows: list[Response]) -> int:
    """Who decided when stays."""
    calls = ToolCall.objects.filter(response__in=rows)
    return calls.update(**dict.fromkeys(WORDS_OF_CALLS, ""), revision=F("revision") + 1)


def _blank_steps(rows: list[Response]) -> int:
    """Who decided what and when stays, with the kind of each check."""
    steps = ComputerStep.objects.filter(response__in=rows)
    SafetyCheck.objects.filter(step__in=steps).update(message="")
    ended = steps.filter(state__in=OPEN_STEPS)
    ended.update(state=StepState.NOT_DONE, ended_at=clock.now())
    others = Response.objects.filter(erased_at=None, turn=OuterRef("turn"))
    others = others.exclude(pk__in=[row.pk for row in rows])
    runs = ComputerRun.objects.filter(turn__in={row.turn_id for row in rows if row.turn_id})
    runs.exclude(Exists(others)).update(start_url="", told="")
    return steps.update(**WORDS_OF_STEPS, revision=F("revision") + 1)


def _blank_conversations(rows: list[Response]) -> None:
    """A title repeats the first message; what was chosen goes with the last of what it was chosen for."""
    touched = Conversation.objects.filter(pk__in={row.conversation_id for row in rows if row.conversation_id})
    unerased = Response.objects.filter(erased_at=None)
    first = unerased.filter(turn__number=1, conversation=OuterRef("pk"))
    touched.exclude(Exists(first)).update(title="")
    touched.exclude(Exists(unerased.filter(conversation=OuterRef("pk")))).update(instructions="", choices={})
    turns = Turn.objects.filter(pk__in={row.turn_id for row in rows if row.turn_id})
    turns.exclude(Exists(unerased.filter(turn=OuterRef("pk")))).update(choices={})


def _note(rows: list[Response], erased: Erased, actor: Actor, job: DeletionJob | None, reason: str) -> None:
    subject: Any = job or (rows[0] if len(rows) == 1 else ("response", f"{rows[0].pk} and others"))
    teams = {row.team_id for row in rows}
    record(
        Action.ERASED,
        actor=actor,
        subject=subject,
        team=teams.pop() if len(teams) == 1 else None,
        reason=reason,
        details={
            "responses": [str(row.pk) for row in rows],
            "items": erased.items,
            "calls": erased.calls,
            "bytes": erased.size,
        },
    )


def _forget_exports(keys: Sequence[UUID]) -> int:
    """Deletes files that may have them. Before the rows: a file must not outlive what would find it."""
    found = list(_exports_of(keys))
    for export in found:
        default_storage.delete(export.file)
        Export.objects.filter(pk=export.pk).update(file="")
    return len(found)


def _exports_of(keys: Sequence[UUID]) -> Iterable[Export]:
    """By their conversations; responses that belong to none may be in any that has such."""
    kept = Export.objects.filter(status=JobStatus.DONE).exclude(file="")
    asked = Response.objects.filter(pk__in=keys)
    whole = kept.filter(
        conversations__conversation__in=asked.exclude(conversation=None).values("conversation")
    )
    if not asked.filter(conversation=None).exists():
        return whole.distinct()
    told = kept.annotate(told=Sum("conversations__responses", default=0))
    return kept.filter(
        Q(pk__in=told.filter(written__gt=F("told")).values("pk")) | Q(pk__in=whole.values("pk"))
    )


def _forget_logs(rows: list[Response]) -> None:
    if not rows:
        return
    try:
        bus.client().delete(*(bus.log_key(row.pk) for row in rows))
    except redis.RedisError as error:
        # The keys go by themselves an hour after the end; most are gone already.
        logger.warning("The logs of %s erased responses stay until they expire: %s", len(rows), error)

"""The files of a report, each in pieces, so that a hundred thousand deletions need no memory.

docs/deletions.md says what is in which; `verify_report.py` reads them.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson
from django.db.models import Count, QuerySet, Sum

from conversations.models import AuditEntry, AuditHead, Deletion, DeletionJob
from conversations.models.audit import Action
from conversations.retention import erasing, hashing, scope
from conversations.retention.progress import progress_of
from conversations.stored.formats.tables import neutral

CHUNK = 2_000
VERIFIER = Path(__file__).parent / "verify_report.py"
COLUMNS = (
    *("deletion", "response_id", "endpoint", "outcome", "explanation", "http_status", "attempts"),
    *("decided_at", "read_back", "read_back_at", "held_when_planned"),
)
Json = dict[str, Any]
READ_ME = """\
This is the report of a bulk deletion of stored responses.

  report.json     what was asked for, by whom, why, and what came of it
  plan.jsonl      the plan as it was frozen; the SHA-256 of this file is the hash that was executed
  outcomes.jsonl  every deletion with each of upstream's answers; outcomes.csv: the same for a spreadsheet
  audit.jsonl     the audit trail from the plan to this report, others' entries as links of the chain only
  manifest.json   the hash of every file

To check it, with Python 3.10 or later and nothing else:  python verify_report.py
With the key of the audit trail in AUDIT_KEY it checks the seals, too.
"""


def files(job: DeletionJob, head: AuditHead) -> Iterator[tuple[str, Iterable[str]]]:
    yield "README.txt", [READ_ME]
    yield "report.json", [orjson.dumps(summary(job, head), option=orjson.OPT_INDENT_2).decode()]
    yield "plan.jsonl", (line.decode() for line in hashing.lines(job))
    yield "outcomes.jsonl", map(_line, outcomes(job))
    yield "outcomes.csv", _table(outcomes(job))
    yield "audit.jsonl", map(_line, audit(job, head))
    yield "verify_report.py", [VERIFIER.read_text()]


def summary(job: DeletionJob, head: AuditHead) -> Json:
    return {
        "version": 1,
        "job": str(job.pk),
        "asked": hashing.asked(job),
        "hash": job.hash,
        "state": job.state,
        "planned_by": job.actor,
        "reason": job.reason,
        "executed_by": job.executed_by.username if job.executed_by else job.actor,
        "approved_by": job.approved_by.username if job.approved_by else None,
        "times": {name: hashing.moment(getattr(job, f"{name}_at")) for name in TIMES},
        "preview": job.preview,
        "trouble": job.trouble,
        **progress_of(job).summary(),
        "never_learned": [_unlearned(row) for row in _never_learned(job)],
        "erased_here": _erased(job),
        "stays_elsewhere": [str(place) for place in erasing.ELSEWHERE],
        "audit": {"entries": head.count, "head": head.hash},
    }


TIMES = ("created", "frozen", "asked_for_approval", "approved", "executed", "ended")


def _never_learned(job: DeletionJob) -> QuerySet[Any]:
    rows = scope.unlearned(job, job.frozen_at or job.created_at)
    return rows.values_list("pk", "endpoint__base_url", "queued_at", "expires_at")


def _unlearned(row: tuple[Any, ...]) -> Json:
    key, endpoint, queued_at, expires_at = row
    return {
        "response": str(key),
        "endpoint": endpoint,
        "asked_at": hashing.moment(queued_at),
        "expires_at": hashing.moment(expires_at),
    }


def _erased(job: DeletionJob) -> Json | None:
    if not job.erase:
        return None
    counted = job.tombstones.aggregate(
        responses=Count("pk"), items=Sum("items", default=0), bytes=Sum("size", default=0)
    )
    return counted | {"places": [str(place) for place in erasing.PLACES]}


def outcomes(job: DeletionJob) -> Iterator[Json]:
    """In the order of the plan."""
    rows = job.deletions.order_by("pk").select_related("response__endpoint").only(*NEEDED)
    for row in rows.iterator(chunk_size=CHUNK):
        yield _outcome(row)


NEEDED = (
    *("job", "outcome", "explanation", "http_status", "attempts", "decided_at", "answers"),
    *("read_back", "read_back_at", "held_when_planned"),
    *("response__response_id", "response__endpoint__base_url"),
)


def _outcome(row: Deletion) -> Json:
    return {
        "deletion": row.pk,
        "response": str(row.response_id),
        "response_id": row.response.response_id,
        "endpoint": row.response.endpoint.base_url,
        "held_when_planned": row.held_when_planned,
        "outcome": row.outcome,
        "explanation": row.explanation,
        "http_status": row.http_status,
        "attempts": row.attempts,
        "decided_at": hashing.moment(row.decided_at),
        "read_back": row.read_back,
        "read_back_at": hashing.moment(row.read_back_at),
        "answers": row.answers,
    }


def audit(job: DeletionJob, head: AuditHead) -> Iterator[Json]:
    """From the plan on, without a gap; entries about something else only as links of the chain."""
    planned = _own_entries(job).filter(action=Action.PLAN_MADE).values_list("number", flat=True).first()
    entries = AuditEntry.objects.filter(number__gte=planned or head.count + 1, number__lte=head.count)
    for entry in entries.order_by("number").iterator(chunk_size=CHUNK):
        if (entry.subject_type, entry.subject_id) == ("deletionjob", str(job.pk)):
            yield entry.sealed() | {"hash": entry.hash}
        else:
            yield {"number": entry.number, "previous_hash": entry.previous_hash, "hash": entry.hash}


def _own_entries(job: DeletionJob) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(subject_type="deletionjob", subject_id=str(job.pk))


def _line(value: Json) -> str:
    return orjson.dumps(value).decode() + "\n"


def _table(rows: Iterable[Json]) -> Iterator[str]:
    """Safe in a spreadsheet."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([neutral(row[name]) for name in COLUMNS])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()

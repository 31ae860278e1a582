"""The hash of a plan, made so that an outsider can make it again: docs/deletions.md has the form.

SHA-256 over lines of JSON: first what was asked for, then every deletion of the plan in its order.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from conversations.models import DeletionJob

VERSION = 1
CHUNK = 2_000


def hash_of(job: DeletionJob) -> str:
    digest = hashlib.sha256()
    for line in lines(job):
        digest.update(line)
    return digest.hexdigest()


def lines(job: DeletionJob) -> Iterator[bytes]:
    """As few in memory as can be, however many there are."""
    yield line(asked(job))
    rows = job.deletions.order_by("pk").values_list(
        "response__endpoint__base_url", "response__response_id", "held_when_planned"
    )
    for row in rows.iterator(chunk_size=CHUNK):
        yield line(list(row))


def asked(job: DeletionJob) -> dict[str, Any]:
    return {
        "version": VERSION,
        "plan": str(job.pk),
        "source": job.source,
        "query": job.query,
        "root": None if job.root_id is None else str(job.root_id),
        "from": moment(job.from_at),
        "to": moment(job.to_at),
        "everything": job.everything,
        "erase": job.erase,
    }


def line(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode("ascii") + b"\n"


def moment(at: datetime | None) -> str | None:
    return (
        None if at is None else at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    )

"""A plan's rows as the database writes them: from responses to deletions without passing through here."""

from typing import Any

from django.db import connection
from django.db.models import Exists, F, OuterRef, QuerySet, Value

from conversations import clock
from conversations.models import Deletion, DeletionJob, Response
from conversations.models.deletion_jobs import JobState
from conversations.models.deletions import Outcome
from conversations.stored.holds import is_held
from conversations.stored.pages import Cursor

BATCH = 2_000
META = Deletion._meta  # noqa: SLF001  # Django's own way to a model's fields


def last(job: DeletionJob) -> Cursor | None:
    """The place of the last row that is planned."""
    rows = Deletion.objects.filter(job=job, outcome=Outcome.PLANNED).order_by("-pk")
    found = rows.values_list("response__queued_at", "response_id").first()
    return None if found is None else Cursor(*found)


def insert(job: DeletionJob, rows: QuerySet[Response]) -> int:
    """The first of these responses become rows of the plan, without passing through this process."""
    columns = _columns(job)
    named = {f"to_{name}": value for name, value in columns.items()}
    query = rows.annotate(**named).values_list(*named)[:BATCH].query
    text, values = query.sql_with_params()
    quote = connection.ops.quote_name
    into = f"{quote(META.db_table)} ({', '.join(map(quote, columns))})"
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {into} {text}", values)
        return int(cursor.rowcount)


def left_over() -> QuerySet[DeletionJob]:
    """Plans that were thrown away, or failed, before anything was sent, and have rows still."""
    ended = DeletionJob.objects.filter(state__in=[JobState.CANCELLED, JobState.FAILED], executed_at=None)
    return ended.filter(Exists(Deletion.objects.filter(job=OuterRef("pk"))))


def clear(job: DeletionJob) -> None:
    while keys := list(job.deletions.filter(outcome=Outcome.PLANNED).values_list("pk", flat=True)[:BATCH]):
        Deletion.objects.filter(pk__in=keys).delete()


def _columns(job: DeletionJob) -> dict[str, Any]:
    """What a row of the plan consists of; most is the same for all."""
    row = Deletion(
        job=job,
        requested_by_id=job.planned_by_id,
        actor=job.actor,
        requested_at=clock.now(),
        outcome=Outcome.PLANNED,
    )
    same: dict[str, Any] = {
        str(field.column): Value(getattr(row, field.attname), output_field=field)
        for field in META.concrete_fields
        if getattr(row, field.attname) is not None
    }
    of_response = {"response_id": F("pk"), "endpoint_id": F("endpoint")}
    return same | of_response | {"held_when_planned": is_held()}

"""Stored responses by the hundred, and jobs as a plan leaves them and as execution starts them."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from conversations import clock
from conversations.models import Conversation, Deletion, DeletionJob, Deployment, Response
from conversations.models.deletion_jobs import JobState
from conversations.models.deletions import Outcome
from conversations.stored import holds


def add_responses(
    conversation: Conversation, deployment: Deployment, ids: Iterable[str], **fields: Any
) -> list[Response]:
    """As an import leaves them, in one conversation so that holds have something to be on."""
    now = clock.now()
    usual = {
        "origin": "import",
        "conversation": conversation,
        "team": conversation.team,
        "deployment": deployment,
        "endpoint": deployment.endpoint,
        "status": "completed",
        "upstream_state": "stored",
        "queued_at": now,
        "ended_at": now,
        "expires_at": now + timedelta(days=30),
    }
    return Response.objects.bulk_create(Response(response_id=each, **(usual | fields)) for each in ids)


def planned(responses: Iterable[Response], **fields: Any) -> DeletionJob:
    now = clock.now()
    job = DeletionJob.objects.create(
        source="selection",
        everything=True,
        state=JobState.PLANNED,
        actor="system:tests",
        created_at=now,
        frozen_at=now,
        hash="0" * 64,
        **fields,
    )
    held = set(Response.objects.filter(holds.is_held()).values_list("pk", flat=True))
    rows = [
        Deletion(
            job=job,
            response=response,
            endpoint=response.endpoint,
            held_when_planned=response.pk in held,
            actor=job.actor,
            requested_at=now,
            outcome=Outcome.PLANNED,
        )
        for response in responses
    ]
    Deletion.objects.bulk_create(rows)
    return job


def started(responses: Iterable[Response], **fields: Any) -> DeletionJob:
    now, job = clock.now(), planned(responses, **fields)
    job.deletions.update(outcome=Outcome.PENDING, due_at=now)
    DeletionJob.objects.filter(pk=job.pk).update(state=JobState.RUNNING, reason="Asked to", executed_at=now)
    job.refresh_from_db()
    return job

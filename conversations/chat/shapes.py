"""Rows as the JSON that browsers get; docs/protocol.md describes each shape."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet, prefetch_related_objects

from conversations.chat import choices, schemas
from conversations.models import (
    Attachment,
    Conversation,
    Deployment,
    OwnDeletion,
    Response,
    ToolCall,
    Turn,
    User,
)
from conversations.models.responses import Status
from conversations.models.tool_calls import CallKind
from conversations.stored import holds, policies
from conversations.stored.own import Look
from conversations.tools import registry

Json = dict[str, Any]


def person(user: User) -> Json:
    return {"username": user.username, "name": user.name, "initials": user.initials}


def conversation(row: Conversation, *, viewer: User | None = None) -> Json:
    """With a `viewer`, what that person sees: for rows from `snapshots.with_state`."""
    shape = {
        "id": str(row.pk),
        "title": row.title,
        "team": {"id": row.team_id, "name": row.team.name},
        "owner": person(row.owner),
        "visibility": row.visibility,
        "deployment": row.deployment_id,
        "instructions": row.instructions,
        "background": row.background,
        "choices": row.choices,
        "archived": row.archived_at is not None,
        "created_at": iso(row.created_at),
        "updated_at": iso(row.updated_at),
    }
    if viewer is None:
        return shape
    state = {"running": row.running, "asks": row.asks}  # type: ignore[attr-defined]
    return shape | {"mine": row.owner_id == viewer.pk} | state


def attachment(row: Attachment) -> Json:
    """Its bytes are at addresses made of the id."""
    return {
        "id": str(row.pk),
        "name": row.name,
        "type": row.content_type,
        "bytes": row.content.size,
        "width": row.width,
        "height": row.height,
        "pages": row.pages,
        "alt": row.alt,
    }


def retention(row: Conversation) -> Json:
    """What becomes of its answers upstream."""
    policy = policies.of_conversation(row)
    return {
        "stored": row.team.store_upstream,
        "deleted_after_days": policy.days if policy else None,
        "erased_here": bool(policy and policy.erase),
        "held": holds.on_conversation(row),
    }


def own_deletion(row: OwnDeletion) -> Json:
    told = {"deleted_at": iso(row.deleted_at), "undo_until": iso(row.undo_until)}
    return {"conversation": str(row.conversation_id), **told}


def turn(row: Turn, responses: Iterable[Response], text: str, attachments: Iterable[Json] = ()) -> Json:
    """Without items: whoever needs them adds them to the responses. `text` is what the person wrote."""
    return {
        "id": str(row.pk),
        "conversation": str(row.conversation_id),
        "parent": str(row.parent_id) if row.parent_id else None,
        "number": row.number,
        "client_key": str(row.client_key),
        "author": person(row.author),
        "text": text,
        "attachments": list(attachments),
        "choices": row.choices,
        "created_at": iso(row.created_at),
        "responses": [response(one) for one in responses],
    }


def deployment(row: Deployment) -> Json:
    return {"id": row.pk, "name": row.name, "title": row.title}


def responses() -> QuerySet[Response]:
    """Rows with all that `response` reads of others."""
    return Response.objects.select_related("deployment", "previous", "stopped_by", "person")


def with_calls(rows: Iterable[Response]) -> list[Response]:
    """The same rows, the calls of all of them read at once."""
    rows = list(rows)
    prefetch_related_objects([row for row in rows if row.tools], "calls__decided_by")
    return rows


def response(row: Response) -> Json:
    return {
        "id": str(row.pk),
        "turn": str(row.turn_id),
        "revision": row.revision,
        "attempt": row.attempt,
        "round": row.round,
        "status": row.status,
        "response_id": row.response_id,
        "previous_response_id": row.previous.response_id if row.previous else None,
        "deployment": deployment(row.deployment),
        "model": row.model,
        "stored": row.stored,
        "background": row.background,
        "history": {"how": row.history, "why": row.history_reason},
        "usage": _usage(row),
        "cost": _cost(row),
        "queued_at": iso(row.queued_at),
        "started_at": iso(row.started_at),
        "first_delta_at": iso(row.first_delta_at),
        "ended_at": iso(row.ended_at),
        "expires_at": iso(row.expires_at),
        "upstream_state": row.upstream_state,
        "erased_at": iso(row.erased_at),
        "error": _error(row.error),
        "incomplete": row.incomplete_details,
        "structured": schemas.asked_by(row.parameters) is not None,
        "verdict": row.verdict,
        "request_ids": row.request_ids,
        "stopped": _stopped(row),
        "calls": [call(one) for one in row.calls.all()] if row.tools else [],
    }


def call(row: ToolCall) -> Json:
    asker = row.response.person
    return {
        "id": str(row.pk),
        "response": str(row.response_id),
        "position": row.position,
        "call_id": row.call_id,
        "kind": row.kind,
        "name": row.name,
        "title": title_of(row),
        "server": row.server,
        "arguments": row.arguments,
        "state": row.state,
        "revision": row.revision,
        "output": row.output,
        "approvers": row.approvers,
        "needed_approval": row.needed_approval,
        "asker": person(asker) if asker else None,
        "decided_by": person(row.decided_by) if row.decided_by else None,
        "decided_at": iso(row.decided_at),
        "reason": row.reason,
        "created_at": iso(row.created_at),
        "started_at": iso(row.started_at),
        "ended_at": iso(row.ended_at),
    }


def title_of(row: ToolCall) -> str:
    """What people call its tool."""
    tool = None if row.kind == CallKind.MCP else registry.tools().get(row.name)
    return str(tool.title) if tool else " · ".join(filter(None, [row.server, row.name]))


def _error(error: Json | None) -> Json | None:
    """With the choice that upstream refused, where it named one."""
    choice = choices.named_by(str(error.get("param") or "")) if error else ""
    return error | {"choice": choice} if error and choice else error


def _usage(row: Response) -> Json | None:
    if row.output_tokens is None:
        return None
    return {
        "input_tokens": row.input_tokens,
        "cached_tokens": row.cached_tokens,
        "output_tokens": row.output_tokens,
        "reasoning_tokens": row.reasoning_tokens,
        "estimated": row.usage_estimated,
    }


def _cost(row: Response) -> Json | None:
    return None if row.cost is None else {"amount": f"{row.cost:f}", "currency": row.deployment.currency}


def _stopped(row: Response) -> Json | None:
    if row.stop_requested_at is None or row.status == Status.COMPLETED:
        return None
    return {"by": person(row.stopped_by) if row.stopped_by else None, "at": iso(row.stop_requested_at)}


def look(one: Look) -> Json:
    told = {"who": one.who, "role": one.role, "reason": one.reason, "exported": one.exported}
    return {"at": iso(one.at), **told}


def iso(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None

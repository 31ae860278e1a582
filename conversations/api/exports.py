"""Exports for those who asked for them: begun, looked at, fetched."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, JsonResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from conversations.api.answers import answers_json, body_of
from conversations.api.conversations import find
from conversations.chat.refusals import Refusal
from conversations.models import Conversation, Export, User
from conversations.models.exports import Format, Scope
from conversations.people import rights
from conversations.people.audit import of_request
from conversations.stored import own
from conversations.stored.exporting import Wanted
from conversations.stored.handing_out import pieces
from conversations.stored.tasks import export


@answers_json("POST")
def of_conversation(request: HttpRequest, conversation: UUID) -> JsonResponse:
    row = find(rights.person_of(request), conversation)
    return _begun(request, Scope.CONVERSATION, row)


@answers_json("POST")
def of_everything(request: HttpRequest) -> JsonResponse:
    return _begun(request, Scope.OWN, None)


@answers_json("GET")
def one(request: HttpRequest, key: UUID) -> JsonResponse:
    row = mine(rights.person_of(request), key)
    if row is None:
        raise Refusal("not_found", _("There is no such export, or you didn't ask for it."))
    return JsonResponse(as_json(row))


@require_safe
@never_cache
@login_required
def download(request: HttpRequest, key: UUID) -> StreamingHttpResponse:
    """The archive, for the one who asked and nobody else."""
    row = mine(rights.person_of(request), key)
    if row is None or not row.file:
        raise Http404
    name = f"responses-{row.created_at:%Y-%m-%d}-{row.format}.zip"
    return StreamingHttpResponse(
        pieces(row.file),
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Content-Length": str(row.size)},
    )


def mine(user: User, key: UUID) -> Export | None:
    """At the desk a right that was lost since closes what it had opened."""
    row = own.without_deleted(Export.objects.filter(pk=key, by=user)).first()
    lost = row is not None and row.scope == Scope.SELECTION and not rights.may_export(user)
    return None if lost else row


def _begun(request: HttpRequest, scope: Scope, conversation: Conversation | None) -> JsonResponse:
    kind = body_of(request).get("format")
    if kind not in Format.values:
        raise Refusal("bad_field", _("format must be one of jsonl, csv, md and html."))
    wanted = Wanted(
        actor=of_request(request),
        by=rights.person_of(request),
        scope=scope,
        format=Format(kind),
        conversation=conversation,
    )
    return JsonResponse(as_json(export(wanted)), status=201)


def as_json(row: Export) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "status": row.status,
        "format": row.format,
        "expected": row.expected,
        "responses": row.written,
        "bytes": row.size,
        "sha256": row.sha256,
        "created_at": row.created_at.isoformat(),
        "kept_until": row.kept_until.isoformat() if row.kept_until else None,
        "trouble": row.trouble,
        "download": reverse("export-download", args=[row.pk]) if row.file else None,
    }

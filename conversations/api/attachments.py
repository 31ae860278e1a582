"""Attachments: uploaded, described, taken back, and looked at."""

from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import unquote
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from conversations.api.answers import answers_json, body_of
from conversations.chat import shapes
from conversations.chat.fields import text_field
from conversations.chat.refusals import Refusal
from conversations.models import Attachment
from conversations.people import rights
from conversations.stored import archives, attachments, handing_out
from conversations.stored.inspecting import NotTaken

PIECE = 1 << 20


@answers_json("POST")
def collection(request: HttpRequest) -> JsonResponse:
    """The file is the body and nothing else is; `UploadGate` has looked at its size."""
    if (request.content_type or "").startswith(("multipart/", "application/x-www-form-urlencoded")):
        raise Refusal("bad_field", _("Send the file itself as the body, and no form around it."))
    name = unquote(request.headers.get("X-File-Name", ""))
    with TemporaryDirectory(dir=archives.workshop(), prefix="upload-") as folder:
        path = Path(folder) / "content"
        with path.open("wb") as file:
            while piece := request.read(PIECE):
                file.write(piece)
        try:
            row = attachments.take(rights.person_of(request), path, name)
        except NotTaken as reason:
            raise Refusal(reason.code, str(reason)) from reason
    return JsonResponse(shapes.attachment(row), status=201)


@answers_json("PATCH", "DELETE")
def one(request: HttpRequest, attachment: UUID) -> JsonResponse:
    """For the one who uploaded it: what it shows, in words; and away with it, as long as it isn't sent."""
    user = rights.person_of(request)
    row = rights.attachments_of(user).filter(pk=attachment, person=user).first()
    if row is None:
        raise Refusal("not_found", _("There is no such file, or it isn't yours."))
    if request.method == "PATCH":
        row.alt = text_field(body_of(request), "alt").strip()[: attachments.ALT_CHARS]
        row.save(update_fields=["alt"])
        return JsonResponse(shapes.attachment(row))
    if not attachments.discard(row):
        raise Refusal("sent", _("It was sent already."))
    return JsonResponse({})


@require_safe
@login_required
def original(request: HttpRequest, attachment: UUID) -> HttpResponseBase:
    return handing_out.original(request, _visible(request, pk=attachment))


@require_safe
@login_required
def thumbnail(request: HttpRequest, attachment: UUID) -> HttpResponseBase:
    return handing_out.thumbnail(request, _visible(request, pk=attachment))


@require_safe
@login_required
def of_response(request: HttpRequest, response: UUID, sha256: str) -> HttpResponseBase:
    """What an item of the response names as `attachment:<sha256>`."""
    return handing_out.original(request, _visible(request, responses=response, content=sha256))


def _visible(request: HttpRequest, **wanted: UUID | str) -> Attachment:
    rows = rights.attachments_of(rights.person_of(request)).select_related("content")
    row = rows.filter(**wanted).first()
    if row is None:
        raise Http404
    return row

"""An attachment on its way to a browser, which must neither run nor guess anything of it."""

from collections.abc import AsyncIterator

from asgiref.sync import sync_to_async
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase, HttpResponseNotModified
from django.utils.http import content_disposition_header

from conversations.models import Attachment

PIECE = 1 << 16
# What browsers draw without running anything in it; so no SVG, and documents are for their own programs.
DRAWN = ("image/png", "image/jpeg", "image/webp", "image/gif")


def original(request: HttpRequest, row: Attachment) -> HttpResponseBase:
    name = row.name or f"{row.content_id[:12]}.{row.content_type.rpartition('/')[2]}"
    return _sent(request, row.content_id, row.content.file, row.content_type, name)


def thumbnail(request: HttpRequest, row: Attachment) -> HttpResponseBase:
    """The picture itself where there is no smaller one."""
    if not row.content.thumbnail:
        return original(request, row)
    return _sent(request, f"{row.content_id}-s", row.content.thumbnail, "image/webp", "thumbnail.webp")


def _sent(request: HttpRequest, tag: str, file: str, kind: str, name: str) -> HttpResponseBase:
    """Asked for each time, since rights may go; what the browser has it needn't be sent again."""
    answer: HttpResponseBase
    if request.headers.get("If-None-Match") == f'"{tag}"':
        answer = HttpResponseNotModified()
    elif not file or not default_storage.exists(file):
        raise Http404
    elif request.method == "HEAD":
        answer = HttpResponse(content_type=kind)
    else:
        answer = StreamingHttpResponse(pieces(file), content_type=kind)
        answer["Content-Length"] = str(default_storage.size(file))
    disposition = content_disposition_header(kind not in DRAWN, name)
    answer["Content-Disposition"] = disposition or "attachment"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    answer["Cache-Control"] = "private, no-cache"
    answer["ETag"] = f'"{tag}"'
    return answer


async def pieces(name: str) -> AsyncIterator[bytes]:
    """The file as it is sent, so that a large one is never in memory."""
    with await sync_to_async(default_storage.open)(name) as file:
        while piece := await sync_to_async(file.read)(PIECE):
            yield piece

"""Stands before Django where files are uploaded: Django reads a body whole before it asks anybody."""

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from django.conf import settings
from django.utils.translation import gettext as _

from conversations.stored.attachments import megabytes

Message = dict[str, Any]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Any, Any, Any], Awaitable[None]]

DOOR = "/api/attachments/"


class UploadGate:
    """Servers hold a request to the length that it says it has, so that looking at that is enough."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Message, receive: Any, send: Send) -> None:
        is_upload = scope["type"] == "http" and scope["method"] == "POST" and scope["path"] == DOOR
        length = dict(scope["headers"]).get(b"content-length", b"") if is_upload else b"0"
        if not length.isdigit():
            await _refuse(send, 411, "no_length", _("Say how long the file is (Content-Length)."))
        elif int(length) >= settings.ATTACHMENT_BYTES:
            limit = megabytes(settings.ATTACHMENT_BYTES)
            told = {"size": megabytes(int(length)), "limit": limit}
            await _refuse(
                send,
                413,
                "too_large",
                _("The file has %(size)s; the API takes less than %(limit)s in a file.") % told,
            )
        else:
            await self.app(scope, receive, send)


async def _refuse(send: Send, status: int, code: str, message: str) -> None:
    body = orjson.dumps({"error": {"code": code, "message": message}})
    headers = {b"content-type": b"application/json", b"content-length": str(len(body)).encode()}
    await send({"type": "http.response.start", "status": status, "headers": list(headers.items())})
    await send({"type": "http.response.body", "body": body})

"""What the consumer needs to know: commands as typed values, budgets, origins and rights."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import orjson
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.http.request import split_domain_port, validate_host
from django.utils.crypto import constant_time_compare

from conversations.chat.turns import Refusal
from conversations.models import Response, User
from conversations.people import rights

LONGEST_SLEEP = 3600.0


@dataclass(frozen=True)
class Command:
    """A message from a client; the readers refuse what hasn't the right shape, by name."""

    type: str
    fields: dict[str, Any]

    @property
    def client_key(self) -> str | None:
        key = self.fields.get("client_key")
        return key if isinstance(key, str) else None

    def uuid(self, name: str) -> UUID:
        try:
            return UUID(self.fields[name])
        except (KeyError, ValueError, AttributeError, TypeError) as error:
            raise Refusal("bad_field", f"The field “{name}” must be a UUID.") from error

    def uuid_or_none(self, name: str) -> UUID | None:
        return None if self.fields.get(name) is None else self.uuid(name)

    def text(self, name: str) -> str:
        value = self.fields.get(name)
        if not isinstance(value, str):
            raise Refusal("bad_field", f"The field “{name}” must be text.")
        return value

    def number(self, name: str, default: int) -> int:
        value = self.fields.get(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or not -1 <= value < 2**53:
            raise Refusal("bad_field", f"The field “{name}” must be a whole number.")
        return value


def parse(text: str | None, data: bytes | None) -> Command:
    if text is None:
        raise Refusal(
            "binary_frame", f"Send JSON as text; a binary frame of {len(data or b'')} bytes was not read."
        )
    if len(text) > settings.FRAME_MAX_BYTES or len(text.encode(errors="replace")) > settings.FRAME_MAX_BYTES:
        limit = settings.FRAME_MAX_BYTES
        raise Refusal(
            "frame_too_large", f"A frame has at most {limit} bytes. Nothing was sent; shorten the text."
        )
    try:
        fields = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Refusal("bad_json", f"That is not JSON: {error.msg}.") from error
    if not isinstance(fields, dict) or not isinstance(fields.get("type"), str):
        raise Refusal("bad_message", "A message is a JSON object with a “type”.")
    return Command(fields["type"], fields)


def error(code: str, message: str, client_key: str | None) -> dict[str, Any]:
    shape = {"type": "error", "code": code, "message": message}
    return shape if client_key is None else shape | {"client_key": client_key}


def limits() -> dict[str, int]:
    return {
        "message_chars": settings.MESSAGE_MAX_CHARS,
        "frame_bytes": settings.FRAME_MAX_BYTES,
        "waiting_turns": settings.WAITING_TURNS_MAX,
    }


class Budget:
    """A bucket that holds `size` messages and refills in ten seconds."""

    def __init__(self, size: int) -> None:
        self.size = self.left = float(size)
        self.at: float | None = None

    def spend(self, now: float) -> bool:
        since = 0.0 if self.at is None else now - self.at
        self.at, self.left = now, min(self.size, self.left + since * self.size / 10)
        if self.left < 1:
            return False
        self.left -= 1
        return True


def same_origin(scope: dict[str, Any]) -> bool:
    """A browser tells which page opens the socket: only this very host's, or a trusted origin's, may."""
    headers = dict(scope["headers"])
    origin = headers.get(b"origin", b"").decode("latin-1")
    host = headers.get(b"host", b"").decode("latin-1")
    ours = (
        validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS) and urlsplit(origin).netloc == host
    )
    return bool(origin) and (ours or origin in settings.CSRF_TRUSTED_ORIGINS)


class Verdict(Enum):
    FINE = auto()
    SIGNED_OUT = auto()
    NOT_VISIBLE = auto()


def verdict(user: User, session_key: str | None, conversation: UUID) -> Verdict:
    """Ask the session, the person and the conversation anew."""
    fresh = User.objects.filter(pk=user.pk, is_active=True).first() if user.pk else None
    if fresh is None or not _signed_in(fresh, session_key):
        return Verdict.SIGNED_OUT
    visible = rights.conversations_of(fresh).filter(pk=conversation).exists()
    return Verdict.FINE if visible else Verdict.NOT_VISIBLE


def _signed_in(user: User, session_key: str | None) -> bool:
    session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    same_person = session.get(SESSION_KEY) == str(user.pk)
    return same_person and constant_time_compare(
        session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash()
    )


def seconds_left(session: SessionBase) -> float:
    """Until the session ends; a short minimum so that a caller may loop on it."""
    left = session.get_expiry_date() - datetime.now(tz=session.get_expiry_date().tzinfo)
    return min(LONGEST_SLEEP, max(0.5, left.total_seconds()))


def status_of(response: UUID, conversation: UUID) -> Response | None:
    return Response.objects.filter(pk=response, turn__conversation=conversation).only("status").first()

"""What the consumer needs to know: commands as typed values, budgets, origins and rights."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.http.request import split_domain_port, validate_host
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from conversations import clock
from conversations.chat import sweeper
from conversations.chat.fields import number_field, text_field, uuid_field
from conversations.chat.refusals import Refusal
from conversations.models import Response, User
from conversations.models.responses import Status
from conversations.people import rights
from conversations.prepared import prepared


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
        return uuid_field(self.fields, name)

    def uuid_or_none(self, name: str) -> UUID | None:
        return None if self.fields.get(name) is None else self.uuid(name)

    def text(self, name: str) -> str:
        return text_field(self.fields, name)

    def number(self, name: str, default: int) -> int:
        return number_field({name: default} | self.fields, name, low=-1, high=2**53)


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


def error(code: str, message: str, client_key: str | None, choice: str = "") -> dict[str, Any]:
    shape = {"type": "error", "code": code, "message": message}
    if choice:
        shape["choice"] = choice
    return shape if client_key is None else shape | {"client_key": client_key}


def limits() -> dict[str, int]:
    return {
        "message_chars": settings.MESSAGE_MAX_CHARS,
        "frame_bytes": settings.FRAME_MAX_BYTES,
        "waiting_turns": settings.WAITING_TURNS_MAX,
        "attachments": settings.ATTACHMENTS_MAX,
        "attachment_bytes": settings.ATTACHMENT_BYTES,
        "tool_output_bytes": settings.TOOL_OUTPUT_MAX_BYTES,
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
    allowed = validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS)
    ours = allowed and origin in (f"http://{host}", f"https://{host}")
    return ours or origin in settings.CSRF_TRUSTED_ORIGINS


class Verdict(Enum):
    FINE = auto()
    SIGNED_OUT = auto()
    NOT_VISIBLE = auto()
    DELETED = auto()


@dataclass(frozen=True)
class Standing:
    """How a person stands to a conversation now, for how many seconds the session lasts, and what to say."""

    verdict: Verdict
    seconds_left: float = 0.0
    message: str = ""


@prepared
def standing(user: User, session_key: str | None, conversation: UUID) -> Standing:
    """Ask the session, the person and the conversation anew."""
    fresh = User.objects.filter(pk=user.pk, is_active=True).first() if user.pk else None
    session = Session.objects.filter(session_key=session_key, expire_date__gt=clock.now()).first()
    if fresh is None or session is None or not _signed_in(fresh, session.get_decoded()):
        return Standing(Verdict.SIGNED_OUT)
    if not rights.conversations_of(fresh).filter(pk=conversation).exists():
        return _closed(fresh, conversation)
    return Standing(Verdict.FINE, (session.expire_date - clock.now()).total_seconds())


def _closed(user: User, conversation: UUID) -> Standing:
    """Who might have opened it yesterday is told who deleted it."""
    gone = rights.deleted_conversations_of(user).select_related("owner").filter(pk=conversation).first()
    if gone is None:
        return Standing(
            Verdict.NOT_VISIBLE, message=_("There is no such conversation, or you may not open it.")
        )
    if gone.owner_id == user.pk:
        return Standing(Verdict.DELETED, message=_("You deleted this conversation."))
    said = _("%(name)s deleted this conversation.") % {"name": gone.owner.name}
    return Standing(Verdict.DELETED, message=said)


def _signed_in(user: User, session: dict[str, Any]) -> bool:
    same_person = session.get(SESSION_KEY) == str(user.pk)
    return same_person and constant_time_compare(
        session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash()
    )


def response_in(conversation: UUID, response: UUID) -> Response | None:
    """With its status only. Whoever waits for one that nobody runs any more gets it ended."""
    row = Response.objects.filter(pk=response, turn__conversation=conversation).only("status").first()
    if row is not None and row.status == Status.IN_PROGRESS:
        sweeper.reap(conversation)
    return row

"""The pictures and documents that are kept of one person, for "My data"."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from conversations.models import Attachment, User
from conversations.people import rights

SHOWN = 200


@dataclass(frozen=True)
class OwnFile:
    """`link`: the person may still open it. `forgotten_at`: one that wasn't sent goes by itself then."""

    id: UUID
    name: str
    bytes: int
    at: datetime
    link: bool
    conversation: UUID | None
    title: str
    forgotten_at: datetime | None


@dataclass(frozen=True)
class OwnFiles:
    """The newest, and of all how many they are and how large."""

    shown: list[OwnFile]
    number: int
    bytes: int


def files_of(user: User) -> OwnFiles:
    rows = _kept_of(user)
    counted: dict[str, Any] = rows.order_by().aggregate(
        number=Count("pk"), bytes=Sum("content__size", default=0)
    )
    newest = list(rows.select_related("content", "conversation").order_by("-created_at", "-id")[:SHOWN])
    visible = rights.attachments_of(user).filter(pk__in=[row.pk for row in newest])
    seen = set(visible.values_list("pk", flat=True))
    return OwnFiles([_told(row, row.pk in seen) for row in newest], **counted)


def _kept_of(user: User) -> QuerySet[Attachment]:
    """What the person uploaded anywhere, and all in the person's own conversations; of those that were
    deleted is told apart.
    """
    mine = Attachment.objects.filter(Q(person=user) | Q(conversation__owner=user))
    return mine.exclude(conversation__deleted_at__isnull=False)


def _told(row: Attachment, link: bool) -> OwnFile:
    conversation = row.conversation if link else None
    return OwnFile(
        id=row.pk,
        name=row.name or (_("Picture of an answer") if row.is_picture else _("File of an answer")),
        bytes=row.content.size,
        at=row.created_at,
        link=link,
        conversation=conversation.pk if conversation else None,
        title=conversation.title if conversation else "",
        forgotten_at=_forgotten_at(row),
    )


def _forgotten_at(row: Attachment) -> datetime | None:
    sent = row.conversation_id is not None or row.responses.exists()
    return None if sent else row.created_at + timedelta(hours=settings.UNSENT_HOURS)

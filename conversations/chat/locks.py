"""The lock of a conversation: whoever adds to it, or ends something in it, takes it before any other row."""

from typing import Any
from uuid import UUID

from django.db.models import BigAutoField
from django.utils.translation import gettext as _

from conversations import clock
from conversations.chat.refusals import Refusal
from conversations.composed import Composed, Slot
from conversations.models import Conversation, User
from conversations.people import rights

LOCKED = Composed(
    lambda: (
        rights.conversations_of(Slot("user", BigAutoField()))
        .select_related("team", "owner", "deployment__endpoint")
        .select_for_update(of=("self",))
        .filter(pk=Slot("conversation"))
    )
)
TOUCHED = Composed(lambda: Conversation.objects.filter(pk=Slot("conversation")))


def lock_conversation(user: User, conversation: UUID) -> Conversation:
    """The row, locked, so that turns of one conversation are added one after the other."""
    row = LOCKED.first(user=user.pk, conversation=conversation)
    if row is None:
        raise Refusal("not_found", _("There is no such conversation, or you may not open it."))
    return row


def touch(conversation: UUID, **fields: Any) -> None:
    TOUCHED.update({"updated_at": clock.now(), **fields}, conversation=conversation)

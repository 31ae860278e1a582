"""A member deletes a conversation of her own: gone for everyone at once, and to be restored for a while.

What follows when that time is over is a bulk deletion of its own: `retention/own.py`.
"""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from conversations import bus, clock
from conversations.chat.locks import lock_conversation
from conversations.chat.refusals import Refusal
from conversations.chat.turns import request_stop
from conversations.models import Conversation, OwnDeletion, User
from conversations.models.audit import Action
from conversations.models.conversations import Visibility
from conversations.models.responses import OPEN
from conversations.people import rights
from conversations.people.audit import Actor, audited, record


def delete(user: User, conversation: UUID, *, actor: Actor) -> OwnDeletion:
    """Its owner may; asking twice is harmless. Answers that are being written are stopped first."""
    known = rights.own_deletions_of(user).filter(conversation=conversation).first()
    if known is not None:
        return known
    with audited():
        row = lock_conversation(user, conversation)
        if not rights.may_manage(user, row):
            raise Refusal("not_yours", _("Only the owner of this conversation can delete it."))
        _stop(user, row)
        deletion = _hide(row, actor)
        _note(Action.CONVERSATION_DELETED, row, actor, undo_until=deletion.undo_until.isoformat())
        _tell("conversation.deleted", row)
    return deletion


def restore(user: User, conversation: UUID, *, actor: Actor) -> None:
    """As it was, with the answers that were stopped."""
    with audited():
        mine = rights.own_deletions_of(user).filter(conversation=conversation)
        row = rights.deleted_conversations_of(user).filter(own_deletions__in=mine).first()
        if row is None:
            raise Refusal("not_found", _("There is no such conversation among those that you deleted."))
        now = clock.now()
        in_time = mine.filter(undo_until__gt=now, begun_at=None)
        if not in_time.update(restored_at=now, due_at=None):
            raise Refusal("too_late", _("The time to restore it is over, and its deletion has begun."))
        row.deleted_at = None
        row.save(update_fields=["deleted_at"])
        _note(Action.CONVERSATION_RESTORED, row, actor)
        _tell("conversation.restored", row)


def _stop(user: User, row: Conversation) -> None:
    """The newest first: what waits must not begin because that before it was stopped."""
    running = row.responses.filter(status__in=OPEN).order_by("-turn__number")
    for response in running.values_list("pk", flat=True):
        request_stop(user, response)


def _hide(row: Conversation, actor: Actor) -> OwnDeletion:
    now = clock.now()
    until = now + timedelta(seconds=settings.OWN_DELETE_UNDO_SECONDS)
    row.deleted_at = now
    # Saved, not updated: the sockets of all who watch it hear of that and ask for their rights again.
    row.save(update_fields=["deleted_at"])
    return OwnDeletion.objects.create(
        conversation=row, by=row.owner, actor=actor.text, deleted_at=now, undo_until=until, due_at=until
    )


def _tell(what: str, row: Conversation) -> None:
    """Everyone who may have it in a list."""
    news = {"type": what, "conversation": str(row.pk)}
    is_shared = row.visibility == Visibility.TEAM
    people = list(row.team.memberships.values_list("user", flat=True)) if is_shared else [row.owner_id]

    def publish() -> None:
        for user in people:
            bus.publish(bus.user_channel(user), news)

    transaction.on_commit(publish)


def _note(action: Action, row: Conversation, actor: Actor, **details: str) -> None:
    record(action, actor=actor, subject=row, team=row.team_id, details=details)

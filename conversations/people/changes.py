"""Tells the open sockets of a person that the person's rights may have changed."""

import hashlib
from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.http import HttpRequest

from conversations import bus
from conversations.models import Conversation, Membership, User


def announce(user: int) -> None:
    transaction.on_commit(lambda: bus.publish(bus.user_channel(user), {"type": "rights"}))


@receiver([post_save, post_delete], sender=Membership)
def membership_changed(instance: Membership, **_: Any) -> None:
    announce(instance.user_id)


@receiver(post_save, sender=User)
def user_changed(instance: User, created: bool, update_fields: frozenset[str] | None, **_: Any) -> None:
    if not created and update_fields != frozenset({"last_login"}):
        announce(instance.pk)


@receiver(post_save, sender=Conversation)
def conversation_changed(instance: Conversation, created: bool, **_: Any) -> None:
    """Visibility may have changed: everyone who watches is asked again."""
    if not created:
        channel = bus.conversation_channel(instance.pk)
        transaction.on_commit(lambda: bus.publish(channel, {"type": "rights"}))


@receiver(user_logged_out)
def logged_out(request: HttpRequest, user: User | None, **_: Any) -> None:
    """Told before the session is gone: whoever asked would still find it, so the news names the session."""
    if user is not None:
        bus.publish(bus.user_channel(user.pk), {"type": "logout", "session": session_mark(request.session)})


def session_mark(session: SessionBase) -> str:
    """Tells one session from another without being a key to either."""
    return hashlib.sha256((session.session_key or "").encode()).hexdigest()

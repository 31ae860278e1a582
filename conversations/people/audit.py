"""The audit trail as every room uses it: `record` says what was done, `audited` is the transaction around it.

    with audited():
        hold.save()
        record(Action.HOLD_PLACED, actor=of_request(request), subject=hold, reason=reason)

The entries are written as the last step of the outermost `audited`, so the head of the chain is locked for a
moment only. What is rolled back leaves no entry and no gap. `record` by itself is a transaction of its own.
Neither works inside a plain `transaction.atomic`, where it couldn't be the last step; that is a RuntimeError.
"""

import getpass
import os
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest

from conversations.models import AuditEntry, User
from conversations.models.audit import Action
from conversations.people import chain
from conversations.responses_api import repair

Subject = Model | tuple[str, str]
NOTHING = ("", "")
SUBJECT_CHARS = 200

_pending = threading.local()


@dataclass(frozen=True)
class Actor:
    text: str
    id: int | None = None
    source: str = ""


ANONYMOUS = "anonymous"


def person(user: User, source: str = "") -> Actor:
    return Actor(f"user:{user.username}#{user.pk}", user.pk, source)


def of_request(request: HttpRequest | None) -> Actor:
    """Who asks, and from which address."""
    source = address_of(request)
    user = getattr(request, "user", None)
    return person(user, source) if isinstance(user, User) else Actor(ANONYMOUS, None, source)


def address_of(request: HttpRequest | None) -> str:
    return "" if request is None else str(request.META.get("REMOTE_ADDR") or "")


def command() -> Actor:
    """Whoever runs manage.py."""
    try:
        return Actor(f"cli:{getpass.getuser()}")
    except (KeyError, OSError):  # a user id that the system has no name for
        return Actor(f"cli:{os.getuid()}")


def system(name: str) -> Actor:
    return Actor(f"system:{name}")


def record(
    action: Action,
    *,
    actor: Actor,
    subject: Subject = NOTHING,
    team: int | None = None,
    reason: str = "",
    details: Mapping[str, Any] | None = None,
) -> None:
    """`details` are strings, whole numbers, booleans, lists and objects of them; never what people wrote."""
    kind, identity = subject_of(subject)
    entry = AuditEntry(
        action=action,
        actor=actor.text,
        actor_id=actor.id,
        source=actor.source,
        subject_type=kind,
        subject_id=identity[:SUBJECT_CHARS],
        team_id=team,
        reason=repair(reason)[0],
        details=repair(exact(dict(details or {})))[0],
    )
    with audited():
        _pending.entries.append(entry)


def subject_of(subject: Subject) -> tuple[str, str]:
    if isinstance(subject, Model):
        return subject.__class__.__name__.lower(), str(subject.pk)
    return subject


def exact(value: Any) -> Any:
    """The value, unless databases might give it back in another form, which would look like a forgery."""
    match value:
        case dict():
            return {key: exact(inner) for key, inner in value.items()}
        case list() | tuple():
            return [exact(inner) for inner in value]
        case None | bool() | int() | str():
            return value
    raise TypeError(f"{type(value).__name__} has no place in an audit entry; make it a string")


@contextmanager
def audited() -> Generator[None]:
    """A transaction whose entries are written as its last step."""
    entries: list[AuditEntry] | None = getattr(_pending, "entries", None)
    with _within(entries) if entries is not None else _outermost():
        yield


@contextmanager
def _outermost() -> Generator[None]:
    with transaction.atomic(durable=True):
        _pending.entries = []
        try:
            yield
            if _pending.entries:
                chain.append(_pending.entries)
        finally:
            _pending.entries = None


@contextmanager
def _within(entries: list[AuditEntry]) -> Generator[None]:
    before = len(entries)
    try:
        with transaction.atomic():
            yield
    except BaseException:
        del entries[before:]
        raise

"""Logins, logouts and refused logins, as the audit trail has them."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from conversations.models import User
from conversations.models.audit import Action
from conversations.people import folds
from conversations.people.audit import ANONYMOUS, NOTHING, Actor, address_of, person, record


@receiver(user_logged_in)
def logged_in(request: HttpRequest | None, user: User, **_: Any) -> None:
    record(Action.LOGIN, actor=person(user, address_of(request)), subject=user)


@receiver(user_logged_out)
def logged_out(request: HttpRequest | None, user: User | None, **_: Any) -> None:
    if user is not None:
        record(Action.LOGOUT, actor=person(user, address_of(request)), subject=user)


@receiver(user_login_failed)
def refused(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    """Names only accounts that exist: what else stands in the field may be a password in the wrong place."""
    accounts = User.objects.filter(username=str(credentials.get("username", "")))
    known = accounts.values_list("pk", flat=True).first()
    actor = Actor(ANONYMOUS, None, address_of(request))
    folds.refused(Action.LOGIN_REFUSED, actor=actor, subject=("user", str(known)) if known else NOTHING)

"""Logging in and out: what the audit trail has of it, and an end to floods of guesses."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.translation import gettext as _

from conversations.models import User
from conversations.models.audit import Action
from conversations.people import folds
from conversations.people.audit import ANONYMOUS, NOTHING, Actor, address_of, command, person, record

CLOSED_MAX = 10_000


@receiver(user_logged_in)
def logged_in(request: HttpRequest | None, user: User, **_kwargs: Any) -> None:
    record(Action.LOGIN, actor=person(user, address_of(request)), subject=user)


@receiver(user_logged_out)
def logged_out(request: HttpRequest | None, user: User | None, **_kwargs: Any) -> None:
    if user is not None:
        record(Action.LOGOUT, actor=person(user, address_of(request)), subject=user)


@receiver(user_login_failed)
def refused(credentials: dict[str, Any], request: HttpRequest | None = None, **_kwargs: Any) -> None:
    """Names only accounts that exist: what else stands in the field may be a password in the wrong place."""
    accounts = User.objects.filter(username=str(credentials.get("username", "")))
    known = accounts.values_list("pk", flat=True).first()
    _count(request, ("user", str(known)) if known else NOTHING)


@receiver(post_save, sender=User)
def superuser_made(instance: User, created: bool, **_kwargs: Any) -> None:
    """Only `createsuperuser` makes them; the desk can't."""
    if created and instance.is_superuser:
        details = {"added": {"is_superuser": [None, True]}}
        record(Action.ROLE_CHANGED, actor=command(), subject=instance, details=details)


class LoginForm(AuthenticationForm):
    """Doesn't look at passwords from where many were refused lately: hashing them is what a flood costs."""

    def clean(self) -> dict[str, Any]:
        stranger = _stranger(self.request)
        if folds.so_far(Action.LOGIN_REFUSED, stranger) >= settings.LOGIN_REFUSALS_PER_MINUTE:
            _close(stranger.source)
            _count(self.request, NOTHING)
            raise ValidationError(too_many(), code="too_many")
        return super().clean()


def too_many() -> str:
    return _("Too many logins were refused from your network. Wait a minute, then try again.")


def busy() -> str:
    return _("Too many people log in at this moment. Try again soon.")


# Networks from where nothing more is looked at, and in which minute; what this process has met of them.
_closed: dict[str, int] = {}


def is_closed(address: str) -> bool:
    return _closed.get(folds.network_of(address)) == folds.this_minute()


def _close(address: str) -> None:
    if len(_closed) >= CLOSED_MAX:
        _closed.clear()
    _closed[folds.network_of(address)] = folds.this_minute()


def count_refused(addresses: Mapping[str, int]) -> None:
    """Of logins that were refused unseen; on a thread of its own."""
    try:
        for address, times in addresses.items():
            folds.refused(Action.LOGIN_REFUSED, actor=Actor(ANONYMOUS, None, address), times=times)
    finally:
        connection.close()


def _count(request: HttpRequest | None, account: tuple[str, str]) -> None:
    folds.refused(Action.LOGIN_REFUSED, actor=_stranger(request), subject=account)


def _stranger(request: HttpRequest | None) -> Actor:
    return Actor(ANONYMOUS, None, address_of(request))

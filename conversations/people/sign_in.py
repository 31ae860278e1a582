"""Logging in and out: what the audit trail has of it, and an end to floods of guesses."""

from typing import Any, NoReturn

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.core.exceptions import ValidationError
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.translation import gettext as _

from conversations.models import User
from conversations.models.audit import Action
from conversations.people import folds
from conversations.people.audit import ANONYMOUS, NOTHING, Actor, address_of, command, person, record
from conversations.people.turnstile import Turnstile


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


# Hashing a password takes a processor for a while, and a connection of the pool. With more of them at once a
# flood would leave neither to those who are in.
PASSWORDS = Turnstile(at_once=settings.LOGINS_AT_ONCE, waiting=20, seconds=10)


class LoginForm(AuthenticationForm):
    """Looks at few passwords at once, and at none from where many were refused lately."""

    def clean(self) -> dict[str, Any]:
        self._refuse_if_many()
        with PASSWORDS.entered() as is_next:
            if not is_next:
                self._turn_away(_("Too many people log in at this moment. Try again soon."), "busy")
            self._refuse_if_many()
            return super().clean()

    def _refuse_if_many(self) -> None:
        so_far = folds.so_far(Action.LOGIN_REFUSED, _stranger(self.request))
        if so_far >= settings.LOGIN_REFUSALS_PER_MINUTE:
            text = _("Too many logins were refused from your network. Wait a minute, then try again.")
            self._turn_away(text, "too_many")

    def _turn_away(self, text: str, code: str) -> NoReturn:
        _count(self.request, NOTHING)
        raise ValidationError(text, code=code)


def _count(request: HttpRequest | None, account: tuple[str, str]) -> None:
    folds.refused(Action.LOGIN_REFUSED, actor=_stranger(request), subject=account)


def _stranger(request: HttpRequest | None) -> Actor:
    return Actor(ANONYMOUS, None, address_of(request))

"""Why somebody searches in what others wrote, and for how long that reason holds."""

from datetime import timedelta

from django.conf import settings

from conversations import clock
from conversations.models import SearchGrant, User
from conversations.models.audit import Action
from conversations.people.audit import Actor, audited, record
from conversations.people.grants import REASON_MAX, NoReason, NotAtDesk


def grant_search(user: User, reason: str, *, actor: Actor) -> SearchGrant:
    reason = reason.strip()[:REASON_MAX]
    if not reason:
        raise NoReason
    if not user.at_the_desk:
        raise NotAtDesk
    now = clock.now()
    until = now + timedelta(minutes=settings.READ_GRANT_MINUTES)
    with audited():
        row = SearchGrant.objects.create(person=user, reason=reason, granted_at=now, until=until)
        details = {"grant": row.pk, "until": until.isoformat()}
        record(Action.GRANT_MADE, actor=actor, subject=row, reason=reason, details=details)
    return row


def active_search(user: User) -> SearchGrant | None:
    """The reason in force that lasts longest, if there is one."""
    mine = SearchGrant.objects.filter(person=user, until__gt=clock.now())
    return mine.order_by("-until").first() if user.at_the_desk else None

"""Why and how long staff may read what others wrote; grants and what is opened under them are audited."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Q, QuerySet

from conversations import clock
from conversations.models import AuditEntry, Conversation, ReadGrant, Response, User
from conversations.models.audit import Action
from conversations.people.audit import Actor, audited, record
from conversations.people.rights import responses_at_desk

REASON_MAX = 500


class NoReason(ValueError):
    """A grant must say why."""


class NotAtDesk(PermissionError):
    """The person may not even list what was asked for."""


def grant(user: User, subject: Conversation | Response, reason: str, *, actor: Actor) -> ReadGrant:
    """Opens the conversation, or the response that belongs to none, for a while."""
    reason = reason.strip()[:REASON_MAX]
    if not reason:
        raise NoReason
    conversation, response = _opened(subject)
    if not _rows_of(user, subject).exists():
        raise NotAtDesk
    now = clock.now()
    until = now + timedelta(minutes=settings.READ_GRANT_MINUTES)
    with audited():
        row = ReadGrant.objects.create(
            person=user,
            conversation=conversation,
            response=response,
            reason=reason,
            granted_at=now,
            until=until,
        )
        record(
            Action.GRANT_MADE,
            actor=actor,
            subject=conversation or response or row,
            team=subject.team_id,
            reason=reason,
            details={"grant": row.pk, "until": until.isoformat()},
        )
    return row


def _opened(subject: Conversation | Response) -> tuple[Conversation | None, Response | None]:
    if isinstance(subject, Conversation):
        return subject, None
    return (subject.conversation, None) if subject.conversation else (None, subject)


def _rows_of(user: User, subject: Conversation | Response) -> QuerySet[Response]:
    rows = responses_at_desk(user)
    if isinstance(subject, Conversation):
        return rows.filter(conversation=subject)
    return rows.filter(pk=subject.pk)


def active(user: User, response: Response) -> ReadGrant | None:
    """The person's grant for the response that lasts longest, if any is in force."""
    mine = ReadGrant.objects.filter(person=user, until__gt=clock.now())
    return mine.filter(_covering(response)).order_by("-until").first()


def _covering(response: Response) -> Q:
    if response.conversation_id:
        return Q(conversation=response.conversation_id)
    return Q(response=response.pk)


def is_own(user: User, response: Response) -> bool:
    """Whether it belongs to a conversation of the person's own."""
    return response.conversation is not None and response.conversation.owner_id == user.pk


def may_read(user: User, response: Response) -> bool:
    """Whether the words may be shown at the desk now."""
    if not responses_at_desk(user).filter(pk=response.pk).exists():
        return False
    return is_own(user, response) or active(user, response) is not None


def note_reading(user: User, response: Response, *, actor: Actor) -> None:
    """Text of others is about to be shown: one entry per grant and response, however often it is opened."""
    under = None if is_own(user, response) else active(user, response)
    if under is None or _noted(user, response, under):
        return
    record(
        Action.CONTENT_READ,
        actor=actor,
        subject=response,
        team=response.team_id,
        reason=under.reason,
        details={"grant": under.pk},
    )


def _noted(user: User, response: Response, under: ReadGrant) -> bool:
    read = AuditEntry.objects.filter(subject_type="response", subject_id=str(response.pk))
    return read.filter(action=Action.CONTENT_READ, actor_id=user.pk, details__grant=under.pk).exists()


def readings_of(response: Response) -> QuerySet[AuditEntry]:
    """Who has read it at the desk, when and why; newest first. For its members to see."""
    read = AuditEntry.objects.filter(subject_type="response", subject_id=str(response.pk))
    return read.filter(action=Action.CONTENT_READ).order_by("-number")


def grants_of(conversation: Conversation) -> QuerySet[ReadGrant]:
    """Who has looked into it at the desk, when and why; newest first. For its members to see."""
    return conversation.read_grants.select_related("person").order_by("-granted_at")

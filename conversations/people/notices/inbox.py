"""What a person finds in "Waiting for you", and how many."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from conversations import bus, clock
from conversations.models import Delivery, Notice, NoticeSeen, User
from conversations.models.notices import NEWS, Audience
from conversations.people import rights

DONE_KEPT = timedelta(days=30)
DONE_SHOWN = 30
KEPT = timedelta(days=90)
COUNTED_AT_MOST = 99


def waiting(user: User) -> QuerySet[Notice]:
    """Oldest first."""
    return rights.notices_of(user).filter(settled_at=None).order_by("created_at", "pk")


def done(user: User) -> QuerySet[Notice]:
    """News, and what one has settled oneself; what somebody else settled is gone."""
    mine = Q(kind__in=NEWS) | Q(settled_by=user)
    since = clock.now() - DONE_KEPT
    found = rights.notices_of(user).filter(mine, settled_at__gte=since)
    return found.annotate(is_new=_unseen(user)).order_by("-settled_at", "-pk")[:DONE_SHOWN]


def count(user: User) -> int:
    """What the bell shows, as far as it matters: all that waits, and news that were not looked at."""
    since = clock.now() - DONE_KEPT
    news = Q(kind__in=NEWS, settled_at__gte=since) & _unseen(user)
    rows = rights.notices_of(user).filter(Q(settled_at=None) | news)
    return len(rows.order_by().values_list("pk", flat=True)[:COUNTED_AT_MOST])


def look(user: User, rows: Iterable[Notice]) -> None:
    """They were shown to that person."""
    now = clock.now()
    seen = [NoticeSeen(notice=row, person=user, at=now) for row in rows]
    NoticeSeen.objects.bulk_create(seen, ignore_conflicts=True)


def _unseen(user: User) -> Q:
    return Q(~Exists(NoticeSeen.objects.filter(notice=OuterRef("pk"), person=user)))


def people_of(notice: Notice) -> list[User]:
    """All whose inbox has it now."""
    people = User.objects.filter(is_active=True)
    if notice.audience == Audience.PERSON:
        people = people.filter(notices=notice.pk)
    elif notice.audience == Audience.TEAM:
        people = people.filter(memberships__team=notice.team_id)
    else:
        people = people.filter(rights.STAFF)
    return [user for user in people if sees(user, notice)]


def sees(user: User, notice: Notice) -> bool:
    return rights.notices_of(user).filter(pk=notice.pk).exists()


def forget_old() -> None:
    """What was settled long ago, with its deliveries; the audit trail has who did what."""
    since = clock.now() - KEPT
    Notice.objects.filter(settled_at__lt=since).delete()
    Delivery.objects.filter(notice=None, created_at__lt=since).delete()


def announce(rows: Iterable[Notice]) -> None:
    """Open pages of these people show the new number; whoever has none open reads it with the next page."""
    people = {user.pk: user for row in rows for user in people_of(row)}
    if people:
        transaction.on_commit(lambda: _publish(list(people.values())))


def _publish(people: list[User]) -> None:
    for user in people:
        bus.publish(bus.user_channel(user.pk), {"type": "notices", "waiting": count(user)})

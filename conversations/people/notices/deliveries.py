"""Which channels and people hear of a notice; each is a row, and the rows are the queue."""

from collections.abc import Iterable, Iterator, Sequence

from django.conf import settings
from django.db.models import QuerySet

from conversations import clock
from conversations.models import Delivery, Notice, NoticeChannel, User
from conversations.models.notices import ByMail, DeliveryState
from conversations.people.notices import inbox, queue


def plan(notice: Notice) -> None:
    """One for each channel and matter, and one for each person who wants mail."""
    now = clock.now()
    rows = [Delivery(notice=notice, channel=channel) for channel in _channels(notice)]
    rows += [Delivery(notice=notice, person=person) for person in _by_mail(notice)]
    for row in rows:
        row.created_at = row.due_at = now
    if Delivery.objects.bulk_create(rows):
        queue.wake()


def drop(notices: Sequence[int]) -> None:
    """Nobody needs to hear any more of what is settled."""
    waiting = Delivery.objects.filter(notice__in=notices, state=DeliveryState.WAITING)
    waiting.update(state=DeliveryState.DROPPED, due_at=None, ended_at=clock.now())


def _channels(notice: Notice) -> Iterator[NoticeChannel]:
    """Of a matter that is told to several people one by one, each channel hears once."""
    told = _of_matter(notice).values("channel")
    for channel in NoticeChannel.objects.filter(enabled=True).exclude(pk__in=told):
        if notice.kind in channel.kinds and channel.team_id in (None, notice.team_id):
            yield channel


def _of_matter(notice: Notice) -> QuerySet[Delivery]:
    same = Notice.objects.filter(key=notice.key, settled_at=None)
    return Delivery.objects.filter(notice__in=same, channel__isnull=False)


def _by_mail(notice: Notice) -> Iterable[User]:
    if not settings.EMAIL_ON:
        return []
    return [user for user in inbox.people_of(notice) if user.email and wants(user, notice)]


def wants(user: User, notice: Notice) -> bool:
    choice = choice_of(user)
    return choice == ByMail.ALL or (choice == ByMail.WAITING and not notice.is_news)


def choice_of(user: User) -> ByMail:
    chosen = getattr(user, "notice_choice", None)
    return ByMail(chosen.by_mail) if chosen else ByMail.WAITING

"""Sends what is due: claims rows, sends them side by side, books each answer.

A claim is committed before anything is sent and repeated when the answer is booked. One whose process died
is claimed again when its lease ends, so a message may come twice, and a webhook gets the same id with both.
"""

import asyncio
import logging
import smtplib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from conversations import clock
from conversations.models import Delivery
from conversations.models.notices import ChannelKind, DeliveryState
from conversations.people.notices import deliveries, inbox, webhooks
from conversations.people.notices.messages import Message, as_mail, message_of
from conversations.people.notices.webhooks import NotSent, Target

LEASE = timedelta(minutes=2)
BATCH = 20
# After the first attempt, the second, …; then it has failed. Most of a day.
WAITS = [timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 720)]
LONGEST = timedelta(hours=12)
TROUBLE_MAX = 300

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outgoing:
    """`to` is an address for mail, or a webhook."""

    delivery: int
    attempt: int
    message: Message
    to: str | Target


def send_due() -> None:
    while claimed := _claim():
        _send(claimed)


def send_now(delivery: Delivery) -> Delivery:
    """One that somebody waits for."""
    _send(_claim(delivery.pk))
    delivery.refresh_from_db()
    return delivery


def _claim(only: int | None = None) -> list[Delivery]:
    """What another process takes right now is left to it."""
    now = clock.now()
    due = Delivery.objects.filter(state=DeliveryState.WAITING, due_at__lte=now)
    if only is not None:
        due = due.filter(pk=only)
    with transaction.atomic():
        locked = due.select_for_update(of=("self",), skip_locked=True, no_key=True).order_by("due_at", "pk")
        pks = list(locked.values_list("pk", flat=True)[:BATCH])
        rows = Delivery.objects.filter(pk__in=pks)
        rows.update(attempts=F("attempts") + 1, due_at=now + LEASE)
    return list(rows.select_related("notice__team", "channel", "person__notice_choice"))


def _send(rows: Sequence[Delivery]) -> None:
    outgoing = []
    for row in rows:
        if _is_wanted(row):
            outgoing.append(Outgoing(row.pk, row.attempts, message_of(row), _target(row)))
        else:
            _book(row.pk, row.attempts, state=DeliveryState.DROPPED)
    for each, error in zip(outgoing, asyncio.run(_all(outgoing)), strict=True):
        _settle(each, error)


def _is_wanted(row: Delivery) -> bool:
    """Rights, choices and channels may have changed since it was told, and somebody may have settled it."""
    notice = row.notice
    if notice is not None and notice.settled_at is not None and not notice.is_news:
        return False
    if row.channel is not None:
        return row.channel.enabled or notice is None
    person = row.person
    return bool(
        person and person.email and notice and deliveries.wants(person, notice) and inbox.sees(person, notice)
    )


def _target(row: Delivery) -> str | Target:
    if row.channel is None:
        return row.person.email if row.person else ""
    return row.channel.address if row.channel.kind == ChannelKind.EMAIL else Target.of(row.channel)


async def _all(outgoing: Sequence[Outgoing]) -> list[NotSent | None]:
    return await asyncio.gather(*(_one(each) for each in outgoing))


async def _one(outgoing: Outgoing) -> NotSent | None:
    try:
        if isinstance(outgoing.to, Target):
            await webhooks.send(outgoing.to, outgoing.message)
        else:
            await asyncio.to_thread(_mail, outgoing.to, outgoing.message)
    except NotSent as error:
        return error
    return None


def _mail(address: str, message: Message) -> None:
    """What the server says may quote addresses and more, so only its kind and code are told."""
    if not settings.EMAIL_ON:
        raise NotSent(_("E-mail is off: EMAIL_URL is not set."))
    headers = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
    mail = EmailMessage(message.title, as_mail(message), to=[address], headers=headers)
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _said in error.recipients.values()]
        raise NotSent(_("The mail server refuses the address."), permanent=min(codes) >= 500) from None
    except smtplib.SMTPResponseException as error:
        raise NotSent(_("The mail server answered %d.") % error.smtp_code) from None
    except (OSError, ValueError) as error:
        raise NotSent(_("The mail server couldn't be reached (%s).") % type(error).__name__) from None


def _settle(outgoing: Outgoing, error: NotSent | None) -> None:
    if error is None:
        _book(outgoing.delivery, outgoing.attempt, state=DeliveryState.SENT, trouble="")
        return
    trouble = str(error)[:TROUBLE_MAX]
    logger.warning("Delivery %d, attempt %d: %s", outgoing.delivery, outgoing.attempt, trouble)
    # Of a test people see at once what is wrong.
    if error.permanent or outgoing.attempt > len(WAITS) or outgoing.message.kind == "test":
        _book(outgoing.delivery, outgoing.attempt, state=DeliveryState.FAILED, trouble=trouble)
        return
    wait = max(WAITS[outgoing.attempt - 1], timedelta(seconds=error.retry_after or 0))
    due_at = clock.now() + min(wait, LONGEST)
    _mine(outgoing.delivery, outgoing.attempt).update(trouble=trouble, due_at=due_at)


def _book(delivery: int, attempt: int, **fields: Any) -> None:
    _mine(delivery, attempt).update(due_at=None, ended_at=clock.now(), **fields)


def _mine(delivery: int, attempt: int) -> Any:
    return Delivery.objects.filter(pk=delivery, attempts=attempt, state=DeliveryState.WAITING)

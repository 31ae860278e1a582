"""The doctor on notices: whether e-mail and webhooks could go out as they are set up. Nothing is sent."""

import asyncio
from datetime import timedelta

from django.conf import settings

from conversations import clock
from conversations.api.findings import Finding, fail, ok, warn
from conversations.models import Delivery, NoticeChannel
from conversations.models.notices import ChannelKind, DeliveryState
from conversations.people.notices import webhooks
from conversations.people.notices.webhooks import NotSent, Target

NO_ADDRESS = "What is sent has no links, since nobody said under which address people reach us."


def mail() -> Finding:
    addressed = NoticeChannel.objects.filter(enabled=True, kind=ChannelKind.EMAIL)
    if settings.EMAIL_ON:
        text = f"Sent through {settings.EMAIL_HOST}."
        return ok(text) if settings.PUBLIC_URL else warn(NO_ADDRESS, "Set PUBLIC_URL=https://…")
    if addressed.exists():
        return fail("Off, though a notice channel needs it.", "Set EMAIL_URL and EMAIL_FROM.")
    return ok("Off: people find what waits for them in their inbox.")


def channels() -> Finding:
    rows = list(NoticeChannel.objects.filter(enabled=True).exclude(kind=ChannelKind.EMAIL))
    for row in rows:
        if problem := _problem(Target.of(row)):
            return fail(f"“{row.name}”: {problem}", "Set what it names, then send a test at the desk.")
    failed = _failed()
    if failed:
        return warn(f"{failed} notices could not be delivered since yesterday.", "Look at them at the desk.")
    if rows and not settings.PUBLIC_URL:
        return warn(NO_ADDRESS, "Set PUBLIC_URL=https://…")
    return ok(f"{len(rows)} are set up.")


def _problem(target: Target) -> str:
    """A vault isn't asked."""
    if target.vault_url:
        return ""
    try:
        asyncio.run(webhooks.ready(target))
    except NotSent as error:
        return str(error)
    return ""


def _failed() -> int:
    since = clock.now() - timedelta(days=1)
    failed = Delivery.objects.filter(state=DeliveryState.FAILED, ended_at__gte=since)
    return failed.filter(notice__isnull=False).count()

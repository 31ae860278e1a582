"""What somebody at the desk should look at, the most urgent first. Each is a sum or a bounded look-up."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from conversations import clock
from conversations.models import AuditHead, Deletion, Delivery, Response, User, Worker
from conversations.models.deletions import TROUBLED
from conversations.models.holds import CopyState
from conversations.models.notices import DeliveryState
from conversations.models.responses import AT_UPSTREAM, Status, UpstreamState
from conversations.people import rights
from conversations.people.notices import inbox
from conversations.people.verification import head_problem
from conversations.stored import holds, local_copies
from conversations.stored.figures import Figures, Row
from conversations.stored.selection import Selection
from conversations.stored.selection_form import ANY_ERROR

Words = str | Promise
Meaning = Literal["stored", "expiring", "held", "deleted", "failed"]
SOON_DAYS = 7
COUNTED_AT_MOST = 1000
REFUSED = ("refused", "forbidden", "key_missing", "no_identity", "bad_configuration")
THERE = (UpstreamState.STORED, UpstreamState.UNKNOWN, UpstreamState.NOT_VISIBLE)
EXPIRING = ngettext_lazy("response expires upstream within 7 days", "responses expire upstream within 7 days")
TROUBLE = ngettext_lazy(
    "deletion failed, and upstream still has the response",
    "deletions failed, and upstream still has the responses",
)
HELD = ngettext_lazy(
    "held response expires upstream within 7 days: a hold doesn't stop that",
    "held responses expire upstream within 7 days: a hold doesn't stop that",
)
NOT_HERE = ngettext_lazy(
    "held response is not here in full, and upstream forgets it soon or did",
    "held responses are not here in full, and upstream forgets them soon or did",
)
UNLEARNED = ngettext_lazy(
    "response may be stored under an id that was never learned",
    "responses may be stored under ids that were never learned",
)
WAITING = ngettext_lazy("matter waits for you", "matters wait for you")
UNTOLD = ngettext_lazy(
    "notice could not be delivered in the last 7 days", "notices could not be delivered in the last 7 days"
)
ORPHANS = ngettext_lazy("answer is run by no worker", "answers are run by no worker")
KEYS = ngettext_lazy(
    "answer was refused since yesterday: look at the endpoint's key or role",
    "answers were refused since yesterday: look at the endpoint's key or role",
)


@dataclass(frozen=True)
class Attention:
    """One thing to look at; `count` leads the sentence, `url` is the list that holds exactly those rows."""

    meaning: Meaning
    icon: str
    count: int | None
    text: Words
    url: str

    @property
    def shown(self) -> str:
        if self.count is None:
            return ""
        return f"{self.count:,}" + ("+" if self.count == COUNTED_AT_MOST else "")


def attention(user: User, figures: Figures, stored: Sequence[Row]) -> Iterator[Attention]:
    """`stored`: what expires from today on, by day."""
    yield from _machinery()
    waiting = len(inbox.waiting(user)[:COUNTED_AT_MOST])
    yield from _some(waiting, "expiring", "bell", WAITING, reverse("inbox"))
    if user.administers:
        yield from _few(_untold(), "failed", "bell", UNTOLD, _deliveries())
    responses = rights.responses_at_desk(user)
    yield from _expiring(responses, figures, stored)
    yield from _few(_troubled(figures), "failed", "octagon-alert", TROUBLE, _list(upstream="stored"))
    held = responses.filter(holds.on_any(), _expires_soon())
    yield from _few(held, "held", "lock", HELD, _list(held=True, expires_within=SOON_DAYS))
    unsafe = local_copies.troubled(responses)
    yield from _few(unsafe, "failed", "lock", NOT_HERE, _copies())
    unlearned = sum(row["unlearned"] for row in stored)
    yield from _some(unlearned, "expiring", "circle-help", UNLEARNED, _list(upstream="not_learned"))
    orphans = responses.filter(_orphaned())
    yield from _few(orphans, "failed", "unplug", ORPHANS, _list(status=Status.IN_PROGRESS.value))
    refused = figures.refused(REFUSED)
    yield from _some(refused, "failed", "key-round", KEYS, _list(error=ANY_ERROR, days=2))


def _machinery() -> Iterator[Attention]:
    alive_since = clock.now() - timedelta(seconds=settings.LEASE_SECONDS)
    if not Worker.objects.filter(beat_at__gte=alive_since).exists():
        url = reverse("admin:conversations_worker_changelist")
        yield Attention("failed", "unplug", None, _("No worker is alive: messages wait for one."), url)
    if head_problem(AuditHead.objects.first()):
        url = reverse("admin:conversations_auditentry_changelist")
        text = _("The head of the audit trail doesn't verify. Run manage.py verify_audit.")
        yield Attention("failed", "shield", None, text, url)


def _expiring(responses: QuerySet[Response], figures: Figures, stored: Sequence[Row]) -> Iterator[Attention]:
    """By whole days; to the minute, as the list has them, where counting is cheap."""
    until = figures.today + timedelta(days=SOON_DAYS)
    soon = sum(row["responses"] for row in stored if row["day"] < until)
    if soon < COUNTED_AT_MOST and not figures.teams:
        soon = responses.filter(_expires_soon()).order_by()[:COUNTED_AT_MOST].count()
    yield from _some(soon, "expiring", "hourglass", EXPIRING, _list(expires_within=SOON_DAYS))


def _expires_soon() -> Q:
    now = clock.now()
    until = now + timedelta(days=SOON_DAYS)
    return Q(expires_at__gt=now, expires_at__lte=until, upstream_state__in=AT_UPSTREAM)


def _troubled(figures: Figures) -> QuerySet[Deletion]:
    rows = Deletion.objects.filter(TROUBLED, response__upstream_state__in=THERE)
    return rows.filter(response__team__in=figures.teams) if figures.teams else rows


def _untold() -> QuerySet[Delivery]:
    since = clock.now() - timedelta(days=SOON_DAYS)
    return Delivery.objects.filter(state=DeliveryState.FAILED, ended_at__gte=since, notice__isnull=False)


def _orphaned() -> Q:
    dead_since = clock.now() - timedelta(seconds=settings.LEASE_SECONDS)
    lost = Q(worker=None) | Q(worker__beat_at__lt=dead_since)
    return lost & Q(status=Status.IN_PROGRESS, started_at__lt=dead_since)


def _few(rows: QuerySet[Any], meaning: Meaning, icon: str, text: Any, url: str) -> Iterator[Attention]:
    """Counted as far as it matters."""
    yield from _some(rows.order_by()[:COUNTED_AT_MOST].count(), meaning, icon, text, url)


def _some(count: int, meaning: Meaning, icon: str, text: Any, url: str) -> Iterator[Attention]:
    if count > 0:
        yield Attention(meaning, icon, count, text % count, url)


def _copies() -> str:
    states = f"{CopyState.TROUBLE},{CopyState.LOST}"
    return f"{reverse('admin:conversations_heldcopy_changelist')}?state__in={states}"


def _deliveries() -> str:
    return f"{reverse('admin:conversations_delivery_changelist')}?state__exact={DeliveryState.FAILED}"


def _list(**selection: Any) -> str:
    return f"{reverse('admin:conversations_response_changelist')}?{Selection(**selection).query()}"

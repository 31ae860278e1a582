"""What became of the conversations that a person deleted: for "My data", where it is said in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, Max, Min, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from conversations import clock
from conversations.models import Deletion, OwnDeletion, Response, User
from conversations.models.deletions import TROUBLED
from conversations.models.responses import AT_UPSTREAM
from conversations.people import rights
from conversations.stored.holds import is_held
from conversations.stored.whereabouts import moment

SHOWN = 50


@dataclass(frozen=True)
class Counts:
    """Of its answers; what is held, failed or unlearned is neither erased here nor gone upstream."""

    answers: int = 0
    erased: int = 0
    held: int = 0
    failed: int = 0
    unlearned: int = 0
    unlearned_until: datetime | None = None

    @property
    def going(self) -> int:
        return self.answers - self.erased - self.held - self.failed - self.unlearned


@dataclass(frozen=True)
class Deleted:
    """`said`: how far it is, sentence by sentence. `why`: upstream's refusal where one failed."""

    conversation: UUID
    title: str
    deleted_at: datetime
    undo_until: datetime
    restorable: bool
    ended_at: datetime | None
    counts: Counts
    why: str = ""

    @property
    def said(self) -> list[str]:
        if self.restorable:
            hidden = _("Hidden. It can be restored until %(until)s; then it is deleted.")
            return [hidden % {"until": moment(self.undo_until)}, *_held(self.counts)]
        if self.ended_at:
            return [_gone(self.counts, self.ended_at)]
        return [*_left(self.counts, self.why)]


def deleted_by(user: User) -> list[Deleted]:
    """The newest first."""
    rows = list(rights.own_deletions_of(user).select_related("conversation")[:SHOWN])
    now, keys = clock.now(), [row.conversation_id for row in rows]
    counts, whys = _counts(keys, now), _whys(keys)
    return [
        Deleted(
            conversation=row.conversation_id,
            title=row.conversation.title,
            deleted_at=row.deleted_at,
            undo_until=row.undo_until,
            restorable=row.begun_at is None and now < row.undo_until,
            ended_at=row.ended_at,
            counts=counts.get(row.conversation_id, Counts()),
            why=whys.get(row.conversation_id, ""),
        )
        for row in rows
    ]


def begins(response: Response) -> datetime | None:
    """When it goes because the owner of its conversation deleted that."""
    rows = OwnDeletion.objects.filter(conversation=response.conversation_id, restored_at=None)
    return rows.values_list("undo_until", flat=True).first() if response.conversation_id else None


def _counts(keys: Iterable[UUID], now: datetime) -> dict[UUID, Counts]:
    unerased, unlearned = Q(erased_at=None), _unlearned(now) & Q(is_held=False)
    rows = Response.objects.filter(conversation__in=keys).annotate(is_held=is_held(), has_failed=_failed())
    found = (
        rows.order_by()
        .values("conversation")
        .annotate(
            answers=Count("pk"),
            erased=Count("pk", filter=~unerased),
            held=Count("pk", filter=unerased & Q(is_held=True)),
            failed=Count("pk", filter=unerased & Q(is_held=False, has_failed=True)),
            unlearned=Count("pk", filter=unerased & unlearned),
            unlearned_until=Max("expires_at", filter=unerased & unlearned),
        )
    )
    counted: Iterable[dict[str, Any]] = map(dict, found)
    return {row.pop("conversation"): Counts(**row) for row in counted}


def _unlearned(now: datetime) -> Q:
    """Upstream may have it, under an id that nobody here knows."""
    unexpired = Q(expires_at=None) | Q(expires_at__gt=now)
    return unexpired & Q(response_id=None, upstream_state__in=AT_UPSTREAM)


def _failed() -> Exists:
    return Exists(Deletion.objects.filter(TROUBLED, response=OuterRef("pk"), job__own__isnull=False))


def _whys(keys: Iterable[UUID]) -> dict[UUID, str]:
    """Why upstream refused to delete what is here still."""
    failed = Deletion.objects.filter(
        TROUBLED, response__conversation__in=keys, response__erased_at=None, job__own__isnull=False
    )
    said = failed.order_by().values_list("response__conversation").annotate(why=Min("explanation"))
    return dict(said)


def _gone(counts: Counts, at: datetime) -> str:
    if not counts.answers:
        return _("Deleted on %(when)s. It had no answers.") % {"when": moment(at)}
    said = ngettext(
        "Deleted upstream and erased here on %(when)s: %(count)d answer.",
        "Deleted upstream and erased here on %(when)s: all %(count)d answers.",
        counts.answers,
    )
    return said % {"when": moment(at), "count": counts.answers}


def _left(counts: Counts, why: str) -> Iterable[str]:
    """What is done, and why the rest isn't."""
    if counts.erased:
        said = _("%(erased)d of %(answers)d answers are deleted upstream and erased here.")
        yield said % {"erased": counts.erased, "answers": counts.answers}
    if not counts.answers:
        yield _("It is being deleted.")
    if counts.going:
        said = ngettext("%(count)d is being deleted.", "%(count)d are being deleted.", counts.going)
        yield said % {"count": counts.going}
    yield from _held(counts)
    if counts.failed:
        said = ngettext(
            "%(count)d could not be deleted upstream and is tried again once a day. %(why)s",
            "%(count)d could not be deleted upstream and are tried again once a day. %(why)s",
            counts.failed,
        )
        yield (said % {"count": counts.failed, "why": why}).strip()
    if counts.unlearned:
        said = ngettext(
            "%(count)d may be stored upstream under an id that was never learned. It expires there by"
            " %(until)s; its words here go then.",
            "%(count)d may be stored upstream under ids that were never learned. They expire there by"
            " %(until)s; their words here go then.",
            counts.unlearned,
        )
        yield said % {"count": counts.unlearned, "until": moment(counts.unlearned_until)}


def _held(counts: Counts) -> Iterable[str]:
    """Not by whom, nor why: that is for the desk."""
    if counts.held:
        said = ngettext(
            "%(count)d must be kept, since it is held. It stays hidden and is deleted when the hold ends.",
            "%(count)d must be kept, since they are held. They stay hidden and are deleted when the hold"
            " ends.",
            counts.held,
        )
        yield said % {"count": counts.held}

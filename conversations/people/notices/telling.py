"""Opens a matter for those whom it concerns, once, and closes it for all of them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from conversations import clock
from conversations.models import Notice, Team, User
from conversations.models.notices import NEWS, TROUBLES, Audience, NoticeKind
from conversations.people.audit import Subject, exact, subject_of
from conversations.people.notices import deliveries, inbox, wording

# Trouble that comes again so soon is the same: it is open again, and nobody is told anew.
QUIET = timedelta(hours=1)
TOLD = ("facts", "but_not", "team", "path")


def tell(
    kind: NoticeKind,
    *,
    to: User | Audience,
    subject: Subject,
    team: Team | None = None,
    but_not: User | None = None,
    facts: Mapping[str, Any] | None = None,
    path: str = "",
    key: str = "",
) -> Notice:
    """`facts` are whole numbers, strings of ours and names of rows: never what people wrote, never a secret.
    Which ones a kind needs stands in `wording`. `path` is where it can be dealt with; jobs, policies and
    conversations have their own. `key` tells two matters of one kind and subject apart.
    """
    subject_type, subject_id = subject_of(subject)
    person = to if isinstance(to, User) else None
    wanted = Notice(
        kind=kind,
        audience=Audience.PERSON if isinstance(to, User) else to,
        person=person,
        but_not=but_not,
        team=team,
        subject_type=subject_type,
        subject_id=subject_id,
        key=key or f"{kind}:{subject_type}:{subject_id}",
        facts=exact(dict(facts or {})),
        path=path or wording.page_of(subject_type, subject_id),
    )
    with transaction.atomic():
        return _again(wanted) or _first(wanted)


def open_subjects(kind: NoticeKind) -> list[tuple[str, str]]:
    """What is open of a kind, for whoever judges whether it still is so."""
    rows = Notice.objects.filter(kind=kind, settled_at=None)
    return list(rows.values_list("subject_type", "subject_id").distinct())


def settle(*kinds: NoticeKind, subject: Subject, by: User | None = None) -> int:
    """Nobody has to do anything about it any more; `by` is who did, whose inbox keeps it among the done."""
    subject_type, subject_id = subject_of(subject)
    of_it = Notice.objects.filter(kind__in=kinds, subject_type=subject_type, subject_id=subject_id)
    with transaction.atomic():
        rows = list(of_it.filter(settled_at=None).select_for_update(no_key=True))
        pks = [row.pk for row in rows]
        Notice.objects.filter(pk__in=pks).update(settled_at=clock.now(), settled_by=by)
        deliveries.drop(pks)
        inbox.announce(rows)
    return len(rows)


def _again(wanted: Notice) -> Notice | None:
    """The row that tells of it already, as it is now."""
    row = _known(wanted).order_by("-created_at").first()
    if row is None:
        return None
    reopened = row.settled_at is not None and row.kind in TROUBLES
    changed: dict[str, Any] = {name: getattr(wanted, name) for name in TOLD}
    changed |= {"settled_at": None, "settled_by": None} if reopened else {}
    if any(getattr(row, name) != value for name, value in changed.items()):
        Notice.objects.filter(pk=row.pk).update(**changed)
        row.refresh_from_db()
    if reopened:
        inbox.announce([row])
    return row


def _known(wanted: Notice) -> QuerySet[Notice]:
    same = Notice.objects.filter(key=wanted.key, audience=wanted.audience, person=wanted.person)
    still = same.filter(settled_at=None)
    if wanted.kind not in (*TROUBLES, *NEWS) or still.exists():
        return still
    return same.filter(settled_at__gt=clock.now() - QUIET)


def _first(wanted: Notice) -> Notice:
    """Of two processes that find out at the same moment one tells."""
    wanted.created_at = clock.now()
    if wanted.is_news:
        wanted.settled_at = wanted.created_at
    try:
        with transaction.atomic():
            wanted.save()
    except IntegrityError:
        return _known(wanted).get(settled_at=None)
    deliveries.plan(wanted)
    inbox.announce([wanted])
    return wanted

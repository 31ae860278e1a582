"""What is held: asked of the database in one place by every road that deletes, here or upstream.

A claim of a deletion has `is_held` in its own UPDATE; what destroys text here takes its rows through `free`.

A claim and a hold may meet. Under PostgreSQL's READ COMMITTED a claim whose statement began before the hold
was committed doesn't see it, and may itself be committed after it. So `place` commits first, and every claim
that begins from there on finds the hold. Then it asks for a lock that every transaction that has written
deletions stands in the way of: once it is there, those have ended, and what they sent can be read and named.
That needs nothing of the claims, so no road can forget it. SQLite has one writer at a time, which comes to
the same.
"""

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import OperationalError, connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from conversations import clock
from conversations.models import Conversation, Deletion, Hold, Response, Team, User
from conversations.models.audit import Action
from conversations.models.deletions import GONE, Outcome
from conversations.models.holds import SUBJECTS
from conversations.people.audit import Actor, audited, record, system

Subject = User | Team | Conversation | Response
REASON_MAX = 500
KINDS: dict[type[Subject], str] = {
    User: "person",
    Team: "team",
    Conversation: "conversation",
    Response: "response",
}
# Who writes deletions for longer than that is not waited for, as others would wait behind; it is done later.
LOCK_SECONDS = 5
# A claim that began before a hold did, and found its row only later, was sent by then.
SETTLES = timedelta(minutes=1)
# Sent at least once, with an end that is not known.
ON_THEIR_WAY = Q(outcome=Outcome.IN_FLIGHT) | Q(outcome=Outcome.PENDING, sent_at__isnull=False)

logger = logging.getLogger(__name__)


class CannotHold(Exception):
    """Why, for people."""


def in_force() -> QuerySet[Hold]:
    """Holds that have begun and neither ended nor been lifted.

    One that begins when it is placed is in force for whoever finds its row, whatever the time was when they
    began to look: a claim may have waited for a lock meanwhile.
    """
    now = clock.now()
    begun = Q(starts_at__lte=now) | Q(starts_at__lte=F("placed_at"))
    return Hold.objects.filter(begun, Q(ends_at=None) | Q(ends_at__gt=now), lifted_at=None)


def is_held(of: str = "") -> Exists:
    """A condition and an annotation of responses: `responses.filter(is_held())`; of rows that have one, with
    the way to it: `deletions.exclude(is_held("response__"))`.
    """
    ways = {name: OuterRef(of + name) for name in ("conversation", "team", "person")}
    covering = Q(response=OuterRef(of + "pk"))
    for name, way in ways.items():
        covering |= Q(**{name: way})
    return Exists(in_force().filter(covering))


def on_any() -> Q:
    """The same as of now, for lists of millions: it names the few subjects, so that indexes help."""
    subjects = list(in_force().values_list(*(f"{name}_id" for name in SUBJECTS)))
    held = Q(pk__in=[])
    for name, ids in zip(SUBJECTS, zip(*subjects, strict=True), strict=False):
        known = {each for each in ids if each is not None}
        held |= Q(**{"pk__in" if name == "response" else f"{name}__in": known}) if known else Q()
    return held


def on_conversation(conversation: Conversation) -> bool:
    """Whether anything of it is held: for its members, who are told that and no more."""
    whole = Q(conversation=conversation) | Q(team=conversation.team_id)
    people = conversation.responses.values("person")
    some = Q(response__conversation=conversation) | Q(person__in=people)
    return in_force().filter(whole | some).exists()


def free(responses: QuerySet[Response]) -> QuerySet[Response]:
    """Those that nothing holds, nor will before the transaction ends: for what destroys text here.

    Call it first in the transaction, which must be short: placing a hold waits for its end.
    """
    _lock(Hold, "SHARE")
    return responses.exclude(is_held())


def holds_of(response: Response) -> QuerySet[Hold]:
    subjects = Q(response=response)
    subjects |= Q(conversation=response.conversation_id) if response.conversation_id else Q()
    subjects |= Q(team=response.team_id) if response.team_id else Q()
    subjects |= Q(person=response.person_id) if response.person_id else Q()
    return in_force().filter(subjects)


def names(responses: Iterable[Response]) -> dict[UUID, str]:
    """The reasons of the holds on each of them, for people; those that aren't held are left out."""
    responses = list(responses)
    ways = {"response": "pk"} | {name: f"{name}_id" for name in ("conversation", "team", "person")}
    on_them = Q(pk__in=[])
    for name, way in ways.items():
        on_them |= Q(**{f"{name}__in": {getattr(response, way) for response in responses} - {None}})
    found: dict[UUID, list[str]] = {}
    for hold in in_force().filter(on_them):
        for response in responses:
            if any(
                getattr(hold, f"{name}_id") == getattr(response, way) is not None
                for name, way in ways.items()
            ):
                found.setdefault(response.pk, []).append(f"“{hold.reason}”")
    return {key: ", ".join(reasons) for key, reasons in found.items()}


def covered(hold: Hold, way: str = "") -> Q:
    """The responses of a hold, or rows that have such a response, with the way to it."""
    if hold.response_id:
        return Q(**{f"{way}pk": hold.response_id})
    kind = kind_of(hold)
    return Q(**{f"{way}{kind}": getattr(hold, f"{kind}_id")})


def kind_of(hold: Hold) -> str:
    return next(name for name in SUBJECTS if getattr(hold, f"{name}_id") is not None)


def team_of(subject: Subject) -> int | None:
    """Whose rows they are; of a person nobody's, since their responses may lie in several teams."""
    if isinstance(subject, Team):
        return subject.pk
    return None if isinstance(subject, User) else subject.team_id


def subject_of(hold: Hold) -> Subject:
    found: Subject = getattr(hold, kind_of(hold))
    return found


def place(
    subject: Subject,
    *,
    reason: str,
    user: User,
    actor: Actor,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> Hold:
    """From now on, or from later on, nothing deletes it; what was on its way already is in `in_flight`."""
    now = clock.now()
    hold = Hold(
        reason=reason.strip()[:REASON_MAX],
        placed_by=user,
        placed_at=now,
        starts_at=max(starts_at or now, now),
        ends_at=ends_at,
        **{KINDS[type(subject)]: subject},
    )
    if not hold.reason:
        raise CannotHold(_("Say why it must stay."))
    if ends_at is not None and ends_at <= hold.starts_at:
        raise CannotHold(_("It must end after it begins."))
    with audited():
        hold.save()
        _note(Action.HOLD_PLACED, hold, actor, hold.reason, _details(hold))
    look_for_in_flight(hold)
    return hold


def end(hold: Hold, *, reason: str, user: User, actor: Actor) -> None:
    """Lift it now. What it covered may be deleted again, and what a plan left out stays left out."""
    reason, now = reason.strip()[:REASON_MAX], clock.now()
    if not reason:
        raise CannotHold(_("Say why the hold ends."))
    with audited():
        lasting = Hold.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now), pk=hold.pk, lifted_at=None)
        if not lasting.update(lifted_at=now, lifted_by=user, lift_reason=reason):
            raise CannotHold(_("It has ended already."))
        _note(Action.HOLD_ENDED, hold, actor, reason, _details(hold))
    hold.refresh_from_db()


def note_ends() -> None:
    """The audit trail tells once of each that its date has ended."""
    unnoted = Hold.objects.filter(ends_at__lte=clock.now(), lifted_at=None, end_noted_at=None)
    for hold in unnoted.order_by("ends_at"):
        with audited():
            if unnoted.filter(pk=hold.pk).update(end_noted_at=clock.now()):
                _note(Action.HOLD_ENDED, hold, system("holds"), "", _details(hold))


def look_for_in_flight(hold: Hold) -> bool:
    """Name the deletions that no hold can call back any more; whether that could be done now."""
    if not unseen().filter(pk=hold.pk).exists():
        return False
    try:
        flying = _flying(hold)
    except OperationalError as error:
        logger.warning("What was on its way when %s began is looked for later: %s", hold, error)
        return False
    _name(hold, flying | _decided_meanwhile(hold))
    return True


def unseen() -> QuerySet[Hold]:
    """Holds that have begun and whose deletions in flight nobody has looked for."""
    begun = Q(starts_at__lte=F("placed_at")) | Q(starts_at__lte=clock.now() - SETTLES)
    return Hold.objects.filter(begun, in_flight_seen_at=None)


def _flying(hold: Hold) -> set[int]:
    """Asked while nobody writes deletions: every claim that didn't see the hold has ended by then."""
    with transaction.atomic():
        _lock(Deletion, "EXCLUSIVE", seconds=LOCK_SECONDS)
        rows = Deletion.objects.filter(covered(hold, "response__"), ON_THEIR_WAY, due_at__isnull=False)
        return set(rows.values_list("pk", flat=True))


def _decided_meanwhile(hold: Hold) -> set[int]:
    """What got through between the beginning of the hold and the look at what was on its way."""
    began = max(hold.placed_at, hold.starts_at)
    rows = Deletion.objects.filter(covered(hold, "response__"), outcome__in=GONE, decided_at__gte=began)
    return set(rows.values_list("pk", flat=True))


def _name(hold: Hold, found: set[int]) -> None:
    now = clock.now()
    with audited():
        if not Hold.objects.filter(pk=hold.pk, in_flight_seen_at=None).update(in_flight_seen_at=now):
            return
        hold.in_flight_seen_at = now
        hold.in_flight.set(found)
        if found:
            told = {"in_flight": sorted(found)[:100], "count": len(found)}
            _note(Action.HOLD_TOO_LATE, hold, system("holds"), "", told)


def _lock(table: type[Hold | Deletion], mode: str, *, seconds: int = 0) -> None:
    """Waits for those who have written there, and lets everyone read."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{seconds}s'")
            cursor.execute(f"LOCK TABLE {table._meta.db_table} IN {mode} MODE")  # noqa: SLF001  Django's name


def _details(hold: Hold) -> Mapping[str, Any]:
    of = kind_of(hold)
    return {
        "of": of,
        "subject": str(getattr(hold, f"{of}_id")),
        "starts_at": hold.starts_at.isoformat(),
        "ends_at": hold.ends_at.isoformat() if hold.ends_at else None,
    }


def _note(action: Action, hold: Hold, actor: Actor, reason: str, details: Mapping[str, Any]) -> None:
    team = team_of(subject_of(hold))
    record(action, actor=actor, subject=hold, team=team, reason=reason, details=details)

"""What is stored of one person: for "My data", where everybody sees that of themselves."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet, Sum

from conversations.models import (
    AuditEntry,
    ComputerStep,
    Conversation,
    Endpoint,
    Export,
    ExportedConversation,
    HeldCopy,
    ReadGrant,
    Response,
    ToolCall,
    User,
)
from conversations.models.exports import Scope
from conversations.models.responses import AT_UPSTREAM, UpstreamState
from conversations.people.grants import readings_of
from conversations.people.rights import conversations_of

SHOWN = 200


def responses_of_person(user: User) -> QuerySet[Response]:
    """What the person asked for anywhere, and what others asked in the person's own conversations."""
    return Response.objects.filter(Q(person=user) | Q(conversation__owner=user))


def _left(user: User) -> QuerySet[Response]:
    """What there is of them anywhere: not what was erased here, unless upstream may have it."""
    return responses_of_person(user).filter(Q(erased_at=None) | Q(upstream_state__in=AT_UPSTREAM))


@dataclass(frozen=True)
class Totals:
    responses: int
    bytes: int
    conversations: int
    upstream: int
    until: datetime | None


@dataclass(frozen=True)
class Place:
    """An endpoint that has or had some of it."""

    name: str
    host: str
    retention_days: int
    responses: int
    upstream: int
    first_until: datetime | None
    last_until: datetime | None


@dataclass(frozen=True)
class Thread:
    """`title` and `link` are empty where the person may not open the conversation any more."""

    id: UUID
    title: str
    link: bool
    responses: int
    bytes: int
    upstream: int
    until: datetime | None
    last: datetime


@dataclass(frozen=True)
class Look:
    """Somebody of the desk read it, or took it along."""

    at: datetime
    who: str
    role: str
    reason: str
    conversation: UUID | None
    title: str
    exported: bool


UPSTREAM = Count("pk", filter=Q(upstream_state__in=AT_UPSTREAM))
LAST = Max("expires_at", filter=Q(upstream_state__in=AT_UPSTREAM))
FIRST = Min("expires_at", filter=Q(upstream_state__in=AT_UPSTREAM))


def totals(user: User) -> Totals:
    found: dict[str, Any] = _left(user).aggregate(
        responses=Count("pk"),
        bytes=Sum("size", default=0),
        conversations=Count("conversation", distinct=True),
        upstream=UPSTREAM,
        until=LAST,
    )
    return Totals(**found)


def states(user: User) -> list[tuple[str, str, int]]:
    """Upstream state, its word, how many; the most first."""
    counted = _left(user).order_by().values_list("upstream_state").annotate(number=Count("pk"))
    return [(state, str(UpstreamState(state).label), number) for state, number in counted.order_by("-number")]


def places(user: User) -> list[Place]:
    rows = (
        _left(user)
        .order_by()
        .values("endpoint")
        .annotate(responses=Count("pk"), upstream=UPSTREAM, first_until=FIRST, last_until=LAST)
    )
    endpoints = Endpoint.objects.in_bulk([row["endpoint"] for row in rows])
    found = [_place(endpoints[row["endpoint"]], {**row}) for row in rows]
    return sorted(found, key=lambda place: place.name)


def _place(endpoint: Endpoint, counted: dict[str, Any]) -> Place:
    del counted["endpoint"]
    host = urlsplit(endpoint.base_url).netloc
    return Place(name=endpoint.name, host=host, retention_days=endpoint.retention_days, **counted)


def calls(user: User) -> dict[str, int]:
    """Calls of tools in the person's answers, and those that the person decided on anywhere."""
    of_answers = Q(response__in=_left(user).order_by())
    found: dict[str, int] = ToolCall.objects.filter(of_answers | Q(decided_by=user)).aggregate(
        made=Count("pk", filter=of_answers), decided=Count("pk", filter=Q(decided_by=user))
    )
    return found


def browsed(user: User) -> dict[str, int]:
    """Tasks in a browser for the person's answers with their steps, and steps that the person decided on."""
    of_answers = Q(response__in=_left(user).order_by())
    found: dict[str, int] = ComputerStep.objects.filter(of_answers | Q(confirmed_by=user)).aggregate(
        tasks=Count("run", filter=of_answers, distinct=True),
        steps=Count("pk", filter=of_answers),
        decided=Count("pk", filter=Q(confirmed_by=user)),
    )
    return found


def copies(user: User) -> int:
    """Responses of which upstream's copy was fetched, since a hold covered them and not all was here."""
    return HeldCopy.objects.filter(response__in=_left(user).order_by(), body__isnull=False).count()


def threads(user: User) -> list[Thread]:
    """The conversations, the last used first; those that were deleted are told of apart."""
    rows = (
        _left(user)
        .exclude(conversation__deleted_at__isnull=False)
        .order_by()
        .values("conversation")
        .annotate(
            responses=Count("pk"),
            bytes=Sum("size", default=0),
            upstream=UPSTREAM,
            until=LAST,
            last=Max("queued_at"),
        )
    )
    newest = list(rows.order_by("-last")[:SHOWN])
    titles = _titles(user, [row["conversation"] for row in newest])
    return [_thread(titles, {**row}) for row in newest]


def _thread(titles: dict[UUID, str], counted: dict[str, Any]) -> Thread:
    key = counted.pop("conversation")
    return Thread(id=key, title=titles.get(key, ""), link=key in titles, **counted)


def _titles(user: User, keys: Iterable[UUID]) -> dict[UUID, str]:
    return dict(conversations_of(user).filter(pk__in=keys).values_list("pk", "title"))


def looks(user: User) -> list[Look]:
    """Who of the desk has read or exported conversations that the person is in; the newest first."""
    mine = Conversation.objects.filter(responses__in=responses_of_person(user)).distinct().values("pk")
    granted = ReadGrant.objects.filter(conversation__in=mine).exclude(person=user)
    exported = ExportedConversation.objects.filter(conversation__in=mine, export__scope=Scope.SELECTION)
    found = [_granted(each) for each in granted.select_related("person").order_by("-granted_at")[:SHOWN]]
    related = exported.exclude(export__by=user).select_related("export__by")
    found += [_exported(each) for each in related.order_by("-export__created_at")[:SHOWN]]
    titles = _titles(user, [look["conversation"] for look in found])
    named = [Look(**look, title=titles.get(look["conversation"], "")) for look in found]
    return sorted(named, key=lambda look: look.at, reverse=True)[:SHOWN]


def looks_at(response: Response, viewer: User) -> list[Look]:
    """Who of the desk has read this response, or exported its conversation; not the one who asks."""
    entries = list(readings_of(response).exclude(actor_id=viewer.pk)[:SHOWN])
    people = User.objects.in_bulk([entry.actor_id for entry in entries if entry.actor_id])
    found = [_read(entry, people.get(entry.actor_id or 0)) for entry in entries]
    exported = ExportedConversation.objects.filter(
        conversation=response.conversation_id, export__scope=Scope.SELECTION
    )
    related = exported.exclude(export__by=viewer).select_related("export__by")
    found += [_exported(each) for each in related.order_by("-export__created_at")[:SHOWN]]
    return sorted((Look(**look, title="") for look in found), key=lambda look: look.at, reverse=True)


def _read(entry: AuditEntry, person: User | None) -> dict[str, Any]:
    who, role = (person.name, person.get_role_display()) if person else (entry.actor, "")
    return {
        "who": who,
        "role": role,
        "at": entry.at,
        "reason": entry.reason,
        "conversation": None,
        "exported": False,
    }


def _granted(grant: ReadGrant) -> dict[str, Any]:
    who = {"who": grant.person.name, "role": grant.person.get_role_display()}
    return who | {
        "at": grant.granted_at,
        "reason": grant.reason,
        "conversation": grant.conversation_id,
        "exported": False,
    }


def _exported(told: ExportedConversation) -> dict[str, Any]:
    export = told.export
    who = {"who": export.by.name if export.by else export.actor, "role": ""}
    if export.by:
        who["role"] = export.by.get_role_display()
    return who | {
        "at": export.created_at,
        "reason": export.reason,
        "conversation": told.conversation_id,
        "exported": True,
    }


def exports(user: User) -> QuerySet[Export]:
    """The person's own, not those at the desk."""
    mine = without_deleted(Export.objects.filter(by=user)).exclude(scope=Scope.SELECTION)
    return mine.order_by("-created_at")[:20]


def without_deleted(exports: QuerySet[Export]) -> QuerySet[Export]:
    """Without people's archives of a conversation that its owner deleted, for as long as it is."""
    deleted = ExportedConversation.objects.filter(
        export=OuterRef("pk"), conversation__deleted_at__isnull=False
    )
    return exports.filter(Q(scope=Scope.SELECTION) | ~Q(Exists(deleted)))

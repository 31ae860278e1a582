"""Conversations as JSON: list, start, read, change."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest, JsonResponse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from conversations.api.answers import answers_json, body_of
from conversations.chat import changes, gauging, own_deletes, samples, shapes, snapshots, turns
from conversations.chat.fields import key_field, switch_field, uuid_field
from conversations.chat.refusals import Refusal
from conversations.models import Conversation, Response, User
from conversations.people import rights
from conversations.people.audit import of_request
from conversations.stored import own

PAGE = 40


@answers_json("GET", "POST")
def collection(request: HttpRequest) -> JsonResponse:
    return _start(request) if request.method == "POST" else _list(request)


@answers_json("GET", "PATCH", "DELETE")
def one(request: HttpRequest, conversation: UUID) -> JsonResponse:
    viewer = rights.person_of(request)
    if request.method == "DELETE":
        deleted = own_deletes.delete(viewer, conversation, actor=of_request(request))
        return JsonResponse(shapes.own_deletion(deleted))
    row = find(viewer, conversation)
    if request.method == "PATCH":
        changes.change_conversation(viewer, row, body_of(request))
        return JsonResponse(shapes.conversation(find(viewer, conversation), viewer=viewer))
    page, earlier = snapshots.turns_page(row, before=_before(row, request.GET.get("before")))
    return JsonResponse(
        {
            "conversation": shapes.conversation(row, viewer=viewer) | {"retention": shapes.retention(row)},
            "turns": page,
            "earlier": earlier,
        }
    )


@answers_json("POST")
def restore(request: HttpRequest, conversation: UUID) -> JsonResponse:
    viewer = rights.person_of(request)
    own_deletes.restore(viewer, conversation, actor=of_request(request))
    return JsonResponse(shapes.conversation(find(viewer, conversation), viewer=viewer))


@answers_json("POST")
def context(request: HttpRequest, conversation: UUID) -> JsonResponse:
    """How much of it the model would read, counted upstream. A POST, since upstream is asked."""
    viewer = rights.person_of(request)
    tip = uuid_field(body_of(request), "tip")
    return JsonResponse({"input_tokens": gauging.count(viewer, conversation, tip)})


@answers_json("GET")
def response(request: HttpRequest, response: UUID) -> JsonResponse:
    return JsonResponse(shapes.response(_response(rights.person_of(request), response)))


@answers_json("GET")
def sample(request: HttpRequest, response: UUID) -> JsonResponse:
    """Its request as a program in Python and as curl; words that were erased are in no program."""
    row = _response(rights.person_of(request), response)
    if row.erased_at:
        raise Refusal("erased", _("The words of this answer were erased."))
    return JsonResponse({"python": samples.as_python(row), "curl": samples.as_curl(row)})


@answers_json("GET")
def looks(request: HttpRequest, response: UUID) -> JsonResponse:
    """Who of the desk has read it, and why."""
    viewer = rights.person_of(request)
    found = own.looks_at(_response(viewer, response), viewer)
    return JsonResponse({"looks": [shapes.look(look) for look in found]})


def _response(viewer: User, response: UUID) -> Response:
    visible = rights.conversations_of(viewer)
    row = shapes.responses().filter(pk=response, turn__conversation__in=visible).first()
    if row is None:
        raise Refusal("not_found", _("There is no such answer, or you may not open it."))
    return row


def find(viewer: User, conversation: UUID) -> Conversation:
    row = snapshots.with_state(rights.conversations_of(viewer)).filter(pk=conversation).first()
    if row is None:
        raise Refusal("not_found", _("There is no such conversation, or you may not open it."))
    return row


def _list(request: HttpRequest) -> JsonResponse:
    viewer = rights.person_of(request)
    archived = request.GET.get("archived") == "1"
    rows = snapshots.with_state(rights.conversations_of(viewer)).filter(archived_at__isnull=not archived)
    for word in request.GET.get("q", "").replace("\x00", " ").split():
        rows = rows.filter(title__icontains=word)
    rows = _after_cursor(rows, request.GET.get("before", "")).order_by("-updated_at", "-pk")
    page = list(rows[: PAGE + 1])
    following = _cursor(page[PAGE - 1]) if len(page) > PAGE else None
    return JsonResponse(
        {"conversations": [shapes.conversation(row, viewer=viewer) for row in page[:PAGE]], "next": following}
    )


def _cursor(row: Conversation) -> str:
    return f"{row.updated_at.isoformat()}_{row.pk}"


def _after_cursor(rows: QuerySet[Conversation], cursor: str) -> QuerySet[Conversation]:
    if not cursor:
        return rows
    moment, _separator, key = cursor.partition("_")
    at = _moment(moment)
    return rows.filter(Q(updated_at__lt=at) | Q(updated_at=at, pk__lt=_uuid(key)))


def _moment(text: str) -> datetime:
    try:
        found = parse_datetime(text.replace(" ", "+"))
    except ValueError:
        found = None
    if found is None or found.utcoffset() != timedelta(0):
        raise Refusal("bad_cursor", _("That is not a place in the list. Load it from the start."))
    return found


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Refusal("bad_cursor", _("That is not a place in the list. Load it from the start.")) from error


def _before(row: Conversation, turn: str | None) -> UUID | None:
    if turn is None:
        return None
    key = _uuid(turn)
    if not row.turns.filter(pk=key).exists():
        raise Refusal("bad_cursor", _("That message is not in this conversation."))
    return key


def _start(request: HttpRequest) -> JsonResponse:
    viewer, body = rights.person_of(request), body_of(request)
    row, created = turns.start_conversation(
        viewer,
        client_key=uuid_field(body, "client_key"),
        deployment=key_field(body, "deployment"),
        team=key_field(body, "team"),
        instructions=body.get("instructions", ""),
        visibility=body.get("visibility", "team"),
        background=switch_field(body, "background"),
        asked=body.get("choices"),
    )
    return JsonResponse(
        shapes.conversation(find(viewer, row.pk), viewer=viewer), status=201 if created else 200
    )

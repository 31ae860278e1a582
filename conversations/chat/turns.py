"""What people do to a conversation: each checks the right, writes rows, and announces after the commit."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Max, QuerySet
from django.utils.translation import gettext as _

from conversations import bus, clock
from conversations.chat import attaching, choices, computing, hosted, keeping, rounds
from conversations.chat.announcing import announce_conversation, announce_first, announce_turn
from conversations.chat.locks import lock_conversation, touch
from conversations.chat.queue import enqueue
from conversations.chat.refusals import Refusal
from conversations.chat.words import check_message, clean_instructions, title_of
from conversations.composed import Composed, Insert, Slot
from conversations.models import Conversation, Deployment, Response, Team, Turn, User
from conversations.models.conversations import Visibility
from conversations.models.responses import OPEN, Direction, Status
from conversations.people import rights
from conversations.prepared import prepared
from conversations.responses_api.text import repair_text
from conversations.stored import items, references, searching, usage
from conversations.stored.capabilities import abilities_of
from conversations.tools import policies

TURNS = Composed(lambda: Turn.objects.filter(conversation=Slot("conversation")).order_by("number"))
WAITING = Composed(lambda: _waiting(Slot("conversation")).values_list("pk", "turn_id"))
OPEN_TURNS = Composed(
    lambda: (
        Response.objects.filter(conversation=Slot("conversation"), status__in=OPEN)
        .order_by()
        .values_list("turn_id", flat=True)
    )
)
TURN = Insert(Turn)
RESPONSE = Insert(Response)


def start_conversation(
    user: User,
    *,
    client_key: UUID,
    deployment: int | None = None,
    team: int | None = None,
    instructions: str = "",
    visibility: str = Visibility.TEAM,
    background: bool | None = None,
    asked: Any = None,
) -> tuple[Conversation, bool]:
    """A new conversation, or the one that this key already made; the second value tells which."""
    usable, chosen = usable_deployment(deployment), choices.clean(asked)
    choices.check(chosen, usable)
    if background:
        keeping.check_background(usable)
    home = _team(user, team)
    hosted.check(chosen, home.pk)
    computing.check(chosen, home.pk)
    fields = {
        "team": home,
        "deployment": usable,
        "instructions": clean_instructions(instructions),
        "visibility": clean_visibility(visibility),
        "background": background,
        "choices": chosen,
        **dict.fromkeys(("created_at", "updated_at"), clock.now()),
    }
    return Conversation.objects.get_or_create(owner=user, client_key=client_key, defaults=fields)


@prepared
def send_message(
    user: User,
    conversation: UUID,
    *,
    client_key: UUID,
    text: str,
    tip: UUID | None,
    asked: Any = None,
    attached: Any = None,
) -> Turn:
    """A turn at the end of the branch that `tip` is on; the same key again gives the same turn."""
    text, _repairs = repair_text(text)
    named = attaching.clean(attached)
    check_message(text, has_files=bool(named))
    chosen = choices.clean_for_turn(asked)
    with transaction.atomic():
        row = lock_conversation(user, conversation)
        before = _turns(conversation)
        known = next((turn for turn in before.values() if turn.client_key == client_key), None)
        if known is not None:
            return known
        turn = _add_turn(row, user, client_key=client_key, before=before, tip=tip, chosen=chosen)
        status = _first_status(turn, before)
        files = attaching.found(user, row, named)
        message = items.message(text, [each.part for each in files])
        response = _add_response(turn, user, payloads=[message], status=status)
        if not row.title:
            row.title = title_of(text.strip() or attaching.title(files))
            announce_conversation(row)
        touch(row.pk, title=row.title)
        announce_first(response, text, [each.shape for each in files])
        _enqueue(response)
    return turn


def retry_turn(
    user: User, turn: UUID, *, client_key: UUID, without: Any = None, asked: Any = None
) -> Response:
    """Another attempt at a turn whose last one ended, without the choices of these names and with others."""
    unwanted, wanted = choices.clean_names(without), choices.clean(asked)
    with transaction.atomic():
        row = find_turn(user, turn)
        lock_conversation(user, row.conversation_id)
        known = row.responses.filter(client_key=client_key).first()
        if known is not None:
            return known
        if row.responses.filter(status__in=OPEN).exists():
            raise Refusal(
                "still_running",
                _("This message is still being answered. Stop it first, or wait for the end."),
            )
        if unwanted or wanted:
            _choose_anew(user, row, unwanted, wanted)
        status = _first_status(row, _turns(row.conversation_id))
        begins = rounds.to_run_again(row, status, asked_otherwise=bool(unwanted or wanted))
        inputs = begins.items.filter(direction=Direction.INPUT)
        payloads = list(inputs.values_list("payload", flat=True))
        if not payloads:
            raise Refusal("erased", _("The words of this message were erased. Write a new one."))
        last = row.responses.aggregate(last=Max("attempt"))["last"]
        place = {"attempt": last + 1, "number": begins.round}
        response = _add_response(row, user, payloads=payloads, status=status, client_key=client_key, **place)
        touch(row.conversation_id)
        announce_turn(row)
        _enqueue(response)
    return response


def _choose_anew(user: User, turn: Turn, unwanted: list[str], wanted: choices.Choices) -> None:
    """For the turn, and for later ones in its conversation too where that is this person's to change."""
    turn.choices = turn.choices | dict.fromkeys(unwanted) | wanted
    turn.save(update_fields=["choices"])
    row = turn.conversation
    chosen = {name: value for name, value in row.choices.items() if name not in unwanted} | wanted
    if chosen != row.choices and rights.may_manage(user, row):
        row.choices = chosen
        row.save(update_fields=["choices"])
        announce_conversation(row)


def request_stop(user: User, response: UUID) -> None:
    """Stops an answer before it began, or asks its worker to; an answer that has ended is left as it is."""
    with transaction.atomic():
        visible = Response.objects.filter(turn__conversation__in=rights.conversations_of(user))
        asked_for = visible.select_related("turn").filter(pk=response).first()
        if asked_for is None:
            raise Refusal("not_found", _("There is no such answer, or you may not stop it."))
        lock_conversation(user, asked_for.chat_turn.conversation_id)
        row = _going_on(asked_for)
        if row is None:
            return
        asked: dict[str, Any] = {"stop_requested_at": clock.now(), "stopped_by": user}
        asked["revision"] = F("revision") + 1
        unstopped = Response.objects.filter(pk=row.pk, stop_requested_at=None)
        if not call_off(row, **asked) and unstopped.filter(status=Status.IN_PROGRESS).update(**asked):
            announce_turn(row.chat_turn)
            transaction.on_commit(lambda: bus.publish(bus.STOPS, {"response": str(row.pk)}))


def call_off(row: Response, status: Status = Status.CANCELLED, **fields: Any) -> bool:
    """Ends what hasn't begun, with its conversation locked; False where it has."""
    now = clock.now()
    not_begun = Response.objects.filter(pk=row.pk, status__in=[Status.WAITING, Status.QUEUED])
    if not not_begun.update(status=status, ended_at=now, **fields):
        return False
    rounds.call_off(row)
    computing.call_off(row)
    searching.index(row)
    promote(row.chat_turn.conversation_id)
    announce_turn(row.chat_turn)
    row.status, row.ended_at = status, now
    usage.count_end(row)
    return True


def _going_on(response: Response) -> Response | None:
    """The one that is open: by now that may be a later round of the same attempt."""
    rows = Response.objects.select_related("turn").filter(turn=response.turn_id, attempt=response.attempt)
    return rows.filter(round__gte=response.round, status__in=OPEN).first()


def promote(conversation: UUID) -> None:
    """Queue every waiting turn whose ancestors have all ended."""
    waiting = WAITING.rows(conversation=conversation)
    if not waiting:
        return
    turns = _turns(conversation)
    open_turns = _open_turns(conversation)
    for response, turn in sorted(waiting, key=lambda each: turns[each[1]].number):
        if not _ancestor_ids(turns, turns[turn]) & open_turns:
            if computing.looks_first(Response.objects.select_related("turn").get(pk=response)):
                continue
            Response.objects.filter(pk=response, status=Status.WAITING).update(
                status=Status.QUEUED, queued_at=clock.now(), revision=F("revision") + 1
            )
            announce_turn(turns[turn])
            enqueue(response)


def find_turn(user: User, turn: UUID) -> Turn:
    found = Turn.objects.select_related("conversation", "author").filter(pk=turn)
    row = found.filter(conversation__in=rights.conversations_of(user)).first()
    if row is None:
        raise Refusal("not_found", _("There is no such message in a conversation of yours."))
    return row


def clean_visibility(value: Any) -> str:
    if value not in Visibility.values:
        raise Refusal("bad_visibility", _("Visibility is “team” or “private”."))
    return str(value)


def _leaf(turns: dict[UUID, Turn], tip: UUID | None) -> Turn | None:
    """The newest turn below the tip: what was said meanwhile comes first."""
    if tip is not None and tip not in turns:
        raise Refusal(
            "unknown_tip", _("The message answers one that is not in this conversation. Reload the page.")
        )
    at = turns[tip] if tip else None
    for turn in turns.values():
        if turn.parent_id == (at.pk if at else None):
            at = turn
    return at


def _add_turn(
    conversation: Conversation,
    user: User,
    *,
    client_key: UUID,
    before: dict[UUID, Turn],
    tip: UUID | None,
    chosen: choices.Choices,
) -> Turn:
    return TURN.add(
        Turn(
            conversation=conversation,
            parent=_leaf(before, tip),
            author=user,
            client_key=client_key,
            choices=chosen,
            number=max((turn.number for turn in before.values()), default=0) + 1,
            created_at=clock.now(),
        )
    )


def _first_status(turn: Turn, turns: dict[UUID, Turn]) -> Status:
    before = _ancestor_ids(turns, turn)
    if not (before and before & _open_turns(turn.conversation_id)):
        return Status.QUEUED
    if _waiting(turn.conversation_id).count() >= settings.WAITING_TURNS_MAX:
        raise Refusal(
            "too_many_waiting",
            _("Too many messages wait here already. Send this one when some are answered."),
        )
    return Status.WAITING


def _turns(conversation: UUID) -> dict[UUID, Turn]:
    return {turn.pk: turn for turn in TURNS.rows(conversation=conversation)}


def _waiting(conversation: UUID | Slot) -> QuerySet[Response]:
    # A later round waits for calls, and not for the turns before.
    first = Response.objects.filter(conversation=conversation, status=Status.WAITING, round=1)
    return first.order_by()


def _open_turns(conversation: UUID) -> set[UUID]:
    """Those with a response that has not ended."""
    return set(OPEN_TURNS.rows(conversation=conversation))


def _ancestor_ids(turns: dict[UUID, Turn], turn: Turn) -> set[UUID]:
    found: set[UUID] = set()
    parent = turn.parent_id
    while parent is not None and parent in turns:
        found.add(parent)
        parent = turns[parent].parent_id
    return found


def _add_response(
    turn: Turn,
    user: User,
    *,
    payloads: list[dict[str, Any]],
    status: Status,
    attempt: int = 1,
    number: int = 1,
    client_key: UUID | None = None,
) -> Response:
    conversation, deployment = turn.conversation, turn.conversation.deployment
    chosen = choices.merged(conversation.choices, turn.choices)
    choices.check(chosen, deployment)
    kept = keeping.keeping_of(conversation, chosen)
    if kept.background:
        keeping.check_background(deployment)
    tools = _tools(conversation, chosen)
    uses_computer = bool(computing.tool_in(tools))
    asked = choices.parameters(chosen, deployment) | keeping.extras(deployment, kept, user, chosen)
    response = Response(
        turn=turn,
        attempt=attempt,
        round=number,
        client_key=client_key,
        person=user,
        conversation=conversation,
        team=conversation.team,
        endpoint_id=deployment.endpoint_id,
        deployment=deployment,
        status=Status.WAITING if uses_computer else status,
        stored=kept.stored,
        keep=kept.keep,
        background=kept.background,
        instructions=conversation.instructions or (computing.INSTRUCTIONS if uses_computer else ""),
        tools=tools,
        parameters=asked | computing.parameters(tools),
        queued_at=clock.now(),
        size=items.size_of(payloads) + references.size_of(payloads),
    )
    if number > 1:
        rounds.as_later_round(response)
    items.add(RESPONSE.add(response), Direction.INPUT, payloads)
    references.bind(response, payloads)
    return response


def _tools(conversation: Conversation, chosen: choices.Choices) -> list[dict[str, Any]]:
    """Definitions as they are sent; none where the deployment can't use them and nobody chose any."""
    names, team = chosen.get("tools"), conversation.team_id
    offered = policies.definitions(team, names)
    if offered and names is None and not abilities_of(conversation.deployment).can("tools"):
        offered = []
    return [*offered, *hosted.tools(chosen, team), *computing.tools(chosen, conversation)]


def _enqueue(response: Response) -> None:
    """After it was announced, so that everyone knows of a response before its first frame."""
    if response.status == Status.QUEUED:
        enqueue(response.pk)
    elif computing.tool_in(response.tools):
        promote(response.chat_turn.conversation_id)


def _team(user: User, team: int | None) -> Team:
    teams = rights.teams_of(user)
    row = teams.filter(pk=team).first() if team is not None else teams.first()
    if row is None:
        raise Refusal("no_team", _("You are not in that team. Ask an admin to add you to a team."))
    return row


def usable_deployment(deployment: int | None) -> Deployment:
    usable = Deployment.objects.filter(enabled=True)
    row = usable.filter(pk=deployment).first() if deployment is not None else usable.first()
    if row is None:
        raise Refusal(
            "no_deployment", _("There is no such deployment. Choose another, or ask an admin to set one up.")
        )
    return row

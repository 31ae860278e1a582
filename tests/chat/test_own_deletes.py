"""A member deletes a conversation of her own: gone for everyone at once, restored within the time for it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from channels.db import database_sync_to_async
from django.test import Client
from pytest_django import Settings

from conversations import bus, clock
from conversations.chat import changes, own_deletes, sockets, turns
from conversations.chat.refusals import Refusal
from conversations.models import AuditEntry, Conversation, Export, OwnDeletion, Response, Turn, User
from conversations.models.exports import Format, Scope
from conversations.models.people import Role
from conversations.models.responses import Status
from conversations.people import rights
from conversations.people.audit import person
from conversations.retention import own
from conversations.stored import exporting
from conversations.stored.exporting import Wanted
from conversations.stored.own_deleted import deleted_by
from tests.chat.wires import Connect
from tests.stored.rows import add_response

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def right_clock() -> Iterator[None]:
    with clock.restored():
        yield


@pytest.fixture
def answered(conversation: Conversation) -> Response:
    Conversation.objects.filter(pk=conversation.pk).update(title="About birds")
    return add_response(conversation, ("What sings?", "A bird."))


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def delete(user: User, conversation: Conversation) -> Any:
    return browser(user).delete(f"/api/conversations/{conversation.pk}/")


def restore(user: User, conversation: Conversation) -> Any:
    return browser(user).post(f"/api/conversations/{conversation.pk}/restore/")


def places(user: User, answered: Response) -> list[int]:
    """What a person is answered where the conversation stands."""
    client, conversation = browser(user), answered.conversation_id
    addresses = [
        *(f"/c/{conversation}/", f"/api/conversations/{conversation}/"),
        *(f"/api/responses/{answered.pk}/", f"/api/responses/{answered.pk}/looks/"),
    ]
    return [client.get(address).status_code for address in addresses]


def titles(user: User, query: str = "") -> list[str]:
    found = browser(user).get("/api/conversations/", {"q": query}).json()
    return [one["title"] for one in found["conversations"]]


def test_it_is_gone_from_every_list_page_and_search_of_everyone(
    alice: User, bob: User, conversation: Conversation, answered: Response
) -> None:
    assert (titles(bob, "birds"), places(bob, answered)) == (["About birds"], [200] * 4)
    told = delete(alice, conversation).json()
    assert told["conversation"] == str(conversation.pk)
    for user in (alice, bob):
        assert (titles(user), titles(user, "birds"), places(user, answered)) == ([], [], [404] * 4)
        assert "About birds" not in browser(user).get("/").content.decode()
    assert "About birds" in browser(alice).get("/my-data/").content.decode()
    assert "About birds" not in browser(bob).get("/my-data/").content.decode()


def test_nothing_can_be_done_to_it_any_more(
    alice: User, conversation: Conversation, answered: Response
) -> None:
    delete(alice, conversation)
    with pytest.raises(Refusal, match="no such conversation"):
        turns.send_message(alice, conversation.pk, client_key=uuid4(), text="And?", tip=None)
    with pytest.raises(Refusal, match="no such message"):
        turns.retry_turn(alice, answered.chat_turn.pk, client_key=uuid4())
    with pytest.raises(Refusal, match="Only the owner"):
        changes.change_conversation(alice, conversation, {"title": "Other"})


def test_restored_it_is_as_it_was(
    alice: User, bob: User, conversation: Conversation, answered: Response
) -> None:
    delete(alice, conversation)
    assert restore(alice, conversation).json()["title"] == "About birds"
    for user in (alice, bob):
        assert (titles(user), places(user, answered)) == (["About birds"], [200] * 4)
    assert deleted_by(alice) == []
    assert delete(alice, conversation).status_code == 200, "it may be deleted again"
    actions = AuditEntry.objects.filter(subject_id=str(conversation.pk)).order_by("number")
    told = [entry.action for entry in actions if entry.action.startswith("conversation_")]
    assert told == ["conversation_deleted", "conversation_restored", "conversation_deleted"]


def test_deleting_it_twice_is_harmless(alice: User, conversation: Conversation) -> None:
    assert delete(alice, conversation).json() == delete(alice, conversation).json()
    assert OwnDeletion.objects.count() == 1


def test_only_its_owner_deletes_it_and_only_she_restores_it(
    alice: User, bob: User, carol: User, conversation: Conversation
) -> None:
    staff = [User.objects.create_user(role, role=role) for role in (Role.AUDITOR, Role.OPERATOR, Role.ADMIN)]
    assert delete(bob, conversation).json()["error"]["code"] == "not_yours"
    assert {delete(user, conversation).status_code for user in (carol, *staff)} == {404}
    assert Client().delete(f"/api/conversations/{conversation.pk}/").status_code == 401
    assert OwnDeletion.objects.count() == 0
    delete(alice, conversation)
    assert {restore(user, conversation).status_code for user in (bob, carol, *staff)} == {404}
    conversation.refresh_from_db()
    assert conversation.deleted_at is not None


def test_answers_that_run_or_wait_are_stopped_first(alice: User, conversation: Conversation) -> None:
    first = turns.send_message(alice, conversation.pk, client_key=uuid4(), text="One", tip=None)
    Response.objects.filter(turn=first).update(status=Status.IN_PROGRESS, claim=uuid4())
    second = turns.send_message(alice, conversation.pk, client_key=uuid4(), text="Two", tip=first.pk)
    assert statuses(second) == [Status.WAITING]
    delete(alice, conversation)
    assert statuses(second) == [Status.CANCELLED]
    assert Response.objects.get(turn=first).stopped_by == alice, "its worker is asked to stop"


def statuses(turn: Turn) -> list[str]:
    return list(turn.responses.values_list("status", flat=True))


def test_whoever_watches_is_told_who_deleted_it(
    alice: User, bob: User, carol: User, conversation: Conversation
) -> None:
    delete(alice, conversation)
    sessions = {user: browser(user).session.session_key for user in (alice, bob, carol)}
    found = {user: sockets.standing(user, key, conversation.pk) for user, key in sessions.items()}
    assert found[bob].message == "Alice deleted this conversation."
    assert found[alice].message == "You deleted this conversation."
    assert {found[alice].verdict, found[bob].verdict} == {sockets.Verdict.DELETED}
    assert found[carol].verdict == sockets.Verdict.NOT_VISIBLE


@pytest.mark.django_db(transaction=True)
def test_what_is_private_is_not_told_of(alice: User, bob: User, conversation: Conversation) -> None:
    heard = bus.client().pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]
    heard.subscribe(bus.user_channel(bob.pk))
    changes.change_conversation(alice, conversation, {"visibility": "private"})
    delete(alice, conversation)
    standing = sockets.standing(bob, browser(bob).session.session_key, conversation.pk)
    assert standing.verdict == sockets.Verdict.NOT_VISIBLE
    bus.publish(bus.user_channel(bob.pk), {"type": "the next one"})
    messages = iter(lambda: heard.get_message(timeout=30), object())
    assert b"the next one" in next(each for each in messages if each)["data"]
    heard.close()


@pytest.mark.parametrize(("seconds", "status"), [(-20, 200), (0, 400), (20, 400)])
def test_it_can_be_restored_until_the_very_moment(
    seconds: int, status: int, alice: User, conversation: Conversation
) -> None:
    delete(alice, conversation)
    until = OwnDeletion.objects.get().undo_until
    clock.set_to(until + timedelta(seconds=seconds))
    assert bool(own.due()) == (status == 400), "never both, never neither"
    assert deleted_by(alice)[0].restorable == (status == 200)
    answer = restore(alice, conversation)
    assert answer.status_code == status
    if status == 400:
        assert answer.json()["error"]["code"] == "too_late"


def test_once_its_deletion_has_begun_a_slow_clock_restores_nothing(
    alice: User, conversation: Conversation, answered: Response
) -> None:
    delete(alice, conversation)
    row = OwnDeletion.objects.get()
    clock.set_to(row.undo_until)
    own.look_after_all()
    clock.set_to(row.undo_until - timedelta(minutes=5))
    assert restore(alice, conversation).json()["error"]["code"] == "too_late"
    assert not deleted_by(alice)[0].restorable


def test_the_time_for_it_is_a_setting_and_holds_for_what_is_deleted_from_then_on(
    alice: User, conversation: Conversation, settings: Settings
) -> None:
    settings.OWN_DELETE_UNDO_SECONDS = 60
    delete(alice, conversation)
    row = OwnDeletion.objects.get()
    settings.OWN_DELETE_UNDO_SECONDS = 0
    assert row.undo_until - row.deleted_at == timedelta(seconds=60)
    assert restore(alice, conversation).status_code == 200
    delete(alice, conversation)
    assert restore(alice, conversation).json()["error"]["code"] == "too_late"


def test_it_is_in_no_export_and_archives_that_have_it_are_out_of_reach_until_it_is_restored(
    alice: User, conversation: Conversation, answered: Response
) -> None:
    made = export(alice)
    client = browser(alice)
    assert client.get(f"/api/exports/{made.pk}/").status_code == 200
    delete(alice, conversation)
    assert export(alice).written == 0
    assert [client.get(f"{way}{made.pk}/").status_code for way in ("/api/exports/", "/exports/")] == [
        404,
        404,
    ]
    restore(alice, conversation)
    assert client.get(f"/api/exports/{made.pk}/").status_code == 200


def export(user: User) -> Export:
    made = exporting.begin(Wanted(actor=person(user), by=user, scope=Scope.OWN, format=Format.JSONL))
    exporting.make(made.pk)
    made.refresh_from_db()
    return made


@pytest.mark.django_db(transaction=True)
async def test_sockets_on_it_are_told_and_closed_and_others_can_drop_it_from_their_lists(
    connect: Connect, alice: User, bob: User, carol: User, conversation: Conversation
) -> None:
    start = database_sync_to_async(turns.start_conversation)
    other, _made = await start(bob, client_key=uuid4())
    apart, _made = await start(carol, client_key=uuid4())
    watching, elsewhere, strange = [
        await connect(bob, conversation),
        await connect(bob, other),
        await connect(carol, apart),
    ]
    for socket in (watching, elsewhere, strange):
        await socket.hello()
    await database_sync_to_async(delete)(alice, conversation)
    assert await watching.receive_until("error") == {
        "type": "error",
        "code": "deleted",
        "message": "Alice deleted this conversation.",
    }
    assert await watching.closed() == 4410
    told = {"type": "conversation.deleted", "conversation": str(conversation.pk)}
    assert await elsewhere.receive() == told
    again = await connect(bob, conversation)
    assert (await again.receive())["code"] == "deleted"
    await database_sync_to_async(restore)(alice, conversation)
    assert (await elsewhere.receive())["type"] == "conversation.restored"
    await strange.send({"type": "ping"})
    assert (await strange.receive())["type"] == "pong", "another team hears nothing of it"


def test_the_desk_still_sees_it(alice: User, conversation: Conversation, answered: Response) -> None:
    audrey = User.objects.create_user("audrey", role=Role.AUDITOR)
    own_deletes.delete(alice, conversation.pk, actor=person(alice))
    assert rights.responses_at_desk(audrey).filter(pk=answered.pk).exists()
    page = browser(audrey).get(f"/admin/conversations/conversation/{conversation.pk}/change/")
    assert page.context["original"].deleted_at is not None

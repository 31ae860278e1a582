"""The JSON API as the browser uses it."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from conversations.chat import turns
from conversations.models import Conversation, Deployment, User
from conversations.models.people import Role


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def post(client: Client, **body: Any) -> Any:
    return client.post("/api/conversations/", body, content_type="application/json")


def patch(client: Client, conversation: Conversation, **body: Any) -> Any:
    return client.patch(f"/api/conversations/{conversation.pk}/", body, content_type="application/json")


def titles(client: Client, **query: Any) -> list[str]:
    found = client.get("/api/conversations/", query).json()
    return [one["title"] for one in found["conversations"]]


def test_starting_twice_with_one_key_makes_one_conversation(alice: User, deployment: Deployment) -> None:
    key = str(uuid4())
    first, again = (post(browser(alice), client_key=key) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json()["team"]["name"] == "Research"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "bad_field"),
        ({"client_key": "x"}, "bad_field"),
        ({"client_key": str(uuid4()), "deployment": 999}, "no_deployment"),
        ({"client_key": str(uuid4()), "deployment": "1"}, "bad_field"),
        ({"client_key": str(uuid4()), "team": 999}, "no_team"),
        ({"client_key": str(uuid4()), "visibility": "world"}, "bad_visibility"),
        ({"client_key": str(uuid4()), "instructions": 5}, "bad_instructions"),
    ],
)
def test_a_start_that_makes_no_sense_is_refused(
    alice: User, deployment: Deployment, body: dict[str, Any], code: str
) -> None:
    answer = post(browser(alice), **body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)
    assert not Conversation.objects.exists()


def test_the_list_is_the_own_and_the_teams_newest_first(
    alice: User, bob: User, carol: User, conversation: Conversation
) -> None:
    turns.send_message(alice, conversation.pk, client_key=uuid4(), text="Quarterly plan", tip=None)
    mine, _ = turns.start_conversation(bob, client_key=uuid4(), visibility="private")
    turns.send_message(bob, mine.pk, client_key=uuid4(), text="Private notes", tip=None)
    assert titles(browser(bob)) == ["Private notes", "Quarterly plan"]
    assert titles(browser(alice)) == ["Quarterly plan"]
    assert titles(browser(carol)) == []


def test_search_looks_for_every_word_of_a_title(alice: User, conversation: Conversation) -> None:
    Conversation.objects.update(title="Plan for the Quarter")
    assert titles(browser(alice), q="quarter plan") == ["Plan for the Quarter"]
    assert titles(browser(alice), q="quarter budget") == []


def test_pages_follow_on_without_gaps(alice: User, deployment: Deployment) -> None:
    for number in range(45):
        row, _ = turns.start_conversation(alice, client_key=uuid4())
        Conversation.objects.filter(pk=row.pk).update(title=str(number))
    client = browser(alice)
    newest = client.get("/api/conversations/").json()
    older = client.get("/api/conversations/", {"before": newest["next"]}).json()
    seen = [one["title"] for one in newest["conversations"] + older["conversations"]]
    assert older["next"] is None
    assert seen == [str(number) for number in reversed(range(45))]


def test_a_senseless_cursor_is_refused(alice: User) -> None:
    for cursor in ("x", "2026-01-01_x", "2026-99-01T00:00:00Z_x"):
        assert browser(alice).get("/api/conversations/", {"before": cursor}).status_code == 400


def test_the_owner_renames_archives_and_instructs(alice: User, conversation: Conversation) -> None:
    client = browser(alice)
    changed = patch(
        client, conversation, title="  New   name ", archived=True, instructions="Be brief."
    ).json()
    assert (changed["title"], changed["archived"], changed["instructions"]) == ("New name", True, "Be brief.")
    assert titles(client) == []
    assert titles(client, archived="1") == ["New name"]


@pytest.mark.parametrize(
    "body", [{"title": ""}, {"title": "x" * 201}, {"archived": "yes"}, {"owner": 2}, {"visibility": "world"}]
)
def test_a_senseless_change_changes_nothing(
    alice: User, conversation: Conversation, body: dict[str, Any]
) -> None:
    before = Conversation.objects.values().get()
    assert patch(browser(alice), conversation, **body).status_code == 400
    assert Conversation.objects.values().get() == before


def test_team_mates_may_read_but_not_manage(alice: User, bob: User, conversation: Conversation) -> None:
    assert browser(bob).get(f"/api/conversations/{conversation.pk}/").status_code == 200
    assert patch(browser(bob), conversation, title="Mine now").status_code == 403


def test_others_and_strangers_get_nothing(alice: User, carol: User, conversation: Conversation) -> None:
    turn = turns.send_message(alice, conversation.pk, client_key=uuid4(), text="Secret", tip=None)
    paths = [
        f"/api/conversations/{conversation.pk}/",
        f"/api/responses/{turn.responses.get().pk}/",
        f"/c/{conversation.pk}/",
    ]
    for path in paths:
        assert browser(carol).get(path).status_code == 404
        assert Client().get(path).status_code in (401, 302)


def test_members_see_who_of_the_desk_read_an_answer_and_why(
    alice: User, bob: User, carol: User, conversation: Conversation
) -> None:
    turn = turns.send_message(alice, conversation.pk, client_key=uuid4(), text="Hello", tip=None)
    row = turn.responses.get()
    path = f"/api/responses/{row.pk}/looks/"
    audrey = User.objects.create_user("audrey", first_name="Audrey", role=Role.AUDITOR)
    assert browser(alice).get(path).json() == {"looks": []}
    browser(audrey).post(f"/admin/conversations/response/{row.pk}/grant/", {"reason": "Case 7"})
    assert browser(alice).get(path).json() == {"looks": []}
    browser(audrey).get(f"/admin/conversations/response/{row.pk}/change/")
    for member in (alice, bob):
        (look,) = browser(member).get(path).json()["looks"]
        assert (look["who"], look["role"], look["reason"]) == ("Audrey", "Auditor", "Case 7")
        assert (look["exported"], look["at"][-1]) == (False, "Z")
    assert browser(carol).get(path).status_code == 404


def test_a_conversation_comes_with_its_turns(alice: User, conversation: Conversation) -> None:
    turn = turns.send_message(alice, conversation.pk, client_key=uuid4(), text="Hello", tip=None)
    page = browser(alice).get(f"/api/conversations/{conversation.pk}/").json()
    (shown,) = page["turns"]
    assert (shown["id"], shown["text"], shown["author"]["name"]) == (str(turn.pk), "Hello", "Alice")
    assert (shown["responses"][0]["status"], shown["responses"][0]["items"]) == ("queued", [])
    assert page["conversation"]["running"] is True


def test_long_conversations_come_in_pages(alice: User, conversation: Conversation) -> None:
    for number in range(60):
        turn = turns.send_message(alice, conversation.pk, client_key=uuid4(), text=str(number), tip=None)
        turns.request_stop(alice, turn.responses.get().pk)
    client = browser(alice)
    newest = client.get(f"/api/conversations/{conversation.pk}/").json()
    older = client.get(f"/api/conversations/{conversation.pk}/", {"before": newest["earlier"]}).json()
    texts = [turn["text"] for turn in older["turns"] + newest["turns"]]
    assert (texts, older["earlier"]) == ([str(number) for number in range(60)], None)


def test_a_page_costs_the_same_few_queries_however_long(
    alice: User, conversation: Conversation, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        turn = turns.send_message(alice, conversation.pk, client_key=uuid4(), text=str(number), tip=None)
        turns.request_stop(alice, turn.responses.get().pk)
    client = browser(alice)
    with django_assert_max_num_queries(9):
        client.get(f"/api/conversations/{conversation.pk}/")

"""The list of responses at the desk: filters, pages, search under a reason, saved filters."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from conversations import clock
from conversations.models import AuditEntry, Conversation, Response, SavedFilter, SearchGrant, Team, User
from conversations.models.audit import Action
from conversations.models.people import Role
from conversations.stored import searching
from tests.stored.rows import add_response

pytestmark = pytest.mark.django_db

LIST = "/admin/conversations/response/"
SEARCH = f"{LIST}search/"


@pytest.fixture
def audrey(db: None) -> User:
    return User.objects.create_user("audrey", role=Role.AUDITOR, first_name="Audrey")


@pytest.fixture
def desk(audrey: User) -> Client:
    client = Client()
    client.force_login(audrey)
    return client


def add(conversation: Conversation, text: str = "", days: float = 0, **fields: object) -> Response:
    at = clock.now() - timedelta(days=days)
    response = add_response(conversation, (text, "An answer"), queued_at=at, **fields)
    searching.index(response)
    return response


def rows(page: Any) -> list[Response]:
    return list(page.context["cl"].result_list)


def test_filters_narrow_the_list_and_chips_take_them_away(desk: Client, conversation: Conversation) -> None:
    add(conversation)
    failed = add(conversation, status="failed", error={"kind": "rate_limited"})
    page = desk.get(LIST, {"status": "failed", "person": "alice"})
    assert rows(page) == [failed]
    assert 'href="?person=alice"' in page.content.decode()
    assert 'href="?status=failed"' in page.content.decode()


def test_empty_fields_of_the_form_are_left_out_of_the_address(desk: Client) -> None:
    page = desk.get(LIST, {"person": "", "status": "failed", "to": ""})
    assert (page.status_code, page.headers["Location"]) == (302, "?status=failed")


@pytest.mark.parametrize(
    "query", ["person=nobody", "statuss=failed", "after=x", "from=soon", "days=x", "e=1&a=b"]
)
def test_a_bad_filter_is_named_and_nothing_is_listed(
    desk: Client, conversation: Conversation, query: str
) -> None:
    add(conversation)
    page = desk.get(f"{LIST}?{query}")
    assert page.status_code == 200
    assert rows(page) == []
    assert page.context["cl"].problems


def test_pages_go_forth_and_back(desk: Client, conversation: Conversation) -> None:
    made = [add(conversation, days=number / 100) for number in range(120)]
    first = desk.get(LIST)
    second = desk.get(LIST + first.context["cl"].next_link)
    third = desk.get(LIST + second.context["cl"].next_link)
    assert [*rows(first), *rows(second), *rows(third)] == made
    assert third.context["cl"].next_link == ""
    assert rows(desk.get(LIST + third.context["cl"].previous_link)) == rows(second)
    back = desk.get(LIST + second.context["cl"].previous_link)
    assert rows(back) == rows(first)
    assert back.context["cl"].previous_link == ""


def test_nothing_is_counted_and_more_rows_ask_no_more_queries(
    desk: Client, conversation: Conversation
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            desk.get(LIST)
        assert not [query for query in captured.captured_queries if "COUNT(" in query["sql"]]
        return len(captured)

    add(conversation)
    one = queries()
    for _row in range(20):
        add(conversation)
    assert queries() == one


def test_a_search_asks_for_a_reason_first_and_leaves_an_entry_without_the_words(
    desk: Client, audrey: User, conversation: Conversation
) -> None:
    hit = add(conversation, "the secret walnut")
    add(conversation, "something else")
    asked = desk.post(SEARCH, {"words": "walnut"})
    assert rows(asked) == []
    assert "Why do you search" in asked.content.decode()
    found = desk.post(SEARCH, {"words": "walnut", "reason": "Case 12"})
    assert rows(found) == [hit]
    assert "the secret" not in found.content.decode()
    assert rows(desk.post(SEARCH, {"words": "waln"})) == [hit]
    entries = list(AuditEntry.objects.filter(action=Action.SEARCHED))
    assert [(entry.reason, entry.details["hits"]) for entry in entries] == [("Case 12", 1), ("Case 12", 1)]
    assert "waln" not in str([entry.sealed() for entry in AuditEntry.objects.all()])
    assert AuditEntry.objects.filter(action=Action.GRANT_MADE, reason="Case 12").count() == 1


def test_a_reason_holds_for_half_an_hour(desk: Client, conversation: Conversation) -> None:
    add(conversation, "walnut")
    desk.post(SEARCH, {"words": "walnut", "reason": "Case 12"})
    SearchGrant.objects.update(
        granted_at=clock.now() - timedelta(hours=1), until=clock.now() - timedelta(seconds=1)
    )
    assert rows(desk.post(SEARCH, {"words": "walnut"})) == []


def test_a_search_stays_within_the_filters_and_the_window(desk: Client, conversation: Conversation) -> None:
    recent, old = add(conversation, "walnut"), add(conversation, "walnut", days=40, status="failed")
    reason = {"words": "walnut", "reason": "Case"}
    assert rows(desk.post(SEARCH, reason)) == [recent]
    assert rows(desk.post(SEARCH, reason | {"window": "90"})) == [recent, old]
    assert rows(desk.post(SEARCH, reason | {"window": "90", "selection": "status=failed"})) == [old]
    assert rows(desk.post(SEARCH, reason | {"selection": "statuss=failed"})) == []


def test_older_hits_follow(desk: Client, conversation: Conversation) -> None:
    made = [add(conversation, "walnut", days=number / 100) for number in range(60)]
    first = desk.post(SEARCH, {"words": "walnut", "reason": "Case"})
    second = desk.post(SEARCH, {"words": "walnut", "after": first.context["cl"].page.after})
    assert [*rows(first), *rows(second)] == made


@pytest.mark.parametrize("data", [{}, {"words": ""}, {"words": "??", "reason": "R"}, {"words": "x" * 300}])
def test_what_cant_be_searched_for_finds_nothing(
    desk: Client, conversation: Conversation, data: dict[str, str]
) -> None:
    add(conversation, "walnut")
    page = desk.post(SEARCH, data)
    assert page.status_code == 200
    assert rows(page) == []


def test_an_id_leads_to_its_page_without_a_reason(desk: Client, conversation: Conversation) -> None:
    row = add(conversation, response_id="resp_abc", upstream_state="stored")
    page = desk.post(SEARCH, {"words": " resp_abc "})
    assert page.headers["Location"] == f"{LIST}{row.pk}/change/"
    assert not AuditEntry.objects.filter(action=Action.SEARCHED).exists()


def test_a_search_stands_in_no_address(desk: Client) -> None:
    assert desk.get(SEARCH, {"words": "walnut"}).status_code == 405


def test_filters_are_saved_shared_renamed_and_deleted_by_their_owner(desk: Client, audrey: User) -> None:
    desk.post(f"{LIST}saved/", {"name": "Failures", "selection": "status=failed", "shared": "on"})
    saved = SavedFilter.objects.get()
    assert (saved.query, saved.shared) == ("status=failed", True)
    assert 'href="?status=failed"' in desk.get(LIST).content.decode()
    oscar = Client()
    oscar.force_login(User.objects.create_user("oscar", role=Role.OPERATOR))
    assert "Failures" in oscar.get(LIST).content.decode()
    assert oscar.post(f"{LIST}saved/{saved.pk}/", {"delete": "1"}).status_code == 404
    desk.post(f"{LIST}saved/{saved.pk}/", {"name": "Broken"})
    assert "Broken" not in oscar.get(LIST).content.decode()
    desk.post(f"{LIST}saved/{saved.pk}/", {"delete": "1"})
    assert not SavedFilter.objects.exists()


def test_a_filter_needs_a_name_of_its_own_and_sense(desk: Client) -> None:
    for data in ({"name": "", "selection": "status=failed"}, {"name": "A", "selection": "status=x"}):
        answer = desk.post(f"{LIST}saved/", data)
        assert {message.level_tag for message in get_messages(answer.wsgi_request)} == {"error"}
        assert not SavedFilter.objects.exists()
    for name in ("A", "B"):
        desk.post(f"{LIST}saved/", {"name": name, "selection": "status=failed"})
    desk.post(f"{LIST}saved/{SavedFilter.objects.get(name='A').pk}/", {"name": "B"})
    assert set(SavedFilter.objects.values_list("name", flat=True)) == {"A", "B"}


def test_people_and_teams_are_suggested_within_the_limits_of_who_asks(
    desk: Client, audrey: User, alice: User, carol: User
) -> None:
    def suggested(**query: str) -> list[str]:
        answer = desk.get(f"{LIST}suggestions/", query).json()
        return [each["value"] for each in answer["suggestions"]]

    assert suggested(q="A") == ["alice", "audrey"]
    assert suggested(of="team", q="r") == ["Research"]
    assert suggested(q="\0%") == []
    audrey.limited_to.add(Team.objects.get(name="Field"))
    assert suggested(q="a") == []
    assert suggested(q="car") == ["carol"]
    assert suggested(of="team", q="") == ["Field"]


@pytest.mark.parametrize("path", [LIST, SEARCH, f"{LIST}suggestions/", f"{LIST}saved/", f"{LIST}saved/1/"])
def test_members_reach_none_of_it(path: str, alice: User) -> None:
    client = Client()
    client.force_login(alice)
    assert client.get(path).status_code in (302, 403)
    assert client.post(path, {"words": "x", "name": str(uuid4())}).status_code in (302, 403)

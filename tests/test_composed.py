"""Queries that are put into words once give the rows that the same query gives anew."""

import threading
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import BigAutoField, CharField, F, IntegerField
from django.test.utils import CaptureQueriesContext

from conversations import clock
from conversations.chat.turns import send_message
from conversations.composed import Composed, Insert, Slot
from conversations.models import Conversation, Endpoint, SearchText, Turn, User

pytestmark = pytest.mark.django_db

BY_ID = Composed(lambda: Conversation.objects.filter(pk=Slot("id")).select_related("team", "owner"))
BY_ID_ALONE = Composed(lambda: Conversation.objects.filter(pk=Slot("id")))
BY_AUTH = Composed(
    lambda: (
        Endpoint.objects.filter(auth=Slot("auth", CharField()))
        .order_by("name")
        .values_list("base_url", flat=True)
    )
)


def test_rows_are_those_of_the_values_given(conversation: Conversation) -> None:
    found = BY_ID.first(id=conversation.pk)
    assert found == conversation
    assert BY_ID.first(id=uuid4()) is None
    assert found is not None
    assert found.created_at == conversation.created_at


def test_rows_beside_them_come_along(conversation: Conversation) -> None:
    found = BY_ID.first(id=conversation.pk)
    assert found is not None
    with CaptureQueriesContext(connection) as captured:
        assert (found.team, found.owner) == (conversation.team, conversation.owner)
    assert not captured.captured_queries


def test_single_columns_can_be_asked_for(conversation: Conversation) -> None:
    assert BY_AUTH.rows(auth="env") == [conversation.deployment.endpoint.base_url]
    assert BY_AUTH.rows(auth="entra") == []


def test_each_asking_is_one_query_with_its_own_values(conversation: Conversation) -> None:
    with CaptureQueriesContext(connection) as captured:
        BY_ID.first(id=uuid4())
        assert BY_ID.first(id=conversation.pk) == conversation
    assert len(captured.captured_queries) == 2


def test_a_row_that_was_changed_is_found_as_it_is_now(conversation: Conversation) -> None:
    BY_ID.first(id=conversation.pk)
    Conversation.objects.update(title="Another")
    assert [row.title for row in BY_ID.rows(id=conversation.pk)] == ["Another"]


def test_an_update_changes_the_rows_of_its_values_only(conversation: Conversation) -> None:
    assert BY_ID_ALONE.update({"title": "New", "background": True}, id=conversation.pk) == 1
    assert BY_ID_ALONE.update({"title": "Another", "background": None}, id=uuid4()) == 0
    conversation.refresh_from_db()
    assert (conversation.title, conversation.background) == ("New", True)


def test_an_update_takes_rows_nothing_json_and_times(conversation: Conversation, carol: User) -> None:
    at = clock.now()
    fields = {"owner": carol, "archived_at": at, "choices": {"effort": ["low", None]}}
    BY_ID_ALONE.update(fields, id=conversation.pk)
    conversation.refresh_from_db()
    assert (conversation.owner, conversation.archived_at) == (carol, at)
    assert conversation.choices == {"effort": ["low", None]}
    BY_ID_ALONE.update({"archived_at": None}, id=conversation.pk)
    conversation.refresh_from_db()
    assert conversation.archived_at is None


def test_an_update_may_count_on_from_what_is_there(conversation: Conversation) -> None:
    endpoint = conversation.deployment.endpoint
    days = endpoint.retention_days
    query = Composed(lambda: Endpoint.objects.filter(pk=Slot("id", BigAutoField())))
    more = F("retention_days") + Slot("more", IntegerField())
    for number in (1, 2):
        query.update({"retention_days": more}, id=endpoint.pk, more=number)
    endpoint.refresh_from_db()
    assert endpoint.retention_days == days + 3


def test_a_value_that_is_missing_is_an_error() -> None:
    with pytest.raises(KeyError):
        BY_ID.rows()


@pytest.mark.django_db(transaction=True)
def test_threads_that_ask_at_once_get_their_own(conversation: Conversation) -> None:
    query = Composed(lambda: Turn.objects.filter(conversation=Slot("id")).values_list("number", flat=True))
    others = [uuid4() for _ in range(7)]
    Turn.objects.create(
        conversation=conversation,
        author=conversation.owner,
        client_key=uuid4(),
        number=1,
        created_at=conversation.created_at,
    )
    found: dict[UUID, list[int]] = {}

    def ask(one: UUID) -> None:
        try:
            found[one] = query.rows(id=one)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=(one,)) for one in (*others, conversation.pk)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {one: [] for one in others} | {conversation.pk: [1]}


TURN = Insert(Turn)


def test_a_row_is_added_as_the_orm_would(conversation: Conversation) -> None:
    added = TURN.add(_turn(conversation, 1, choices={"tools": ["clock"], "effort": None}))
    with CaptureQueriesContext(connection) as captured:
        TURN.add(_turn(conversation, 2, parent=added, choices={}))
    assert len(captured.captured_queries) == 1
    first, second = Turn.objects.order_by("number")
    assert (first.pk, first.author, first.choices) == (added.pk, conversation.owner, added.choices)
    assert (first.created_at, first.parent) == (added.created_at, None)
    assert second.parent == added
    added.choices = {}
    added.save()
    assert Turn.objects.get(pk=added.pk).choices == {}


def test_a_row_is_not_added_twice(conversation: Conversation) -> None:
    turn = TURN.add(_turn(conversation, 1))
    with pytest.raises(IntegrityError), transaction.atomic():
        TURN.add(turn)


def test_a_row_that_is_there_is_renewed_where_that_is_wanted(conversation: Conversation) -> None:
    turn = send_message(conversation.owner, conversation.pk, client_key=uuid4(), text="Hello", tip=None)
    response = turn.responses.get()
    renewing = Insert(SearchText, unique="response")
    for words in ("one", "two"):
        renewing.add(SearchText(response=response, at=response.queued_at, tokens=words))
    assert SearchText.objects.get().tokens == "two"


def _turn(conversation: Conversation, number: int, **fields: Any) -> Turn:
    given = {"author": conversation.owner, "client_key": uuid4(), "number": number, **fields}
    return Turn(conversation=conversation, created_at=clock.now(), **given)

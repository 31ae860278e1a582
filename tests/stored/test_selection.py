"""Filters of the ledger: what each finds, what is refused, and the way to an address and back."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.http import QueryDict

from conversations import clock
from conversations.models import Conversation, Deployment, Hold, Response, Team, User
from conversations.models.people import Role
from conversations.stored.selection import BadSelection, Selection, responses_of
from tests.stored.rows import add_response

pytestmark = pytest.mark.django_db


@pytest.fixture
def audrey(db: None) -> User:
    return User.objects.create_user("audrey", role=Role.AUDITOR)


def found(user: User, query: str) -> list[Response]:
    return list(responses_of(user, Selection.parse(QueryDict(query))))


@pytest.fixture
def two(conversation: Conversation, carol: User) -> tuple[Response, Response]:
    """One like most, and one that differs from it in everything that can be filtered."""
    now = clock.now()
    plain = add_response(
        conversation,
        queued_at=now - timedelta(days=1),
        expires_at=now + timedelta(days=29),
        upstream_state="stored",
        response_id="resp_1",
        model="gpt-5.1",
        input_tokens=10,
        output_tokens=5,
        cost=Decimal("0.01"),
        size=100,
    )
    team = carol.teams.get()
    there = Conversation.objects.create(
        client_key=uuid4(),
        owner=carol,
        team=team,
        deployment=conversation.deployment,
        created_at=now,
        updated_at=now,
    )
    endpoint = conversation.deployment.endpoint
    endpoint.pk, endpoint.name = None, "other"
    endpoint.save()
    deployment = Deployment.objects.create(endpoint=endpoint, name="vendor/small", title="Small")
    odd = add_response(
        there,
        deployment=deployment,
        queued_at=now - timedelta(days=20),
        expires_at=now + timedelta(days=3),
        upstream_state="not_learned",
        status="failed",
        model="small",
        input_tokens=1000,
        output_tokens=500,
        cost=Decimal(2),
        size=50_000,
        background=True,
        error={"kind": "rate_limited"},
    )
    Hold.objects.create(person=carol, reason="A case", placed_by=carol, starts_at=now - timedelta(days=1))
    return plain, odd


FINDS_THE_ODD = [
    "person=carol",
    "team=Field",
    "deployment=vendor/small",
    "deployment=other/vendor/small",
    "endpoint=other",
    "model=small",
    "status=failed",
    "upstream=not_learned",
    "tokens_from=1500",
    "cost_from=0.02",
    "size_from=50+kB",
    "held=yes",
    "expires_within=7",
    "background=yes",
    "error=any",
    "error=rate_limited",
    "person=carol&status=failed&held=yes&expires_within=3&days=30",
]
FINDS_THE_PLAIN = [
    "person=alice",
    "team=Research",
    "deployment=test/gpt-5.1",
    "endpoint=test",
    "model=gpt-5.1",
    "status=completed",
    "upstream=stored",
    "days=7",
    "tokens_to=15",
    "cost_to=0.01",
    "size_to=0.1kb",
    "held=no",
    "background=no",
    "person=alice&team=Research&tokens_from=1&tokens_to=100",
]
FINDS_NONE = [
    "origin=import",
    "person=bob",
    "error=other",
    "person=carol&status=completed",
    "expires_within=2",
]


@pytest.mark.parametrize("query", FINDS_THE_ODD)
def test_each_filter_finds_what_it_names(
    query: str, audrey: User, bob: User, two: tuple[Response, Response]
) -> None:
    assert found(audrey, query) == [two[1]]


@pytest.mark.parametrize("query", FINDS_THE_PLAIN)
def test_and_leaves_out_the_rest(query: str, audrey: User, two: tuple[Response, Response]) -> None:
    assert found(audrey, query) == [two[0]]


@pytest.mark.parametrize("query", FINDS_NONE)
def test_and_finds_nothing_where_nothing_is(
    query: str, audrey: User, bob: User, two: tuple[Response, Response]
) -> None:
    assert found(audrey, query) == []


@pytest.mark.parametrize("query", [*FINDS_THE_ODD, *FINDS_THE_PLAIN, "origin=chat", "to=2026-01-05"])
def test_there_is_one_way_to_write_it_and_back(query: str, two: tuple[Response, Response]) -> None:
    selection = Selection.parse(QueryDict(query))
    assert Selection.parse(QueryDict(selection.query())) == selection
    assert Selection.parse(QueryDict(selection.query())).query() == selection.query()


def test_by_keys_it_names_the_same_whatever_has_that_name_later(alice: User) -> None:
    selection = Selection.parse({"person": "alice", "days": "3"})
    assert selection.query(keyed=True) == f"person=%23{alice.pk}&days=3"
    User.objects.filter(pk=alice.pk).update(username="alice.smith")
    User.objects.create_user("alice")
    User.objects.create_user(f"#{alice.pk}")
    query = QueryDict(selection.query(keyed=True))
    assert Selection.parse(query, keyed=True) == selection


def test_without_filters_everything_is_found_newest_first(
    audrey: User, two: tuple[Response, Response]
) -> None:
    assert found(audrey, "") == list(two)
    assert not Selection.parse(QueryDict("status=&person="))


def test_what_expires_is_found_in_the_order_of_expiry(audrey: User, two: tuple[Response, Response]) -> None:
    assert found(audrey, "expires_within=30") == [two[1], two[0]]


def test_a_member_finds_nothing_and_a_limited_auditor_only_the_named_teams(
    alice: User, audrey: User, two: tuple[Response, Response]
) -> None:
    assert found(alice, "") == []
    audrey.limited_to.add(Team.objects.get(name="Field"))
    assert found(audrey, "") == [two[1]]
    assert found(audrey, "person=alice") == []


def test_by_conversation(audrey: User, two: tuple[Response, Response]) -> None:
    assert found(audrey, f"conversation={two[0].conversation_id}") == [two[0]]


def test_times_are_those_of_the_zone_that_they_name_and_days_are_whole() -> None:
    selection = Selection.parse(QueryDict("from=2026-11-05T01:30%2B02:00&to=2026-11-05"))
    assert selection.from_ == datetime(2026, 11, 4, 23, 30, tzinfo=UTC)
    assert selection.to == datetime(2026, 11, 6, tzinfo=UTC)
    assert selection.query() == "from=2026-11-04T23%3A30%3A00Z&to=2026-11-06T00%3A00%3A00Z"


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("person=nobody", "person"),
        ("person=%00", "person"),
        ("person=99999999999999999999", "person"),
        ("conversation=x", "conversation"),
        ("deployment=none/none", "deployment"),
        ("status=done", "status"),
        ("from=yesterday", "from"),
        ("from=0001-01-01T00:00%2B14:00", "from"),
        ("to=2026-02-30", "to"),
        ("to=9999-12-31", "to"),
        ("days=0", "days"),
        ("days=1e9", "days"),
        ("tokens_from=-1", "tokens_from"),
        ("cost_to=NaN", "cost_to"),
        ("size_from=big", "size_from"),
        ("size_from=999999999999999999gb", "size_from"),
        ("held=maybe", "held"),
        ("expires_within=4000", "expires_within"),
        ("statuss=failed", "statuss"),
        ("status=failed&status=completed", "status"),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_name(query: str, name: str, db: None) -> None:
    with pytest.raises(BadSelection) as refused:
        Selection.parse(QueryDict(query))
    assert list(refused.value.errors) == [name]
    assert str(refused.value).startswith(f"{name}: ")


def test_a_deployment_that_two_endpoints_have_wants_to_be_named_in_full(
    two: tuple[Response, Response],
) -> None:
    Deployment.objects.create(endpoint=two[1].endpoint, name="gpt-5.1", title="Again")
    with pytest.raises(BadSelection, match="deployment: Several"):
        Selection.parse(QueryDict("deployment=gpt-5.1"))
    assert Selection.parse(QueryDict("deployment=test/gpt-5.1")).deployment == two[0].deployment


def test_a_name_of_digits_goes_before_a_number(alice: User) -> None:
    named: Any = User.objects.create_user(str(alice.pk))
    assert Selection.parse({"person": str(alice.pk)}).person == named
    named.delete()
    assert Selection.parse({"person": str(alice.pk)}).person == alice


def test_chips_say_what_is_set_and_link_to_the_rest(two: tuple[Response, Response]) -> None:
    chips = Selection.parse(QueryDict("held=yes&status=in_progress&person=carol")).describe()
    assert [(chip.label, chip.value, chip.query) for chip in chips] == [
        ("Person", "carol", "status=in_progress&held=yes"),
        ("Status", "In progress", "person=carol&held=yes"),
        ("Held", "Yes", "person=carol&status=in_progress"),
    ]

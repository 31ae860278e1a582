"""Which statements the database keeps a plan of."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from conversations.models import Team
from conversations.prepared import prepared

pytestmark = pytest.mark.django_db


def find(name: str) -> Team | None:
    return Team.objects.filter(name=name).first()


def kept_plans() -> list[int]:
    """Of statements like that of `find`: how often each was run."""
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL keeps plans")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generic_plans + custom_plans FROM pg_prepared_statements"
            """ WHERE statement LIKE '%FROM "conversations_team" WHERE "conversations_team"."name" =%'"""
        )
        return [runs for (runs,) in cursor.fetchall()]


def test_a_prepared_function_finds_the_same_rows() -> None:
    team = Team.objects.create(name="Blue")
    assert prepared(find)("Blue") == team
    assert prepared(find)("Red") is None


def test_its_statement_is_planned_once_for_all_values() -> None:
    before = sum(kept_plans())
    for name in ("Blue", "Red", "Green"):
        prepared(find)(name)
    assert sum(kept_plans()) - before == 3
    assert len(kept_plans()) == 1


def test_what_others_ask_meanwhile_and_afterwards_is_not() -> None:
    before = sum(kept_plans())
    prepared(find)("Blue")
    find("Red")
    assert sum(kept_plans()) - before == 1


def test_after_an_error_others_are_as_before() -> None:
    same = uuid4().hex[:20]

    @prepared
    def twice() -> None:
        with transaction.atomic():
            Team.objects.create(name=same)
            Team.objects.create(name=same)

    with pytest.raises(IntegrityError):
        twice()
    before = sum(kept_plans())
    find(same)
    assert sum(kept_plans()) == before

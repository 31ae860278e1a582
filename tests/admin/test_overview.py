"""The desk's first page: what needs attention, figures from the daily sums, and what happened last."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conversations import clock
from conversations.models import Conversation, DailyErrors, DailyUsage, Hold, StoredPerDay, Team, User
from conversations.models.audit import Action
from conversations.models.people import Role
from conversations.people.audit import person, record
from conversations.stored.figures import Figures, quantile
from conversations.stored.recount import rebuild
from conversations.stored.usage import day_of
from tests.stored.rows import add_response

HOME = "/admin/"


def staff(role: Role = Role.AUDITOR) -> Client:
    client = Client()
    client.force_login(User.objects.create_user(role.value, role=role))
    return client


def page(client: Client, query: str = "") -> str:
    answer = client.get(f"{HOME}{query}")
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def busy(conversation: Conversation) -> Conversation:
    """Three that expire soon, one of them held and one without an id; one that failed."""
    now = clock.now()
    soon: dict[str, Any] = {
        "expires_at": now + timedelta(days=2),
        "input_tokens": 900,
        "output_tokens": 100,
        "size": 50,
    }
    held = add_response(conversation, upstream_state="stored", response_id="resp_1", **soon)
    add_response(conversation, upstream_state="stored", response_id="resp_2", **soon)
    add_response(conversation, upstream_state="not_learned", **soon)
    add_response(conversation, status="failed", error={"kind": "rate_limited"})
    Hold.objects.create(response=held, reason="Case 12", placed_by=conversation.owner, starts_at=now)
    rebuild()
    return conversation


def test_what_needs_attention_leads_to_the_rows(busy: Conversation) -> None:
    text = page(staff())
    assert "<b>3</b><span>responses expire upstream within 7 days" in text
    assert "expires_within=7" in text
    assert "<b>1</b><span>held response expires" in text
    assert "<b>1</b><span>response may be stored under an id that was never learned" in text
    assert "No worker is alive" in text


def test_figures_and_charts_come_from_the_daily_sums(busy: Conversation) -> None:
    text = page(staff())
    assert "3,000" in text
    assert "150\xa0bytes of items" in text
    assert "Rate limited" in text
    assert text.count('class="chart"') == 7
    assert "GPT-5.1" in text
    assert "Research" in page(staff(Role.OPERATOR), "?by=team&days=7")


def test_the_first_page_reads_no_large_table(busy: Conversation) -> None:
    client = staff()
    page(client)
    with CaptureQueriesContext(connection) as asked:
        page(client)
    large = [sql for sql in (query["sql"] for query in asked) if '"conversations_response"' in sql]
    assert all("LIMIT 1000" in sql for sql in large)
    assert not [query["sql"] for query in asked if '"conversations_item"' in query["sql"]]
    assert len(asked) < 30


def test_who_is_limited_to_teams_sees_their_figures_only(busy: Conversation) -> None:
    limited = User.objects.create_user("limited", role=Role.AUDITOR)
    limited.limited_to.add(Team.objects.create(name="Field"))
    client = Client()
    client.force_login(limited)
    text = page(client)
    assert "3,000" not in text
    assert "expires_within=7" not in text
    limited.limited_to.add(busy.team)
    assert "3,000" in page(client)


def test_what_was_done_is_told_in_words_to_who_may_read_it(busy: Conversation) -> None:
    record(Action.HOLD_PLACED, actor=person(busy.owner))
    assert "placed a hold" in page(staff())


def test_an_operator_is_told_what_the_own_deeds_were_and_no_others(busy: Conversation) -> None:
    operator = staff(Role.OPERATOR)
    oneself = User.objects.get(role=Role.OPERATOR)
    response = busy.responses.first()
    assert response is not None
    record(Action.HOLD_PLACED, actor=person(busy.owner))
    record(Action.DELETION_REQUESTED, actor=person(oneself), subject=response)
    text = page(operator)
    assert "placed a hold" not in text
    assert "What you did last" in text
    assert f"/admin/conversations/response/{response.pk}/change/" in text
    assert "asked for a deletion upstream" in text


@pytest.mark.parametrize("query", ["?days=12345", "?days=x&by=nobody", "?by=", "?days=90"])
def test_whatever_is_asked_for_is_answered(busy: Conversation, query: str) -> None:
    assert page(staff(), query)


@pytest.mark.django_db
def test_an_empty_desk_says_so() -> None:
    text = page(staff())
    assert "Nothing to show yet." in text
    assert "expires_within" not in text


def test_quantiles_are_read_from_the_steps() -> None:
    row = {"first_250ms": 50, "first_500ms": 45, "first_1s": 5} | dict.fromkeys(
        ("first_2s", "first_4s", "first_8s", "first_later"), 0
    )
    assert quantile(row, 0.5) == 0.25
    assert quantile(row, 0.95) == 0.5
    assert quantile(dict.fromkeys(row, 0), 0.5) is None


@pytest.mark.django_db
def test_days_without_figures_are_there_as_nothing() -> None:
    assert len(Figures([], 7).dates) == 7
    assert Figures([], 7).dates[-1] == day_of(timezone.now())
    assert not Figures([], 7).usage("team_id")
    assert DailyUsage.objects.count() == DailyErrors.objects.count() == StoredPerDay.objects.count() == 0

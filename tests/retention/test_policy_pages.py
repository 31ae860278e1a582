"""The desk's pages for retention policies, and who reaches them."""

import pytest
from django.test import Client

from conversations.models import Conversation, RetentionBounds, RetentionPolicy, Team, User
from conversations.models.people import Role
from conversations.retention import policies as runs
from tests.retention.conftest import Ledger

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/admin/conversations/retentionpolicy/"


def enter(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def write(client: Client, team: Team | None, key: int | None = None, **fields: str) -> str:
    """The page, with what is wrong if anything is."""
    usual = {
        "name": "Weekly",
        "team": str(team.pk) if team else "",
        "days": "7",
        "cap": "10",
        "enabled": "on",
    }
    page = f"{LIST}{key}/change/" if key else f"{LIST}add/"
    return client.post(page, usual | fields, follow=True).content.decode()


def approve(client: Client, row: RetentionPolicy) -> str:
    sent = client.post(f"{LIST}{row.pk}/approve/", {"_confirmed": "1", "reason": "As agreed"}, follow=True)
    return sent.content.decode()


def test_one_writes_it_and_another_approves_it(
    oscar: User, olga: User, conversation: Conversation, ledger: Ledger
) -> None:
    ledger.add(days=8)
    write(enter(oscar), conversation.team)
    row = RetentionPolicy.objects.get()
    assert (row.changed_by, row.approved_by, row.dry_run) == (oscar, None, False)
    page = enter(oscar).get(f"{LIST}{row.pk}/approve/").content.decode()
    assert "a second person must approve" in page
    assert "Approve this policy and its runs" not in page
    approve(enter(oscar), row)
    assert not RetentionPolicy.objects.filter(approved_by__isnull=False).exists()
    assert "Approve this policy and its runs" in enter(olga).get(f"{LIST}{row.pk}/approve/").content.decode()
    approve(enter(olga), row)
    row.refresh_from_db()
    assert row.approved_by == olga
    runs.go_on(row)
    page = enter(olga).get(f"{LIST}{row.pk}/change/").content.decode()
    assert "Last runs" in page
    assert "In force" in page
    assert "Answers are deleted upstream 7 days after they were given." in page


def test_a_change_says_that_the_approval_is_gone(oscar: User, olga: User, conversation: Conversation) -> None:
    write(enter(oscar), conversation.team)
    row = RetentionPolicy.objects.get()
    approve(enter(olga), row)
    assert "approved again" in write(enter(oscar), conversation.team, row.pk, days="8")
    row.refresh_from_db()
    assert (row.days, row.approved_by) == (8, None)


def test_days_outside_of_the_bounds_are_refused_by_name(oscar: User, conversation: Conversation) -> None:
    RetentionBounds.objects.create(floor_days=3, ceiling_days=20)
    assert "Between 3 and 20 days" in write(enter(oscar), conversation.team, days="2")
    assert "Name a team, a deployment, or both." in write(enter(oscar), None)
    assert not RetentionPolicy.objects.exists()


def test_admins_alone_set_the_bounds_once(oscar: User) -> None:
    page = "/admin/conversations/retentionbounds/add/"
    assert enter(oscar).get(page).status_code == 403
    admin = enter(User.objects.create_user("ada", role=Role.ADMIN))
    assert admin.post(page, {"floor_days": "2", "ceiling_days": "14"}).status_code == 302
    assert RetentionBounds.objects.get().ceiling_days == 14
    assert admin.get(page).status_code == 403


def test_auditors_and_limited_operators_look_only(oscar: User, conversation: Conversation) -> None:
    write(enter(oscar), conversation.team)
    row = RetentionPolicy.objects.get()
    auditor = User.objects.create_user("audrey", role=Role.AUDITOR)
    limited = User.objects.create_user("lea", role=Role.OPERATOR)
    limited.limited_to.add(conversation.team)
    for user in (auditor, limited):
        assert "Weekly" in enter(user).get(LIST).content.decode()
        assert enter(user).get(f"{LIST}{row.pk}/change/").status_code == 200
        assert enter(user).get(f"{LIST}add/").status_code == 403
        assert enter(user).post(f"{LIST}{row.pk}/approve/").status_code == 403
        write(enter(user), conversation.team, row.pk, days="9")
    row.refresh_from_db()
    assert row.days == 7

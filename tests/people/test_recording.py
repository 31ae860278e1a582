"""Changes of rights and of deployments are in the audit trail, whoever made them by whatever door."""

import getpass
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from conversations.models import AuditEntry, Deployment, Endpoint, Membership, Team, User
from conversations.models.people import Role
from conversations.people import verification
from conversations.people.demo import CAST, make_cast
from responses_ui.env import Upstream

pytestmark = pytest.mark.django_db

PASSWORD = "a-canary-of-a-password"


@pytest.fixture
def admin() -> Client:
    client = Client(REMOTE_ADDR="10.0.0.1")
    client.force_login(User.objects.create_user("ada", role=Role.ADMIN))
    return client


def told(action: str) -> list[tuple[str, str, Any]]:
    rows = AuditEntry.objects.filter(action=action).order_by("number")
    return [(row.actor, f"{row.subject_type}:{row.subject_id}", row.details) for row in rows]


def me() -> str:
    return f"user:ada#{User.objects.get(username='ada').pk}"


def person(user: User, **changes: Any) -> dict[str, Any]:
    return {"username": user.username, "role": user.role, "is_active": "on"} | changes


def test_a_changed_role_is_told_with_what_it_was(admin: Client, alice: User) -> None:
    form = person(alice, role="auditor", email="alice@example.com")
    assert admin.post(f"/admin/conversations/user/{alice.pk}/change/", form).status_code == 302
    [(actor, subject, details)] = told("role_changed")
    assert (actor, subject) == (me(), f"user:{alice.pk}")
    assert details["changed"]["role"] == ["member", "auditor"]
    assert details["changed"]["email"] == []
    assert "alice@example.com" not in str(list(AuditEntry.objects.values()))


def test_the_teams_that_an_auditor_is_limited_to_are_told(admin: Client, alice: User) -> None:
    team = Team.objects.get(name="Research")
    form = person(alice, first_name=alice.first_name, limited_to=[str(team.pk)])
    assert admin.post(f"/admin/conversations/user/{alice.pk}/change/", form).status_code == 302
    [(_, subject, details)] = told("role_changed")
    assert (subject, details) == (f"user:{alice.pk}", {"changed": {"limited_to": [[], [team.pk]]}})


def test_a_page_that_is_sent_unchanged_tells_nothing(admin: Client, alice: User) -> None:
    form = person(alice, first_name=alice.first_name)
    assert admin.post(f"/admin/conversations/user/{alice.pk}/change/", form).status_code == 302
    assert told("person_changed") == told("role_changed") == []


def test_a_page_that_is_refused_tells_nothing(admin: Client, alice: User) -> None:
    answer = admin.post(f"/admin/conversations/user/{alice.pk}/change/", person(alice, role="emperor"))
    assert answer.status_code == 200
    assert told("role_changed") == []


def test_a_new_person_and_a_new_password_are_told_without_the_password(admin: Client) -> None:
    form = {"username": "dave", "password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    assert admin.post("/admin/conversations/user/add/", form).status_code == 302
    dave = User.objects.get(username="dave")
    form |= {"password1": PASSWORD * 2, "password2": PASSWORD * 2, "set-password": "yes"}
    assert admin.post(f"/admin/conversations/user/{dave.pk}/password/", form).status_code == 302
    [(_, subject, details)] = told("role_changed")
    assert (subject, details["added"]["password"]) == (f"user:{dave.pk}", [])
    assert told("password_changed") == [(me(), f"user:{dave.pk}", {})]
    assert PASSWORD not in str(list(AuditEntry.objects.values()))


def test_members_of_a_team_are_told_one_by_one(admin: Client, alice: User, bob: User) -> None:
    team = Team.objects.get(name="Research")
    [first, second] = Membership.objects.filter(team=team).order_by("pk")
    form = {"name": "Research", "memberships-TOTAL_FORMS": "2", "memberships-INITIAL_FORMS": "2"}
    for number, row in enumerate((first, second)):
        form[f"memberships-{number}-id"] = str(row.pk)
        form[f"memberships-{number}-user"] = str(row.user_id)
    form["memberships-0-DELETE"] = "on"
    assert admin.post(f"/admin/conversations/team/{team.pk}/change/", form).status_code == 302
    assert told("membership_changed") == [(me(), f"user:{first.user_id}", {"how": "removed"})]
    assert AuditEntry.objects.get(action="membership_changed").team_id == team.pk


def test_a_new_team_and_its_members_are_told(admin: Client, alice: User) -> None:
    form = {"name": "Office", "memberships-TOTAL_FORMS": "1", "memberships-INITIAL_FORMS": "0"}
    form["memberships-0-user"] = str(alice.pk)
    assert admin.post("/admin/conversations/team/add/", form).status_code == 302
    team = Team.objects.get(name="Office")
    assert told("team_changed") == [(me(), f"team:{team.pk}", {"added": {"name": [None, "Office"]}})]
    assert told("membership_changed") == [(me(), f"user:{alice.pk}", {"how": "added"})]


def test_a_changed_price_is_told(admin: Client, deployment: Deployment) -> None:
    form = {
        **{name: getattr(deployment, name) for name in ("name", "title", "keep", "currency", "output_price")},
        "endpoint": deployment.endpoint_id,
        "enabled": "on",
        "safety_identifier": "on",
        "input_price": "2.5",
    }
    assert admin.post(f"/admin/conversations/deployment/{deployment.pk}/change/", form).status_code == 302
    [(_, subject, details)] = told("deployment_changed")
    assert subject == f"deployment:{deployment.pk}"
    assert details == {"changed": {"input_price": ["1.000000", "2.500000"]}}


def test_configure_tells_what_it_made_and_then_nothing_more(settings: Settings) -> None:
    settings.UPSTREAM = Upstream(
        kind="azure_v1", base_url="https://res.openai.azure.com/openai/v1/", deployment="my-gpt"
    )
    call_command("configure")
    call_command("configure")
    [(actor, subject, details)] = told("endpoint_changed")
    assert (actor, subject) == (f"cli:{getpass.getuser()}", f"endpoint:{Endpoint.objects.get().pk}")
    assert details["added"]["base_url"] == [None, "https://res.openai.azure.com/openai/v1/"]
    assert len(told("deployment_changed")) == 1


def test_the_cast_is_told_once_with_its_roles_and_teams() -> None:
    make_cast(PASSWORD)
    make_cast(PASSWORD)
    assert len(told("role_changed")) == len(CAST)
    assert len(told("membership_changed")) == 3
    make_cast(PASSWORD * 2)
    changes = [details for _, _, details in told("person_changed")]
    assert changes == [{"changed": {"password": []}}] * len(CAST)
    assert PASSWORD not in str(list(AuditEntry.objects.values()))
    assert verification.verify().ok

"""Who enters the desk, and that nobody changes anything there."""

from uuid import uuid4

import pytest
from django.test import Client

from conversations.chat import turns
from conversations.models import AuditEntry, Conversation, User
from conversations.models.audit import Action
from conversations.models.people import Role
from conversations.people.demo import CAST, make_cast

LISTS = ["endpoint", "deployment", "conversation", "turn", "response", "item", "worker", "user", "team"]


@pytest.fixture
def secret(alice: User, conversation: Conversation) -> str:
    turns.send_message(alice, conversation.pk, client_key=uuid4(), text="a very secret word", tip=None)
    Conversation.objects.update(instructions="a very secret word")
    return "very secret"


def enter(role: str) -> Client:
    client = Client()
    client.force_login(User.objects.create_user(f"some-{role}", role=role))
    return client


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.OPERATOR, Role.ADMIN])
def test_staff_see_every_list_and_page_but_no_text(role: str, secret: str) -> None:
    client = enter(role)
    assert client.get("/admin/").status_code == 200
    for name in LISTS:
        path = f"/admin/conversations/{name}/"
        listed = client.get(path)
        assert listed.status_code == 200
        assert secret not in listed.content.decode()
    for name in ("conversation", "turn", "response", "item"):
        row = client.get(f"/admin/conversations/{name}/").context["cl"].result_list[0]
        page = client.get(f"/admin/conversations/{name}/{row.pk}/change/")
        assert page.status_code == 200
        assert secret not in page.content.decode()
        assert client.post(f"/admin/conversations/{name}/{row.pk}/change/", {}).status_code == 403
        assert (
            client.post(f"/admin/conversations/{name}/{row.pk}/delete/", {"post": "yes"}).status_code == 403
        )
        assert client.get(f"/admin/conversations/{name}/add/").status_code == 403


@pytest.mark.parametrize(("role", "status"), [(Role.AUDITOR, 403), (Role.OPERATOR, 403), (Role.ADMIN, 302)])
def test_only_admins_add_people_and_put_them_into_teams(role: str, status: int, alice: User) -> None:
    client = enter(role)
    person = {"username": "dave", "password1": "long-enough-9", "password2": "long-enough-9"}
    person["usable_password"] = "true"
    assert client.post("/admin/conversations/user/add/", person).status_code == status
    team = {"name": "Office", "memberships-TOTAL_FORMS": "1", "memberships-INITIAL_FORMS": "0"}
    team["memberships-0-user"] = str(alice.pk)
    assert client.post("/admin/conversations/team/add/", team).status_code == status
    made = role == Role.ADMIN
    assert User.objects.filter(username="dave").exists() is made
    assert alice.teams.filter(name="Office").exists() is made


DOORS = ["/admin/", "/admin/nowhere/", *(f"/admin/conversations/{name}/" for name in LISTS)]


@pytest.mark.parametrize("path", DOORS)
def test_members_are_turned_away_and_that_is_written_down(path: str, secret: str) -> None:
    client = enter(Role.MEMBER)
    assert client.get(path).status_code == 403
    refusal = AuditEntry.objects.get(action=Action.ACCESS_REFUSED)
    assert refusal.actor.startswith("user:some-member#")
    assert (refusal.subject_type, refusal.subject_id) == ("page", path)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/admin/", "/admin/conversations/user/"])
def test_strangers_log_in_first_on_the_one_page_for_that(path: str) -> None:
    answer = Client().get(path, follow=True)
    assert answer.redirect_chain[-1] == (f"/login/?next={path}", 302)
    assert not AuditEntry.objects.exists()


@pytest.mark.django_db
def test_the_cast_is_made_once_and_takes_a_new_password() -> None:
    make_cast("first-password")
    make_cast("second-password")
    assert User.objects.count() == len(CAST)
    assert Client().login(username="alice", password="second-password")
    assert [team.name for team in User.objects.get(username="carol").teams.all()] == ["Field"]

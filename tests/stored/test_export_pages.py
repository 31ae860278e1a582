"""The desk's pages for exports, and who reaches them."""

from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from conversations.models import AuditEntry, Conversation, Export, Team, User
from conversations.models.people import Role
from conversations.stored import exporting
from tests.stored.test_exporting import answered

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/admin/conversations/export/"
ADD = f"{LIST}add/"
GIVEN = {"format": "csv", "reason": "Case 7"}


@pytest.fixture(autouse=True)
def own_files(settings: Settings, tmp_path: Path) -> None:
    options = settings.STORAGES["default"]["OPTIONS"] | {"location": tmp_path / "files"}
    default = settings.STORAGES["default"] | {"OPTIONS": options}
    settings.STORAGES = settings.STORAGES | {"default": default}


@pytest.fixture(autouse=True)
def said(alice: User, conversation: Conversation) -> None:
    answered(alice, conversation, "A secret plan", "No")


def staff(role: Role, name: str = "", *teams: Team) -> Client:
    user = User.objects.create_user(name or f"some-{role}", role=role)
    user.limited_to.set(teams)
    client = Client()
    client.force_login(user)
    return client


def test_what_the_list_selects_is_exported_with_a_reason() -> None:
    auditor = staff(Role.AUDITOR)
    listed = auditor.get("/admin/conversations/response/?team=Research").content.decode()
    assert f"{ADD}?team=Research" in listed
    form = auditor.get(f"{ADD}?team=Research").content.decode()
    assert "Export 1 response" in form
    assert "A secret plan" not in form
    assert auditor.post(f"{ADD}?team=Research", GIVEN | {"reason": " "}).status_code == 200
    assert not Export.objects.exists()
    sent = auditor.post(f"{ADD}?team=Research", GIVEN)
    made = Export.objects.get()
    assert sent["Location"] == f"{LIST}{made.pk}/change/"
    assert (made.query, made.written) == ("team=Research", 1)
    assert f"/exports/{made.pk}/" in auditor.get(sent["Location"]).content.decode()
    assert AuditEntry.objects.get(action="exported").reason == "Case 7"


def test_a_large_one_shows_how_far_it_is(settings: Settings) -> None:
    settings.EXPORT_AT_ONCE = 0
    auditor = staff(Role.AUDITOR)
    page = auditor.post(ADD, GIVEN)["Location"]
    made = Export.objects.get()
    assert "data-progress" in auditor.get(page).content.decode()
    assert auditor.get(f"{LIST}{made.pk}/progress/").json()["running"]
    exporting.make(made.pk)
    assert not auditor.get(f"{LIST}{made.pk}/progress/").json()["running"]


def test_what_makes_no_sense_is_said() -> None:
    assert "no such filter" in staff(Role.AUDITOR).get(f"{ADD}?teem=Research").content.decode()


def test_members_reach_none_of_it_and_staff_nothing_of_each_other() -> None:
    staff(Role.AUDITOR).post(ADD, GIVEN)
    made = Export.objects.get()
    pages = [f"{LIST}{made.pk}/change/", f"{LIST}{made.pk}/progress/", f"/exports/{made.pk}/"]
    other, admin, member = staff(Role.OPERATOR), staff(Role.ADMIN), staff(Role.MEMBER)
    assert [other.get(page).status_code for page in pages] == [302, 404, 404]
    assert [admin.get(page).status_code for page in pages] == [200, 200, 404]
    assert [member.get(page).status_code for page in pages] == [403, 403, 404]
    assert member.post(ADD, GIVEN).status_code == 403
    assert Export.objects.count() == 1

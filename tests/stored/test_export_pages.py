"""The desk's pages for exports, and who reaches them."""

from pathlib import Path
from uuid import UUID

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
ZERO = UUID(int=0)


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


def test_ticked_rows_are_exported_with_a_reason(alice: User, conversation: Conversation) -> None:
    second = answered(alice, conversation, "Another plan", "Yes")
    auditor, ticked = staff(Role.AUDITOR), "/admin/conversations/response/"
    act = {"action": "export_ticked", "_selected_action": [str(second.pk)]}
    sent = auditor.post(f"{ticked}?team=Research", act)
    assert sent["Location"] == f"{ADD}?ids={second.pk}"
    assert "Export 1 response" in auditor.get(sent["Location"]).content.decode()
    auditor.post(sent["Location"], GIVEN)
    made = Export.objects.get()
    assert (made.query, made.written) == (f"ids={second.pk}", 1)
    entry = AuditEntry.objects.get(action="exported")
    assert (entry.reason, entry.details["filters"]) == ("Case 7", made.query)


def test_what_one_may_not_list_is_not_exported_by_its_id(conversation: Conversation) -> None:
    key = conversation.responses.get().pk
    limited = staff(Role.AUDITOR, "limited", Team.objects.create(name="Elsewhere"))
    act = {"action": "export_ticked", "_selected_action": [str(key)]}
    assert str(key) not in limited.post("/admin/conversations/response/", act).get("Location", "")
    limited.post(f"{ADD}?ids={key}", GIVEN)
    assert Export.objects.get().written == 0


def test_pages_of_a_response_and_of_a_conversation_lead_to_their_export(conversation: Conversation) -> None:
    auditor, key = staff(Role.AUDITOR), conversation.responses.get().pk
    response = auditor.get(f"/admin/conversations/response/{key}/change/").content.decode()
    assert f"{ADD}?ids={key}" in response
    talk = auditor.get(f"/admin/conversations/conversation/{conversation.pk}/change/").content.decode()
    assert f"{ADD}?conversation={conversation.pk}" in talk
    assert "Export 1 response" in auditor.get(f"{ADD}?conversation={conversation.pk}").content.decode()


def test_where_nothing_matches_there_is_nothing_to_export() -> None:
    auditor = staff(Role.AUDITOR)
    assert "There is nothing to export" in auditor.get(f"{ADD}?ids={ZERO}").content.decode()
    listed = auditor.get(LIST).content.decode()
    assert "then choose Export there" in listed
    assert ADD not in listed


@pytest.mark.parametrize("ids", ["x", f"{ZERO},2", ",".join(str(UUID(int=n)) for n in range(201))])
def test_ids_that_are_none_or_too_many_are_refused(ids: str) -> None:
    assert "notice error" in staff(Role.AUDITOR).get(ADD, {"ids": ids}).content.decode()


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

"""The desk's pages for holds, who reaches them, and where held things are marked."""

from datetime import timedelta

import pytest
from django.test import Client

from conversations import clock
from conversations.models import Conversation, HeldCopy, Hold, Response, Team, User
from conversations.models.holds import CopyState
from conversations.models.people import Role
from conversations.people import audit
from conversations.stored import holds
from conversations.stored.booking import book
from tests.stored.test_deleting import answer, ask_for, claimed, stored

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/admin/conversations/hold/"
ADD = f"{LIST}add/"


def staff(role: Role, *teams: Team) -> Client:
    user = User.objects.create_user(f"{role}-{len(teams)}", role=role)
    user.limited_to.set(teams)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def response(conversation: Conversation) -> Response:
    return stored(conversation)


def place(client: Client, of: str, name: object, **more: str) -> str:
    """The page that one is sent to, or what the form says."""
    sent = client.post(ADD, {"of": of, "name": str(name), "reason": "Case 12", **more})
    return sent["Location"] if sent.status_code == 302 else sent.content.decode()


@pytest.mark.parametrize("of", ["person", "team", "conversation", "response"])
def test_an_operator_places_and_ends_one_on_anything(response: Response, alice: User, of: str) -> None:
    operator = staff(Role.OPERATOR)
    names = {"person": "alice", "team": "Research", "conversation": response.conversation_id}
    page = place(operator, of, names.get(of, "resp_1"))
    hold = Hold.objects.get()
    assert list(holds.holds_of(response)) == [hold]
    assert page == f"{LIST}{hold.pk}/change/"
    shown = operator.get(page, follow=True).content.decode()
    assert "Nothing of it was on its way to be deleted" in shown
    assert "Case 12" in operator.get(LIST).content.decode()
    asked = operator.get(f"{LIST}{hold.pk}/end/").content.decode()
    assert "End the hold" in asked
    assert Hold.objects.filter(lifted_at=None).exists()
    sent = operator.post(f"{LIST}{hold.pk}/end/", {"_confirmed": "1", "reason": "Settled"})
    assert sent["Location"] == page
    assert Hold.objects.get().lift_reason == "Settled"
    assert "End this hold" not in operator.get(page).content.decode()


def test_what_was_on_its_way_is_named_and_its_end_is_told(alice: User, response: Response) -> None:
    operator = staff(Role.OPERATOR)
    job = claimed(ask_for(response, alice))
    page = place(operator, "response", response.pk)
    shown = operator.get(page).content.decode()
    assert "On their way when it began" in shown
    assert "Upstream has not answered yet" in shown
    book([(job, answer())])
    assert "It got through" in operator.get(page).content.decode()


def test_mistakes_are_told(response: Response) -> None:
    operator = staff(Role.OPERATOR)
    assert "no such row" in place(operator, "conversation", "not-a-uuid")
    assert "no such row" in place(operator, "person", "nobody")
    early = (clock.now() - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    assert "end after it begins" in place(operator, "response", "resp_1", ends_at=early)
    assert not Hold.objects.exists()


def test_its_doors_stand_where_the_subjects_are_shown(response: Response, alice: User) -> None:
    operator, auditor = staff(Role.OPERATOR), staff(Role.AUDITOR)
    pages = {
        f"response/{response.pk}": f"?response={response.pk}",
        f"conversation/{response.conversation_id}": f"?conversation={response.conversation_id}",
        f"user/{alice.pk}": "?person=alice",
        f"team/{response.team_id}": "?team=Research",
    }
    for page, query in pages.items():
        address = f"/admin/conversations/{page}/change/"
        assert f"{ADD}{query}" in operator.get(address).content.decode()
        assert ADD not in auditor.get(address).content.decode()
        assert query.partition("=")[2] in operator.get(f"{ADD}{query}").content.decode()
    listed = "/admin/conversations/response/?person=alice"
    assert f"{ADD}?person=alice" in operator.get(listed).content.decode()
    assert ADD not in operator.get(f"{listed}&status=completed").content.decode()
    assert ADD not in auditor.get(listed).content.decode()


def test_limited_staff_hold_and_see_what_is_in_their_teams(response: Response, carol: User) -> None:
    assert response.team is not None
    mine, other = staff(Role.OPERATOR, response.team), staff(Role.OPERATOR)
    field = Team.objects.get(name="Field")
    assert "no such row" in place(mine, "team", "Field")
    assert "outside the teams" in place(mine, "person", "alice")
    page = place(other, "team", "Field")
    assert mine.get(page).status_code == 302
    key = Hold.objects.get(team=field).pk
    assert mine.get(f"{LIST}{key}/end/").status_code == 404
    page = place(mine, "team", "Research")
    assert page.startswith(LIST)
    assert mine.get(page).status_code == 200
    page = place(other, "person", "alice")
    assert "End this hold" not in mine.get(page).content.decode(), "it reaches beyond their teams"
    key = Hold.objects.get(person__isnull=False).pk
    assert mine.post(f"{LIST}{key}/end/", {"_confirmed": "1", "reason": "No"}).status_code == 403


def test_auditors_look_and_place_nothing(response: Response, alice: User) -> None:
    hold = holds.place(response, reason="Case 12", user=alice, actor=audit.person(alice))
    auditor = staff(Role.AUDITOR)
    assert "Case 12" in auditor.get(f"{LIST}{hold.pk}/change/").content.decode()
    assert auditor.get(ADD).status_code == 403
    assert auditor.post(f"{LIST}{hold.pk}/end/", {"_confirmed": "1", "reason": "No"}).status_code == 403
    assert Hold.objects.get().lifted_at is None


def test_held_responses_are_marked_and_name_their_holds(response: Response, alice: User) -> None:
    operator = staff(Role.OPERATOR)
    listed = "/admin/conversations/response/"
    assert "mark held" not in operator.get(listed).content.decode()
    hold = holds.place(response, reason="Case 12", user=alice, actor=audit.person(alice))
    assert "mark held" in operator.get(listed).content.decode()
    page = operator.get(f"{listed}{response.pk}/change/").content.decode()
    assert f"{LIST}{hold.pk}/change/" in page


def test_a_copy_that_could_not_be_made_is_on_the_first_page(response: Response, alice: User) -> None:
    operator = staff(Role.OPERATOR)
    hold = holds.place(response, reason="Case 12", user=alice, actor=audit.person(alice))
    HeldCopy.objects.create(response=response, state=CopyState.TROUBLE, trouble="Upstream is away.")
    first = operator.get("/admin/").content.decode()
    assert "held response is not here in full" in first
    troubled = "/admin/conversations/heldcopy/?state__in=trouble,lost"
    assert troubled in first
    assert "Upstream is away." in operator.get(troubled).content.decode()
    assert "Upstream is away." in operator.get(f"{LIST}{hold.pk}/change/").content.decode()

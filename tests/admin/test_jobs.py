"""Bulk deletions at the desk: planned, looked at, executed, approved, watched, by whom it may be."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from conversations import clock
from conversations.chat import own_deletes
from conversations.models import Conversation, DeletionJob, Hold, Response, Team, User
from conversations.models.deletion_jobs import JobState, Source
from conversations.models.deletions import Outcome
from conversations.models.people import Role
from conversations.people.audit import person
from conversations.retention import own
from tests.stored.rows import add_response

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/admin/conversations/deletionjob/"
ADD = f"{LIST}add/"


def staff(role: Role, name: str = "", *teams: Team) -> Client:
    user = User.objects.create_user(name or f"some-{role}", role=role)
    user.limited_to.set(teams)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def operator(db: None) -> Client:
    return staff(Role.OPERATOR)


def stored(conversation: Conversation, number: int, **fields: Any) -> Response:
    asked = clock.now() - timedelta(days=20, minutes=-number)
    known: dict[str, Any] = {
        "response_id": f"resp_{number}",
        "upstream_state": "stored",
        "queued_at": asked,
        "ended_at": asked,
    }
    return add_response(conversation, **(known | {"expires_at": asked + timedelta(days=30)} | fields))


@pytest.fixture
def rows(conversation: Conversation) -> list[Response]:
    return [stored(conversation, number) for number in range(4)]


def plan(client: Client, query: str = "", **given: Any) -> DeletionJob:
    sent = client.post(f"{ADD}?{query}", given)
    assert sent.status_code == 302, sent.content.decode()
    return DeletionJob.objects.get(pk=sent["Location"].split("/")[-3])


def page(client: Client, job: DeletionJob) -> str:
    shown = client.get(f"{LIST}{job.pk}/change/")
    assert shown.status_code == 200
    return shown.content.decode()


def act(client: Client, job: DeletionJob, name: str, **given: str) -> Any:
    answer = client.post(f"{LIST}{job.pk}/{name}/", given)
    job.refresh_from_db()
    return answer


def test_a_plan_shows_what_would_go_and_what_is_held(operator: Client, rows: list[Response]) -> None:
    placed_by = User.objects.get(username="some-operator")
    Hold.objects.create(response=rows[0], reason="Case 9", placed_by=placed_by, starts_at=clock.now())
    job = plan(operator, window="expiring", days="15")
    assert (job.state, job.source, job.total, job.held) == (JobState.PLANNED, Source.EXPIRING, 4, 1)
    shown = page(operator, job)
    assert "Delete 3 responses upstream" in shown
    assert "“Case 9” (some-operator): 1 response" in shown
    assert job.hash in shown


def test_filters_without_bounds_in_time_ask_for_them(operator: Client, rows: list[Response]) -> None:
    assert 'name="window"' in operator.get(f"{ADD}?team=Research").content.decode()
    assert 'name="window"' not in operator.get(f"{ADD}?days=30").content.decode()
    refused = operator.post(f"{ADD}?team=Research", {"window": "between"}).content.decode()
    assert "Say from when and until when." in refused
    assert not DeletionJob.objects.exists()
    everything = plan(operator, "team=Research", window="everything")
    assert (everything.everything, everything.total) == (True, 4)


@pytest.mark.parametrize(
    ("query", "total"),
    [
        ("source=conversation&conversation={conversation}", 4),
        ("source=branch&root={root}", 2),
        ("days=30", 4),
    ],
)
def test_a_conversation_a_branch_and_a_selection_are_planned_for(
    operator: Client, rows: list[Response], query: str, total: int
) -> None:
    Response.objects.filter(pk=rows[3].pk).update(previous=rows[2])
    asked = query.format(conversation=rows[0].conversation_id, root=rows[2].pk)
    assert plan(operator, asked).total == total


def test_an_address_that_makes_no_sense_says_so(operator: Client) -> None:
    for query in ("source=all", "nonsense=1", "source=tree&root=1", "source=conversation"):
        shown = operator.get(f"{ADD}?{query}")
        posted = operator.post(f"{ADD}?{query}", {"window": "everything"})
        assert shown.status_code == posted.status_code == 200
        assert 'role="alert"' in posted.content.decode()
    assert not DeletionJob.objects.exists()


def test_executing_asks_for_a_reason_and_keeps_what_was_typed(operator: Client, rows: list[Response]) -> None:
    job = plan(operator, "days=30")
    refused = act(operator, job, "execute", hash="0" * 64, reason="Retention <of> 30 days")
    assert (refused.status_code, job.state) == (200, JobState.PLANNED)
    assert "That is not the hash of this plan" in refused.content.decode()
    assert "Retention &lt;of&gt; 30 days</textarea>" in refused.content.decode()
    assert act(operator, job, "execute", hash=job.hash, reason="Case 7").status_code == 302
    assert job.state == JobState.RUNNING
    assert {*job.deletions.values_list("outcome", flat=True)} == {Outcome.PENDING}


def test_much_needs_another_person(settings: Settings, operator: Client, rows: list[Response]) -> None:
    settings.SECOND_PERSON_ABOVE = 2
    job = plan(operator, "days=30")
    assert "second person" in page(operator, job)
    act(operator, job, "execute", hash=job.hash, reason="Case 7")
    assert job.state == JobState.WAITING
    assert "Approve it" not in page(operator, job)
    own = act(operator, job, "approve", hash=job.hash)
    assert "You asked for it yourself" in own.content.decode()
    other = staff(Role.ADMIN)
    assert "Approve it" in page(other, job)
    act(other, job, "approve", hash=job.hash)
    assert job.state == JobState.RUNNING
    assert job.approved_by == User.objects.get(username="some-admin")


def test_it_is_paused_resumed_watched_and_cancelled(operator: Client, rows: list[Response]) -> None:
    job = plan(operator, "days=30")
    act(operator, job, "execute", hash=job.hash, reason="Case 7")
    assert "data-progress" in page(operator, job)
    act(operator, job, "pause")
    assert job.state == JobState.PAUSED
    assert "data-progress" not in page(operator, job)
    act(operator, job, "resume")
    told = operator.get(f"{LIST}{job.pk}/progress/").json()
    assert (told["status"], told["running"], told["total"], told["ended"]) == ("running", True, 4, 0)
    assert told["outcomes"]["pending"] == 4
    act(operator, job, "cancel")
    assert job.state == JobState.CANCELLED
    assert "so that can&#x27;t be done" in act(operator, job, "pause").content.decode()
    assert {*job.deletions.values_list("outcome", flat=True)} == {Outcome.CANCELLED}


def test_the_page_waits_for_the_report(operator: Client, rows: list[Response]) -> None:
    job = plan(operator, "days=30")
    act(operator, job, "execute", hash=job.hash, reason="Case 7")
    act(operator, job, "cancel")
    shown, told = page(operator, job), operator.get(f"{LIST}{job.pk}/progress/").json()
    assert "Its report is being made." in shown
    assert (told["status"], told["running"]) == ("cancelled", True)
    DeletionJob.objects.filter(pk=job.pk).update(reported_at=clock.now())
    assert "Its report is being made." not in page(operator, job)
    assert not operator.get(f"{LIST}{job.pk}/progress/").json()["running"]


def test_failed_ones_alone_are_tried_again(operator: Client, rows: list[Response]) -> None:
    job = plan(operator, "days=30")
    act(operator, job, "execute", hash=job.hash, reason="Case 7")
    ended = {"decided_at": clock.now(), "due_at": None}
    job.deletions.filter(response=rows[0]).update(outcome="failed", explanation="No.", **ended)
    job.deletions.exclude(response=rows[0]).update(outcome="deleted", **ended)
    assert "Try 1 failed one again" in page(operator, job)
    act(operator, job, "retry")
    assert job.deletions.get(outcome="pending").response == rows[0]


def test_a_plan_is_thrown_away(operator: Client, rows: list[Response]) -> None:
    job = plan(operator, "days=30")
    act(operator, job, "discard")
    assert (job.state, job.deletions.count()) == (JobState.CANCELLED, 0)


def test_auditors_look_and_do_nothing(operator: Client, rows: list[Response]) -> None:
    job = plan(operator, "days=30")
    auditor = staff(Role.AUDITOR)
    assert "Delete 4 responses" not in page(auditor, job)
    for name in ("execute", "approve", "discard", "pause", "resume", "cancel", "retry"):
        assert act(auditor, job, name, hash=job.hash, reason="x").status_code == 403
    assert auditor.get(ADD).status_code == 403
    assert job.state == JobState.PLANNED


def test_limited_staff_plan_within_their_teams_and_see_their_own_plans(
    operator: Client, rows: list[Response]
) -> None:
    everyones = plan(operator, "days=30")
    field = Team.objects.create(name="Field")
    limited = staff(Role.OPERATOR, "limited", field)
    assert plan(limited, "days=30").total == 0
    assert limited.get(f"{LIST}{everyones.pk}/change/").status_code == 302
    assert limited.get(f"{LIST}{everyones.pk}/progress/").status_code == 404


def test_the_button_says_what_goes_where(operator: Client, rows: list[Response]) -> None:
    assert "Delete 4 responses upstream<" in page(operator, plan(operator, "days=30"))
    assert "Delete 4 responses upstream, erase 4 here<" in page(
        operator, plan(operator, "days=30", erase="on")
    )
    Response.objects.update(upstream_state="deleted")
    assert ">Erase 4 here<" in page(operator, plan(operator, "days=30", erase="on"))


def test_a_members_own_delete_is_seen_and_steered_by_nobody(
    operator: Client, rows: list[Response], conversation: Conversation
) -> None:
    wanted = own_deletes.delete(conversation.owner, conversation.pk, actor=person(conversation.owner))
    with clock.restored():
        clock.set_to(wanted.undo_until)
        own.look_after_all()
    job = DeletionJob.objects.get(source=Source.OWN)
    assert "A member&#x27;s own delete" in page(operator, job)
    for name in ("pause", "cancel", "retry"):
        assert act(operator, job, name).status_code == 403
    assert job.state == JobState.RUNNING
    assert (
        "its owner deleted the conversation"
        in operator.get(f"/admin/conversations/response/{rows[0].pk}/change/").content.decode()
    )

"""From a plan to a running job: the hash, the reason, drift, and the second person."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from conversations import clock
from conversations.models import AuditEntry, Deletion, DeletionJob, Deployment, Endpoint, Response, Team, User
from conversations.models.deletion_jobs import JobState, Source
from conversations.models.deletions import Outcome
from conversations.models.people import Role
from conversations.people.audit import person
from conversations.retention import executing, queue, tasks
from conversations.retention.refusing import Refused
from conversations.stored import deleting
from tests.retention.conftest import Ledger, planned

pytestmark = pytest.mark.django_db


def execute(job: DeletionJob, user: User, reason: str = "Retention", plan_hash: str = "") -> DeletionJob:
    given = plan_hash or job.hash
    return executing.execute(job, plan_hash=given, reason=reason, user=user, actor=person(user))


def approve(job: DeletionJob, user: User, plan_hash: str = "") -> DeletionJob:
    return executing.approve(job, plan_hash=plan_hash or job.hash, user=user, actor=person(user))


def outcomes(job: DeletionJob) -> list[str]:
    return list(job.deletions.order_by("pk").values_list("outcome", flat=True))


@pytest.fixture
def waiting(oscar: User, ledger: Ledger, settings: Settings) -> DeletionJob:
    """Two deletions, where a second person is wanted above one."""
    settings.SECOND_PERSON_ABOVE = 1
    ledger.add(days=5)
    ledger.add(days=4)
    return execute(planned(oscar, "days=30"), oscar)


def test_executed_its_rows_are_due_and_what_is_held_stays(oscar: User, ledger: Ledger) -> None:
    held, _free = ledger.add(days=5), ledger.add(days=4)
    hold = ledger.hold(oscar, response=held)
    job = execute(planned(oscar, "days=30"), oscar, " Retention ")
    assert (job.state, job.reason, job.executed_by) == (JobState.RUNNING, "Retention", oscar)
    assert job.executed_at is not None
    assert outcomes(job) == [Outcome.HELD, Outcome.PENDING]
    hold.delete()
    assert not executing.unreleased().exists()
    entry = AuditEntry.objects.get(action="plan_executed")
    assert (entry.reason, entry.details["hash"], entry.details["held"]) == ("Retention", job.hash, 1)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_a_reason_is_wanted(reason: str, oscar: User, ledger: Ledger) -> None:
    ledger.add()
    with pytest.raises(Refused, match="at most 500 characters why"):
        execute(planned(oscar, "days=30"), oscar, reason)


def test_only_its_own_hash_executes_a_plan(oscar: User, ledger: Ledger) -> None:
    ledger.add()
    job, other = planned(oscar, "days=30"), planned(oscar, "days=30")
    assert job.hash != other.hash
    with pytest.raises(Refused, match="not the hash of this plan"):
        execute(job, oscar, plan_hash=other.hash)
    assert execute(job, oscar, plan_hash=f" {job.hash.upper()} ").state == JobState.RUNNING


def test_rows_that_were_slipped_in_are_noticed(oscar: User, ledger: Ledger) -> None:
    ledger.add()
    job = planned(oscar, "days=30")
    row = ledger.add(days=99)
    slipped: Any = {"job": job, "actor": "x", "requested_at": clock.now(), "outcome": Outcome.PLANNED}
    Deletion.objects.create(response=row, endpoint=row.endpoint, **slipped)
    with pytest.raises(Refused, match="not those that were frozen"):
        execute(job, oscar)


def test_a_plan_is_executed_once(oscar: User, olga: User, ledger: Ledger) -> None:
    ledger.add()
    job = planned(oscar, "days=30")
    execute(job, oscar)
    with pytest.raises(Refused, match="executed already"):
        execute(job, olga)
    assert DeletionJob.objects.get(pk=job.pk).executed_by == oscar


def test_of_two_clicks_at_once_one_is_told(
    oscar: User, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.add()
    job = planned(oscar, "days=30")
    check = executing._must_not_have_drifted

    def meanwhile(found: DeletionJob) -> None:
        monkeypatch.setattr(executing, "_must_not_have_drifted", check)
        execute(DeletionJob.objects.get(pk=job.pk), oscar)

    monkeypatch.setattr(executing, "_must_not_have_drifted", meanwhile)
    with pytest.raises(Refused, match=r"Somebody was quicker. It has been executed already."):
        execute(job, oscar)
    assert AuditEntry.objects.filter(action="plan_executed").count() == 1


def test_a_plan_of_nothing_is_refused(oscar: User, ledger: Ledger) -> None:
    ledger.hold(oscar, response=ledger.add())
    with pytest.raises(Refused, match="Nothing in this plan can be deleted"):
        execute(planned(oscar, "days=30"), oscar)


def test_a_plan_that_is_too_old_is_refused(oscar: User, ledger: Ledger) -> None:
    ledger.add()
    job = planned(oscar, "days=30")
    assert job.frozen_at is not None
    with clock.restored():
        clock.set_to(job.frozen_at + timedelta(days=7))
        with pytest.raises(Refused, match="older than 168 hours"):
            execute(job, oscar)
        clock.set_to(job.frozen_at + timedelta(days=7) - timedelta(minutes=1))
        assert execute(job, oscar).state == JobState.RUNNING


def test_whoever_lost_the_right_executes_nothing(oscar: User, alice: User, ledger: Ledger) -> None:
    ledger.add()
    job = planned(oscar, "days=30")
    for user in (alice, User.objects.create_user("audrey", role=Role.AUDITOR)):
        with pytest.raises(Refused, match="Only operators and admins"):
            execute(job, user)


def test_whoever_does_not_see_all_teams_of_a_plan_leaves_it_alone(
    oscar: User, olga: User, carol: User, ledger: Ledger
) -> None:
    ledger.add()
    job = planned(oscar, "days=30")
    olga.limited_to.set([carol.teams.get()])
    with pytest.raises(Refused, match="teams that you don't see"):
        execute(job, olga)
    with pytest.raises(Refused, match="teams that you don't see"):
        executing.discard(job, user=olga, actor=person(olga))


def add(ledger: Ledger, rows: list[Response], by: User) -> None:
    response = ledger.add(days=3)
    Response.objects.filter(pk=response.pk).update(ended_at=clock.now() - timedelta(days=3))


def hold(ledger: Ledger, rows: list[Response], by: User) -> None:
    ledger.hold(by, response=rows[0])


def release(ledger: Ledger, rows: list[Response], by: User) -> None:
    rows[1].holds.all().delete()


def stray(ledger: Ledger, rows: list[Response], by: User) -> None:
    Response.objects.filter(pk=rows[0].pk).update(queued_at=clock.now() - timedelta(days=99))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (add, "1 response was added"),
        (hold, "1 was put on hold"),
        (release, "1 isn't held any more"),
        (stray, "1 doesn't match any more"),
    ],
)
def test_drift_is_refused_and_named(
    change: Callable[..., None], words: str, oscar: User, ledger: Ledger
) -> None:
    rows = [ledger.add(days=5), ledger.add(days=4)]
    ledger.hold(oscar, response=rows[1])
    job = planned(oscar, "days=30")
    change(ledger, rows, oscar)
    with pytest.raises(Refused) as refused:
        execute(job, oscar)
    assert str(refused.value) == f"Since this plan was made, {words}. Make a new plan and look at it."
    assert DeletionJob.objects.get(pk=job.pk).state == JobState.PLANNED


def test_a_new_name_for_what_it_names_is_no_drift(oscar: User, alice: User, ledger: Ledger) -> None:
    row = ledger.add()
    query = f"days=30&person={alice.username}&team={row.team}&deployment={row.deployment.name}"
    job = planned(oscar, f"{query}&endpoint={row.endpoint.name}")
    alice.username = "alice.smith"
    alice.save()
    Team.objects.update(name="Another name")
    Deployment.objects.update(name="Another name")
    Endpoint.objects.update(name="Another name")
    assert execute(job, oscar).state == JobState.RUNNING


def test_what_goes_by_itself_is_no_drift(oscar: User, ledger: Ledger) -> None:
    gone, expired, going, _stays = [ledger.add(days=9 - number) for number in range(4)]
    runs = ledger.add(status="queued", ended_at=None)
    job = planned(oscar, "days=30")
    now = clock.now()
    Response.objects.filter(pk=gone.pk).update(upstream_state="deleted", expires_at=None)
    Response.objects.filter(pk=expired.pk).update(expires_at=now)
    asked: Any = {"actor": "x", "reason": "x", "requested_at": now, "due_at": now}
    Deletion.objects.create(response=going, endpoint=going.endpoint, **asked)
    Response.objects.filter(pk=runs.pk).update(status="completed", ended_at=now)
    from conversations.retention import drift

    found = drift.of(job)
    assert not found
    assert (found.gone, found.ended) == (3, 1)
    assert found.aside().startswith("3 of it are gone or going by themselves meanwhile. 1 that was running")
    execute(job, oscar)
    assert outcomes(job) == [Outcome.PENDING, Outcome.PENDING, Outcome.CANCELLED, Outcome.PENDING]


def test_above_the_limit_a_second_person_is_asked(
    oscar: User, olga: User, ledger: Ledger, settings: Settings
) -> None:
    settings.SECOND_PERSON_ABOVE = 1
    ledger.add(days=5)
    ledger.hold(oscar, response=ledger.add(days=6))
    assert execute(planned(oscar, "days=30"), oscar).state == JobState.RUNNING, "what is held isn't counted"
    ledger.add(days=4)
    Deletion.objects.all().delete()
    job = execute(planned(oscar, "days=30"), oscar)
    assert (job.state, job.executed_at, set(outcomes(job))) == (JobState.WAITING, None, {Outcome.PLANNED})
    job = approve(job, olga)
    assert (job.state, job.executed_by, job.approved_by) == (JobState.RUNNING, oscar, olga)
    entry = AuditEntry.objects.get(action="plan_approved")
    assert (entry.actor_id, entry.details["hash"], entry.reason) == (olga.pk, job.hash, "Retention")


def test_nobody_approves_what_they_asked_for(waiting: DeletionJob, oscar: User) -> None:
    with pytest.raises(Refused, match="A second person"):
        approve(waiting, oscar)


def test_an_approval_is_of_one_hash(waiting: DeletionJob, olga: User) -> None:
    with pytest.raises(Refused, match="not the hash"):
        approve(waiting, olga, "0" * 64)


def test_who_approves_needs_the_right_and_sees_all_of_it(
    waiting: DeletionJob, olga: User, alice: User, carol: User
) -> None:
    with pytest.raises(Refused, match="Only operators"):
        approve(waiting, alice)
    olga.limited_to.set([carol.teams.get()])
    with pytest.raises(Refused, match="teams that you don't see"):
        approve(waiting, olga)
    olga.limited_to.set([carol.teams.get(), alice.teams.get()])
    assert approve(waiting, olga).state == JobState.RUNNING


def test_who_asked_must_still_have_the_right(waiting: DeletionJob, oscar: User, olga: User) -> None:
    User.objects.filter(pk=oscar.pk).update(role=Role.MEMBER)
    with pytest.raises(Refused, match="Oscar asked for it and may not delete any more"):
        approve(waiting, olga)


def test_drift_is_asked_again_at_the_approval(
    waiting: DeletionJob, oscar: User, olga: User, ledger: Ledger
) -> None:
    ledger.hold(oscar, team=oscar.jobs_planned.get().deletions.first().response.team)  # type: ignore[union-attr]
    with pytest.raises(Refused, match="2 were put on hold"):
        approve(waiting, olga)


def test_an_approval_is_in_time_until_a_day_later(waiting: DeletionJob, oscar: User, olga: User) -> None:
    assert waiting.asked_for_approval_at is not None
    border = waiting.asked_for_approval_at + timedelta(hours=24)
    with clock.restored():
        clock.set_to(border)
        with pytest.raises(Refused, match="Nobody approved it within 24 hours"):
            approve(waiting, olga)
        waiting.refresh_from_db()
        assert (waiting.state, waiting.executed_by, waiting.reason) == (JobState.PLANNED, None, "")
        assert "Execute it again" in waiting.trouble
        again = execute(waiting, olga)
        assert (again.state, again.trouble) == (JobState.WAITING, "")
        clock.set_to(clock.now() + timedelta(hours=23, minutes=59))
        assert approve(waiting, oscar).state == JobState.RUNNING


def test_without_anybody_looking_it_lapses_too(waiting: DeletionJob, settings: Settings) -> None:
    tasks.go_on()
    assert DeletionJob.objects.get().state == JobState.WAITING
    settings.APPROVAL_HOURS = 0
    tasks.go_on()
    assert DeletionJob.objects.get().state == JobState.PLANNED


def test_of_two_approvers_one_is_told(waiting: DeletionJob, olga: User) -> None:
    admin = User.objects.create_user("admin", role=Role.ADMIN)
    approve(waiting, olga)
    with pytest.raises(Refused, match="executed already"):
        approve(waiting, admin)


def test_ones_own_needs_no_second_person(alice: User, ledger: Ledger, settings: Settings) -> None:
    settings.SECOND_PERSON_ABOVE = 0
    row = ledger.add()
    own = planned(alice, f"conversation={row.conversation_id}", source=Source.OWN)
    assert execute(own, alice).state == JobState.RUNNING


def test_a_plan_can_be_thrown_away_until_it_is_executed(
    waiting: DeletionJob, olga: User, ledger: Ledger
) -> None:
    job = executing.discard(waiting, user=olga, actor=person(olga))
    assert (job.state, job.deletions.count()) == (JobState.CANCELLED, 0)
    assert job.preview["counts"]["total"] == 2
    assert AuditEntry.objects.filter(action="plan_discarded", subject_id=str(job.pk)).exists()
    with pytest.raises(Refused, match="thrown away"):
        approve(job, olga)
    with pytest.raises(Refused, match="has been executed"):
        executing.discard(job, user=olga, actor=person(olga))


def test_many_rows_that_were_thrown_away_go_later(oscar: User, ledger: Ledger, settings: Settings) -> None:
    settings.PLAN_AT_ONCE = 0
    ledger.add()
    job = executing.discard(planned(oscar, "days=30"), user=oscar, actor=person(oscar))
    assert outcomes(job) == [Outcome.PLANNED]
    tasks.go_on()
    assert outcomes(job) == []


def test_many_rows_are_released_by_a_worker_and_gone_on_with(
    oscar: User, ledger: Ledger, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(queue, "release", sent.append)
    monkeypatch.setattr(executing, "BATCH", 2)
    settings.PLAN_AT_ONCE = 2
    for number in range(5):
        ledger.add(days=9 - number)
    job = planned(oscar, "days=30")
    job = execute(job, oscar)
    assert (sent, set(outcomes(job))) == ([job.pk], {Outcome.PLANNED})
    assert executing._release_some(job)
    assert outcomes(job) == [Outcome.PENDING] * 2 + [Outcome.PLANNED] * 3
    tasks.go_on()
    assert sent == [job.pk, job.pk], "its worker died, so another is asked"
    tasks.release(job=str(job.pk))
    assert outcomes(job) == [Outcome.PENDING] * 5
    assert not executing.unreleased().exists()


def test_nothing_more_is_released_of_a_cancelled_job(oscar: User, ledger: Ledger, settings: Settings) -> None:
    settings.PLAN_AT_ONCE = 0
    ledger.add()
    job = execute(planned(oscar, "days=30"), oscar)
    DeletionJob.objects.filter(pk=job.pk).update(state=JobState.CANCELLED, ended_at=clock.now())
    executing.release(job)
    assert outcomes(job) == [Outcome.PLANNED]


def test_a_deletion_that_began_meanwhile_is_left_to_the_other(oscar: User, ledger: Ledger) -> None:
    row = ledger.add()
    job = planned(oscar, "days=30")
    deleting.request(row, user=oscar, actor=person(oscar), reason="By hand")
    execute(job, oscar)
    assert outcomes(job) == [Outcome.CANCELLED]

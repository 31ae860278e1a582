"""What bulk deletions and policies put into whose inbox, and what takes it out again."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from conversations import clock
from conversations.models import Deletion, DeletionJob, Notice, RetentionPolicy, Team, User
from conversations.models.deletion_jobs import JobState, Source
from conversations.models.deletions import Outcome, ReadBack
from conversations.models.people import Role
from conversations.people.audit import person
from conversations.people.notices import NoticeKind, inbox, wording
from conversations.retention import backlog, controls, ending, executing, tasks
from conversations.retention import policies as runs
from conversations.stored import policies
from tests.retention.conftest import Ledger, planned

pytestmark = pytest.mark.django_db


def waiting(user: User) -> list[tuple[str, dict[str, Any]]]:
    return [(row.kind, row.facts) for row in inbox.waiting(user)]


def kinds(user: User) -> list[str]:
    return [kind for kind, _facts in waiting(user)]


def execute(job: DeletionJob, user: User) -> DeletionJob:
    return executing.execute(job, plan_hash=job.hash, reason="Old", user=user, actor=person(user))


@pytest.fixture
def asked(oscar: User, ledger: Ledger, settings: Settings) -> DeletionJob:
    settings.SECOND_PERSON_ABOVE = 1
    for _ in range(2):
        ledger.add(days=5)
    return execute(planned(oscar, "days=30"), oscar)


@pytest.fixture
def running(oscar: User, ledger: Ledger) -> DeletionJob:
    ledger.add(days=5)
    return execute(planned(oscar, "days=30"), oscar)


def test_a_second_person_is_asked_and_the_asker_is_not(asked: DeletionJob, oscar: User, olga: User) -> None:
    assert asked.asked_for_approval_at is not None
    until = asked.asked_for_approval_at + timedelta(hours=24)
    facts = {"deletions": 2, "by": "Oscar", "until": until.isoformat()}
    assert (waiting(olga), waiting(oscar)) == ([("second_signature", facts)], [])
    assert wording.words_of(Notice.objects.get()).text.startswith("Oscar asked for it.")


@pytest.mark.parametrize("how", ["approved", "discarded", "lapsed"])
def test_the_question_goes_with_its_answer(asked: DeletionJob, olga: User, how: str) -> None:
    other = User.objects.create_user("otto", role=Role.ADMIN)
    if how == "approved":
        executing.approve(asked, plan_hash=asked.hash, user=olga, actor=person(olga))
    elif how == "discarded":
        executing.discard(asked, user=olga, actor=person(olga))
    else:
        executing.lapse(asked)
    assert (kinds(olga), kinds(other)) == ([], [])
    assert inbox.done(olga).count() == (how != "lapsed")
    assert not inbox.done(other)


def test_nobody_is_asked_where_nobody_needs_to_be(running: DeletionJob, olga: User) -> None:
    assert not Notice.objects.exists()


def test_a_job_that_stopped_waits_for_all_who_may_resume_it(
    running: DeletionJob, oscar: User, olga: User
) -> None:
    controls.halt(running.pk, "The key was refused.")
    assert waiting(oscar) == waiting(olga) == [("job_halted", {"done": 0, "remaining": 1})]
    running.refresh_from_db()
    controls.resume(running, user=olga, actor=person(olga))
    assert (kinds(oscar), kinds(olga)) == ([], [])
    assert [row.kind for row in inbox.done(olga)] == ["job_halted"]


def test_who_is_limited_to_teams_hears_of_the_own_job(ledger: Ledger, olga: User) -> None:
    limited = User.objects.create_user("limited", role=Role.OPERATOR)
    limited.limited_to.add(Team.objects.get(name="Research"))
    ledger.add(days=5)
    job = execute(planned(limited, "days=30"), limited)
    controls.halt(job.pk, "The key was refused.")
    assert kinds(limited) == kinds(olga) == ["job_halted"]
    controls.cancel(job, user=limited, actor=person(limited))
    assert kinds(limited) == kinds(olga) == []


def finish(job: DeletionJob, **fields: Any) -> None:
    now = clock.now()
    usual = {"outcome": Outcome.DELETED, "decided_at": now, "due_at": None, "read_back": ReadBack.CONFIRMED}
    Deletion.objects.filter(job=job).update(**(usual | fields))
    ending.wind_up()


def test_whoever_executed_it_hears_that_it_is_done(running: DeletionJob, oscar: User, olga: User) -> None:
    controls.halt(running.pk, "The key was refused.")
    DeletionJob.objects.update(state=JobState.RUNNING)
    finish(running)
    assert (kinds(oscar), inbox.count(oscar), inbox.count(olga)) == ([], 1, 0)
    (news,) = inbox.done(oscar)
    assert (news.kind, news.facts) == ("job_done", {"gone": 1, "failed": 0, "still_there": 0, "held": 0})


def test_of_a_policys_runs_only_trouble_is_told(running: DeletionJob, policy: RetentionPolicy) -> None:
    DeletionJob.objects.update(source=Source.POLICY, policy=policy, executed_by=None)
    finish(running)
    running.refresh_from_db()
    assert running.state == JobState.DONE
    assert not Notice.objects.filter(kind=NoticeKind.JOB_DONE).exists()


@pytest.fixture
def policy(oscar: User, ledger: Ledger) -> RetentionPolicy:
    team = Team.objects.get(name="Research")
    row = RetentionPolicy(name="A week", team=team, days=7, dry_run=False, changed_at=clock.now())
    policies.save(row, user=oscar, actor=person(oscar))
    return row


def test_a_policy_waits_for_another_than_who_changed_it_last(
    policy: RetentionPolicy, oscar: User, olga: User
) -> None:
    assert waiting(olga) == [("policy_approval", {"policy": "A week", "by": "Oscar"})]
    assert waiting(oscar) == []
    policy.days = 6
    policies.save(policy, user=olga, actor=person(olga))
    assert (kinds(oscar), kinds(olga)) == (["policy_approval"], [])
    policies.approve(policy, reason="Yes", user=oscar, actor=person(oscar))
    assert (kinds(oscar), kinds(olga)) == ([], [])


@pytest.mark.parametrize("field", ["enabled", "dry_run"])
def test_of_a_policy_that_would_not_delete_nothing_waits(
    policy: RetentionPolicy, oscar: User, olga: User, field: str
) -> None:
    setattr(policy, field, not getattr(policy, field))
    policies.save(policy, user=oscar, actor=person(oscar))
    assert kinds(olga) == []


def test_a_policy_that_stands_still_waits_until_it_goes_on(
    policy: RetentionPolicy, oscar: User, olga: User
) -> None:
    policies.approve(policy, reason="Yes", user=olga, actor=person(olga))
    RetentionPolicy.objects.update(days=99)
    for _ in range(2):
        policy.refresh_from_db()
        runs.go_on(policy)
    assert waiting(oscar) == waiting(olga) == [("policy_failed", {"policy": "A week"})]
    RetentionPolicy.objects.update(days=7)
    policy.refresh_from_db()
    runs.go_on(policy)
    assert kinds(oscar) == []


def test_a_backlog_that_will_not_be_done_in_time_is_told_once_and_goes_by_itself(
    oscar: User, olga: User, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One an hour: the second of three would have its turn when it has expired."""
    monkeypatch.setattr("conversations.retention.pace.ASSUMED_PER_SECOND", 1 / 3600)
    for hours in (2, 2.5, 30):
        ledger.add(days=5, expires=hours / 24)
    job = execute(planned(oscar, "days=30"), oscar)
    assert job.state == JobState.RUNNING
    for _ in range(2):
        tasks.look_after_backlogs()
    (told,) = waiting(olga)
    assert (told[0], told[1]["remaining"], told[1]["late"]) == ("backlog", 3, 2)
    assert waiting(oscar) == [told]
    assert "up to 2 responses expire" in wording.words_of(Notice.objects.get()).text
    Deletion.objects.filter(response__expires_at__lt=clock.now() + timedelta(hours=3)).update(
        outcome=Outcome.DELETED, decided_at=clock.now(), due_at=None
    )
    Deletion.objects.filter(outcome=Outcome.DELETED).update(decided_at=clock.now() - timedelta(hours=1))
    backlog.look()
    assert (kinds(oscar), Notice.objects.count()) == ([], 1)


@pytest.mark.parametrize("state", [JobState.PAUSED, JobState.HALTED, JobState.WAITING])
def test_what_stands_is_judged_as_if_it_went_on_now(
    state: JobState, running: DeletionJob, oscar: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    DeletionJob.objects.update(state=state)
    backlog.look()
    assert kinds(oscar) == []
    monkeypatch.setattr("conversations.retention.pace.ASSUMED_PER_SECOND", 1 / (3600 * 24 * 21))
    backlog.look()
    assert kinds(oscar) == ["backlog"]
    leave = executing.discard if state == JobState.WAITING else controls.cancel
    running.refresh_from_db()
    leave(running, user=oscar, actor=person(oscar))
    assert kinds(oscar) == []


def test_what_runs_beside_it_takes_its_share(
    oscar: User, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conversations.retention.pace.ASSUMED_PER_SECOND", 1 / 3600)
    ledger.add(days=5, expires=1.5 / 24)
    first = execute(planned(oscar, "days=30"), oscar)
    assert backlog.facts_of(first, [first], 1 / 3600) == {}
    for _ in range(3):
        ledger.add(days=5)
    second = execute(planned(oscar, "days=30"), oscar)
    assert backlog.facts_of(first, [first, second], 1 / 3600)["late"] == 1


def test_held_and_expired_ones_are_not_waited_for(oscar: User, ledger: Ledger) -> None:
    held = ledger.add(days=5, expires=0.1)
    ledger.hold(oscar, response=held)
    ledger.add(days=5, expires=20)
    job = execute(planned(oscar, "days=30"), oscar)
    assert backlog.facts_of(job, [], 1 / 36_000) == {}

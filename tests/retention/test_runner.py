"""Bulk deletions carried out against the emulator: every row ends once, and as upstream has it."""

from collections import Counter
from datetime import timedelta

import pytest

from conversations import clock
from conversations.models import AuditEntry, DeletionJob, Hold, Response, User
from conversations.models.audit import Action
from conversations.models.deletion_jobs import JobState
from conversations.models.deletions import Outcome, ReadBack
from conversations.people.chain import canonical
from conversations.people.verification import verify
from conversations.retention import runner
from conversations.stored.booking import digest
from tests.retention.conftest import Store
from tests.retention.rows import started
from tests.stored.conftest import Upstream

pytestmark = pytest.mark.django_db(transaction=True)


def run(job: DeletionJob) -> DeletionJob:
    runner.run_due()
    job.refresh_from_db()
    return job


def outcomes(job: DeletionJob) -> Counter[str]:
    return Counter(job.deletions.values_list("outcome", flat=True))


def left(upstream: Upstream) -> set[str]:
    return set(upstream.emulator.control("GET", "ids")["ids"])


def test_a_job_runs_to_its_end_and_is_read_back(store: Store, upstream: Upstream) -> None:
    rows = store(150)
    job = run(started(rows))
    assert (job.state, left(upstream)) == (JobState.DONE, set())
    assert job.ended_at is not None
    assert outcomes(job) == {Outcome.DELETED: 150}
    assert set(job.deletions.values_list("read_back", flat=True)) == {ReadBack.CONFIRMED}
    assert set(Response.objects.values_list("upstream_state", "expires_at")) == {("absent", None)}
    assert AuditEntry.objects.filter(action=Action.JOB_ENDED, subject_id=str(job.pk)).count() == 1


def test_the_trail_binds_every_row_of_a_job(store: Store) -> None:
    job = run(started(store(60)))
    rows = {row.pk: row for row in job.deletions.select_related("response")}
    told: Counter[tuple[int, str]] = Counter()
    entries = AuditEntry.objects.filter(action=Action.JOB_PROGRESSED, subject_id=str(job.pk))
    for entry in entries:
        lines = sorted(
            (key, number, what) for what, keys in entry.details["rows"].items() for key, number in keys
        )
        told.update((key, what) for key, _number, what in lines)
        bound = [
            canonical(
                {
                    "answer": rows[key].answers[number],
                    "deletion": key,
                    "response_id": rows[key].response.response_id,
                    "what": what,
                }
            )
            for key, number, what in lines
        ]
        assert entry.details["digest"] == digest(bound)
    assert told == Counter((key, what) for key in rows for what in ("deleted", "confirmed"))
    assert entries.count() < 30, "one for each batch, not for each row"


def test_what_is_gone_or_held_ends_so_and_nothing_held_is_sent(
    store: Store, upstream: Upstream, alice: User
) -> None:
    gone, held, rest = (store(count) for count in (3, 4, 20))
    for row in gone:
        upstream.delete(row.response_id or "")
    job = started([*gone, *held, *rest])
    now = clock.now()
    for row in held:
        Hold.objects.create(response=row, reason="Case 12", placed_by=alice, placed_at=now, starts_at=now)
    run(job)
    assert outcomes(job) == {Outcome.DELETED: 20, Outcome.ALREADY_ABSENT: 3, Outcome.HELD: 4}
    assert left(upstream) == {row.response_id for row in held}
    assert "Case 12" in job.deletions.filter(outcome=Outcome.HELD)[0].explanation
    assert job.state == JobState.DONE


def test_what_may_pass_is_tried_again_and_a_lost_answer_is_ours(store: Store, upstream: Upstream) -> None:
    job = started(store(40))
    for fault, times in (("429=1", 2), ("500", 2), ("unheard", 2)):
        upstream.fault(fault, times, "delete")
    run(job)
    with clock.restored():
        clock.set_to(clock.now() + timedelta(minutes=1))
        run(job)
    assert outcomes(job) == {Outcome.DELETED: 38, Outcome.ALREADY_ABSENT: 2}
    lost = job.deletions.filter(outcome=Outcome.ALREADY_ABSENT)
    assert all("after our own request at" in row.explanation for row in lost)
    assert job.state == JobState.DONE


def test_a_young_one_that_upstream_does_not_show_is_waited_for(store: Store, upstream: Upstream) -> None:
    young = store(2, ended_at=clock.now(), queued_at=clock.now())
    type(young[0].endpoint).objects.update(settle_seconds=60)
    for row in young:
        upstream.delete(row.response_id or "")
    job = run(started(young))
    assert (job.state, outcomes(job)) == (JobState.RUNNING, {Outcome.NOT_VISIBLE: 2})
    with clock.restored():
        clock.set_to(clock.now() + timedelta(seconds=61))
        run(job)
    assert (job.state, outcomes(job)) == (JobState.DONE, {Outcome.ALREADY_ABSENT: 2})


def test_a_refused_key_stops_the_job_and_fails_nothing(store: Store, upstream: Upstream) -> None:
    job = started(store(120))
    upstream.fault("401", 1000, "delete")
    run(job)
    assert job.state == JobState.HALTED
    assert "key" in job.trouble
    assert set(outcomes(job)) == {Outcome.PENDING}
    assert AuditEntry.objects.filter(action=Action.JOB_HALTED).count() == 1
    runner.run_due()
    assert set(outcomes(job)) == {Outcome.PENDING}, "what is stopped is not taken up"


def test_errors_past_a_limit_stop_the_job(store: Store, upstream: Upstream) -> None:
    job = started(store(120))
    upstream.fault("500", 1000, "delete")
    run(job)
    assert job.state == JobState.HALTED
    assert "requests failed" in job.trouble
    assert Outcome.FAILED not in outcomes(job)
    assert verify().ok

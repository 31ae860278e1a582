"""Pausing, resuming, cancelling and trying again while requests are under way; and two workers at once."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from conversations import bus, clock
from conversations.models import AuditEntry, Conversation, Deletion, DeletionJob, Deployment, Response
from conversations.models.audit import Action
from conversations.models.deletion_jobs import JobState
from conversations.models.deletions import UNDECIDED, Outcome, ReadBack
from conversations.people.audit import system
from conversations.responses_api import BadRequest, NotFound, RateLimited, ResponsesAPIError
from conversations.responses_api.budget import rest
from conversations.retention import controls, ending, runner
from conversations.retention.progress import Failure, progress_of
from conversations.stored import booking, claims
from conversations.stored.claims import Claimed
from conversations.stored.endpoints import address_of
from conversations.stored.verdicts import Answer
from tests.retention.rows import add_responses, planned, started

pytestmark = pytest.mark.django_db(transaction=True)

WHO: dict[str, Any] = {"user": None, "actor": system("tests")}
MISSING = NotFound("No such response", kind="response_not_found", status=404)


@pytest.fixture
def responses(conversation: Conversation, deployment: Deployment) -> list[Response]:
    ended = clock.now() - timedelta(hours=1)
    ids = [f"resp_{number:03}" for number in range(20)]
    return add_responses(conversation, deployment, ids, queued_at=ended, ended_at=ended)


def claim(number: int = 100) -> list[Claimed]:
    return claims.claim(number, Response.objects.all()[0].endpoint)


def book(claimed: list[Claimed], error: ResponsesAPIError | None = None) -> None:
    status, body = (error.status, error.body) if error else (200, {"deleted": True})
    booking.book(
        [
            (each, Answer(request=each.request, at=clock.now(), status=status, body=body, error=error))
            for each in claimed
        ]
    )
    ending.wind_up()


def state(job: DeletionJob) -> str:
    job.refresh_from_db()
    return job.state


def outcomes(job: DeletionJob) -> dict[str, int]:
    return {name: count for name, count in progress_of(job).outcomes.items() if count}


def told(action: Action) -> int:
    return AuditEntry.objects.filter(action=action).count()


def test_a_paused_job_ends_what_is_under_way_and_begins_nothing(responses: list[Response]) -> None:
    job = started(responses)
    under_way = claim(5)
    controls.pause(job, **WHO)
    assert claim() == []
    book(under_way)
    assert (state(job), outcomes(job)) == (JobState.PAUSED, {"pending": 15, "deleted": 5})
    controls.resume(job, **WHO)
    assert len(claim()) == 15
    assert (told(Action.JOB_PAUSED), told(Action.JOB_RESUMED)) == (1, 1)


def test_what_is_under_way_when_a_job_is_cancelled_still_ends(responses: list[Response]) -> None:
    job = started(responses)
    good, slowed, unsent = claim(2), claim(2), claim(2)
    assert controls.cancel(job, **WHO) == 14
    book(good)
    book(slowed, RateLimited("Slow down", status=429))
    booking.give_back(unsent, clock.now())
    assert outcomes(job) == {"deleted": 2, "cancelled": 18}
    assert state(job) == JobState.CANCELLED
    Deletion.objects.filter(due_at__isnull=False).update(due_at=clock.now())
    (first, second) = claim()
    assert first.reads_back
    assert second.reads_back, "proof is still asked for"


def test_a_lost_request_of_a_cancelled_job_is_made_sure_of(responses: list[Response]) -> None:
    job = started(responses)
    claim(1)
    controls.cancel(job, **WHO)
    Deletion.objects.filter(outcome=Outcome.IN_FLIGHT).update(due_at=clock.now())
    book(claim(), MISSING)
    assert outcomes(job) == {"already_absent": 1, "cancelled": 19}


def test_only_the_failed_ones_are_tried_again(responses: list[Response]) -> None:
    job = started(responses)
    book(claim(3), BadRequest("No", status=400))
    book(claim())
    assert state(job) == JobState.READING_BACK
    failed = set(job.deletions.filter(outcome=Outcome.FAILED).values_list("pk", flat=True))
    assert controls.retry_failed(job, **WHO) == 3
    assert state(job) == JobState.RUNNING
    again = claim()
    assert {each.deletion for each in again} == failed
    assert {each.attempt for each in again} == {13}, "a stale answer to a first attempt can't be booked"
    book(again)
    assert outcomes(job) == {"deleted": 20}


def test_a_job_that_was_done_can_try_its_failed_ones_again(responses: list[Response]) -> None:
    job = started(responses[:2])
    book(claim(1), BadRequest("No", status=400))
    book(claim(), MISSING)
    assert state(job) == JobState.DONE
    controls.retry_failed(job, **WHO)
    assert (state(job), job.ended_at) == (JobState.RUNNING, None)
    book(claim(), MISSING)
    assert (state(job), told(Action.JOB_ENDED)) == (JobState.DONE, 2)
    assert controls.retry_failed(job, **WHO) == 0
    assert state(job) == JobState.DONE


def test_what_can_not_be_done_says_why(responses: list[Response]) -> None:
    job = planned(responses)
    for control in (controls.pause, controls.resume, controls.cancel):
        with pytest.raises(controls.Refused, match="Planned"):
            control(job, **WHO)
    job = started(responses)
    controls.cancel(job, **WHO)
    with pytest.raises(controls.Refused, match="Cancelled"):
        controls.resume(job, **WHO)


def test_a_job_is_not_over_while_rows_are_not_released(responses: list[Response]) -> None:
    job = started(responses)
    job.deletions.filter(response=responses[0]).update(outcome=Outcome.PLANNED, due_at=None)
    book(claim(), MISSING)
    assert (state(job), progress_of(job).remaining) == (JobState.RUNNING, 1)


def test_every_job_gets_its_share_and_single_ones_come_first(responses: list[Response]) -> None:
    first, second = started(responses[:10]), started(responses[10:19])
    now = clock.now()
    asked: Any = {"actor": "a", "reason": "b", "requested_at": now, "due_at": now}
    row = responses[19]
    single = Deletion.objects.create(response=row, endpoint=row.endpoint, **asked)
    jobs = [each.job for each in claim(9)]
    assert (jobs[0], jobs.count(first.pk), jobs.count(second.pk)) == (single.job_id, 4, 4)


def test_two_workers_never_take_or_book_the_same_row(responses: list[Response]) -> None:
    job = started(responses)

    def work() -> list[int]:
        with closing(connection):
            taken: list[int] = []
            while claimed := claim(3):
                book(claimed, MISSING)
                taken += [each.deletion for each in claimed]
            return taken

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda function: function(), [work, work])
    assert sorted(first + second) == sorted(job.deletions.values_list("pk", flat=True))
    assert state(job) == JobState.DONE
    assert set(job.deletions.values_list("attempts", flat=True)) == {1}
    assert told(Action.JOB_ENDED) == 1


def test_progress_counts_reasons_rate_and_time_left(responses: list[Response]) -> None:
    job = started(responses)
    DeletionJob.objects.update(executed_at=clock.now() - timedelta(seconds=30))
    book(claim(10))
    book(claim(2), BadRequest("No", status=400))
    job.refresh_from_db()
    progress = progress_of(job)
    assert (progress.total, progress.gone, progress.failed, progress.remaining) == (20, 10, 2, 8)
    assert (progress.percent, progress.unread, progress.held) == (60, 10, 0)
    assert [failure.count for failure in progress.failures] == [2]
    assert isinstance(progress.failures[0], Failure)
    assert progress.rate == pytest.approx(12 / 30, rel=0.2)
    assert progress.seconds_left == pytest.approx(20, rel=0.2)
    assert progress.summary()["read_backs"] == {ReadBack.PENDING: 10}


def test_a_paused_job_costs_others_nothing(responses: list[Response]) -> None:
    waiting = started(responses[:15])
    controls.pause(waiting, **WHO)
    job = started(responses[15:])
    assert {each.job for each in claim()} == {job.pk}
    assert set(waiting.deletions.values_list("outcome", flat=True)) <= set(UNDECIDED)


def test_progress_says_what_deletions_wait_for(responses: list[Response]) -> None:
    job = started(responses)
    assert progress_of(job).obstacle == ""
    key, name = rest(address_of(responses[0].endpoint))
    bus.client().hset(key, name, str(time.time() + 9000))
    try:
        assert "rest of 8" in progress_of(job).obstacle
    finally:
        bus.client().delete(key)


@pytest.mark.usefixtures("redis_away")
def test_without_redis_deletions_wait_and_say_so(responses: list[Response]) -> None:
    job = started(responses)
    runner.run_due()
    assert "Redis is away" in progress_of(job).obstacle
    assert outcomes(job) == {"pending": 20}

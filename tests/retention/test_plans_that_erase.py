"""A deletion that erases here too reaches what upstream has no more, and sends nothing for it."""

from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from conversations import clock
from conversations.models import Conversation, DeletionJob, Hold, Response, User
from conversations.models.deletion_jobs import JobState
from conversations.models.deletions import Outcome
from conversations.people.audit import person
from conversations.retention import drift, erasing, executing, finishing, runner
from conversations.retention.reports import contents
from conversations.retention.summary import plan_lines
from tests.retention.conftest import Ledger, Store, planned
from tests.stored.conftest import Upstream

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def own_files(settings: Settings, tmp_path: Path) -> None:
    options = settings.STORAGES["default"]["OPTIONS"] | {"location": tmp_path / "files"}
    settings.STORAGES = settings.STORAGES | {"default": settings.STORAGES["default"] | {"OPTIONS": options}}


@pytest.fixture
def only_here(ledger: Ledger) -> list[Response]:
    """All that can become of a response upstream, but being there."""
    return [
        ledger.add(texts=("q", "a"), expires=-1),
        ledger.add(texts=("q", "a"), upstream_state="deleted"),
        ledger.add(texts=("q", "a"), upstream_state="not_stored", expires_at=None),
        ledger.add(texts=("q", "a"), upstream_state="not_sent", expires_at=None, response_id=None),
        ledger.add(texts=("q", "a"), upstream_state="not_learned", expires=-1, response_id=None),
    ]


def execute(job: DeletionJob, user: User) -> None:
    executing.execute(job, plan_hash=job.hash, reason="Asked to", user=user, actor=person(user))


def outcomes(job: DeletionJob) -> list[str]:
    return list(job.deletions.order_by("pk").values_list("outcome", flat=True))


def test_what_is_only_here_is_in_it_and_what_was_erased_is_not(
    oscar: User, ledger: Ledger, only_here: list[Response]
) -> None:
    ledger.add()
    ledger.add(upstream_state="deleted", erased_at=clock.now())
    ledger.add(upstream_state="not_learned", response_id=None)
    told = planned(oscar, "days=30", erase=True).preview
    assert (told["counts"]["total"], told["counts"]["only_here"], told["counts"]["unlearned"]) == (6, 5, 1)
    assert told["time"]["before_first_expiry"], "what has expired isn't waited for"
    assert planned(oscar, "days=30").preview["counts"]["total"] == 1


def test_a_terminal_says_how_much_is_only_here(oscar: User, only_here: list[Response]) -> None:
    lines = list(plan_lines(planned(oscar, "days=30", erase=True)))
    assert f"  {len(only_here)} of them aren't upstream any more; only their text here goes" in lines


def test_a_conversation_of_expired_and_unstored_answers_is_erased_without_a_request(
    oscar: User, only_here: list[Response], conversation: Conversation
) -> None:
    job = planned(oscar, f"days=30&conversation={conversation.pk}", erase=True)
    execute(job, oscar)
    assert outcomes(job) == [Outcome.ALREADY_ABSENT] * 5
    runner.run_due()
    job.refresh_from_db()
    assert job.state == JobState.DONE
    assert finishing.finish(job.pk)
    assert not conversation.responses.filter(erased_at=None).exists()
    report = list(contents.outcomes(job))
    assert [row["answers"] for row in report] == [[]] * 5
    assert {row["explanation"] for row in report} == {
        "Nothing of it was upstream any more, so nothing was sent."
    }


def test_only_what_is_there_is_sent_and_all_of_it_is_erased(
    store: Store, upstream: Upstream, oscar: User, only_here: list[Response]
) -> None:
    stored = store(3)
    job = planned(oscar, "days=30", erase=True)
    execute(job, oscar)
    runner.run_due()
    job.refresh_from_db()
    assert finishing.finish(job.pk)
    assert sorted(outcomes(job)) == [Outcome.ALREADY_ABSENT] * 5 + [Outcome.DELETED] * 3
    assert not Response.objects.filter(erased_at=None).exists()
    assert job.tombstones.count() == len(stored) + 5


def test_what_expires_or_is_erased_before_its_turn_is_no_drift(oscar: User, ledger: Ledger) -> None:
    there, here = ledger.add(days=2), ledger.add(days=1, upstream_state="deleted", texts=("q", "a"))
    job = planned(oscar, "days=30", erase=True)
    Response.objects.filter(pk=there.pk).update(expires_at=clock.now() - timedelta(seconds=1))
    erasing.erase([here.pk], actor=person(oscar))
    found = drift.of(job)
    assert (bool(found), found.gone) == (False, 1)
    execute(job, oscar)
    assert outcomes(job) == [Outcome.ALREADY_ABSENT] * 2


def test_a_hold_keeps_what_is_only_here(oscar: User, only_here: list[Response]) -> None:
    first, second, *_others = only_here
    now = clock.now()
    hold = {"reason": "Case 12", "placed_by": oscar, "placed_at": now, "starts_at": now}
    Hold.objects.create(response=first, **hold)
    job = planned(oscar, "days=30", erase=True)
    execute_later = Hold.objects.create(response=second, **hold)
    assert drift.of(job).newly_held == 1
    execute_later.delete()
    execute(job, oscar)
    assert outcomes(job) == [Outcome.HELD, *[Outcome.ALREADY_ABSENT] * 4]


def test_one_that_is_held_between_execution_and_release_stays(
    oscar: User, only_here: list[Response], settings: Settings
) -> None:
    settings.PLAN_AT_ONCE = 0
    job = planned(oscar, "days=30", erase=True)
    execute(job, oscar)
    now = clock.now()
    Hold.objects.create(
        response=only_here[0], reason="Case 12", placed_by=oscar, placed_at=now, starts_at=now
    )
    executing.release(job)
    assert outcomes(job) == [Outcome.HELD, *[Outcome.ALREADY_ABSENT] * 4]
    assert "Case 12" in job.deletions.get(outcome=Outcome.HELD).explanation

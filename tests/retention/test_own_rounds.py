"""What a member deleted, its undo time over: gone upstream with proof and erased here, or said why not."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from conversations import clock
from conversations.chat import own_deletes
from conversations.models import (
    AuditEntry,
    Conversation,
    Deletion,
    DeletionJob,
    OwnDeletion,
    Response,
    Tombstone,
    User,
)
from conversations.models.deletion_jobs import JobState, Source
from conversations.models.deletions import Outcome
from conversations.models.responses import UpstreamState
from conversations.people.audit import person
from conversations.people.notices import wording
from conversations.people.rights import notices_of
from conversations.retention import controls, finishing, own, runner
from conversations.stored import searching
from conversations.stored.own import totals
from conversations.stored.own_deleted import deleted_by
from tests.retention.conftest import Ledger, Store
from tests.stored.conftest import Upstream

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def own_files(settings: Settings, tmp_path: Path) -> None:
    options = settings.STORAGES["default"]["OPTIONS"] | {"location": tmp_path / "files"}
    settings.STORAGES = settings.STORAGES | {"default": settings.STORAGES["default"] | {"OPTIONS": options}}


@pytest.fixture(autouse=True)
def right_clock() -> Iterator[None]:
    with clock.restored():
        yield


def deleted(user: User, conversation: Conversation) -> OwnDeletion:
    """With its time for undoing over."""
    row = own_deletes.delete(user, conversation.pk, actor=person(user))
    clock.set_to(row.undo_until)
    return row


def look() -> None:
    """As beat does, and then the workers: whatever is due now."""
    own.look_after_all()
    runner.run_due()
    for job in finishing.unfinished():
        finishing.finish(job.pk)


def later(**pause: float) -> None:
    clock.set_to(clock.now() + timedelta(**pause))
    look()


def said(user: User) -> str:
    return " ".join(deleted_by(user)[0].said)


def test_it_is_deleted_upstream_with_proof_and_erased_here(
    alice: User, conversation: Conversation, store: Store, upstream: Upstream, ledger: Ledger
) -> None:
    Conversation.objects.filter(pk=conversation.pk).update(title="About birds", instructions="Sing.")
    store(3)
    only_here = ledger.add(texts=("What sings?", "A bird."), upstream_state=UpstreamState.NOT_STORED)
    searching.index(only_here)
    row = deleted(alice, conversation)
    look()
    job = DeletionJob.objects.get()
    assert (job.source, job.planned_by, job.executed_by, job.erase) == (Source.OWN, alice, None, True)
    assert job.state == JobState.DONE
    assert sorted(job.deletions.values_list("outcome", flat=True)) == [
        Outcome.ALREADY_ABSENT,
        *[Outcome.DELETED] * 3,
    ]
    assert upstream.emulator.control("GET", "ids")["ids"] == []
    assert not Response.objects.filter(erased_at=None).exists()
    assert Tombstone.objects.count() == 4
    later(minutes=1)
    row.refresh_from_db()
    conversation.refresh_from_db()
    assert (row.due_at, conversation.title, conversation.instructions) == (None, "", "")
    assert said(alice).startswith("Deleted upstream and erased here on")
    assert job.report, "and there is a report of it"
    assert totals(alice).responses == 0, "nothing of hers is kept any more"


def test_nothing_happens_before_the_undo_time_is_over(
    alice: User, conversation: Conversation, ledger: Ledger
) -> None:
    ledger.add()
    row = own_deletes.delete(alice, conversation.pk, actor=person(alice))
    clock.set_to(row.undo_until - timedelta(seconds=20))
    own.look_after_all()
    assert not DeletionJob.objects.exists()
    assert "It can be restored until" in said(alice)
    clock.set_to(row.undo_until)
    own.look_after_all()
    assert DeletionJob.objects.get().state == JobState.RUNNING
    assert said(alice) == "1 is being deleted."


def test_one_that_was_restored_is_left_alone(alice: User, conversation: Conversation, ledger: Ledger) -> None:
    ledger.add()
    row = own_deletes.delete(alice, conversation.pk, actor=person(alice))
    own_deletes.restore(alice, conversation.pk, actor=person(alice))
    clock.set_to(row.undo_until + timedelta(days=1))
    own.look_after_all()
    assert not DeletionJob.objects.exists()


def test_of_two_processes_one_takes_the_step(alice: User, conversation: Conversation, ledger: Ledger) -> None:
    ledger.add()
    deleted(alice, conversation)
    both = [list(own.due()), list(own.due())]
    assert [own._is_mine(rows[0]) for rows in both] == [True, False]


def test_what_is_held_stays_hidden_and_goes_when_the_hold_ends(
    alice: User, oscar: User, conversation: Conversation, store: Store
) -> None:
    held, _free = store(2)
    hold = Ledger(conversation).hold(oscar, response=held)
    deleted(alice, conversation)
    look()
    later(minutes=1)
    held.refresh_from_db()
    assert (held.upstream_state, held.erased_at) == (UpstreamState.STORED, None)
    assert said(alice) == (
        "1 of 2 answers are deleted upstream and erased here."
        " 1 must be kept, since it is held. It stays hidden and is deleted when the hold ends."
    )
    hold.delete()
    later(minutes=10)
    held.refresh_from_db()
    assert held.erased_at is not None
    assert DeletionJob.objects.count() == 2


def test_under_a_hold_on_all_of_it_no_plan_is_made_at_all(
    alice: User, oscar: User, conversation: Conversation, ledger: Ledger
) -> None:
    ledger.add()
    ledger.hold(oscar, conversation=conversation)
    row = own_deletes.delete(alice, conversation.pk, actor=person(alice))
    assert "It can be restored until" in said(alice)
    assert "1 must be kept, since it is held." in said(alice)
    assert "Case 12" not in said(alice), "why it is held is for the desk"
    clock.set_to(row.undo_until)
    look()
    assert not DeletionJob.objects.exists()
    assert "1 must be kept, since it is held." in said(alice)


def test_what_upstream_refuses_is_said_and_tried_again_a_day_later(
    alice: User, conversation: Conversation, store: Store, upstream: Upstream
) -> None:
    [refused] = store(1)
    upstream.fault("bare=400", operation="delete")
    deleted(alice, conversation)
    look()
    assert Deletion.objects.get().outcome == Outcome.FAILED
    assert said(alice).startswith("1 could not be deleted upstream and is tried again once a day.")
    later(hours=23)
    assert Deletion.objects.count() == 1
    later(hours=2)
    refused.refresh_from_db()
    assert refused.erased_at is not None


def test_an_id_that_was_never_learned_is_named_until_it_has_expired(
    alice: User, conversation: Conversation, ledger: Ledger
) -> None:
    row = ledger.add(texts=("q", "a"), response_id=None, upstream_state=UpstreamState.NOT_LEARNED, expires=9)
    deleted(alice, conversation)
    look()
    assert "1 may be stored upstream under an id that was never learned" in said(alice)
    assert not DeletionJob.objects.exists()
    later(days=9)
    row.refresh_from_db()
    assert row.erased_at is not None
    assert Deletion.objects.get().outcome == Outcome.ALREADY_ABSENT


def test_one_without_a_message_loses_its_title_and_instructions(
    alice: User, conversation: Conversation
) -> None:
    Conversation.objects.filter(pk=conversation.pk).update(title="Plans", instructions="Be secret.")
    deleted(alice, conversation)
    look()
    conversation.refresh_from_db()
    assert (conversation.title, conversation.instructions) == ("", "")
    assert "It had no answers." in said(alice)


def test_it_goes_on_although_its_owner_has_left(
    alice: User, conversation: Conversation, ledger: Ledger
) -> None:
    ledger.add()
    deleted(alice, conversation)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    own.look_after_all()
    assert DeletionJob.objects.get().state == JobState.RUNNING


def test_a_job_that_stopped_by_itself_is_resumed_once_an_hour(
    alice: User, conversation: Conversation, ledger: Ledger
) -> None:
    ledger.add()
    deleted(alice, conversation)
    own.look_after_all()
    for _again in range(2):
        controls.halt(DeletionJob.objects.get().pk, "The key was refused.")
        clock.set_to(clock.now() + timedelta(hours=1))
        own.look_after_all()
        assert DeletionJob.objects.get().state == JobState.RUNNING
    controls.halt(DeletionJob.objects.get().pk, "The key was refused.")
    clock.set_to(clock.now() + timedelta(minutes=30))
    own.look_after_all()
    assert DeletionJob.objects.get().state == JobState.HALTED


def test_those_who_can_put_it_right_hear_once_that_a_job_stopped_until_it_is_done(
    alice: User, oscar: User, conversation: Conversation, store: Store, upstream: Upstream
) -> None:
    store(1)
    deleted(alice, conversation)
    own.look_after_all()
    for _again in range(3):
        controls.halt(DeletionJob.objects.get().pk, "The key was refused.")
        clock.set_to(clock.now() + timedelta(hours=2))
        own.look_after_all()
        notice = notices_of(oscar).get(settled_at=None)
        assert wording.words_of(notice).text.startswith("1 response of a conversation that its owner deleted")
        assert not notices_of(alice).exists()
    later(minutes=5)
    later(minutes=5)
    assert DeletionJob.objects.get().state == JobState.DONE
    assert not notices_of(oscar).filter(settled_at=None).exists()


def test_the_trail_says_who_deleted_it_and_names_no_words(
    alice: User, conversation: Conversation, ledger: Ledger
) -> None:
    Conversation.objects.filter(pk=conversation.pk).update(title="About birds")
    ledger.add(texts=("What sings?", "A bird."), upstream_state=UpstreamState.DELETED)
    deleted(alice, conversation)
    look()
    told = {entry.action: entry for entry in AuditEntry.objects.all()}
    assert told["plan_executed"].reason == "Its owner deleted the conversation."
    for action in ("conversation_deleted", "plan_made", "plan_executed", "erased"):
        assert (told[action].actor_id, told[action].actor) == (alice.pk, person(alice).text)
    assert not any("bird" in str(entry.sealed()).lower() for entry in told.values())

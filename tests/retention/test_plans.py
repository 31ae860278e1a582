"""A plan of deletions: what comes into it, from where, and how it is frozen."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import pytest
from django.http import QueryDict

from conversations import clock
from conversations.models import AuditEntry, Deletion, DeletionJob, User
from conversations.models.deletion_jobs import JobState, Source
from conversations.models.deletions import Outcome
from conversations.models.people import Role
from conversations.models.responses import Status, UpstreamState
from conversations.people.audit import person
from conversations.retention import plans, rows
from conversations.retention.refusing import Refused
from conversations.retention.wanted import Wanted
from conversations.stored.selection import Selection
from tests.retention.conftest import Ledger, planned

pytestmark = pytest.mark.django_db


def ids(job: DeletionJob) -> list[str | None]:
    return list(job.deletions.order_by("pk").values_list("response__response_id", flat=True))


def test_what_could_be_deleted_is_planned_oldest_first_and_nothing_is_sent(
    oscar: User, ledger: Ledger
) -> None:
    new, old = ledger.add(days=2), ledger.add(days=9)
    job = planned(oscar, "days=30")
    assert ids(job) == [old.response_id, new.response_id]
    assert (job.state, job.total, job.held, job.expected) == (JobState.PLANNED, 2, 0, 2)
    row = job.deletions.first()
    assert row is not None
    assert (row.outcome, row.due_at, row.attempts, row.answers) == (Outcome.PLANNED, None, 0, [])
    assert (row.requested_by, row.actor) == (oscar, f"user:oscar#{oscar.pk}")


@pytest.mark.parametrize(
    "fields",
    [
        {"upstream_state": UpstreamState.DELETED},
        {"upstream_state": UpstreamState.ABSENT},
        {"upstream_state": UpstreamState.NOT_STORED},
        {"upstream_state": UpstreamState.NOT_SENT, "response_id": None},
        {"upstream_state": UpstreamState.NOT_LEARNED, "response_id": None},
        {"status": Status.QUEUED, "ended_at": None},
        {"expires": 0},
    ],
)
def test_what_can_not_be_deleted_stays_out(fields: dict[str, Any], oscar: User, ledger: Ledger) -> None:
    ledger.add(**fields)
    kept = ledger.add(days=3)
    assert ids(planned(oscar, "days=30")) == [kept.response_id]


def test_what_is_left_out_is_counted(oscar: User, ledger: Ledger) -> None:
    ledger.add(status=Status.QUEUED, ended_at=None)
    lost = ledger.add(upstream_state=UpstreamState.NOT_LEARNED, response_id=None)
    going = ledger.add()
    now = clock.now()
    asked: Any = {"actor": "x", "reason": "x", "requested_at": now, "due_at": now}
    Deletion.objects.create(response=going, endpoint=going.endpoint, **asked)
    job = planned(oscar, "days=30")
    counts = job.preview["counts"]
    assert (counts["total"], counts["running"], counts["being_deleted"], counts["unlearned"]) == (0, 1, 1, 1)
    assert job.unlearned == 1
    assert lost.expires_at is not None
    day = lost.expires_at.astimezone(UTC).date().isoformat()
    assert job.preview["unlearned"]["by_expiry"] == [{"day": day, "responses": 1}]


def test_what_is_held_is_in_the_plan_and_marked(oscar: User, ledger: Ledger) -> None:
    held, free = ledger.add(days=5, size=10), ledger.add(days=4, size=7)
    hold = ledger.hold(oscar, response=held)
    job = planned(oscar, "days=30")
    assert list(job.deletions.order_by("pk").values_list("held_when_planned", flat=True)) == [True, False]
    assert (job.total, job.held, job.size, job.first_expiry_at) == (2, 1, 7, free.expires_at)
    assert job.preview["bytes"] == {"going": 7, "held": 10}
    told = job.preview["holds"]["shown"]
    assert [(each["hold"], each["on"], each["responses"]) for each in told] == [(hold.pk, "response", 1)]


@pytest.mark.parametrize("query", ["", "team=Research", "from=2026-01-01", "to=2026-01-01", "held=no"])
def test_a_filter_without_both_bounds_in_time_is_refused(query: str, oscar: User, ledger: Ledger) -> None:
    with pytest.raises(Refused, match="an upper and a lower bound"):
        planned(oscar, query)


@pytest.mark.parametrize(
    "query",
    [
        "days=3",
        "expires_within=3",
        "from=2026-01-01&to=2026-02-01",
        "expires_from=2026-01-01&expires_to=2026-02-01",
    ],
)
def test_these_have_both(query: str, oscar: User) -> None:
    assert planned(oscar, query).from_at is not None


def test_ticked_rows_are_named_one_by_one(oscar: User, ledger: Ledger) -> None:
    ticked, _other = ledger.add(), ledger.add()
    assert ids(planned(oscar, f"ids={ticked.pk}")) == [ticked.response_id]


def test_everything_is_asked_for_by_name(oscar: User, ledger: Ledger) -> None:
    ledger.add(days=400, expires=10)
    job = planned(oscar, "", everything=True)
    assert (job.total, job.everything, job.from_at) == (1, True, None)


def test_what_is_relative_becomes_times(oscar: User, ledger: Ledger) -> None:
    with clock.restored():
        clock.set_to(datetime(2026, 11, 5, 12, tzinfo=UTC))
        job = planned(oscar, "days=2&expires_within=3")
    found = {name: value[0][:16] for name, value in parse_qs(job.query).items()}
    assert found == {
        "from": "2026-11-03T12:00",
        "to": "2026-11-05T12:00",
        "expires_from": "2026-11-05T12:00",
        "expires_to": "2026-11-08T12:00",
    }


def test_an_end_in_the_future_is_now(oscar: User, ledger: Ledger) -> None:
    job = planned(oscar, "from=2026-01-01&to=2100-01-01")
    assert job.to_at == job.created_at


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("UTC", "2026-03-29", 24),
        ("Asia/Kolkata", "2026-03-29", 24),
        ("America/St_Johns", "2026-03-08", 23),
        ("Europe/Berlin", "2026-03-29", 23),
        ("Europe/Berlin", "2026-10-25", 25),
    ],
)
def test_a_day_has_the_hours_that_it_has_in_its_zone(
    zone: str, day: str, hours: int, oscar: User, ledger: Ledger
) -> None:
    """The first moment is in and the first moment of the next day isn't, on days when clocks change, too."""
    place = ZoneInfo(zone)
    start = datetime.fromisoformat(day).replace(tzinfo=place)
    end = (datetime.fromisoformat(day) + timedelta(days=1)).replace(tzinfo=place)
    assert (end.astimezone(UTC) - start.astimezone(UTC)) == timedelta(hours=hours)
    tick = timedelta(microseconds=1)
    with clock.restored():
        clock.set_to(end + timedelta(days=2))
        moments = [
            start.astimezone(UTC) - tick,
            start.astimezone(UTC),
            end.astimezone(UTC) - tick,
            end.astimezone(UTC),
        ]
        made = [ledger.add(queued_at=moment) for moment in moments]
        query = QueryDict(mutable=True)
        query.update({"from": start.isoformat(), "to": end.isoformat()})
        job = planned(oscar, query.urlencode())
    assert ids(job) == [made[1].response_id, made[2].response_id]


def test_at_the_moment_of_its_expiry_nothing_is_left_to_delete(oscar: User, ledger: Ledger) -> None:
    with clock.restored():
        now = datetime(2026, 3, 29, 1, tzinfo=UTC)
        clock.set_to(now)
        tick = timedelta(seconds=30)
        gone, kept = ledger.add(expires_at=now - tick), ledger.add(expires_at=now + tick)
        job = planned(oscar, "days=30")
        assert ids(job) == [kept.response_id]
        clock.set_to(now + 2 * tick)
        assert ids(planned(oscar, "days=30")) == []
    assert gone.expires_at


def test_what_expires_within_days(oscar: User, ledger: Ledger) -> None:
    with clock.restored():
        now = datetime(2026, 10, 20, tzinfo=UTC)
        clock.set_to(now)
        soon = ledger.add(expires_at=now + timedelta(days=7) - timedelta(seconds=1))
        ledger.add(expires_at=now + timedelta(days=7, minutes=1))
        job = planned(oscar, "expires_within=7", source=Source.EXPIRING)
    assert ids(job) == [soon.response_id]
    assert job.to_at is not None
    assert job.from_at is not None
    assert job.to_at - job.from_at == timedelta(days=7)


def test_a_person_is_planned_in_all_teams(oscar: User, ledger: Ledger, carol: User) -> None:
    theirs = ledger.add(days=2, person=carol)
    ledger.add()
    elsewhere = ledger.add(person=carol, team=carol.teams.get())
    job = planned(oscar, "person=carol", source=Source.PERSON)
    assert ids(job) == [theirs.response_id, elsewhere.response_id]


def test_a_conversation_needs_no_bounds_and_has_to_be_named(oscar: User, ledger: Ledger) -> None:
    row = ledger.add(days=20)
    query = f"conversation={row.conversation_id}"
    assert ids(planned(oscar, query, source=Source.CONVERSATION)) == [row.response_id]
    with pytest.raises(Refused, match="Name the conversation"):
        planned(oscar, "days=3", source=Source.CONVERSATION)


def test_a_branch_is_what_follows_and_a_tree_is_all_of_it(oscar: User, ledger: Ledger) -> None:
    root = ledger.add(days=9)
    left, right = ledger.add(days=8, previous=root), ledger.add(days=7, previous=root)
    leaf = ledger.add(days=6, previous=left)
    ledger.add(days=5)
    branch = planned(oscar, "", source=Source.BRANCH, root=left)
    assert ids(branch) == [left.response_id, leaf.response_id]
    tree = planned(oscar, "", source=Source.TREE, root=leaf)
    assert tree.root == root
    assert ids(tree) == [each.response_id for each in (root, left, right, leaf)]


def test_limited_staff_plan_in_their_teams_only(oscar: User, ledger: Ledger, carol: User) -> None:
    field = carol.teams.get()
    ledger.add()
    theirs = ledger.add(person=carol, team=field)
    oscar.limited_to.set([field])
    assert ids(planned(oscar, "days=30")) == [theirs.response_id]
    with pytest.raises(Refused, match="no such response"):
        planned(oscar, "", source=Source.TREE, root=ledger.add())


def test_members_and_auditors_plan_nothing_but_members_their_own(
    alice: User, ledger: Ledger, carol: User
) -> None:
    own = ledger.add()
    for user in (alice, User.objects.create_user("audrey", role=Role.AUDITOR)):
        with pytest.raises(Refused, match="Only operators"):
            planned(user, "days=30")
    assert ids(planned(alice, f"conversation={own.conversation_id}", source=Source.OWN)) == [own.response_id]
    assert ids(planned(carol, f"conversation={own.conversation_id}", source=Source.OWN)) == []


def test_the_hash_is_what_an_outsider_computes(oscar: User, ledger: Ledger) -> None:
    held, free = ledger.add(days=5), ledger.add(days=4)
    ledger.hold(oscar, response=held)
    job = planned(oscar, "days=30&team=Research", erase=True)
    assert job.from_at is not None
    assert job.to_at is not None
    asked = {
        "everything": False,
        "erase": True,
        "from": job.from_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "plan": str(job.pk),
        "query": job.query,
        "root": None,
        "source": "selection",
        "to": job.to_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "version": 1,
    }
    url = held.endpoint.base_url
    lines = [dict(sorted(asked.items())), [url, held.response_id, True], [url, free.response_id, False]]
    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
    assert hashlib.sha256(text.encode()).hexdigest() == job.hash


def test_a_plan_is_in_the_audit_trail_with_its_hash_and_no_reason_yet(oscar: User, ledger: Ledger) -> None:
    ledger.add()
    job = planned(oscar, "days=30")
    entry = AuditEntry.objects.get(action="plan_made")
    assert (entry.subject_id, entry.actor_id, entry.details["hash"]) == (str(job.pk), oscar.pk, job.hash)
    assert (entry.details["total"], entry.details["query"]) == (1, job.query)


def test_a_plan_whose_process_died_is_gone_on_with(
    oscar: User, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "BATCH", 2)
    made = [ledger.add(days=20 - number) for number in range(7)]
    job = begun(oscar, "days=30")

    def die() -> None:
        if DeletionJob.objects.get(pk=job.pk).total == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        plans.make(job.pk, watch=die)
    assert not plans.make(job.pk), "the lease of the dead process has not run out"
    with clock.restored():
        clock.set_to(clock.now() + timedelta(minutes=1))
        assert plans.make(job.pk)
    job.refresh_from_db()
    assert ids(job) == [row.response_id for row in made]
    assert (job.state, job.total) == (JobState.PLANNED, 7)
    assert not plans.make(job.pk)


def test_filters_that_name_what_is_gone_fail_the_plan(oscar: User, ledger: Ledger) -> None:
    going = User.objects.create_user("going")
    job = begun(oscar, "days=30&person=going")
    going.delete()
    assert plans.make(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert job.trouble.startswith("person: There is none")


def begun(user: User, query: str) -> DeletionJob:
    selection = Selection.parse(QueryDict(query))
    return plans.begin(Wanted(source=Source.SELECTION, actor=person(user), by=user, selection=selection))

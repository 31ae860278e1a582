"""What the ledger learns of upstream's copy: the same from the same answer, whichever road it comes by."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from conversations import clock
from conversations.models import Conversation, Deletion, Deployment, Response, StoredPerDay
from conversations.models.deletions import Outcome
from conversations.models.responses import Status, UpstreamState
from conversations.people.audit import system
from conversations.stored import auditing, deleting, import_runner, importing, reconciling, usage
from conversations.stored.importing import Asked
from conversations.stored.noting import Said, note
from tests.stored.conftest import Upstream
from tests.stored.figures import fresh, kept
from tests.stored.rows import add_response

pytestmark = pytest.mark.django_db(transaction=True)

ACTOR = system("test")
Road = Callable[[Response], None]


def bring_in(row: Response) -> None:
    asked = Asked(actor=ACTOR, by=None, deployment=row.deployment)
    job = importing.begin(asked, io.BytesIO((row.response_id or "").encode()))
    assert import_runner.run(job.pk)


def look(row: Response) -> None:
    auditing.retrieve(row, actor=ACTOR)


def delete(row: Response) -> None:
    deleting.carry_out(deleting.request(row, user=None, actor=ACTOR, reason="Asked to"))


def read_back(row: Response) -> None:
    """Of a deletion that upstream said yes to."""
    now = clock.now()
    asked: Any = {"actor": ACTOR.text, "reason": "Asked to", "requested_at": now, "due_at": now}
    asked |= {"outcome": Outcome.DELETED, "read_back": "pending", "decided_at": now}
    deletion = Deletion.objects.create(response=row, endpoint=row.endpoint, **asked)
    usage.count_deletions([(row, Outcome.DELETED, now)])
    deleting.carry_out(deletion)


def reconcile(row: Response) -> None:
    compared = reconciling.begin(ACTOR, None, row.endpoint)
    assert reconciling.compare(compared.pk)
    compared.refresh_from_db()
    job = reconciling.settle(compared, ACTOR, None)
    assert job is not None
    assert import_runner.run(job.pk)


@pytest.fixture
def stored(upstream: Upstream, stocked: Deployment) -> Response:
    """One that upstream made and lists."""
    upstream.emulator.control("PATCH", "settings", {"list_enabled": True})
    made = upstream.create()
    row = Response(response_id=made["id"], deployment=stocked)
    bring_in(row)
    return Response.objects.select_related("endpoint", "deployment").get()


def known(row: Response) -> tuple[Any, ...]:
    row.refresh_from_db()
    assert kept() == fresh()
    return row.upstream_state, row.expires_at, sum(StoredPerDay.objects.values_list("responses", flat=True))


@pytest.mark.parametrize("road", [look, delete, read_back, bring_in, reconcile])
def test_what_upstream_lost_is_absent_and_expires_no_more(
    road: Road, upstream: Upstream, stored: Response
) -> None:
    upstream.delete(stored.response_id or "")
    road(stored)
    assert known(stored) == ("absent", None, 0)


def test_what_was_deleted_has_no_expiry_and_a_404_confirms_it(stored: Response) -> None:
    delete(stored)
    assert known(stored) == ("deleted", None, 0)
    look(stored)
    assert known(stored) == ("absent", None, 0)


@pytest.mark.parametrize("before", [Said.DELETED, Said.MISSING])
@pytest.mark.parametrize("road", [look, read_back, bring_in, reconcile])
def test_what_is_found_again_expires_as_it_would_have(road: Road, before: Said, stored: Response) -> None:
    expiry = stored.expires_at
    note(stored, before, clock.now())
    assert stored.expires_at is None
    road(stored)
    assert known(stored) == ("stored", expiry, 1)


DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("was", "expires_in", "ended_ago", "state"),
    [
        ("stored", 9 * DAY, DAY, "absent"),
        ("stored", 9 * DAY, timedelta(0), "not_visible"),
        ("stored", -DAY, 31 * DAY, "expired"),
        ("unknown", 9 * DAY, DAY, "absent"),
        ("not_visible", 9 * DAY, DAY, "absent"),
        ("deleted", None, timedelta(0), "absent"),
        ("absent", None, timedelta(0), "absent"),
        ("expired", -DAY, 31 * DAY, "expired"),
        ("not_stored", None, DAY, "not_stored"),
    ],
)
def test_a_404_means_one_thing(
    conversation: Conversation, was: str, expires_in: timedelta | None, ended_ago: timedelta, state: str
) -> None:
    now = clock.now()
    expiry = None if expires_in is None else now + expires_in
    fields: dict[str, Any] = {"upstream_state": was, "expires_at": expiry, "ended_at": now - ended_ago}
    row = add_response(conversation, response_id="resp_1", **fields)
    note(row, Said.MISSING, now)
    row.refresh_from_db()
    assert row.upstream_state == state
    assert row.expires_at == (None if state == "absent" else expiry)


@pytest.mark.parametrize("said", Said)
def test_a_running_one_is_left_to_who_runs_it(conversation: Conversation, said: Said) -> None:
    fields: dict[str, Any] = {
        "status": Status.QUEUED,
        "ended_at": None,
        "upstream_state": UpstreamState.UNKNOWN,
    }
    row = add_response(conversation, response_id="resp_1", **fields)
    note(row, said, clock.now())
    row.refresh_from_db()
    assert (row.upstream_state, row.upstream_seen_at) == ("unknown", None)

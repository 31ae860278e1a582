"""What an endpoint lists beside the ledger: orphans, ghosts, ids never learned; or plainly that it can't."""

import io
import json
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command

from conversations import clock
from conversations.chat import turns
from conversations.models import AuditEntry, Deployment, Endpoint, Reconciliation, Response, User
from conversations.models.responses import UpstreamState
from conversations.people.audit import system
from conversations.stored import import_runner, importing, reconciling
from conversations.stored.importing import Asked
from tests.stored.conftest import Upstream

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def listing(upstream: Upstream, stocked: Deployment) -> Deployment:
    upstream.emulator.control("PATCH", "settings", {"list_enabled": True})
    return stocked


def imported(deployment: Deployment, *ids: str) -> None:
    job = importing.begin(
        Asked(actor=system("test"), by=None, deployment=deployment), io.BytesIO(" ".join(ids).encode())
    )
    import_runner.run(job.pk)


def compared(deployment: Deployment) -> Reconciliation:
    row = reconciling.begin(system("test"), None, deployment.endpoint)
    assert reconciling.compare(row.pk)
    return Reconciliation.objects.select_related("endpoint").get(pk=row.pk)


def differences(row: Reconciliation) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for each in row.differences.all():
        found.setdefault(each.kind, set()).add(each.response_id)
    return found


@pytest.fixture
def lost(listing: Deployment, alice: User) -> Response:
    """One of the chat's whose worker died before it learned the id."""
    conversation = turns.start_conversation(alice, client_key=uuid4())[0]
    turn = turns.send_message(alice, conversation.pk, client_key=uuid4(), text="Hello", tip=None)
    rows = Response.objects.filter(turn=turn)
    rows.update(status="interrupted", ended_at=clock.now(), upstream_state=UpstreamState.NOT_LEARNED)
    return rows.get()


def test_every_difference_is_found_shown_and_settled(
    upstream: Upstream, listing: Deployment, lost: Response
) -> None:
    same, ghost, back = upstream.create_many(3)
    imported(listing, same, ghost, back)
    upstream.delete(ghost)
    Response.objects.filter(response_id=back).update(upstream_state=UpstreamState.DELETED)
    orphan = upstream.create()["id"]
    unlearned = upstream.create(metadata={"run_id": str(lost.pk)})["id"]
    before = list(Response.objects.order_by("pk").values())
    row = compared(listing)
    assert differences(row) == {
        "orphan": {orphan},
        "unlearned": {unlearned},
        "ghost": {ghost},
        "still_there": {back},
    }
    assert (row.listed, row.status) == (4, "done")
    assert list(Response.objects.order_by("pk").values()) == before
    job = reconciling.settle(row, system("test"), None)
    assert job is not None
    import_runner.run(job.pk)
    states = dict(Response.objects.values_list("response_id", "upstream_state"))
    assert states == {same: "stored", ghost: "absent", back: "stored", orphan: "stored", unlearned: "stored"}
    lost.refresh_from_db()
    assert lost.response_id == unlearned
    assert differences(compared(listing)) == {}


def test_many_pages_are_read_and_faults_tried_again(upstream: Upstream, listing: Deployment) -> None:
    ids = upstream.create_many(230)
    upstream.fault("429=ms:50", times=2, operation="list")
    assert differences(compared(listing)) == {"orphan": set(ids)}


def test_what_still_runs_here_is_no_difference(
    upstream: Upstream, listing: Deployment, lost: Response
) -> None:
    Response.objects.update(status="queued", ended_at=None)
    upstream.create(metadata={"run_id": str(lost.pk)})
    assert differences(compared(listing)) == {}


def test_an_endpoint_that_cannot_list_is_said_to_be_one(upstream: Upstream, stocked: Deployment) -> None:
    imported(stocked, upstream.create()["id"])
    row = compared(stocked)
    assert (row.status, row.differences.count()) == ("failed", 0)
    assert "doesn't list its responses" in row.trouble
    assert Endpoint.objects.get().can_list is False


def test_a_fault_finds_no_ghosts(upstream: Upstream, listing: Deployment) -> None:
    imported(listing, upstream.create()["id"])
    upstream.fault("403", operation="list")
    row = compared(listing)
    assert (row.status, row.differences.count()) == ("failed", 0)
    assert Endpoint.objects.get().can_list is None


def test_the_command_shows_and_on_request_settles(
    upstream: Upstream, listing: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    def told(*options: str) -> Any:
        call_command("reconcile", "--json", *options)
        return json.loads(capsys.readouterr().out)["endpoints"][0]

    upstream.create()
    assert told()["differences"] == {"orphan": 1, "unlearned": 0, "ghost": 0, "still_there": 0}
    assert not Response.objects.exists()
    assert told("--apply")["import"]["outcomes"]["imported"] == 1
    assert told("--endpoint", "emulator")["differences"]["orphan"] == 0
    call_command("reconcile")
    assert "1 listed; differences: none." in capsys.readouterr().out
    entries = AuditEntry.objects.filter(action="reconciled").order_by("number")
    assert [entry.details["differences"]["orphan"] for entry in entries] == [1, 1, 0, 0]

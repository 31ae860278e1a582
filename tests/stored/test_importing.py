"""Responses that other programs made join the ledger, through the real door and the emulator."""

import base64
import io
import json
import threading
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from conversations import clock
from conversations.chat import turns
from conversations.models import AuditEntry, Deployment, ImportJob, LooseEnd, Response, Team, User
from conversations.models.responses import Direction, UpstreamState
from conversations.people.audit import system
from conversations.stored import import_runner, importing, leases, references
from conversations.stored.importing import Asked
from tests import pictures
from tests.stored.conftest import Json, Upstream
from tests.stored.figures import fresh, kept

pytestmark = pytest.mark.django_db(transaction=True)

UNKNOWN = "resp_" + "0" * 48


def run(deployment: Deployment, text: str, team: Team | None = None) -> Json:
    asked = Asked(actor=system("test"), by=None, deployment=deployment, team=team)
    job = importing.begin(asked, io.BytesIO(text.encode()))
    assert import_runner.run(job.pk)
    job.refresh_from_db()
    return importing.report(job)


def counts(report: Json) -> dict[str, int]:
    return {outcome: number for outcome, number in report["outcomes"].items() if number}


def everything() -> list[Any]:
    """All rows that an import writes, without when they were last seen."""
    rows = Response.objects.order_by("response_id").values()
    seen = [{key: value for key, value in row.items() if key != "upstream_seen_at"} for row in rows]
    items = Response.objects.order_by("response_id", "items__direction", "items__position")
    return [seen, list(items.values("response_id", "items__payload", "items__text"))]


def test_a_response_joins_with_all_that_upstream_says_of_it(upstream: Upstream, stocked: Deployment) -> None:
    made = upstream.create("Hello", instructions="Be brief.", temperature=None)
    assert counts(run(stocked, f"id: {made['id']}")) == {"imported": 1}
    row = Response.objects.get()
    assert (row.origin, row.response_id, row.status) == ("import", made["id"], "completed")
    assert (row.upstream_state, row.deployment, row.instructions) == ("stored", stocked, "Be brief.")
    assert row.queued_at.timestamp() == made["created_at"]
    assert row.expires_at == row.queued_at + timedelta(days=30)
    assert (row.input_tokens, row.output_tokens) == tuple(
        made["usage"][name] for name in ("input_tokens", "output_tokens")
    )
    assert row.cost == stocked.price_of(
        input_tokens=made["usage"]["input_tokens"],
        cached_tokens=0,
        output_tokens=made["usage"]["output_tokens"],
    )
    output = row.items.filter(direction=Direction.OUTPUT)
    assert [item.payload for item in output] == made["output"]
    assert [item.text for item in row.items.filter(direction=Direction.INPUT)] == ["Hello"]
    assert row.size > 0


def test_a_picture_in_its_input_becomes_a_file_and_comes_back_byte_for_byte(
    upstream: Upstream, stocked: Deployment
) -> None:
    url = "data:image/png;base64," + base64.b64encode(pictures.noise()).decode()
    part = {"type": "input_image", "image_url": url, "detail": "auto"}
    made = upstream.create("", input=[{"role": "user", "content": [part]}])
    assert counts(run(stocked, made["id"])) == {"imported": 1}
    row = Response.objects.get()
    (kept,) = [item.payload for item in row.items.filter(direction=Direction.INPUT)]
    sha256 = row.attachments.get().content_id
    assert kept["content"][0]["image_url"] == f"attachment:{sha256}"
    assert references.spelt_out(row, kept)["content"][0]["image_url"] == url
    assert row.size > len(pictures.noise())
    assert counts(run(stocked, made["id"])) == {"known": 1}
    assert row.attachments.count() == 1


def test_two_hundred_ids_end_as_what_they_are_and_again_change_nothing(
    upstream: Upstream, stocked: Deployment
) -> None:
    """Several batches of them, of every kind."""
    ids = upstream.create_many(180)
    known = ids[:10]
    assert counts(run(stocked, "\n".join(known))) == {"imported": 10}
    for gone in ids[10:16]:
        upstream.delete(gone)
    missing = [f"resp_{number:048x}" for number in range(10)]
    malformed = [f"resp_{number}" for number in range(10)]
    text = "\n".join([*ids, *missing, *malformed, *ids[:20]])
    report = run(stocked, text)
    expected = {"imported": 164, "known": 10, "missing": 16, "malformed": 10}
    assert counts(report) == expected
    assert (report["ids"], report["occurrences"], report["status"]) == (200, 220, "done")
    assert Counter(problem["outcome"] for problem in report["problems"]) == {"missing": 16, "malformed": 10}
    before = everything()
    assert counts(run(stocked, text)) == {"known": 174, "missing": 16, "malformed": 10}
    assert everything() == before
    assert Response.objects.count() == 174
    assert kept() == fresh(), "the daily figures know of each import once"


@pytest.mark.parametrize("order", [1, -1], ids=["oldest first", "newest first"])
def test_chains_come_together_whatever_the_order(
    upstream: Upstream, stocked: Deployment, order: int, settings: Settings
) -> None:
    settings.IMPORT_REQUESTS = 1
    chain = [upstream.create("My name is Ada.")["id"]]
    for _link in range(3):
        chain.append(upstream.create("Go on", previous_response_id=chain[-1])["id"])
    run(stocked, "\n".join(chain[1:][::order]))
    assert LooseEnd.objects.get().previous_response_id == chain[0]
    run(stocked, chain[0])
    links = dict(Response.objects.values_list("response_id", "previous__response_id"))
    assert links == dict(zip(chain, [None, *chain], strict=False))
    assert not LooseEnd.objects.exists()


def test_the_same_id_on_another_endpoint_is_another_response(upstream: Upstream, stocked: Deployment) -> None:
    made = upstream.create()["id"]
    run(stocked, made)
    endpoint = stocked.endpoint
    endpoint.pk, endpoint.name = None, "another"
    endpoint.base_url = f"{upstream.emulator.url}/v1/"
    endpoint.kind = "openai"
    endpoint.save()
    other = Deployment.objects.create(endpoint=endpoint, name="gpt-5.1", title="Other")
    assert counts(run(other, made)) == {"imported": 1}
    assert Response.objects.filter(response_id=made).count() == 2


def test_pages_of_input_items_are_all_read(upstream: Upstream, stocked: Deployment) -> None:
    said = [{"role": "user", "content": f"Line {number}"} for number in range(250)]
    run(stocked, upstream.create(input=said)["id"])
    texts = Response.objects.get().items.filter(direction=Direction.INPUT).values_list("text", flat=True)
    assert list(texts) == [f"Line {number}" for number in range(250)]


def test_rate_limits_are_waited_for_and_faults_tried_again(upstream: Upstream, stocked: Deployment) -> None:
    ids = upstream.create_many(6)
    upstream.fault("429=1", times=3)
    upstream.fault("500", times=2)
    started = clock.now()
    assert counts(run(stocked, " ".join(ids))) == {"imported": 6}
    assert clock.now() - started >= timedelta(seconds=1)


def test_a_refusal_is_forbidden_and_can_be_tried_again(upstream: Upstream, stocked: Deployment) -> None:
    made = upstream.create()["id"]
    upstream.fault("403")
    report = run(stocked, made)
    assert counts(report) == {"forbidden": 1}
    assert "lacks the required data action" in report["problems"][0]["reason"]
    job = ImportJob.objects.get()
    assert importing.try_again(job, system("test")) == 1
    import_runner.run(job.pk)
    assert counts(importing.report(job)) == {"imported": 1}


def test_what_still_runs_upstream_is_left_for_later(upstream: Upstream, stocked: Deployment) -> None:
    made = upstream.create("Write an essay", model="gpt-5.1-slow", background=True)["id"]
    report = run(stocked, made)
    assert counts(report) == {"failed": 1}
    assert "still runs" in report["problems"][0]["reason"]


@pytest.fixture
def response_of_chat(stocked: Deployment, alice: User) -> Response:
    """One whose worker died before it learned the id."""
    conversation = turns.start_conversation(alice, client_key=uuid4())[0]
    turn = turns.send_message(alice, conversation.pk, client_key=uuid4(), text="Hello", tip=None)
    rows = Response.objects.filter(turn=turn)
    rows.update(status="interrupted", ended_at=clock.now(), upstream_state=UpstreamState.NOT_LEARNED)
    return rows.get()


def test_an_id_that_its_worker_never_learned_is_learned(
    upstream: Upstream, stocked: Deployment, response_of_chat: Response
) -> None:
    made = upstream.create("Hello", metadata={"run_id": str(response_of_chat.pk)})
    assert counts(run(stocked, made["id"])) == {"known": 1}
    response_of_chat.refresh_from_db()
    assert (response_of_chat.response_id, response_of_chat.upstream_state) == (made["id"], "stored")
    assert Response.objects.count() == 1


def test_what_the_ledger_knows_and_upstream_lost_is_noted(upstream: Upstream, stocked: Deployment) -> None:
    made = upstream.create()["id"]
    run(stocked, made)
    upstream.delete(made)
    assert counts(run(stocked, made)) == {"known": 1}
    assert Response.objects.get().upstream_state == UpstreamState.ABSENT


def test_an_import_goes_on_where_a_dead_worker_left_it(upstream: Upstream, stocked: Deployment) -> None:
    ids = upstream.create_many(20)
    asked = Asked(actor=system("test"), by=None, deployment=stocked)
    job = importing.begin(asked, io.BytesIO("\n".join(ids).encode()))
    dead = leases.claim(ImportJob.objects.all(), job.pk)
    job.ids.filter(pk__in=job.ids.values("pk")[:7]).update(outcome="missing")
    assert not import_runner.run(job.pk)  # as long as its heart beats
    ImportJob.objects.update(beat_at=clock.now() - timedelta(hours=1))
    assert list(leases.abandoned(ImportJob.objects.all())) == [job]
    assert import_runner.run(job.pk)
    assert counts(importing.report(job)) == {"missing": 7, "imported": 13}
    assert dead is not None
    with pytest.raises(leases.LeaseLost):
        leases.renew(ImportJob.objects.all(), job.pk, dead)


def test_a_worker_that_is_told_to_end_hands_its_import_over_at_once(
    upstream: Upstream, stocked: Deployment, leaving: threading.Event
) -> None:
    ids = upstream.create_many(6)
    upstream.fault("latency=30", times=6)
    asked = Asked(actor=system("test"), by=None, deployment=stocked)
    job = importing.begin(asked, io.BytesIO("\n".join(ids).encode()))
    threading.Timer(0.5, leaving.set).start()
    with pytest.raises(leases.GivenUp):
        import_runner.run(job.pk)
    assert list(leases.abandoned(ImportJob.objects.all())) == [job]
    leaving.clear()
    upstream.emulator.control("DELETE", "faults", None)
    assert import_runner.run(job.pk)
    assert counts(importing.report(job)) == {"imported": 6}


def test_every_import_is_in_the_audit_trail(upstream: Upstream, stocked: Deployment) -> None:
    team = Team.objects.create(name="Research")
    report = run(stocked, f"{upstream.create()['id']} {UNKNOWN}", team)
    begun, ended = AuditEntry.objects.filter(action="imported").order_by("number")
    assert begun.details["phase"], begun.details["sha256"] == ("begun", report["sha256"])
    assert ended.details["outcomes"] == report["outcomes"]
    assert {begun.team_id, ended.team_id} == {team.pk}
    assert report["audit"]["head"] == ended.hash
    assert Response.objects.get().team == team


def test_the_command_reports_as_one_object(
    upstream: Upstream, stocked: Deployment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "proxy.log"
    log.write_text(f"GET /v1/responses/{upstream.create()['id']}\nGET /v1/responses/{UNKNOWN}\nresp_1\n")
    call_command("import_responses", str(log), "--json", "--deployment", "gpt-5.1")
    report = json.loads(capsys.readouterr().out)
    assert counts(report) == {"imported": 1, "missing": 1, "malformed": 1}
    assert report["source"] == "proxy.log"
    call_command("import_responses", str(log))
    assert "1 known, 1 missing, 1 malformed" in capsys.readouterr().out
    with pytest.raises(CommandError, match="emulator/gpt-5"):
        call_command("import_responses", str(log), "--deployment", "gpt-6")

"""Before upstream forgets a held response, all of it is here; what isn't is fetched, and trouble is told."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from conversations import clock
from conversations.models import (
    AuditEntry,
    Conversation,
    Deployment,
    Export,
    HeldCopy,
    Hold,
    Item,
    Response,
    User,
)
from conversations.models.audit import Action
from conversations.models.exports import Format, Scope
from conversations.models.holds import CopyState
from conversations.models.people import Role
from conversations.models.responses import Direction, History, Status, UpstreamState
from conversations.people import audit
from conversations.retention import erasing
from conversations.stored import exporting, holds, items, local_copies
from conversations.stored.as_api import payloads
from conversations.stored.formats.rows import as_object
from tests.stored.conftest import Upstream
from tests.stored.rows import add_response

pytestmark = pytest.mark.django_db(transaction=True)

TEXTS = ("What is the notice period?", "Three months.")


@pytest.fixture
def talk(conversation: Conversation, stocked: Deployment) -> Conversation:
    conversation.deployment = stocked
    conversation.save()
    return conversation


def expiring(talk: Conversation, texts: tuple[str, str] = TEXTS, **fields: Any) -> Response:
    began = clock.now() - timedelta(days=27)
    usual = {
        "response_id": "resp_1",
        "upstream_state": UpstreamState.STORED,
        "queued_at": began,
        "ended_at": began,
        "expires_at": clock.now() + timedelta(days=3),
    }
    return add_response(talk, texts, **(usual | fields))


def hold(response: Response, by: User) -> None:
    holds.place(response, reason="Case 12", user=by, actor=audit.person(by))


@pytest.fixture
def fetched(talk: Conversation, alice: User) -> Response:
    """Cut off here, whole upstream, held: its copy is beside it."""
    response = expiring(talk, status=Status.INTERRUPTED)
    hold(response, alice)
    body = {"id": "resp_1", "output": [{"type": "message", "content": "Three months, in writing."}]}
    given = [{"type": "message", "role": "user", "content": TEXTS[0]}]
    HeldCopy.objects.create(
        response=response,
        state=CopyState.FETCHED,
        missing=["the end of its answer"],
        body=body,
        input=given,
        looked_at=clock.now(),
    )
    return response


def test_it_goes_out_with_exports_and_is_told_on_her_data_page(
    fetched: Response, alice: User, client: Client
) -> None:
    (row,) = exporting.rows_of(Export(by=alice, scope=Scope.OWN, format=Format.JSONL))
    told = as_object(row)["upstream_copy"]
    assert told["ledger_lacked"] == ["the end of its answer"]
    assert told["body"]["output"][0]["content"] == "Three months, in writing."
    assert told["input"][0]["content"] == TEXTS[0]
    client.force_login(alice)
    assert "Of 1 of them a copy was fetched" in client.get("/my-data/").content.decode()
    HeldCopy.objects.all().delete()
    (row,) = exporting.rows_of(Export(by=alice, scope=Scope.OWN, format=Format.JSONL))
    assert as_object(row)["upstream_copy"] is None


def test_its_words_are_on_the_responses_page_for_who_gives_a_reason(
    fetched: Response, client: Client
) -> None:
    auditor = User.objects.create_user("audrey", role=Role.AUDITOR)
    client.force_login(auditor)
    page = f"/admin/conversations/response/{fetched.pk}/"
    assert "in writing" not in client.get(f"{page}change/").content.decode()
    shown = client.post(f"{page}grant/", {"reason": "Case 12"}, follow=True).content.decode()
    assert "the ledger lacks the end of its answer" in shown
    assert "Three months, in writing." in shown


def copy_of(response: Response) -> HeldCopy:
    return HeldCopy.objects.get(response=response)


def test_what_the_ledger_has_as_a_whole_is_not_fetched(alice: User, talk: Conversation) -> None:
    response = expiring(talk)
    local_copies.run()
    assert not HeldCopy.objects.exists(), "nothing holds it"
    hold(response, alice)
    local_copies.run()
    found = copy_of(response)
    assert (found.state, found.missing, found.body) == (CopyState.COMPLETE, [], None)
    assert local_copies.due() == []
    assert not AuditEntry.objects.filter(action=Action.UPSTREAM_RETRIEVED).exists()


def test_only_what_expires_soon_is_looked_at(alice: User, talk: Conversation) -> None:
    hold(expiring(talk, expires_at=clock.now() + timedelta(days=8)), alice)
    assert local_copies.due() == []
    with clock.restored():
        clock.set_to(clock.now() + timedelta(days=1, seconds=1))
        assert len(local_copies.due()) == 1
        clock.set_to(clock.now() + timedelta(days=8))
        assert local_copies.due() == [], "it has expired"


def test_an_answer_that_was_cut_off_here_is_fetched_and_the_ledger_stays_as_it_was(
    alice: User, talk: Conversation, upstream: Upstream
) -> None:
    made = upstream.create("2+2")
    response = expiring(talk, ("2+2", "2+"), response_id=made["id"], status=Status.INTERRUPTED)
    hold(response, alice)
    local_copies.run()
    found = copy_of(response)
    assert (found.state, found.due_at) == (CopyState.FETCHED, None)
    assert found.missing == ["the end of its answer, which was cut off here"]
    assert found.body is not None
    assert found.body["output"] == made["output"]
    assert items.text_of((found.input or [])[0]) == "2+2"
    assert [items.text_of(one) for one in payloads(response, Direction.OUTPUT)] == ["2+"]
    (entry,) = AuditEntry.objects.filter(action=Action.UPSTREAM_RETRIEVED)
    assert (entry.actor, entry.details["copy"]) == ("system:holds", "fetched")
    assert local_copies.due() == []


def test_a_chain_that_is_not_here_is_missing(alice: User, talk: Conversation) -> None:
    first = expiring(talk)
    second = expiring(talk, response_id="resp_2", previous=first, history=History.CHAINED)
    assert local_copies.missing(second) == []
    Item.objects.filter(response=first).delete()
    assert local_copies.missing(second) == ["what came before it in its chain"]
    assert local_copies.missing(first) == ["its input", "its answer"]


def test_trouble_is_told_and_tried_again_until_upstream_has_forgotten_it(
    alice: User, talk: Conversation, upstream: Upstream
) -> None:
    response = expiring(talk, ("2+2", ""), response_id=upstream.create("2+2")["id"])
    hold(response, alice)
    upstream.fault("500")
    local_copies.run()
    found = copy_of(response)
    assert (found.state, found.attempts) == (CopyState.TROUBLE, 1)
    assert found.trouble
    assert found.due_at is not None
    assert list(local_copies.troubled(Response.objects.all())) == [response]
    with clock.restored():
        clock.set_to(found.due_at)
        local_copies.run()
    assert copy_of(response).state == CopyState.FETCHED
    assert not local_copies.troubled(Response.objects.all()).exists()


def test_what_expired_before_it_could_be_fetched_is_lost(alice: User, talk: Conversation) -> None:
    response = expiring(talk, ("2+2", ""))
    hold(response, alice)
    HeldCopy.objects.create(response=response, state=CopyState.TROUBLE, due_at=clock.now())
    with clock.restored():
        clock.set_to(clock.now() + timedelta(days=4))
        local_copies.run()
        assert copy_of(response).state == CopyState.LOST


def test_what_upstream_has_no_more_is_lost(alice: User, talk: Conversation) -> None:
    response = expiring(talk, ("2+2", ""), response_id="resp_" + "0" * 48)
    hold(response, alice)
    local_copies.run()
    assert copy_of(response).state == CopyState.LOST
    response.refresh_from_db()
    assert response.upstream_state == UpstreamState.ABSENT
    assert list(local_copies.troubled(Response.objects.all())) == [response]


def test_erasing_a_response_takes_its_copy_along(alice: User, talk: Conversation) -> None:
    response = expiring(talk, upstream_state=UpstreamState.DELETED, expires_at=None)
    HeldCopy.objects.create(response=response, state=CopyState.FETCHED, body={"id": "resp_1"}, input=[])
    hold(response, alice)
    who = audit.person(alice)
    assert erasing.erase([response.pk], actor=who).left == 1
    assert copy_of(response).body
    holds.end(Hold.objects.get(), reason="Settled", user=alice, actor=who)
    assert erasing.erase([response.pk], actor=who).responses == 1
    assert not HeldCopy.objects.exists()

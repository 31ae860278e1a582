"""How turns are kept upstream: what is sent for each way, and what the next turn is made of."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from conversations import clock
from conversations.chat import history, keeping, ledger, turns
from conversations.models import Conversation, Deployment, Endpoint, Response, Team, User
from conversations.models.responses import Direction, History
from conversations.stored import items

pytestmark = pytest.mark.django_db(transaction=True)

REASONING = {"id": "rs_1", "type": "reasoning", "summary": [], "encrypted_content": "sealed"}
ANSWER = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "status": "completed",
    "content": [{"type": "output_text", "text": "One.", "annotations": []}],
}


def send(user: User, conversation: Conversation, keep: str, tip: Response | None = None) -> Response:
    asked, after = {"keep": keep}, tip.turn_id if tip else None
    turn = turns.send_message(user, conversation.pk, client_key=uuid4(), text="Go", tip=after, asked=asked)
    return turn.responses.get()


def answered(response: Response, **fields: Any) -> Response:
    known = {
        "response_id": f"resp_{uuid4().hex}",
        "upstream_state": "stored" if response.stored else "not_stored",
    }
    ended = {"status": "completed", "ended_at": clock.now(), "expires_at": clock.now() + timedelta(days=30)}
    Response.objects.filter(pk=response.pk).update(**known | ended | fields)
    items.add(response, Direction.OUTPUT, [REASONING, ANSWER])
    return response


def request_of(response: Response) -> dict[str, Any]:
    job = ledger.Job(response, uuid4(), None, history.gather(response))  # type: ignore[arg-type]  # no address is needed
    return job.request


def test_a_resent_turn_is_the_manual_chain_of_the_quickstart(alice: User, conversation: Conversation) -> None:
    first = send(alice, conversation, "resent")
    inputs = request_of(first)["input"]
    assert [each["role"] for each in inputs] == ["user"]
    inputs += [REASONING, ANSWER]  # inputs += response.output
    second = send(alice, conversation, "resent", answered(first))
    inputs.append({"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Go"}]})
    request = request_of(second)
    assert request["input"] == inputs
    assert request["store"] is True
    assert "previous_response_id" not in request
    assert history.gather(second).how == History.RESENT


def test_a_resent_turn_names_no_ids_that_upstream_has_forgotten(
    alice: User, conversation: Conversation
) -> None:
    first = answered(send(alice, conversation, "resent"), upstream_state="deleted")
    given = request_of(send(alice, conversation, "resent", first))["input"]
    assert [each.get("id") for each in given] == [None] * 4
    assert given[1] == {"type": "reasoning", "summary": [], "encrypted_content": "sealed"}


def test_what_isnt_stored_is_sealed_and_sent_again_without_ids(
    alice: User, conversation: Conversation
) -> None:
    first = send(alice, conversation, "not_stored")
    request = request_of(first)
    assert (request["store"], request["include"]) == (False, ["reasoning.encrypted_content"])
    given = request_of(send(alice, conversation, "not_stored", answered(first)))
    assert [(each["type"], "id" in each) for each in given["input"]] == [
        *(("message", False), ("reasoning", False), ("message", False), ("message", False))
    ]
    assert "previous_response_id" not in given


def test_sealed_reasoning_goes_to_no_other_endpoint(
    alice: User, conversation: Conversation, deployment: Deployment
) -> None:
    first = answered(send(alice, conversation, "not_stored"))
    endpoint = deployment.endpoint
    endpoint.pk, endpoint.name = None, "other"
    endpoint.save()
    other = Deployment.objects.create(endpoint=endpoint, name="gpt-5.1", title="Other")
    Conversation.objects.update(deployment=other)
    given = request_of(send(alice, conversation, "not_stored", first))["input"]
    assert [each["type"] for each in given] == ["message"] * 3


def test_a_plain_model_is_not_asked_for_sealed_reasoning(alice: User, conversation: Conversation) -> None:
    Deployment.objects.update(model="gpt-4.1")
    assert "include" not in request_of(send(alice, conversation, "not_stored"))
    Deployment.objects.update(model="gpt-9")
    assert "include" not in request_of(send(alice, conversation, "not_stored"))


def test_a_team_that_stores_nothing_goes_before_every_choice(alice: User, conversation: Conversation) -> None:
    Team.objects.update(store_upstream=False)
    Conversation.objects.update(background=True)
    response = send(alice, conversation, "chained")
    assert (response.stored, response.keep, response.background) == (False, "not_stored", False)


def test_what_isnt_stored_doesnt_run_in_the_background(alice: User, conversation: Conversation) -> None:
    Conversation.objects.update(background=True)
    assert "background" not in request_of(send(alice, conversation, "not_stored"))


def test_a_deployment_says_how_its_turns_are_kept(alice: User, conversation: Conversation) -> None:
    Deployment.objects.update(keep="not_stored")
    turn = turns.send_message(alice, conversation.pk, client_key=uuid4(), text="Go", tip=None)
    assert turn.responses.get().keep == "not_stored"
    assert send(alice, conversation, "chained").stored


def test_people_are_told_apart_by_a_hash_that_an_admin_can_switch_off(
    alice: User, bob: User, conversation: Conversation
) -> None:
    hers = request_of(send(alice, conversation, "chained"))["safety_identifier"]
    assert hers == keeping.identifier_of(alice) != keeping.identifier_of(bob)
    assert (len(hers), "alice" in hers) == (64, False)
    Deployment.objects.update(safety_identifier=False)
    assert "safety_identifier" not in request_of(send(alice, conversation, "chained"))


@pytest.mark.parametrize(
    ("kind", "url", "sent"),
    [
        ("openai", "https://api.openai.com/v1/", True),
        ("openai", "https://models.example.com/v1/", False),
        ("azure_dated", "https://example.openai.azure.com/", False),
    ],
)
def test_servers_that_may_not_know_it_get_no_hash(
    kind: str, url: str, sent: bool, alice: User, conversation: Conversation
) -> None:
    version = "2025-04-01-preview" if kind == "azure_dated" else ""
    Endpoint.objects.update(kind=kind, base_url=url, api_version=version)
    assert ("safety_identifier" in request_of(send(alice, conversation, "chained"))) == sent

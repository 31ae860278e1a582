"""What people choose beside the words, from the command to the request."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from conversations import clock
from conversations.chat import changes, choices, ledger, shapes, turns
from conversations.chat.refusals import Refusal
from conversations.models import Conversation, Deployment, Endpoint, Response, Turn, User


def test_choices_become_the_parameters_of_the_api() -> None:
    chosen = choices.clean({"temperature": 0.5, "effort": "low", "summary": "auto", "verbosity": "high"})
    assert choices.parameters(chosen) == {
        "temperature": 0.5,
        "reasoning": {"effort": "low", "summary": "auto"},
        "text": {"verbosity": "high"},
    }


def test_null_is_left_to_the_api() -> None:
    assert choices.clean({"temperature": None}) == {}
    assert choices.clean(None) == {}


def say(user: User, conversation: Conversation, asked: Any = None) -> Turn:
    return turns.send_message(user, conversation.pk, client_key=uuid4(), text="Hi", tip=None, asked=asked)


def request_of(response: Response) -> dict[str, Any]:
    job = ledger.claim(response.pk, ledger.register_worker())
    assert job is not None
    # It is made on the worker's event loop, which must not wait for a database.
    with CaptureQueriesContext(connection) as queries:
        request = job.request
    assert not queries.captured_queries
    return request


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"temperature": 3}, "“temperature” must be a number from 0 to 2."),
        ({"temperature": True}, "“temperature” must be a number from 0 to 2."),
        ({"temperature": float("nan")}, "“temperature” must be a number from 0 to 2."),
        ({"max_output_tokens": 0.5}, "“max_output_tokens” must be a whole number from 16 to 10000000."),
        ({"effort": ["low"]}, "“effort” must be none, minimal, low, medium, high, xhigh, max."),
        ({"warmth": 1}, "There is no choice “warmth”. Known ones are temperature,"),
        ({"metadata": {"run_id": "mine"}}, "“metadata” must be at most 15 pairs"),
        ({"metadata": {"a": 1}}, "“metadata” must be"),
        ({"metadata": {"a" * 65: "b"}}, "“metadata” must be"),
        ({"metadata": {"a": "b" * 513}}, "“metadata” must be"),
        ({"metadata": {str(number): "" for number in range(16)}}, "“metadata” must be"),
        ({"tool_choice": "get_weather"}, "“tool_choice” must be none, auto, required, or an object"),
        ({"computer": "yes"}, "“computer” must be true or false, or an object with environment: browser;"),
        ({"computer": {"environment": "windows"}}, "“computer” must be true or false, or an object"),
        ({"computer": {"most_steps": 0}}, "“computer” must be true or false, or an object"),
        ({"keep": "forever"}, "“keep” must be chained, resent, not_stored."),
        ({"prompt_cache_key": ""}, "“prompt_cache_key” must be text of 1 to 64 characters."),
        (["temperature"], "Choices are an object, by name."),
    ],
)
def test_a_wrong_choice_is_refused_by_name(asked: Any, told: str) -> None:
    with pytest.raises(Refusal) as refusal:
        choices.clean(asked)
    assert refusal.value.code == "bad_choice"
    assert str(refusal.value).startswith(told)


@pytest.mark.django_db(transaction=True)
def test_a_turns_choices_go_before_its_conversations(alice: User, conversation: Conversation) -> None:
    changes.change_conversation(alice, conversation, {"choices": {"verbosity": "high", "effort": "low"}})
    turn = say(alice, conversation, {"verbosity": "low"})
    request = request_of(turn.responses.get())
    assert (request["text"], request["reasoning"]) == ({"verbosity": "low"}, {"effort": "low"})


@pytest.mark.django_db
def test_a_wrong_choice_leaves_no_row(alice: User, conversation: Conversation) -> None:
    with pytest.raises(Refusal), transaction.atomic():
        turns.send_message(
            alice, conversation.pk, client_key=uuid4(), text="Hi", tip=None, asked={"temperature": "hot"}
        )
    assert not conversation.turns.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "choice", "why"),
    [
        ({"temperature": 1}, "temperature", "Reasoning models take no temperature."),
        ({"effort": "minimal"}, "effort", "gpt-5.1 takes the efforts none, low, medium, high."),
        ({"max_output_tokens": 128_001}, "max_output_tokens", "at most 128000 tokens"),
    ],
)
def test_what_the_deployment_cant_do_is_refused_before_any_row(
    alice: User, conversation: Conversation, asked: Any, choice: str, why: str
) -> None:
    with pytest.raises(Refusal, match=why) as refusal, transaction.atomic():
        say(alice, conversation, asked)
    assert (refusal.value.code, refusal.value.choice) == ("cannot", choice)
    assert not conversation.turns.exists()


@pytest.mark.django_db
def test_one_of_two_choices_that_a_new_deployment_cant_do_can_be_dropped(
    alice: User, conversation: Conversation, deployment: Deployment
) -> None:
    Conversation.objects.update(choices={"temperature": 1, "top_p": 0.5, "effort": "low"})
    conversation.refresh_from_db()
    changes.change_conversation(alice, conversation, {"choices": {"top_p": 0.5, "effort": "low"}})
    with pytest.raises(Refusal, match="top_p"), transaction.atomic():
        say(alice, conversation)


@pytest.mark.django_db
def test_choices_are_for_the_deployment_that_is_chosen_with_them(
    alice: User, conversation: Conversation, deployment: Deployment
) -> None:
    plain = Deployment.objects.create(endpoint=deployment.endpoint, name="gpt-4.1", title="GPT-4.1")
    wanted = {"choices": {"temperature": 1}, "deployment": plain.pk}
    changes.change_conversation(alice, conversation, wanted)
    conversation.refresh_from_db()
    assert (conversation.choices, conversation.deployment) == ({"temperature": 1}, plain)


@pytest.mark.django_db
def test_background_is_refused_where_the_api_version_has_none(
    alice: User, conversation: Conversation
) -> None:
    Endpoint.objects.update(kind="azure_dated", api_version="2025-04-01-preview")
    conversation = Conversation.objects.get()
    with pytest.raises(Refusal, match="no background mode"):
        changes.change_conversation(alice, conversation, {"background": True})
    Conversation.objects.update(background=True)
    with pytest.raises(Refusal, match="no background mode"), transaction.atomic():
        say(alice, conversation)


@pytest.mark.django_db(transaction=True)
def test_one_click_tries_again_without_what_upstream_refused(alice: User, conversation: Conversation) -> None:
    changes.change_conversation(alice, conversation, {"choices": {"verbosity": "high", "effort": "low"}})
    turn = say(alice, conversation, {"verbosity": "low"})
    error = {"kind": "bad_request", "param": "text.verbosity"}
    Response.objects.update(status="failed", error=error, ended_at=clock.now())
    told = shapes.response(turn.responses.get())["error"]
    assert told == error | {"choice": "verbosity"}
    again = turns.retry_turn(alice, turn.pk, client_key=uuid4(), without=[told["choice"]])
    assert "text" not in request_of(again)
    conversation.refresh_from_db()
    assert conversation.choices == {"effort": "low"}


@pytest.mark.django_db(transaction=True)
def test_one_click_tries_again_with_the_oldest_left_out(
    alice: User, bob: User, conversation: Conversation
) -> None:
    turn = say(alice, conversation)
    Response.objects.update(status="failed", error={"kind": "context_too_long"}, ended_at=clock.now())
    asked = {"truncation": "auto"}
    again = turns.retry_turn(bob, turn.pk, client_key=uuid4(), asked=asked)
    assert request_of(again)["truncation"] == "auto"
    conversation.refresh_from_db()
    assert conversation.choices == {}
    Response.objects.update(status="failed", ended_at=clock.now())
    turns.retry_turn(alice, turn.pk, client_key=uuid4(), asked=asked)
    conversation.refresh_from_db()
    assert conversation.choices == asked


@pytest.mark.django_db(transaction=True)
def test_compaction_is_asked_for_as_the_api_documents_it(alice: User, conversation: Conversation) -> None:
    request = request_of(say(alice, conversation, {"compact_at": 300_000}).responses.get())
    assert request["context_management"] == [{"type": "compaction", "compact_threshold": 300_000}]


@pytest.mark.django_db(transaction=True)
def test_metadata_goes_with_ours_and_a_tool_choice_only_with_tools(
    alice: User, conversation: Conversation
) -> None:
    response = say(
        alice, conversation, {"metadata": {"case": "7"}, "tool_choice": "required"}
    ).responses.get()
    request = request_of(response)
    assert request["metadata"] == {"case": "7", "run_id": str(response.pk)}
    assert "tool_choice" not in request


@pytest.mark.django_db(transaction=True)
def test_null_takes_away_from_a_message_what_its_conversation_chose(
    alice: User, conversation: Conversation
) -> None:
    changes.change_conversation(alice, conversation, {"choices": {"verbosity": "high", "effort": "low"}})
    request = request_of(say(alice, conversation, {"verbosity": None}).responses.get())
    assert ("text" in request, request["reasoning"]) == (False, {"effort": "low"})


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("version", "name"), [("2025-03-01-preview", "generate_summary"), ("2025-04-01-preview", "summary")]
)
def test_a_summary_is_asked_for_by_the_name_that_the_api_version_has(
    alice: User, conversation: Conversation, version: str, name: str
) -> None:
    root = "http://127.0.0.1:9"
    Endpoint.objects.update(kind="azure_dated", api_version=version, base_url=root)
    turn = say(alice, Conversation.objects.get(), {"summary": "detailed", "effort": "low"})
    assert request_of(turn.responses.get())["reasoning"] == {"effort": "low", name: "detailed"}
    assert choices.named_by(f"reasoning.{name}") == "summary"

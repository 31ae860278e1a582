"""The tools that run upstream, from what people switch on to the request."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from conversations.chat import choices, history, requests, turns
from conversations.chat.refusals import Refusal
from conversations.models import Conversation, Deployment, Endpoint, User

pytestmark = pytest.mark.django_db


def body(user: User, talk: Conversation, asked: Any) -> dict[str, Any]:
    turn = turns.send_message(user, talk.pk, client_key=uuid4(), text="Hi", tip=None, asked=asked)
    response = turn.responses.get()
    return requests.body(response, history.gather(response))


def on(kind: str) -> None:
    version = "2025-04-01-preview" if kind == "azure_dated" else ""
    Endpoint.objects.update(kind=kind, api_version=version)


FILES = {"vector_store_ids": ["vs_1"], "max_num_results": 5}


@pytest.mark.parametrize(
    ("asked", "tool", "include"),
    [
        ({"web_search": {}}, {"type": "web_search"}, ["web_search_call.action.sources"]),
        (
            {"web_search": {"search_context_size": "low"}},
            {"type": "web_search", "search_context_size": "low"},
            ["web_search_call.action.sources"],
        ),
        ({"file_search": FILES}, {"type": "file_search", **FILES}, ["file_search_call.results"]),
        (
            {"code_interpreter": {"memory_limit": "4g"}},
            {"type": "code_interpreter", "container": {"type": "auto", "memory_limit": "4g"}},
            ["code_interpreter_call.outputs"],
        ),
        ({"image_generation": {"quality": "low"}}, {"type": "image_generation", "quality": "low"}, None),
    ],
)
@pytest.mark.parametrize("kind", ["azure_v1", "openai"])
def test_a_tool_goes_along_with_what_it_found(
    alice: User, conversation: Conversation, kind: str, asked: Any, tool: Any, include: Any
) -> None:
    on(kind)
    request = body(alice, Conversation.objects.get(), asked)
    assert request["tools"] == [tool]
    assert request.get("include") == include
    assert not set(asked) & set(request)


def test_a_dated_preview_isnt_asked_for_what_it_doesnt_know(alice: User, conversation: Conversation) -> None:
    on("azure_dated")
    request = body(alice, Conversation.objects.get(), {"file_search": FILES, "code_interpreter": {}})
    assert request["tools"] == [
        {"type": "file_search", **FILES},
        {"type": "code_interpreter", "container": {"type": "auto"}},
    ]
    assert request["include"] == ["file_search_call.results"]


def test_what_isnt_stored_still_brings_its_reasoning(alice: User, conversation: Conversation) -> None:
    request = body(alice, conversation, {"keep": "not_stored", "web_search": {}, "tool_choice": "required"})
    assert request["include"] == ["reasoning.encrypted_content", "web_search_call.action.sources"]
    assert request["tool_choice"] == "required"


def test_a_tool_that_the_deployment_lacks_is_refused_before_any_row(
    alice: User, conversation: Conversation, deployment: Deployment
) -> None:
    on("azure_dated")
    with pytest.raises(Refusal, match="no web search; the v1 route has") as refusal, transaction.atomic():
        body(alice, Conversation.objects.get(), {"web_search": {}})
    assert (refusal.value.code, refusal.value.choice) == ("cannot", "web_search")
    assert not conversation.turns.exists()


@pytest.mark.parametrize(
    "asked",
    [
        {"web_search": True},
        {"web_search": {"search_context_size": "huge"}},
        {"web_search": {"user_location": "here"}},
        {"file_search": {}},
        {"file_search": {"vector_store_ids": []}},
        {"file_search": {"vector_store_ids": "vs_1"}},
        {"file_search": {"vector_store_ids": ["vs_1", "vs_1"]}},
        {"file_search": {"vector_store_ids": [{}]}},
        {"file_search": {"vector_store_ids": ["vs_1"], "max_num_results": 51}},
        {"code_interpreter": {"memory_limit": "2g"}},
        {"image_generation": {"size": "1x1"}},
    ],
)
def test_settings_that_the_api_would_refuse_are_refused_by_name(asked: Any) -> None:
    with pytest.raises(Refusal) as refusal:
        choices.clean(asked)
    assert refusal.value.code == "bad_choice"
    assert str(refusal.value).startswith(f"“{next(iter(asked))}” must be an object with ")

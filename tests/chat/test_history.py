"""How the model learns what came before."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from conversations import clock
from conversations.chat import history, turns
from conversations.chat.pairing import NOT_ANSWERED
from conversations.models import Conversation, Deployment, Endpoint, Response, Turn, User
from conversations.models.responses import Direction, History, Status
from conversations.stored import items
from tests.chat import calling


def answered(user: User, conversation: Conversation, question: str, answer: str, **fields: Any) -> Turn:
    turn = turns.send_message(user, conversation.pk, client_key=uuid4(), text=question, tip=None)
    ended = {
        "status": "completed",
        "ended_at": clock.now(),
        "response_id": f"resp_{uuid4().hex}",
        "upstream_state": "stored",
        "expires_at": clock.now() + timedelta(days=30),
    }
    response = turn.responses.get()
    Response.objects.filter(pk=response.pk).update(**ended | fields)
    part = {"type": "output_text", "text": answer, "annotations": []}
    item = {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": [part]}
    items.add(response, Direction.OUTPUT, [item])
    return turn


def ask(user: User, conversation: Conversation) -> history.Input:
    turn = turns.send_message(user, conversation.pk, client_key=uuid4(), text="And now?", tip=None)
    return history.gather(turn.responses.get())


def texts(given: history.Input) -> list[tuple[str, str]]:
    return [(item["role"], item["content"][0]["text"]) for item in given.items]


def test_the_first_message_brings_nothing(alice: User, conversation: Conversation) -> None:
    given = ask(alice, conversation)
    assert (given.how, given.previous, texts(given)) == (History.FRESH, None, [("user", "And now?")])


def test_the_next_one_chains_by_the_response_id(alice: User, conversation: Conversation) -> None:
    before = answered(alice, conversation, "One?", "One.")
    given = ask(alice, conversation)
    assert given.how == History.CHAINED
    assert given.previous == before.responses.get()
    assert texts(given) == [("user", "And now?")]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"status": "cancelled", "upstream_state": "unknown"}, "not whole"),
        ({"status": "interrupted", "upstream_state": "unknown"}, "not whole"),
        ({"upstream_state": "deleted"}, "no longer upstream (deleted)"),
        ({"upstream_state": "absent"}, "no longer upstream"),
        ({"stored": False, "upstream_state": "not_stored"}, "not stored"),
        ({"expires_at": clock.now() - timedelta(seconds=1)}, "expired"),
        ({"response_id": None, "upstream_state": "unknown"}, "no response id"),
    ],
)
def test_what_cant_be_chained_on_is_sent_again_with_the_reason(
    alice: User, conversation: Conversation, fields: dict[str, Any], why: str
) -> None:
    answered(alice, conversation, "One?", "One.")
    answered(alice, conversation, "Two?", "Tw", **fields)
    given = ask(alice, conversation)
    assert given.how == History.REBUILT
    assert why in given.why
    assert texts(given) == [
        ("user", "One?"),
        ("assistant", "One."),
        ("user", "Two?"),
        ("assistant", "Tw"),
        ("user", "And now?"),
    ]
    assert all("id" not in item and "status" not in item for item in given.items)


def test_another_endpoint_is_told_everything(
    alice: User, conversation: Conversation, deployment: Deployment
) -> None:
    answered(alice, conversation, "One?", "One.")
    elsewhere = Endpoint.objects.create(
        name="b", kind="openai", base_url="http://127.0.0.1:9/v1/", auth="none"
    )
    Conversation.objects.update(deployment=Deployment.objects.create(endpoint=elsewhere, name="m", title="M"))
    assert ask(alice, conversation).how == History.REBUILT


def test_reasoning_goes_along_only_with_its_encrypted_content(
    alice: User, conversation: Conversation
) -> None:
    turn = answered(alice, conversation, "One?", "One.", upstream_state="deleted")
    response = turn.responses.get()
    response.items.filter(direction=Direction.OUTPUT).delete()
    sealed = {"type": "reasoning", "id": "rs_2", "summary": [], "encrypted_content": "gAAA"}
    items.add(response, Direction.OUTPUT, [{"type": "reasoning", "id": "rs_1", "summary": []}, sealed])
    given = ask(alice, conversation)
    assert given.items[1:-1] == [{"type": "reasoning", "summary": [], "encrypted_content": "gAAA"}]


def test_the_newest_whole_attempt_is_the_one_that_counts(alice: User, conversation: Conversation) -> None:
    turn = answered(alice, conversation, "One?", "One.")
    retried = turns.retry_turn(alice, turn.pk, client_key=uuid4())
    Response.objects.filter(pk=retried.pk).update(status="failed", ended_at=clock.now())
    assert ask(alice, conversation).previous == turn.responses.get(attempt=1)


COMPACTION = {"type": "compaction", "id": "cmp_1", "encrypted_content": "gAAA", "created_by": "model"}


def compact(turn: Turn) -> None:
    """As if the turn's answer had begun with it."""
    output = turn.responses.get().items.filter(direction=Direction.OUTPUT)
    said = list(output.values_list("payload", flat=True))
    output.delete()
    items.add(turn.responses.get(), Direction.OUTPUT, [COMPACTION, *said])


@pytest.mark.parametrize("keep", ["chained", "resent"])
def test_a_compaction_stands_for_all_before_it(alice: User, conversation: Conversation, keep: str) -> None:
    answered(alice, conversation, "One?", "One.", upstream_state="deleted")
    compact(answered(alice, conversation, "Two?", "Two.", upstream_state="deleted"))
    turn = turns.send_message(
        alice, conversation.pk, client_key=uuid4(), text="And now?", tip=None, asked={"keep": keep}
    )
    given = history.gather(turn.responses.get())
    assert given.items[0] == {"type": "compaction", "encrypted_content": "gAAA"}
    assert texts(history.Input(given.items[1:], None, given.how)) == [
        ("assistant", "Two."),
        ("user", "And now?"),
    ]


def test_another_endpoint_cant_read_a_compaction_and_is_told_everything(
    alice: User, conversation: Conversation
) -> None:
    compact(answered(alice, conversation, "One?", "One."))
    elsewhere = Endpoint.objects.create(
        name="b", kind="openai", base_url="http://127.0.0.1:9/v1/", auth="none"
    )
    Conversation.objects.update(deployment=Deployment.objects.create(endpoint=elsewhere, name="m", title="M"))
    assert texts(ask(alice, conversation))[0] == ("user", "One?")


def with_tools(user: User, conversation: Conversation) -> Turn:
    calling.policy(conversation)
    return calling.send(user, conversation)


def kinds(given: history.Input) -> list[str]:
    return [item["type"] for item in given.items]


def test_after_a_turn_with_tools_one_chains_on_its_last_round(
    alice: User, conversation: Conversation
) -> None:
    turn = with_tools(alice, conversation)
    calling.answer(turn, calling.function_call("call_1"))
    calling.run_all(turn)
    calling.answer(turn, calling.said("42"))
    given = ask(alice, conversation)
    assert (given.how, given.previous) == (History.CHAINED, turn.responses.get(round=2))


def test_sent_again_a_turn_has_all_its_rounds(alice: User, conversation: Conversation) -> None:
    turn = with_tools(alice, conversation)
    calling.answer(turn, calling.function_call("call_1"))
    calling.run_all(turn)
    calling.answer(turn, calling.said("42"))
    turn.responses.filter(round=2).update(upstream_state="deleted")
    given = ask(alice, conversation)
    assert given.how == History.REBUILT
    assert kinds(given) == ["message", "function_call", "function_call_output", "message", "message"]


def test_a_round_whose_forerunner_is_gone_is_rebuilt_with_call_and_output(
    alice: User, conversation: Conversation
) -> None:
    turn = with_tools(alice, conversation)
    calling.answer(turn, calling.function_call("call_1"))
    calling.run_all(turn)
    turn.responses.filter(round=1).update(upstream_state="deleted")
    given = history.gather(calling.open_round(turn))
    assert (given.how, given.previous) == (History.REBUILT, turn.responses.get(round=1))
    assert kinds(given) == ["message", "function_call", "function_call_output"]


def test_a_round_is_resent_with_all_before_where_that_was_chosen(
    alice: User, conversation: Conversation
) -> None:
    turn = with_tools(alice, conversation)
    Response.objects.update(keep="resent")
    calling.answer(turn, calling.function_call("call_1"))
    calling.run_all(turn)
    given = history.gather(calling.open_round(turn))
    assert given.how == History.RESENT
    assert kinds(given) == ["message", "function_call", "function_call_output"]
    assert given.items[1]["id"] == "fc_call_1"


def test_a_stopped_turn_brings_its_calls_and_that_they_were_stopped(
    alice: User, conversation: Conversation
) -> None:
    turn = with_tools(alice, conversation)
    calling.answer(turn, calling.function_call("call_1"))
    turns.request_stop(alice, calling.open_round(turn).pk)
    given = ask(alice, conversation)
    assert given.how == History.REBUILT
    assert kinds(given) == ["message", "function_call", "function_call_output", "message"]
    assert "Stopped by a person" in given.items[2]["output"]


@pytest.mark.parametrize("status", [Status.INCOMPLETE, Status.INTERRUPTED])
def test_a_call_that_nobody_answered_gets_an_output_and_isnt_chained_on(
    alice: User, conversation: Conversation, status: Status
) -> None:
    turn = with_tools(alice, conversation)
    calling.answer(turn, calling.function_call("call_1"), status=status)
    given = ask(alice, conversation)
    assert given.how == History.REBUILT
    assert kinds(given) == ["message", "function_call", "function_call_output", "message"]
    assert given.items[2]["output"] == NOT_ANSWERED


def test_an_output_whose_call_was_erased_is_left_out(alice: User, conversation: Conversation) -> None:
    turn = with_tools(alice, conversation)
    calling.answer(turn, calling.function_call("call_1"))
    calling.run_all(turn)
    calling.answer(turn, calling.said("42"))
    turn.responses.get(round=1).items.all().delete()
    turn.responses.filter(round=2).update(upstream_state="deleted")
    assert kinds(ask(alice, conversation)) == ["message", "message"]

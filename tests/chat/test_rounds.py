"""An answer that calls tools: its calls, their outputs, and the next round that brings all of them."""

from uuid import uuid4

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from conversations.chat import ledger, own_deletes, rounds, snapshots, turns
from conversations.chat.refusals import Refusal
from conversations.models import Conversation, Notice, Response, ToolCall, Turn, User
from conversations.models.responses import Status
from conversations.models.tool_calls import CallState
from conversations.people import audit
from tests.chat.calling import (
    answer,
    calls_of,
    claimed,
    error_of,
    function_call,
    inputs_of,
    open_round,
    policy,
    run,
    run_all,
    said,
    send,
    states_of,
)

pytestmark = pytest.mark.django_db

WEATHER = {"name": "get_weather", "location": "Paris"}


@pytest.fixture(autouse=True)
def tools_are_on(conversation: Conversation) -> None:
    policy(conversation, "calculate")
    policy(conversation, "get_weather")


def test_the_request_has_the_tools_that_are_on(alice: User, conversation: Conversation) -> None:
    policy(conversation, "current_time", use="offered")
    turn = send(alice, conversation)
    assert [tool["name"] for tool in open_round(turn).tools] == ["calculate", "get_weather"]
    assert claimed(turn).request["tools"] == open_round(turn).tools


def test_chosen_tools_go_before_those_that_are_on(alice: User, conversation: Conversation) -> None:
    policy(conversation, "get_weather", use="off")
    turn = send(alice, conversation, tools=["current_time", "get_weather"])
    assert [tool["name"] for tool in open_round(turn).tools] == ["current_time"]
    assert not open_round(send(alice, conversation, tools=[])).tools


def test_a_tool_that_there_isnt_is_no_choice(alice: User, conversation: Conversation) -> None:
    with pytest.raises(Refusal) as refusal:
        send(alice, conversation, tools=["format_disk"])
    assert refusal.value.code == "bad_choice"


def test_an_answer_without_calls_ends_its_turn(alice: User, conversation: Conversation) -> None:
    turn = send(alice, conversation)
    answer(turn, said("42"))
    assert turn.responses.count() == 1


def test_the_outputs_of_parallel_calls_go_into_one_next_round(
    alice: User, conversation: Conversation
) -> None:
    turn = send(alice, conversation)
    receipt = answer(turn, function_call("call_1"), function_call("call_2", **WEATHER))
    assert [call["state"] for call in receipt["calls"]] == ["queued", "queued"]
    first, second = calls_of(turn)
    run(second)
    assert (open_round(turn).round, open_round(turn).status) == (2, Status.WAITING)
    assert not inputs_of(open_round(turn))
    run(first)
    following = open_round(turn)
    assert following.status == Status.QUEUED
    assert inputs_of(following) == [
        {"type": "function_call_output", "call_id": "call_1", "output": "42"},
        {"type": "function_call_output", "call_id": "call_2", "output": calls_of(turn)[1].output},
    ]
    assert following.size > 0


def test_the_next_round_chains_on_the_one_before(alice: User, conversation: Conversation) -> None:
    turn = send(alice, conversation, tool_choice="required")
    answer(turn, function_call("call_1"))
    run_all(turn)
    first, job = turn.responses.get(round=1), claimed(turn)
    assert job.request["previous_response_id"] == first.response_id
    assert job.request["input"] == [{"type": "function_call_output", "call_id": "call_1", "output": "42"}]
    assert "tool_choice" not in job.request
    assert job.request["tools"] == first.tools


def test_a_call_is_run_once(alice: User, conversation: Conversation) -> None:
    turn = send(alice, conversation)
    answer(turn, function_call("call_1"))
    (call,) = calls_of(turn)
    run(call)
    run(call)
    assert turn.responses.count() == 2


def test_unknown_tools_and_wrong_arguments_are_told_at_once(alice: User, conversation: Conversation) -> None:
    turn = send(alice, conversation)
    policy(conversation, "calculate", needs_approval=True)
    answer(
        turn,
        function_call("call_1", "format_disk"),
        function_call("call_2", "current_time", zone="UTC"),  # known here, not offered there
        function_call("call_3", expression=3),
        {**function_call("call_4"), "arguments": "{"},
    )
    assert states_of(turn) == ["failed"] * 4
    unknown, not_offered, wrong, no_json = calls_of(turn)
    assert "no such tool" in error_of(unknown)
    assert "no such tool" in error_of(not_offered)
    assert "expression: Input should be a valid string" in error_of(wrong)
    assert "Invalid JSON" in error_of(no_json)
    assert open_round(turn).status == Status.QUEUED
    assert len(inputs_of(open_round(turn))) == 4


@pytest.mark.parametrize(
    "odd",
    [
        {"type": "function_call"},
        {"type": "function_call", "call_id": 7, "name": None, "arguments": {"expression": "1"}},
        {**function_call("call_1"), "call_id": "c" * 300},
        {**function_call("call_1"), "call_id": ""},
    ],
)
def test_odd_calls_do_no_harm(alice: User, conversation: Conversation, odd: dict[str, object]) -> None:
    turn = send(alice, conversation)
    answer(turn, odd, function_call("call_1"), function_call("call_1"))
    assert "call_1" in [call.call_id for call in calls_of(turn)]
    run_all(turn)
    assert open_round(turn).status == Status.QUEUED


def test_of_very_many_calls_only_so_many_are_looked_at(alice: User, conversation: Conversation) -> None:
    turn = send(alice, conversation)
    answer(turn, *(function_call(f"call_{number}") for number in range(70)))
    assert states_of(turn).count("queued") == 64
    assert "Too many calls" in error_of(calls_of(turn)[-1])


def test_an_answer_that_was_cut_off_calls_nothing(alice: User, conversation: Conversation) -> None:
    turn = send(alice, conversation)
    answer(turn, function_call("call_1"), status=Status.INCOMPLETE)
    assert not calls_of(turn)
    assert turn.responses.count() == 1


def test_the_last_round_may_not_call_and_what_it_calls_isnt_run(
    alice: User, conversation: Conversation, settings: Settings
) -> None:
    settings.TOOL_ROUNDS_MAX = 2
    turn = send(alice, conversation)
    answer(turn, function_call("call_1"))
    run_all(turn)
    assert claimed_choice(open_round(turn)) == "none"
    answer(turn, function_call("call_2"))
    assert turn.responses.count() == 2
    assert "at most 2 rounds" in error_of(calls_of(turn)[-1])


def claimed_choice(response: Response) -> object:
    return response.parameters.get("tool_choice")


def test_a_message_sent_meanwhile_waits_for_all_rounds(alice: User, conversation: Conversation) -> None:
    policy(conversation, needs_approval=True)
    turn = send(alice, conversation)
    answer(turn, function_call("call_1"))
    behind = send(alice, conversation, "And now?")
    assert open_round(behind).status == Status.WAITING
    turns.promote(conversation.pk)
    assert (open_round(turn).status, open_round(behind).status) == (Status.WAITING, Status.WAITING)
    turns.request_stop(alice, open_round(turn).pk)
    assert open_round(behind).status == Status.QUEUED


def test_a_round_that_waits_for_calls_takes_no_place_of_a_waiting_message(
    alice: User, conversation: Conversation, settings: Settings
) -> None:
    settings.WAITING_TURNS_MAX = 1
    policy(conversation, needs_approval=True)
    answer(send(alice, conversation), function_call("call_1"))
    assert open_round(send(alice, conversation, "And now?")).status == Status.WAITING


def test_a_turn_that_waits_for_calls_isnt_run_again(alice: User, conversation: Conversation) -> None:
    policy(conversation, needs_approval=True)
    turn = send(alice, conversation)
    answer(turn, function_call("call_1"))
    with pytest.raises(Refusal) as refusal:
        turns.retry_turn(alice, turn.pk, client_key=uuid4())
    assert refusal.value.code == "still_running"


@pytest.mark.parametrize("which", [1, 2])
def test_stop_answers_the_open_calls_and_calls_the_round_off(
    alice: User, conversation: Conversation, which: int
) -> None:
    policy(conversation, needs_approval=True)
    turn = send(alice, conversation)
    answer(turn, function_call("call_1", **WEATHER), function_call("call_2"))
    run_all(turn)
    turns.request_stop(alice, turn.responses.get(round=which).pk)
    assert states_of(turn) == ["done", "stopped"]
    following = open_round(turn)
    assert (following.status, following.stopped_by) == (Status.CANCELLED, alice)
    assert [item["call_id"] for item in inputs_of(following)] == ["call_1", "call_2"]


def test_what_a_stopped_call_says_later_is_lost(alice: User, conversation: Conversation) -> None:
    turn = send(alice, conversation)
    answer(turn, function_call("call_1"))
    (call,) = calls_of(turn)
    ToolCall.objects.update(state=CallState.RUNNING, claim=uuid4())
    turns.request_stop(alice, open_round(turn).pk)
    run(call)
    (call,) = calls_of(turn)
    assert call.state == CallState.STOPPED
    assert "while it ran" in error_of(call)


def test_a_stop_that_came_just_too_late_runs_no_tool(alice: User, conversation: Conversation) -> None:
    turn = send(alice, conversation)
    job = claimed(turn)
    turns.request_stop(alice, job.response.pk)
    row = Response.objects.get(pk=job.response.pk)
    row.status = Status.COMPLETED
    rounds.begin(row, [function_call("call_1")])
    assert states_of(turn) == ["stopped"]
    assert turn.responses.count() == 1


def test_everyone_who_comes_in_sees_the_calls(alice: User, conversation: Conversation) -> None:
    turn = send(alice, conversation)
    answer(turn, function_call("call_1"))
    run_all(turn)
    (shape,), _earlier = snapshots.turns_page(conversation)
    (call,) = shape["responses"][0]["calls"]
    assert (call["state"], call["output"], call["title"]) == ("done", "42", "Calculator")
    assert call["asker"]["username"] == "alice"
    assert shape["responses"][1]["calls"] == []


def test_those_who_watch_are_told_before_the_work_is_handed_over(
    alice: User,
    conversation: Conversation,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    turn = send(alice, conversation)
    with django_capture_on_commit_callbacks() as callbacks:
        answer(turn, function_call("call_1"))
    names = [callback.__qualname__ for callback in callbacks]
    assert ["announce_turn" in names[0], "enqueue_call" in names[1]] == [True, True]


def test_whoever_deletes_the_conversation_stops_its_calls(alice: User, conversation: Conversation) -> None:
    policy(conversation, needs_approval=True)
    turn = send(alice, conversation)
    answer(turn, function_call("call_1"))
    own_deletes.delete(alice, conversation.pk, actor=audit.person(alice))
    assert states_of(turn) == ["stopped"]
    assert open_round(turn).status == Status.CANCELLED
    assert not Notice.objects.filter(settled_at=None).exists()


def fail(turn: Turn, **error: object) -> None:
    """Upstream refuses the open round."""
    job = claimed(turn)
    ledger.end(job, ledger.End(Status.FAILED, [], {}, error={"kind": "overloaded", **error}))


def again(user: User, turn: Turn, **how: object) -> Response:
    return turns.retry_turn(user, turn.pk, client_key=uuid4(), **how)


def test_an_attempt_goes_on_where_the_last_one_broke_off(alice: User, conversation: Conversation) -> None:
    turn = send(alice, conversation)
    answer(turn, function_call("call_1"))
    run_all(turn)
    first = turn.responses.get(round=1)
    for attempt in (2, 3):
        fail(turn, retryable=True)
        response = again(alice, turn)
        assert (response.attempt, response.round) == (attempt, 2)
    job = claimed(turn)
    assert job.request["previous_response_id"] == first.response_id
    assert job.request["input"] == [{"type": "function_call_output", "call_id": "call_1", "output": "42"}]
    assert len(calls_of(turn)) == 1


def test_what_such_an_attempt_went_on_from_is_told_with_it(alice: User, conversation: Conversation) -> None:
    turn = send(alice, conversation)
    answer(turn, function_call("call_1"))
    run_all(turn)
    fail(turn, retryable=True)
    again(alice, turn)
    answer(turn, said("42"))
    Response.objects.update(stored=False)
    sent = claimed(send(alice, conversation, "Thanks")).request["input"]
    told = [item.get("type") or item["role"] for item in sent]
    assert told == ["message", "function_call", "function_call_output", "message", "message"]


def test_what_would_fail_again_is_begun_anew(alice: User, conversation: Conversation) -> None:
    turn = send(alice, conversation)
    answer(turn, function_call("call_1"))
    run_all(turn)
    fail(turn, retryable=False)
    assert again(alice, turn).round == 1
    answer(turn, function_call("call_1"))
    run_all(turn)
    fail(turn, retryable=False)
    assert again(alice, turn, asked={"truncation": "auto"}).round == 2


def test_an_attempt_that_went_on_can_be_stopped_before_it_runs(
    alice: User, conversation: Conversation
) -> None:
    turn = send(alice, conversation)
    answer(turn, function_call("call_1"))
    run_all(turn)
    fail(turn, retryable=True)
    turns.request_stop(alice, again(alice, turn).pk)
    assert open_round(turn).status == Status.CANCELLED
    assert again(alice, turn).round == 1

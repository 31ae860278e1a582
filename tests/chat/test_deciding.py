"""Calls that wait for a person: who is asked, who may decide, and what the model is told."""

from datetime import timedelta
from uuid import uuid4

import pytest
from pytest_django import Settings

from conversations import clock
from conversations.chat import changes, deciding, shapes, snapshots, turns
from conversations.chat.refusals import Refusal
from conversations.models import (
    AuditEntry,
    Conversation,
    Membership,
    Notice,
    ToolCall,
    ToolPolicy,
    Turn,
    User,
)
from conversations.models.responses import Status
from conversations.models.tool_calls import CallState
from conversations.people import rights
from tests.cast import person
from tests.chat.calling import (
    answer,
    calls_of,
    error_of,
    function_call,
    inputs_of,
    open_round,
    policy,
    run_all,
    send,
    states_of,
)

pytestmark = pytest.mark.django_db

ASK = function_call("call_1", "ask_for_weather", location="Paris")


@pytest.fixture
def turn(alice: User, bob: User, conversation: Conversation) -> Turn:
    """Alice's, and it waits for her approval."""
    return asked(alice, conversation)


def asked(user: User, conversation: Conversation, approvers: str = "asker") -> Turn:
    policy(conversation, needs_approval=True, approvers=approvers)
    turn = send(user, conversation)
    answer(turn, function_call("call_1"))
    return turn


def by_hand(user: User, conversation: Conversation) -> Turn:
    policy(conversation, "ask_for_weather", approvers="team")
    turn = send(user, conversation)
    answer(turn, ASK)
    return turn


def call_of(turn: Turn) -> ToolCall:
    (call,) = calls_of(turn)
    return call


def inbox(user: User) -> list[Notice]:
    return list(rights.notices_of(user).filter(settled_at=None))


def refused(decision: object, *args: object) -> str:
    with pytest.raises(Refusal) as refusal:
        decision(*args)  # type: ignore[operator]
    return refusal.value.code


def test_an_approved_call_is_run_and_told(alice: User, turn: Turn) -> None:
    assert states_of(turn) == ["asks_approval"]
    deciding.approve(alice, call_of(turn).pk)
    assert states_of(turn) == ["queued"]
    run_all(turn)
    call = call_of(turn)
    assert (call.state, call.decided_by, call.output) == (CallState.DONE, alice, "42")
    assert open_round(turn).status == Status.QUEUED


def test_it_waits_for_days_and_nothing_waits_with_it(alice: User, turn: Turn) -> None:
    clock_then = clock.now() - timedelta(days=9)
    ToolCall.objects.update(created_at=clock_then)
    deciding.approve(alice, call_of(turn).pk)
    run_all(turn)
    assert open_round(turn).status == Status.QUEUED


def test_a_declined_call_is_told_with_its_reason(alice: User, turn: Turn) -> None:
    deciding.decline(alice, call_of(turn).pk, "Not with these figures")
    assert states_of(turn) == ["declined"]
    assert error_of(call_of(turn)) == "Declined by a person: Not with these figures"
    assert "Not with these figures" in inputs_of(open_round(turn))[0]["output"]


def test_the_next_round_waits_for_the_slowest_decision(alice: User, conversation: Conversation) -> None:
    policy(conversation, needs_approval=True)
    turn = send(alice, conversation)
    answer(turn, function_call("call_1"), function_call("call_2"))
    first, second = calls_of(turn)
    deciding.decline(alice, first.pk)
    assert open_round(turn).status == Status.WAITING
    deciding.decline(alice, second.pk)
    assert open_round(turn).status == Status.QUEUED


def test_nobody_decides_twice(alice: User, turn: Turn) -> None:
    call = call_of(turn)
    deciding.approve(alice, call.pk)
    assert refused(deciding.decline, alice, call.pk) == "not_waiting"
    assert refused(deciding.approve, alice, call.pk) == "not_waiting"
    assert refused(deciding.answer, alice, call.pk, "42") == "not_waiting"
    assert states_of(turn) == ["queued"]


@pytest.mark.parametrize(
    ("approvers", "by", "code"),
    [
        ("asker", "alice", ""),
        ("asker", "bob", "not_yours"),
        ("team", "alice", ""),
        ("team", "bob", ""),
        ("other", "alice", "not_yours"),
        ("other", "bob", ""),
    ],
)
def test_who_decides_is_as_the_policy_says(
    alice: User, bob: User, conversation: Conversation, approvers: str, by: str, code: str
) -> None:
    call = call_of(asked(alice, conversation, approvers))
    assert [bool(inbox(alice)), bool(inbox(bob))] == [approvers != "other", approvers != "asker"]
    user = {"alice": alice, "bob": bob}[by]
    if code:
        assert refused(deciding.approve, user, call.pk) == code
    else:
        deciding.approve(user, call.pk)
        assert not inbox(alice) + inbox(bob)


def test_others_dont_even_learn_of_it(carol: User, turn: Turn) -> None:
    assert refused(deciding.approve, carol, call_of(turn).pk) == "not_found"
    assert refused(deciding.approve, carol, uuid4()) == "not_found"


def test_whoever_lost_the_right_decides_no_more(alice: User, turn: Turn) -> None:
    Membership.objects.filter(user=alice).delete()
    assert refused(deciding.approve, alice, call_of(turn).pk) == "not_found"


def test_another_member_is_asked_in_vain_where_nobody_else_can_look(
    alice: User, bob: User, conversation: Conversation
) -> None:
    Conversation.objects.update(visibility="private")
    conversation.refresh_from_db()
    turn = asked(alice, conversation, "other")
    assert states_of(turn) == ["failed"]
    assert "nobody else can see this" in error_of(call_of(turn))
    assert open_round(turn).status == Status.QUEUED


def test_another_member_is_asked_in_vain_in_a_team_of_one(deployment: object) -> None:
    hermit = person("hermit", "Alone")
    conversation, _new = turns.start_conversation(hermit, client_key=uuid4())
    assert states_of(asked(hermit, conversation, "other")) == ["failed"]


def test_the_inbox_says_what_waits_and_where(alice: User, turn: Turn) -> None:
    (notice,) = inbox(alice)
    assert notice.facts == {"by": "Alice", "tool": "Calculator", "asks": "asks_approval"}
    assert notice.path == f"/c/{turn.conversation_id}/#call-{call_of(turn).pk}"


def test_what_was_decided_stands_in_the_audit_trail_without_words(alice: User, turn: Turn) -> None:
    deciding.decline(alice, call_of(turn).pk, "A secret reason")
    entry = AuditEntry.objects.latest("number")
    assert (entry.action, entry.subject_id) == ("call_declined", str(call_of(turn).pk))
    assert "secret" not in str(entry.details) + entry.reason


def test_a_manual_tool_says_what_a_person_types(alice: User, bob: User, conversation: Conversation) -> None:
    turn = by_hand(alice, conversation)
    assert states_of(turn) == ["asks_output"]
    assert inbox(bob)
    deciding.answer(bob, call_of(turn).pk, "Sunny, 70 degrees")
    assert (call_of(turn).kind, call_of(turn).decided_by) == ("manual", bob)
    assert inputs_of(open_round(turn))[0]["output"] == "Sunny, 70 degrees"


@pytest.mark.parametrize("typed", ["", " \n", None, 7, "x" * 200_000])
def test_what_a_tool_cant_say_is_refused(alice: User, conversation: Conversation, typed: object) -> None:
    turn = by_hand(alice, conversation)
    assert refused(deciding.answer, alice, call_of(turn).pk, typed) in ("empty_output", "bad_field")
    assert states_of(turn) == ["asks_output"]


def test_a_manual_tool_may_be_declined(alice: User, conversation: Conversation) -> None:
    turn = by_hand(alice, conversation)
    deciding.decline(alice, call_of(turn).pk, "No window here")
    assert states_of(turn) == ["declined"]


def test_a_tool_that_the_team_switched_off_meanwhile_isnt_run(alice: User, turn: Turn) -> None:
    ToolPolicy.objects.update(use="off")
    deciding.approve(alice, call_of(turn).pk)
    assert "doesn't use that tool" in error_of(call_of(turn))
    assert open_round(turn).status == Status.QUEUED


def test_a_tool_that_needs_approval_by_now_asks_for_it_before_it_runs(
    alice: User, conversation: Conversation
) -> None:
    policy(conversation)
    turn = send(alice, conversation)
    answer(turn, function_call("call_1"))
    policy(conversation, needs_approval=True)
    run_all(turn)
    assert states_of(turn) == ["asks_approval"]
    assert inbox(alice)
    deciding.approve(alice, call_of(turn).pk)
    run_all(turn)
    assert states_of(turn) == ["done"]


def test_nothing_is_run_for_someone_who_left(alice: User, turn: Turn) -> None:
    deciding.approve(alice, call_of(turn).pk)
    Membership.objects.filter(user=alice).delete()
    run_all(turn)
    assert "may not use tools here" in error_of(call_of(turn))


def test_stop_takes_it_out_of_the_inbox(alice: User, turn: Turn) -> None:
    turns.request_stop(alice, open_round(turn).pk)
    assert not inbox(alice)
    assert refused(deciding.approve, alice, call_of(turn).pk) == "not_waiting"


def test_an_mcp_server_is_told_what_was_decided(
    alice: User, conversation: Conversation, settings: Settings
) -> None:
    policy(conversation)
    turn = send(alice, conversation)
    requests = [
        {"type": "mcp_approval_request", "id": f"mcpr_{number}", "name": "search", "server_label": "docs"}
        for number in (1, 2)
    ]
    answer(turn, *requests)
    first, second = calls_of(turn)
    assert (first.kind, first.server, first.state) == ("mcp", "docs", "asks_approval")
    deciding.approve(alice, first.pk)
    deciding.decline(alice, second.pk, "Not there")
    assert inputs_of(open_round(turn)) == [
        {"type": "mcp_approval_response", "approval_request_id": "mcpr_1", "approve": True},
        {
            "type": "mcp_approval_response",
            "approval_request_id": "mcpr_2",
            "approve": False,
            "reason": "Not there",
        },
    ]


def test_a_list_of_conversations_tells_what_waits_for_somebody(alice: User, turn: Turn) -> None:
    assert listed(alice) == [(True, True)]
    deciding.approve(alice, call_of(turn).pk)
    assert listed(alice) == [(True, False)]
    turns.request_stop(alice, open_round(turn).pk)
    assert listed(alice) == [(False, False)]


def listed(user: User) -> list[tuple[bool, bool]]:
    rows = snapshots.with_state(rights.conversations_of(user))
    return [
        (shape["running"], shape["asks"]) for shape in (shapes.conversation(row, viewer=user) for row in rows)
    ]


@pytest.mark.parametrize(
    ("by", "approvers", "state"),
    [
        ("alice", "asker", "asks_approval"),
        ("alice", "team", "asks_approval"),
        ("alice", "other", "failed"),
        ("bob", "asker", "failed"),
        ("bob", "team", "failed"),
    ],
)
def test_who_is_asked_follows_who_may_see_the_conversation(
    alice: User, bob: User, conversation: Conversation, by: str, approvers: str, state: str
) -> None:
    turn = asked({"alice": alice, "bob": bob}[by], conversation, approvers)
    changes.change_conversation(alice, conversation, {"visibility": "private"})
    assert states_of(turn) == [state]
    assert [len(inbox(alice)), len(inbox(bob))] == [int(state == "asks_approval"), 0]
    assert open_round(turn).status == (Status.WAITING if state == "asks_approval" else Status.QUEUED)
    changes.change_conversation(alice, conversation, {"visibility": "team"})
    assert bool(inbox(bob)) is (by == "alice" and approvers == "team")

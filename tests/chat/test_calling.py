"""Calls on a worker: each is carried out, and whatever happens to it or to the worker, it ends."""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch
from uuid import UUID, uuid4

import pytest
from django.db import connection

from conversations import clock
from conversations.chat import calling, ledger, sweeper
from conversations.models import Conversation, ToolCall, Turn, User, Worker
from conversations.models.responses import Status
from conversations.models.tool_calls import CallState
from conversations.tools import carrying_out, registry
from conversations.tools.carrying_out import in_time
from tests.chat.calling import (
    answer,
    calls_of,
    error_of,
    function_call,
    inputs_of,
    open_round,
    policy,
    run,
    run_all,
    send,
    states_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def turn(alice: User, conversation: Conversation) -> Turn:
    policy(conversation)
    turn = send(alice, conversation)
    answer(turn, function_call("call_1"))
    return turn


def instead(monkeypatch: pytest.MonkeyPatch, **fields: Any) -> None:
    """Another tool under the calculator's name."""
    monkeypatch.setitem(registry.tools(), "calculate", replace(registry.tools()["calculate"], **fields))


@pytest.fixture(autouse=True)
def nothing_hangs() -> Iterator[None]:
    yield
    carrying_out._hanging.clear()


def test_a_tool_that_hangs_is_left_behind_and_the_answer_goes_on(
    turn: Turn, monkeypatch: pytest.MonkeyPatch
) -> None:
    ending = threading.Event()
    instead(monkeypatch, run=lambda **_: ending.wait(), seconds=0.01)
    called, _worker = running(turn)

    async def call_it() -> carrying_out.Outcome:
        outcome = await in_time(called.tool, called.call.arguments, called.context)
        ending.set()
        for thread in carrying_out._hanging["calculate"]:
            await asyncio.to_thread(thread.join)
        return outcome

    calling.finish(called.call, asyncio.run(call_it()))
    assert states_of(turn) == ["timed_out"]
    assert "longer than 0.01 seconds" in inputs_of(open_round(turn))[0]["output"]
    assert open_round(turn).status == Status.QUEUED


def test_ten_megabytes_are_not_sent_on(turn: Turn, monkeypatch: pytest.MonkeyPatch) -> None:
    instead(monkeypatch, run=lambda **_: "x" * 10**7)
    run_all(turn)
    assert "10,000,000 bytes" in error_of(calls_of(turn)[0])
    assert open_round(turn).size < 1000


def test_of_a_tool_that_raises_the_model_learns_the_kind(turn: Turn, monkeypatch: pytest.MonkeyPatch) -> None:
    def burst(**_: Any) -> str:
        raise RuntimeError("secret-of-the-machine")

    instead(monkeypatch, run=burst)
    run_all(turn)
    assert error_of(calls_of(turn)[0]) == "The tool failed (RuntimeError)."
    assert "secret" not in str(inputs_of(open_round(turn)))


def running(turn: Turn) -> tuple[calling.Called, UUID]:
    """Claimed by a worker that is never heard of again."""
    worker = ledger.register_worker()
    called = calling.claim(calls_of(turn)[0].pk, worker)
    assert called is not None
    return called, worker


def silence(worker: UUID) -> None:
    Worker.objects.filter(pk=worker).update(beat_at=clock.now() - timedelta(hours=1))


def test_only_one_worker_gets_a_call(turn: Turn) -> None:
    called, _worker = running(turn)
    assert calling.claim(called.call.pk, ledger.register_worker()) is None


def test_what_may_be_run_twice_is_run_again_when_its_worker_died(turn: Turn) -> None:
    called, worker = running(turn)
    calling.settle_lost()
    assert states_of(turn) == ["running"]
    silence(worker)
    calling.settle_lost()
    assert states_of(turn) == ["queued"]
    run(called.call)
    assert states_of(turn) == ["done"]


def test_of_anything_else_nobody_knows_whether_it_ran(turn: Turn, monkeypatch: pytest.MonkeyPatch) -> None:
    instead(monkeypatch, repeatable=False)
    _call, worker = running(turn)
    silence(worker)
    calling.settle_lost()
    assert "whether it did anything is not known" in error_of(calls_of(turn)[0])
    assert open_round(turn).status == Status.QUEUED


def test_an_output_that_comes_after_that_is_lost(turn: Turn, monkeypatch: pytest.MonkeyPatch) -> None:
    instead(monkeypatch, repeatable=False)
    called, worker = running(turn)
    silence(worker)
    calling.settle_lost()
    calling.finish(called.call, carrying_out.Outcome(CallState.DONE, "42"))
    assert states_of(turn) == ["failed"]
    assert turn.responses.count() == 2


def test_a_worker_gives_up_calls_that_only_seem_to_run_there(turn: Turn) -> None:
    called, worker = running(turn)
    ToolCall.objects.update(started_at=clock.now() - timedelta(hours=1))
    ledger.beat(worker, set(), {called.call.pk})
    assert not calling.lost()
    ledger.beat(worker, set(), set())
    assert calling.lost().get() == called.call


def test_a_call_whose_message_was_lost_is_sent_again(
    turn: Turn, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    ToolCall.objects.update(queued_at=clock.now() - timedelta(hours=1))
    with django_capture_on_commit_callbacks() as callbacks:
        sweeper._requeue()
    assert ["enqueue_call" in each.__qualname__ for each in callbacks] == [True]


def test_a_call_of_a_tool_that_was_taken_away_is_told(turn: Turn) -> None:
    # It keeps the order of the tools for later tests, which putting one back at the end would not.
    with patch.dict(registry.tools()):
        del registry.tools()["calculate"]
        run_all(turn)
    assert "doesn't use that tool" in error_of(calls_of(turn)[0])


def test_a_call_that_there_isnt_is_left_alone(db: None) -> None:
    assert calling.claim(uuid4(), ledger.register_worker()) is None


@pytest.mark.django_db(transaction=True)
def test_calls_that_end_at_the_same_moment_queue_one_round_with_all_outputs(
    alice: User, conversation: Conversation
) -> None:
    policy(conversation)
    turn = send(alice, conversation)
    answer(turn, *(function_call(f"call_{number}") for number in range(6)))
    worker = ledger.register_worker()
    claimed = [calling.claim(call.pk, worker) for call in calls_of(turn)]
    start = threading.Barrier(len(claimed))

    def end(call: ToolCall) -> None:
        start.wait()
        calling.finish(call, carrying_out.Outcome(CallState.DONE, call.call_id))
        connection.close()

    threads = [threading.Thread(target=end, args=[each.call]) for each in claimed if each]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    following = open_round(turn)
    assert (following.round, following.status) == (2, Status.QUEUED)
    assert [item["output"] for item in inputs_of(following)] == [f"call_{number}" for number in range(6)]

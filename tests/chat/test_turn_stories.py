"""A turn through every real part: browser's protocol, web, database, Redis, worker, SDK and the emulator."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from tests.conftest import MakeStack
from tests.stack import Stack
from tests.talk import chatting, control, delete_upstream, fault, signed_in, stored_text, upstream_text

pytestmark = pytest.mark.processes


async def last_create(stack: Stack) -> dict[str, Any]:
    """The newest request to create a response, as the emulator received it."""
    found = await control(stack, "GET", "requests?operation=create")
    return dict(found["requests"][-1])


@pytest.mark.smoke
async def test_an_answer_streams_in_and_is_the_same_everywhere(stack: Stack) -> None:
    async with chatting(stack) as tab:
        answer = await tab.ask("Compare leases and locks in a table, please.")
    assert answer.row["status"] == "completed"
    assert len(answer.text) > 100
    assert answer.seq > 5  # it came in many frames, not in one
    assert answer.text == stored_text(stack, answer) == await upstream_text(stack, answer.row["response_id"])


async def test_the_receipt_tells_cost_times_id_and_expiry(stack: Stack) -> None:
    async with chatting(stack) as tab:
        row = (await tab.ask("Hello")).row
    assert row["response_id"].startswith("resp_")
    assert (row["upstream_state"], row["history"]["how"]) == ("stored", "fresh")
    assert row["usage"]["input_tokens"] > 0
    assert row["usage"]["output_tokens"] > 0
    assert (
        row["queued_at"] <= row["started_at"] <= row["first_delta_at"] <= row["ended_at"] < row["expires_at"]
    )
    assert set(row["request_ids"]) == {"x-request-id", "apim-request-id"}


async def test_the_model_remembers_through_the_chain(stack: Stack) -> None:
    async with chatting(stack) as tab:
        first = await tab.ask("My name is Ada.")
        second = await tab.ask("What is my name?")
    assert "Ada" in second.text
    assert second.row["history"]["how"] == "chained"
    assert second.row["previous_response_id"] == first.row["response_id"]
    request = await last_create(stack)
    assert request["json"]["previous_response_id"] == first.row["response_id"]
    assert len(request["json"]["input"]) == 1


async def test_a_manual_chain_names_what_upstream_stores_and_is_understood(stack: Stack) -> None:
    async with chatting(stack, choices={"keep": "resent", "effort": "low"}) as tab:
        first = await tab.ask("My name is Ada.")
        second = await tab.ask("What is my name?")
    assert "Ada" in second.text
    assert (second.row["history"]["how"], second.row["stored"]) == ("resent", True)
    request = (await last_create(stack))["json"]
    assert request["input"][1:-1] == first.transcript.items
    assert "previous_response_id" not in request


async def test_what_isnt_stored_is_remembered_through_sealed_reasoning(stack: Stack) -> None:
    async with chatting(stack, choices={"keep": "not_stored", "effort": "low"}) as tab:
        first = await tab.ask("My name is Ada.")
        second = await tab.ask("What is my name?")
    assert "Ada" in second.text
    assert (first.row["upstream_state"], second.row["stored"]) == ("not_stored", False)
    request = (await last_create(stack))["json"]
    assert [item["type"] for item in request["input"]] == ["message", "reasoning", "message", "message"]
    assert request["input"][1]["encrypted_content"] == first.transcript.items[0]["encrypted_content"]
    assert not [item for item in request["input"] if "id" in item]


async def test_two_people_and_three_tabs_end_with_the_same_text(stack: Stack) -> None:
    await fault(stack, "deltas=150@150")
    async with (
        chatting(stack) as tab,
        tab.person.tab(tab.conversation) as second_tab,
        signed_in(stack, "bob") as bob,
    ):
        turn = await tab.send("Tell us everything.")
        await tab.until(lambda: bool(tab.answer(turn) and len(tab.answer(turn).text) > 200))
        async with bob.tab(tab.conversation) as late:
            answers = [await one.ended(turn) for one in (tab, second_tab, late)]
    texts = {answer.text for answer in answers}
    assert texts == {stored_text(stack, answers[0])}
    assert texts == {await upstream_text(stack, answers[0].row["response_id"])}


async def test_stop_reaches_upstream_and_the_conversation_goes_on(stack: Stack) -> None:
    await fault(stack, "deltas=2000@50")
    async with chatting(stack) as tab, signed_in(stack, "bob") as bob, bob.tab(tab.conversation) as his:
        turn = await tab.send("Write a very long essay.")
        await his.until(lambda: bool(his.answer(turn) and len(his.answer(turn).text) > 50))
        await his.say({"type": "response.stop", "response": his.answer(turn).row["id"]})
        stopped = await tab.ended(turn)
        async with asyncio.timeout(30):
            while (request := await last_create(stack))["outcome"] is None:  # noqa: ASYNC110  over HTTP
                await asyncio.sleep(0.05)
        again = await tab.ask("Thanks. What did I ask for?")
    assert stopped.row["status"] == "cancelled"
    assert stopped.row["stopped"]["by"]["username"] == "bob"
    assert stopped.row["usage"]["estimated"] is True
    assert stopped.text == stored_text(stack, stopped)
    assert request["outcome"] == "client_left"
    assert again.row["history"]["how"] == "rebuilt"
    assert again.row["status"] == "completed"


async def test_stop_before_the_first_token(stack: Stack) -> None:
    await fault(stack, "slow=30")
    async with chatting(stack) as tab:
        turn = await tab.send("Think for long.")
        await tab.until(lambda: bool(tab.answer(turn) and tab.answer(turn).transcript.upstream_seq >= 0))
        await tab.say({"type": "response.stop", "response": tab.answer(turn).row["id"]})
        stopped = await tab.ended(turn)
    assert (stopped.row["status"], stopped.text) == ("cancelled", "")


async def test_messages_sent_meanwhile_wait_and_are_answered_in_order(stack: Stack) -> None:
    await fault(stack, "deltas=100@100")
    async with chatting(stack) as tab:
        first = await tab.send("My name is Ada.")
        second = await tab.send("What is my name?")
        assert tab.answer(second).row["status"] == "waiting"
        one, two = await tab.ended(first), await tab.ended(second)
    assert one.row["ended_at"] <= two.row["started_at"]
    assert "Ada" in two.text


async def test_what_is_gone_upstream_is_sent_again_once_and_said(stack: Stack) -> None:
    async with chatting(stack) as tab:
        first = await tab.ask("My name is Ada.")
        await delete_upstream(stack, first.row["response_id"])
        second = await tab.ask("What is my name?")
    assert "Ada" in second.text
    assert second.row["history"] == {"how": "rebuilt", "why": "The answer before was not found upstream."}


async def test_the_settle_window_doesnt_break_the_next_turn(stack: Stack) -> None:
    await fault(stack, "settle=60")
    async with chatting(stack) as tab:
        await tab.ask("My name is Ada.")
        second = await tab.ask("What is my name?")
    assert "Ada" in second.text
    assert (second.row["status"], second.row["history"]["how"]) == ("completed", "rebuilt")


WHOLE = [
    "slow=1",
    "no-event-lines",
    "done",
    "comments",
    "split=3",
    "unknown",
    "missing",
    "deltas=40@200",
    "refusal",
]
BROKEN = [
    # fault, status, kind or code on the page, whether it may be tried again
    ("401", "failed", "refused", False),
    ("403", "failed", "forbidden", False),
    ("404", "failed", "deployment_not_found", False),
    ("429=3", "failed", "rate_limited", True),
    ("429=none", "failed", "rate_limited", True),
    ("429-stream", "failed", "rate_limited", True),
    ("500", "failed", "upstream_fault", True),
    ("502", "failed", "upstream_fault", True),
    ("503", "failed", "upstream_fault", True),
    ("bare", "failed", "bad_request", False),
    ("detail", "failed", "bad_request", False),
    ("filter-prompt", "failed", "content_filtered", False),
    ("filter-output", "incomplete", "content_filtered", False),
    ("max-tokens", "incomplete", "max_output_tokens", False),
    ("too-long", "failed", "context_too_long", False),
    ("too-long-stream", "failed", "context_too_long", False),
    ("error-first=flat", "failed", "", None),
    ("error-first=nested", "failed", "", None),
    ("failed", "failed", "upstream_fault", True),
    ("cut", "interrupted", "stream_cut", True),
    ("end", "interrupted", "no_terminal_event", True),
    ("malformed", "interrupted", "", True),
]


@pytest.mark.parametrize("name", WHOLE)
async def test_odd_but_whole_streams_come_out_whole(stack: Stack, name: str) -> None:
    await fault(stack, name)
    async with chatting(stack) as tab:
        answer = await tab.ask("Hello, how are you?")
    assert (answer.row["status"], answer.row["error"]) == ("completed", None)
    assert answer.text
    assert answer.text == stored_text(stack, answer)


@pytest.mark.parametrize(("name", "status", "kind", "retryable"), BROKEN, ids=[row[0] for row in BROKEN])
async def test_every_fault_ends_with_the_reason_and_the_next_try_works(
    stack: Stack, name: str, status: str, kind: str, retryable: bool | None
) -> None:
    await fault(stack, name)
    async with chatting(stack) as tab:
        turn = await tab.send("Hello, how are you?")
        answer = await tab.ended(turn)
        error = answer.row["error"]
        key = str(uuid4())
        await tab.say({"type": "turn.retry", "turn": turn, "client_key": key})
        await tab.until(lambda: bool(tab.answer(turn).row["attempt"] == 2 and tab.answer(turn).ended))
        again = tab.answer(turn)
    assert answer.row["status"] == status
    assert kind in error["kind"]
    assert (answer.row["upstream_state"] == "not_stored") == (answer.row["expires_at"] is None)
    assert error["summary"]
    assert error["advice"]
    assert retryable in (None, error["retryable"])
    if status in ("interrupted", "incomplete"):
        assert answer.text == stored_text(stack, answer) != ""
    assert again.row["status"] == "completed"


async def test_a_stalled_stream_ends_with_what_was_seen(make_stack: MakeStack) -> None:
    stack = make_stack(settings={"UPSTREAM_SILENCE_SECONDS": "1.5"}, beat=False)
    await fault(stack, "stall")
    async with chatting(stack) as tab:
        answer = await tab.ask("Hello, how are you?")
    assert (answer.row["status"], answer.row["error"]["kind"]) == ("interrupted", "stalled")
    assert answer.text == stored_text(stack, answer) != ""


@pytest.mark.parametrize("name", ["nul", "surrogate"])
async def test_what_no_database_can_hold_is_repaired_and_counted(stack: Stack, name: str) -> None:
    await fault(stack, name)
    async with chatting(stack) as tab:
        answer = await tab.ask("Hello, how are you?")
    assert "\ufffd" in answer.text
    assert answer.text == stored_text(stack, answer)
    (row,) = stack.rows(
        "SELECT repaired FROM conversations_response WHERE response_id = %s", answer.row["response_id"]
    )
    assert row[0] >= 1

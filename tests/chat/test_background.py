"""Responses that upstream writes on without us: broken lines, stops, workers that die or are replaced."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.conftest import MakeStack, running
from tests.stack import Image, Options, Stack
from tests.talk import Answer, Tab, chatting, control, fault, signed_in, stored_text, upstream, upstream_text

pytestmark = pytest.mark.processes

QUICK = {
    "LEASE_SECONDS": "3",
    "HEARTBEAT_SECONDS": "1",
    "SWEEP_SECONDS": "1",
    "CHECKPOINT_SECONDS": "1",
}
LONG = "deltas=200@50+stamp"


@pytest.fixture(scope="module")
def stack_of_this_file(image: Image) -> Iterator[Stack]:
    yield from running(image.stack("quick", Options(settings=QUICK, beat=False)))


@pytest.fixture
def quick(stack_of_this_file: Stack) -> Stack:
    """With short leases, and a worker that lives."""
    if not stack_of_this_file.worker.is_alive:
        stack_of_this_file.worker.start()
    return stack_of_this_file


@asynccontextmanager
async def in_background(stack: Stack) -> AsyncIterator[Tab]:
    """A tab on a conversation whose answers run in the background."""
    async with signed_in(stack, "alice") as alice, alice.tab(await alice.start(background=True)) as tab:
        yield tab


async def begun(tab: Tab, *, chars: int = 200) -> str:
    """Sends a message and answers its turn once that much of the answer is there."""
    turn = await tab.send("Tell us everything.")
    await tab.until(lambda: bool(tab.answer(turn) and len(tab.answer(turn).text) > chars))
    return turn


async def creations(stack: Stack) -> list[dict[str, Any]]:
    return list((await control(stack, "GET", "requests?operation=create"))["requests"])


async def is_whole(stack: Stack, answer: Answer) -> None:
    """Completed, in one request, and the same here, in the ledger and upstream."""
    assert (answer.row["status"], answer.row["error"], answer.row["background"]) == ("completed", None, True)
    assert len(answer.text.split()) == 200
    assert answer.text == stored_text(stack, answer) == await upstream_text(stack, answer.row["response_id"])
    mine = [one for one in await creations(stack) if one["response_id"] == answer.row["response_id"]]
    assert len(mine) == 1


async def test_the_conversation_decides_and_the_request_says_so(stack: Stack) -> None:
    async with in_background(stack) as tab:
        answer = await tab.ask("Hello")
    assert answer.row["background"] is True
    assert (await creations(stack))[-1]["json"]["background"] is True


@pytest.mark.parametrize("how", ["cut=60", "end=60", "malformed=60"])
async def test_a_broken_line_is_picked_up_where_it_broke(stack: Stack, how: str) -> None:
    await fault(stack, f"{LONG}+{how}")
    async with in_background(stack) as tab:
        answer = await tab.ask("Tell us everything.")
    await is_whole(stack, answer)


async def test_a_line_that_breaks_again_and_again_still_ends_whole(stack: Stack) -> None:
    await fault(stack, f"{LONG}+cut=20")
    for broken in ("latency=0.01", "cut=30", "500", "latency=0.01", "end=40"):
        await fault(stack, broken, "retrieve")
    async with in_background(stack) as tab:
        turn = await begun(tab)
        await control(stack, "POST", "streams/break")
        await is_whole(stack, await tab.ended(turn))


async def test_what_has_no_stream_any_more_is_looked_at_until_it_ends(stack: Stack) -> None:
    await fault(stack, f"{LONG}+cut=20")
    for refused in ("latency=0.01", "bare=400"):
        await fault(stack, refused, "retrieve")
    async with in_background(stack) as tab:
        answer = await tab.ask("Tell us everything.")
    await is_whole(stack, answer)


async def test_a_dead_worker_is_followed_by_another(quick: Stack) -> None:
    (second,) = await asyncio.to_thread(quick.more_workers)
    await fault(quick, LONG)
    async with in_background(quick) as tab:
        turn = await begun(tab)
        # Whichever has it: kill both, and one comes back.
        quick.worker.kill()
        second.kill()
        await asyncio.to_thread(quick.worker.start)
        answer = await tab.ended(turn)
    await is_whole(quick, answer)
    assert answer.epoch > 1


async def test_a_worker_that_is_told_to_end_hands_over_at_once(make_stack: MakeStack) -> None:
    """Long before the lease is over."""
    stack = make_stack(settings=QUICK | {"LEASE_SECONDS": "600"}, beat=False)
    await fault(stack, LONG)
    async with in_background(stack) as tab:
        turn = await begun(tab)
        await asyncio.to_thread(stack.worker.restart)
        answer = await tab.ended(turn)
    await is_whole(stack, answer)


async def test_stop_cancels_upstream_and_tells_what_it_cost(stack: Stack) -> None:
    await fault(stack, "deltas=2000@50")
    async with in_background(stack) as tab:
        turn = await begun(tab)
        await tab.say({"type": "response.stop", "response": tab.answer(turn).row["id"]})
        stopped = await tab.ended(turn)
    assert (stopped.row["status"], stopped.row["upstream_state"]) == ("cancelled", "stored")
    assert stopped.row["stopped"]["by"]["username"] == "alice"
    assert (await upstream(stack, "GET", stopped.row["response_id"]))["status"] == "cancelled"
    assert stopped.text == stored_text(stack, stopped)


async def test_a_stop_before_the_id_is_known_waits_for_it(stack: Stack) -> None:
    await fault(stack, "latency=1+deltas=2000@50")
    asked = len(await creations(stack))
    async with in_background(stack) as tab:
        turn = await tab.send("Think for long.")
        async with asyncio.timeout(60):
            while len(await creations(stack)) == asked:  # noqa: ASYNC110  over HTTP
                await asyncio.sleep(0.02)
        await tab.say({"type": "response.stop", "response": tab.answer(turn).row["id"]})
        stopped = await tab.ended(turn)
    assert stopped.row["status"] == "cancelled"
    assert (await upstream(stack, "GET", stopped.row["response_id"]))["status"] == "cancelled"


async def test_a_stop_that_upstream_refuses_is_said(stack: Stack) -> None:
    await fault(stack, "deltas=300@50")
    for _ in range(3):
        await fault(stack, "500", "cancel")
    async with in_background(stack) as tab:
        turn = await begun(tab)
        await tab.say({"type": "response.stop", "response": tab.answer(turn).row["id"]})
        stopped = await tab.ended(turn)
    assert (stopped.row["status"], stopped.row["error"]["kind"]) == ("cancelled", "left_running")


async def test_an_orphan_that_someone_stopped_is_cancelled_upstream(quick: Stack) -> None:
    await fault(quick, "deltas=2000@50")
    async with in_background(quick) as tab:
        turn = await begun(tab)
        quick.worker.kill()
        await tab.say({"type": "response.stop", "response": tab.answer(turn).row["id"]})
        await asyncio.to_thread(quick.worker.start)
        stopped = await tab.ended(turn)
    assert stopped.row["status"] == "cancelled"
    assert (await upstream(quick, "GET", stopped.row["response_id"]))["status"] == "cancelled"


async def test_readers_end_what_runs_nowhere_while_there_is_no_worker(quick: Stack) -> None:
    await fault(quick, "deltas=2000@50")
    async with chatting(quick) as tab:
        turn = await begun(tab)
        quick.worker.kill()
        answer = tab.answer(turn)
        read = {"type": "response.read", "response": answer.row["id"], "epoch": 0, "after": -1}
        async with asyncio.timeout(100):
            while not answer.ended:
                await tab.say(read)
                await asyncio.sleep(0.5)
    assert (answer.row["status"], answer.row["error"]["kind"]) == ("interrupted", "worker_lost")
    assert answer.text == stored_text(quick, answer)

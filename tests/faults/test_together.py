"""Worker and Redis die at the same moment."""

import asyncio

import pytest

from tests.faults.scene import (
    SHORT,
    Chat,
    Recovery,
    all_whole,
    answered,
    ask_all,
    chatting_at_once,
    counted,
    creates,
    look,
    moving,
    retried,
)
from tests.faults.servers import lose_what_redis_kept
from tests.stack import Stack

pytestmark = pytest.mark.processes

ENDLESS = 5000
RATE = 50
# What comes out in one checkpoint interval, twice: a busy machine takes checkpoints late.
MAY_BE_LOST = 2 * int(RATE * float(SHORT["CHECKPOINT_SECONDS"]))


async def both_die(stack: Stack, chats: list[Chat], *, lose_data: bool) -> None:
    for program in (stack.worker, stack.redis):
        program.kill()
    await look(chats)
    if lose_data:
        lose_what_redis_kept(stack)
    await asyncio.to_thread(stack.redis.start)
    await asyncio.to_thread(stack.worker.start)


@pytest.mark.faults
@pytest.mark.parametrize("lose_data", [False, True], ids=["kept", "empty"])
async def test_worker_and_redis_die_and_at_most_one_checkpoint_interval_is_lost(
    frail: Stack, recovery: Recovery, lose_data: bool
) -> None:
    async with chatting_at_once(frail) as chats:
        await ask_all(frail, chats, ENDLESS, RATE)
        recovery.began()
        await both_die(frail, chats, lose_data=lose_data)
        for chat in chats:
            answer = await chat.ended()
            assert (answer.row["status"], answer.row["error"]["kind"]) == ("interrupted", "worker_lost")
            assert counted(answer.text) >= max(map(counted, chat.seen)) - MAY_BE_LOST
        recovery.over()
        await retried(frail, chats[0])
        await answered(frail, chats[1])
    assert len(await creates(frail)) == len(chats) + 2


@pytest.mark.faults
@pytest.mark.parametrize("lose_data", [False, True], ids=["kept", "empty"])
async def test_worker_and_redis_die_and_background_answers_come_out_whole(
    frail: Stack, recovery: Recovery, lose_data: bool
) -> None:
    async with chatting_at_once(frail, background=True) as chats:
        await ask_all(frail, chats, 400, RATE)
        recovery.began()
        await both_die(frail, chats, lose_data=lose_data)
        await moving(chats)
        recovery.over()
        await all_whole(frail, chats, 400)
        await answered(frail, chats[1])
    assert len(await creates(frail)) == len(chats) + 1

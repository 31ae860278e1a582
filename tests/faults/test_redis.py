"""Redis is restarted, killed, frozen, or comes back empty under running answers."""

import asyncio
import signal

import pytest

from tests.faults.scene import (
    Chat,
    Recovery,
    all_whole,
    answered,
    ask_all,
    chatting_at_once,
    creates,
    look,
    moving,
)
from tests.faults.servers import lose_what_redis_kept
from tests.stack import Stack

pytestmark = pytest.mark.processes

DELTAS = 300


async def through(stack: Stack, chats: list[Chat], recovery: Recovery, *, away_seconds: float = 0.5) -> None:
    """Redis is away and comes back: all come out whole, what is said meanwhile is answered, nobody dies."""
    pids = [program.pid for program in (stack.web, stack.worker, stack.beat)]
    await look(chats)
    meanwhile = asyncio.create_task(answered(stack, chats[-1]))
    await asyncio.sleep(away_seconds)
    await asyncio.to_thread(stack.redis.start)
    right_after = asyncio.create_task(answered(stack, chats[0]))
    await moving(chats)
    recovery.over()
    await all_whole(stack, chats, DELTAS)
    await asyncio.gather(meanwhile, right_after)
    await answered(stack, chats[1])
    assert [program.pid for program in (stack.web, stack.worker, stack.beat)] == pids
    assert len(await creates(stack)) == len(chats) + 3


async def test_redis_is_restarted_under_running_answers(frail: Stack, recovery: Recovery) -> None:
    async with chatting_at_once(frail) as chats:
        await ask_all(frail, chats, DELTAS)
        recovery.began()
        frail.redis.stop()
        await through(frail, chats, recovery)


@pytest.mark.faults(share=0.5)
async def test_redis_is_killed_under_running_answers(frail: Stack, recovery: Recovery) -> None:
    async with chatting_at_once(frail) as chats:
        await ask_all(frail, chats, DELTAS)
        recovery.began()
        frail.redis.kill()
        await through(frail, chats, recovery)


@pytest.mark.faults(share=0.5)
async def test_redis_is_away_for_longer_than_a_lease(frail: Stack, recovery: Recovery) -> None:
    async with chatting_at_once(frail) as chats:
        await ask_all(frail, chats, DELTAS)
        recovery.began()
        frail.redis.kill()
        await through(frail, chats, recovery, away_seconds=5)


@pytest.mark.faults(share=0.5)
async def test_redis_comes_back_empty(frail: Stack, recovery: Recovery) -> None:
    async with chatting_at_once(frail) as chats:
        await ask_all(frail, chats, DELTAS)
        recovery.began()
        frail.redis.kill()
        lose_what_redis_kept(frail)
        await through(frail, chats, recovery)


@pytest.mark.faults(share=0.5)
async def test_redis_is_frozen_for_longer_than_its_time_outs(frail: Stack, recovery: Recovery) -> None:
    async with chatting_at_once(frail) as chats:
        await ask_all(frail, chats, DELTAS)
        recovery.began()
        frail.redis.signal(signal.SIGSTOP)
        await look(chats)
        meanwhile = asyncio.create_task(answered(frail, chats[-1]))
        await asyncio.sleep(12)
        frail.redis.signal(signal.SIGCONT)
        await moving(chats)
        recovery.over()
        await all_whole(frail, chats, DELTAS)
        await meanwhile
        await answered(frail, chats[1])

"""PostgreSQL is restarted, crashes or freezes under running answers; the worker keeps what it can't write."""

import asyncio
from collections.abc import Callable

import pytest

from scripts.private_postgres import Server
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
from tests.faults.servers import crash, freeze, thaw
from tests.stack import Stack

pytestmark = pytest.mark.processes

DELTAS = 300
HOW = {"stopped": Server.stop, "crashed": crash}


async def through(
    stack: Stack,
    chats: list[Chat],
    recovery: Recovery,
    come_back: Callable[[], None],
    away_seconds: float,
    *,
    deltas: int = DELTAS,
) -> None:
    """All come out whole; what is said while it is away is kept by the tab and answered later."""
    pids = [program.pid for program in (stack.web, stack.worker, stack.beat)]
    await look(chats)
    meanwhile = asyncio.create_task(chats[-1].first.send("Are you there?"))
    await asyncio.sleep(away_seconds)
    # Words go on while the database is away.
    await moving(chats)
    # On this thread: the server would end with the one that started it.
    come_back()
    right_after = await chats[0].first.send("Are you back?")
    recovery.over()
    await all_whole(stack, chats, deltas)
    for chat, turn in ((chats[-1], await meanwhile), (chats[0], right_after)):
        assert (await chat.ended(turn)).row["status"] == "completed"
    await answered(stack, chats[1])
    assert [program.pid for program in (stack.web, stack.worker, stack.beat)] == pids
    assert len(await creates(stack)) == len(chats) + 3


@pytest.mark.parametrize("how", [pytest.param("stopped", marks=pytest.mark.faults), "crashed"])
async def test_postgres_is_away_under_running_answers(
    on_own_postgres: Stack, own_postgres: Server, recovery: Recovery, how: str
) -> None:
    async with chatting_at_once(on_own_postgres) as chats:
        await ask_all(on_own_postgres, chats, DELTAS)
        recovery.began()
        HOW[how](own_postgres)
        await through(on_own_postgres, chats, recovery, own_postgres.start, 1)


@pytest.mark.faults(share=0.5)
@pytest.mark.parametrize("how", HOW)
async def test_postgres_is_away_for_longer_than_a_lease(
    on_own_postgres: Stack, own_postgres: Server, recovery: Recovery, how: str
) -> None:
    async with chatting_at_once(on_own_postgres) as chats:
        await ask_all(on_own_postgres, chats, DELTAS)
        recovery.began()
        HOW[how](own_postgres)
        await through(on_own_postgres, chats, recovery, own_postgres.start, 6)


@pytest.mark.faults(share=0.5)
async def test_postgres_is_frozen_for_longer_than_a_lease(
    on_own_postgres: Stack, own_postgres: Server, recovery: Recovery
) -> None:
    await asyncio.to_thread(on_own_postgres.more_workers)
    async with chatting_at_once(on_own_postgres) as chats:
        await ask_all(on_own_postgres, chats, DELTAS)
        recovery.began()
        freeze(own_postgres)
        await through(on_own_postgres, chats, recovery, lambda: thaw(own_postgres), 6)


@pytest.mark.faults(share=0.25)
@pytest.mark.parametrize("how", HOW)
async def test_two_workers_outlive_an_absence_of_postgres_without_judging_each_other(
    at_a_fifth: Stack, own_postgres: Server, recovery: Recovery, how: str
) -> None:
    await asyncio.to_thread(at_a_fifth.more_workers)
    async with chatting_at_once(at_a_fifth) as chats:
        # They still run when the judging begins.
        await ask_all(at_a_fifth, chats, 1500)
        recovery.began()
        HOW[how](own_postgres)
        await through(at_a_fifth, chats, recovery, own_postgres.start, 12, deltas=1500)


@pytest.mark.faults(share=0.5)
async def test_postgres_is_found_again_soon_after_a_long_absence(
    on_own_postgres: Stack, own_postgres: Server, recovery: Recovery
) -> None:
    async with chatting_at_once(on_own_postgres) as chats:
        await ask_all(on_own_postgres, chats, DELTAS)
        crash(own_postgres)
        await look(chats)
        await asyncio.sleep(15)
        own_postgres.start()
        recovery.began()
        await all_whole(on_own_postgres, chats, DELTAS)
        await answered(on_own_postgres, chats[1])
        recovery.over()

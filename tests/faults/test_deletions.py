"""A bulk deletion goes on through everything: each id ends once, and upstream's own list agrees."""

import asyncio

import pytest

from scripts.private_postgres import Server
from tests.faults.deletions import purging
from tests.faults.scene import Recovery
from tests.stack import Stack

pytestmark = pytest.mark.processes

MANY = 10_000
KILLS = 10
LONG = 1200


@pytest.mark.timeout(240)  # with the start of the installation that it may be the first to need
async def test_a_bulk_deletion_ends_whole_though_much_is_refused_and_its_worker_dies(
    frail: Stack, recovery: Recovery
) -> None:
    async with purging(frail, 300, settle=2) as purge, asyncio.timeout(120):
        await purge.so_many_decided(0.3)
        recovery.began()
        frail.worker.kill()
        await asyncio.to_thread(frail.worker.start)
        await purge.done()
        recovery.over()
        await purge.check()


@pytest.mark.faults(share=0.05)
@pytest.mark.timeout(LONG)
async def test_ten_thousand_deletions_end_whole_though_much_is_refused(
    frail: Stack, recovery: Recovery
) -> None:
    async with purging(frail, MANY, settle=10) as purge:
        await purge.done()
        await purge.check()
    await asyncio.to_thread(frail.manage, "verify_audit")


@pytest.mark.faults(share=0.05)
@pytest.mark.timeout(LONG)
async def test_ten_thousand_deletions_end_whole_through_kills_and_restarts(
    on_own_postgres: Stack, own_postgres: Server, recovery: Recovery
) -> None:
    """The worker is killed ten times, Redis is restarted twice and PostgreSQL once."""
    stack = on_own_postgres
    async with purging(stack, MANY, settle=10) as purge:
        for number in range(1, KILLS + 1):
            await purge.so_many_decided(0.08 * number)
            stack.worker.kill()
            if number in (3, 7):
                await asyncio.to_thread(stack.redis.restart)
            if number == 5:
                own_postgres.stop()
                own_postgres.start()
            await asyncio.to_thread(stack.worker.start)
        await purge.done()
        await purge.check()
    await asyncio.to_thread(stack.manage, "verify_audit")

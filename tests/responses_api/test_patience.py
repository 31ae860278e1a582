"""The one time limit of a stream's many waits."""

import asyncio

import pytest

from conversations.responses_api.patience import Patience

FAR = 3600.0


def now() -> float:
    return asyncio.get_running_loop().time()


async def test_what_comes_in_time_is_handed_on() -> None:
    patience = Patience(now() + FAR)
    assert [await patience.wait(asyncio.sleep(0, number)) for number in range(3)] == [0, 1, 2]
    patience.end()


async def test_what_never_comes_ends_at_the_limit_and_nothing_else_is_cancelled() -> None:
    patience = Patience(now() + 0.01)
    with pytest.raises(TimeoutError):
        await patience.wait(asyncio.Event().wait())
    await asyncio.sleep(0.02)


async def test_a_limit_may_come_nearer_while_somebody_waits() -> None:
    patience = Patience(now() + FAR)
    asyncio.get_running_loop().call_soon(lambda: patience.last_until(now()))
    with pytest.raises(TimeoutError):
        await patience.wait(asyncio.Event().wait())


async def test_a_limit_may_move_away_while_somebody_waits() -> None:
    patience, come = Patience(now() + 0.02), asyncio.Event()
    asyncio.get_running_loop().call_soon(lambda: patience.last_until(now() + FAR))
    asyncio.get_running_loop().call_later(0.05, come.set)
    assert await patience.wait(come.wait())
    patience.end()


async def test_a_limit_that_passed_while_nobody_waited_ends_the_next_wait() -> None:
    patience = Patience(now() + 0.01)
    await patience.wait(asyncio.sleep(0))
    await asyncio.sleep(0.03)
    with pytest.raises(TimeoutError):
        await patience.wait(asyncio.Event().wait())


async def test_who_is_cancelled_by_somebody_else_is_cancelled() -> None:
    patience = Patience(now() + FAR)
    waiting = asyncio.create_task(patience.wait(asyncio.Event().wait()))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    patience.end()


async def test_a_limit_around_it_counts_as_its_own() -> None:
    patience = Patience(now() + FAR)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01) as around:
            await patience.wait(asyncio.Event().wait())
    assert around.expired()
    patience.end()

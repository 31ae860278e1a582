"""The worker is killed or frozen in mid-answer."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from tests.browser.test_tools import SWITCH_ON
from tests.faults.scene import (
    Recovery,
    all_interrupted,
    all_whole,
    answered,
    ask_all,
    busiest,
    chatting_at_once,
    creates,
    look,
    moving,
    retried,
)
from tests.stack import Stack
from tests.talk import Tab, chatting

pytestmark = pytest.mark.processes

ENDLESS = 5000
ENDS = "SELECT ended_at, id, status, revision, epoch FROM conversations_response ORDER BY ended_at, id"


async def test_a_killed_worker_comes_back_and_the_text_people_saw_is_kept(
    frail: Stack, recovery: Recovery
) -> None:
    async with chatting_at_once(frail) as chats:
        await ask_all(frail, chats, ENDLESS)
        recovery.began()
        frail.worker.kill()
        await look(chats)
        await asyncio.to_thread(frail.worker.start)
        await all_interrupted(chats)
        recovery.over()
        await retried(frail, chats[0])
        await answered(frail, chats[1])


@pytest.mark.faults
async def test_the_answers_of_a_killed_worker_are_ended_by_another_one(
    frail: Stack, recovery: Recovery
) -> None:
    async with chatting_at_once(frail) as chats:
        await ask_all(frail, chats, ENDLESS)
        await asyncio.to_thread(frail.more_workers)
        recovery.began()
        frail.worker.kill()
        await look(chats)
        await all_interrupted(chats)
        recovery.over()
        await retried(frail, chats[0])
        await answered(frail, chats[1])


@pytest.mark.faults
async def test_background_answers_of_a_killed_worker_go_on_and_come_out_whole(
    frail: Stack, recovery: Recovery
) -> None:
    async with chatting_at_once(frail, background=True) as chats:
        await ask_all(frail, chats, 300)
        recovery.began()
        frail.worker.kill()
        await look(chats)
        await asyncio.to_thread(frail.worker.start)
        await moving(chats)
        recovery.over()
        await all_whole(frail, chats, 300)
    # None was asked for twice.
    assert len(await creates(frail)) == len(chats)


@pytest.mark.faults
async def test_background_answers_of_a_killed_worker_are_taken_over_by_another_one(
    frail: Stack, recovery: Recovery
) -> None:
    async with chatting_at_once(frail, background=True) as chats:
        await asyncio.to_thread(frail.more_workers)
        await ask_all(frail, chats, 400)
        recovery.began()
        busiest(frail).kill()
        await look(chats)
        await moving(chats)
        recovery.over()
        await all_whole(frail, chats, 400)
    assert len(await creates(frail)) == len(chats)


@pytest.mark.faults(share=0.5)
async def test_a_worker_that_dies_again_and_again_ends_no_background_answer(
    frail: Stack, recovery: Recovery
) -> None:
    async with chatting_at_once(frail, background=True) as chats:
        await ask_all(frail, chats, 300)
        recovery.began()
        for _ in range(3):
            frail.worker.kill()
            await asyncio.to_thread(frail.worker.start)
        await look(chats)
        await moving(chats)
        recovery.over()
        await all_whole(frail, chats, 300)
    assert len(await creates(frail)) == len(chats)


@pytest.mark.faults(share=0.5)
async def test_without_beat_nothing_that_matters_changes(frail: Stack, recovery: Recovery) -> None:
    frail.beat.kill()
    async with chatting_at_once(frail) as chats:
        await ask_all(frail, chats, ENDLESS)
        recovery.began()
        frail.worker.kill()
        await look(chats)
        await asyncio.to_thread(frail.worker.start)
        await all_interrupted(chats)
        recovery.over()
        await answered(frail, chats[1])


async def test_a_worker_that_was_frozen_for_longer_than_its_lease_is_shut_out(
    frail: Stack, recovery: Recovery
) -> None:
    async with chatting_at_once(frail) as chats:
        await ask_all(frail, chats, 150)
        recovery.began()
        frail.worker.signal(signal.SIGSTOP)
        await look(chats)
        await asyncio.to_thread(frail.more_workers)
        await all_interrupted(chats)
        recovery.over()
        # By now the rest of every answer waits in its connections, the end included.
        frail.worker.signal(signal.SIGCONT)
        ends = frail.rows(ENDS)
        await answered(frail, chats[0])
        # All that the frozen one had in its hands has been read and refused by now.
        await asyncio.sleep(2)
        await all_interrupted(chats)
        assert frail.rows(ENDS)[: len(ends)] == ends
        await retried(frail, chats[1])
    assert len(await creates(frail)) == len(chats) + 2


@pytest.mark.faults(share=0.5)
async def test_background_answers_of_a_frozen_worker_are_taken_over_once(
    frail: Stack, recovery: Recovery
) -> None:
    async with chatting_at_once(frail, background=True) as chats:
        await ask_all(frail, chats, 400)
        recovery.began()
        frail.worker.signal(signal.SIGSTOP)
        await look(chats)
        await asyncio.to_thread(frail.more_workers)
        await moving(chats)
        recovery.over()
        frail.worker.signal(signal.SIGCONT)
        await all_whole(frail, chats, 400)
        ends = frail.rows(ENDS)
        await asyncio.sleep(2)
        await all_whole(frail, chats, 400)
        assert frail.rows(ENDS) == ends
    assert len(await creates(frail)) == len(chats)


@contextmanager
def nobody_searches(stack: Stack) -> Iterator[None]:
    """Whoever searches in conversations hangs until this is over."""
    with psycopg.connect(stack.database_url) as database:
        database.execute("LOCK TABLE conversations_searchtext IN ACCESS EXCLUSIVE MODE")
        yield


def calls_in(tab: Tab) -> list[str]:
    return [call["state"] for answer in tab.answers.values() for call in answer.calls]


@pytest.mark.faults
async def test_a_call_of_a_killed_worker_is_run_again_and_the_answer_goes_on(
    frail: Stack, recovery: Recovery
) -> None:
    frail.change("DELETE FROM conversations_toolpolicy")
    frail.change(SWITCH_ON, "search_conversations", True)
    async with chatting(frail) as tab:
        await tab.send('Search for "retention"')
        await tab.until(lambda: calls_in(tab) == ["asks_approval"])
        (asked,) = [call["id"] for answer in tab.answers.values() for call in answer.calls]
        with nobody_searches(frail):
            await tab.say({"type": "call.approve", "call": asked})
            await tab.until(lambda: calls_in(tab) == ["running"])
            recovery.began()
            frail.worker.kill()
        await asyncio.to_thread(frail.worker.start)
        await tab.until(lambda: len(tab.answers) == 2 and all(each.whole for each in tab.answers.values()))
        recovery.over()
        assert calls_in(tab) == ["done"]
    frail.change("DELETE FROM conversations_toolpolicy")

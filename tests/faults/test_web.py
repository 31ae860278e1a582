"""The web process is killed in mid-answer: whoever comes back misses nothing."""

import asyncio

import pytest

from tests.faults.scene import Recovery, all_whole, answered, ask_all, chatting_at_once, creates, look, moving
from tests.stack import Stack

pytestmark = pytest.mark.processes


@pytest.mark.faults
async def test_a_killed_web_process_comes_back_and_its_tabs_miss_nothing(
    frail: Stack, recovery: Recovery
) -> None:
    async with chatting_at_once(frail) as chats:
        await ask_all(frail, chats, 300)
        recovery.began()
        frail.web.kill()
        await look(chats)
        await asyncio.to_thread(frail.web.start)
        await moving(chats)
        recovery.over()
        await all_whole(frail, chats, 300)
        assert all(tab.connections > 1 for chat in chats for tab in chat.tabs)
        await answered(frail, chats[0])
    assert len(await creates(frail)) == len(chats) + 1

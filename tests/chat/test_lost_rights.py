"""Ten tabs of three people watch an answer; one of the three loses the right to it in the middle."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import aiohttp
import pytest

from tests.stack import Stack
from tests.talk import Person, Tab, fault, signed_in

pytestmark = pytest.mark.processes

Change = Callable[[Stack, Person, Person, str], Awaitable[float]]

# As rows: nobody looks on while she joins, or when all is over.
JOIN = """
INSERT INTO conversations_membership (user_id, team_id, since)
SELECT person.id, team.id, CURRENT_TIMESTAMP FROM conversations_user person, conversations_team team
WHERE person.username = 'carol' AND team.name = 'Research'
"""
LEFT = """
DELETE FROM conversations_membership
WHERE user_id = (SELECT id FROM conversations_user WHERE username = 'carol')
AND team_id = (SELECT id FROM conversations_team WHERE name = 'Research')
"""
BACK = "UPDATE conversations_user SET is_active = true WHERE username = 'carol'"
LEAVE = "Membership.objects.filter(user=carol, team__name='Research').delete()"


async def as_operator(stack: Stack, *statements: str) -> float:
    """Changes people as the desk does; answers when it was done, by the clock that stamps the deltas."""
    lines = [
        "import time",
        "from conversations.models import Membership, User",
        "carol = User.objects.get(username='carol')",
        *statements,
        "print(time.time())",
    ]
    said = await asyncio.to_thread(stack.manage, "shell", "--no-imports", "-c", "\n".join(lines))
    return float(said.split()[-1])


async def leave_the_team(stack: Stack, _alice: Person, _carol: Person, _conversation: str) -> float:
    return await as_operator(stack, LEAVE)


async def be_deactivated(stack: Stack, _alice: Person, _carol: Person, _conversation: str) -> float:
    return await as_operator(stack, "carol.is_active = False", "carol.save()")


async def log_out(_stack: Stack, _alice: Person, carol: Person, _conversation: str) -> float:
    async with carol.session.post(f"{carol.stack.url}/logout/", headers=carol.headers) as answer:
        answer.raise_for_status()
    return time.time()


async def be_shut_out(_stack: Stack, alice: Person, _carol: Person, conversation: str) -> float:
    url = f"{alice.stack.url}/api/conversations/{conversation}/"
    private = {"visibility": "private"}
    async with alice.session.patch(url, json=private, headers=alice.headers) as answer:
        answer.raise_for_status()
    return time.time()


CHANGES: list[tuple[Change, int, int, str]] = [
    (leave_the_team, 4403, 404, "no_right"),
    (be_deactivated, 4401, 401, "signed_out"),
    (log_out, 4401, 401, "signed_out"),
    (be_shut_out, 4403, 404, "no_right"),
]


def stamps(tab: Tab, turn: str) -> list[float]:
    """When each word that a tab has was sent."""
    answer = tab.answer(turn)
    return [float(word) for word in answer.text.split()] if answer else []


async def watching(tab: Tab, turn: str) -> None:
    await tab.until(lambda: len(stamps(tab, turn)) > 20)


async def shut(tab: Tab) -> None:
    await tab.until(lambda: bool(tab.socket.closed))


@pytest.mark.parametrize(
    ("change", "close_code", "status", "error"), CHANGES, ids=[each[0].__name__ for each in CHANGES]
)
async def test_her_tabs_fall_silent_within_a_second_and_the_others_miss_nothing(
    stack: Stack, change: Change, close_code: int, status: int, error: str
) -> None:
    stack.change(JOIN)
    try:
        async with AsyncExitStack() as exits:
            alice, bob, carol = [
                await exits.enter_async_context(signed_in(stack, name)) for name in ("alice", "bob", "carol")
            ]
            conversation = await alice.start(visibility="team")
            hers: list[Tab] = []
            others: list[Tab] = []
            for person, count, tabs in [(alice, 3, others), (bob, 3, others), (carol, 4, hers)]:
                for _ in range(count):
                    tabs.append(await exits.enter_async_context(person.tab(conversation)))
            await fault(stack, "deltas=500@50+stamp")
            turn = await others[0].send("Tell us everything.")
            for tab in [*hers, *others]:
                await watching(tab, turn)
            changed_at = await change(stack, alice, carol, conversation)
            for tab in hers:
                await shut(tab)
                assert tab.socket.close_code == close_code
                assert tab.errors[-1]["code"] == error
                assert stamps(tab, turn)[-1] < changed_at + 1
            await nothing_more(carol, conversation, close_code, status)
            stay = [tab for tab in others if change is not be_shut_out or tab.person is alice]
            texts = {(await tab.ended(turn)).text for tab in stay}
            assert len(texts) == 1
            assert len(texts.pop().split()) == 500
    finally:
        stack.change(LEFT)
        stack.change(BACK)


async def nothing_more(person: Person, conversation: str, close_code: int, status: int) -> None:
    """Neither by connecting again nor by reading rows."""
    url = f"{person.stack.url}/ws/conversations/{conversation}/"
    async with person.session.ws_connect(url, headers={"Origin": person.stack.url}) as socket:
        message = await socket.receive_json(timeout=30)
        assert message["type"] == "error"
        assert (await socket.receive(timeout=30)).type is aiohttp.WSMsgType.CLOSE
        assert socket.close_code == close_code
    async with person.session.get(f"{person.stack.url}/api/conversations/{conversation}/") as answer:
        assert answer.status == status

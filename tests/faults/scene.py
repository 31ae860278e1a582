"""Several answers at once that several people watch, and what must be true of them in the end."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.faults.steady import SteadyTab, steady_tab
from tests.stack import Program, Stack
from tests.talk import Answer, Person, control, signed_in, stored_text, upstream_text

# A lease of 3 seconds instead of 45, and everything else in proportion.
SHORT = {
    "HEARTBEAT_SECONDS": "1",
    "LEASE_SECONDS": "3",
    "SWEEP_SECONDS": "1",
    "REQUEUE_SECONDS": "2",
    "CHECKPOINT_SECONDS": "0.5",
    "DELETION_SECONDS": "0.5",
    "DELETION_LEASE_SECONDS": "6",
}
# A fifth of the defaults, the wait for the database included.
A_FIFTH = {
    "HEARTBEAT_SECONDS": "1",
    "LEASE_SECONDS": "9",
    "SWEEP_SECONDS": "1",
    "REQUEUE_SECONDS": "2",
    "CHECKPOINT_SECONDS": "0.4",
    "DATABASE_WAIT_SECONDS": "2",
}
PATIENCE_SECONDS = 60
ON_THE_WAY_SECONDS = 0.3


@dataclass
class Chat:
    """One conversation with one running answer, and the tabs on it."""

    stack: Stack
    tabs: list[SteadyTab]
    turn: str = ""
    seen: list[str] = field(default_factory=list)

    @property
    def first(self) -> SteadyTab:
        return self.tabs[0]

    def texts(self, turn: str = "") -> list[str]:
        found = [tab.answer(turn or self.turn) for tab in self.tabs]
        return [answer.text if answer else "" for answer in found]

    async def ended(self, turn: str = "") -> Answer:
        """The answer, once it has ended in every tab; it must be the same there and in the ledger."""
        answers = [await self._ended_in(tab, turn or self.turn) for tab in self.tabs]
        texts = {answer.text for answer in answers}
        assert texts == {await asyncio.to_thread(stored_text, self.stack, answers[0])}
        assert len({answer.row["status"] for answer in answers}) == 1
        return answers[0]

    async def _ended_in(self, tab: SteadyTab, turn: str) -> Answer:
        def over() -> bool:
            answer = tab.answer(turn)
            return bool(answer and answer.ended and answer.whole)

        await tab.until(over, PATIENCE_SECONDS)
        answer: Answer = tab.answer(turn)
        return answer


class Recovery:
    """How long it took from a fault until people saw the answers go on; for the table of `make faults`."""

    def __init__(self, note: Callable[[str, object], None]) -> None:
        self.note = note
        self.at = 0.0

    def began(self) -> None:
        self.at = time.monotonic()

    def over(self) -> None:
        self.note("recovery", time.monotonic() - self.at)


@asynccontextmanager
async def chatting_at_once(
    stack: Stack, number: int = 4, *, background: bool = False
) -> AsyncIterator[list[Chat]]:
    """Conversations of Alice's, each open in two tabs of hers and one of Bob's."""
    async with AsyncExitStack() as opened:
        alice = await opened.enter_async_context(signed_in(stack, "alice"))
        bob = await opened.enter_async_context(signed_in(stack, "bob"))
        yield [await _chat(opened, stack, (alice, alice, bob), background) for _ in range(number)]


async def _chat(opened: AsyncExitStack, stack: Stack, people: tuple[Person, ...], background: bool) -> Chat:
    conversation = await people[0].start(background=background)
    tabs = [await opened.enter_async_context(steady_tab(person, conversation)) for person in people]
    return Chat(stack, tabs)


async def ask_all(stack: Stack, chats: list[Chat], deltas: int, rate: int = 50) -> None:
    """Each gets an answer of numbered deltas; comes back when all of them are under way in every tab."""
    faults = {"faults": f"deltas={deltas}@{rate}+numbered", "times": len(chats), "operation": "create"}
    await control(stack, "POST", "faults", faults)
    for chat in chats:
        chat.turn = await chat.first.send("Count, please.")
    await moving(chats, at_least=60)


async def moving(chats: list[Chat], at_least: int = 0) -> None:
    """Until every tab shows more than it was last `seen` with, or the answer's end."""
    for chat in chats:
        seen = chat.seen or ["" for _ in chat.tabs]
        for tab, before in zip(chat.tabs, seen, strict=True):
            await tab.until(_further(tab, chat.turn, max(len(before), at_least)), PATIENCE_SECONDS)


def _further(tab: SteadyTab, turn: str, characters: int) -> Callable[[], bool]:
    def further() -> bool:
        answer = tab.answer(turn)
        return bool(answer and (answer.ended or len(answer.text) > characters))

    return further


async def look(chats: list[Chat]) -> None:
    """Remember what each tab shows, once what was on its way has arrived."""
    await asyncio.sleep(ON_THE_WAY_SECONDS)
    for chat in chats:
        chat.seen = chat.texts()


def counted(text: str) -> int:
    """How many deltas there are; none may be missing, doubled or out of order."""
    numbers = text.split()
    assert numbers == [str(number) for number in range(len(numbers))]
    return len(numbers)


async def all_whole(stack: Stack, chats: list[Chat], deltas: int) -> None:
    for chat in chats:
        await whole(stack, await chat.ended(), deltas)


async def whole(stack: Stack, answer: Answer, deltas: int) -> None:
    assert (answer.row["status"], answer.row["error"]) == ("completed", None)
    assert counted(answer.text) == deltas
    assert answer.text == await upstream_text(stack, answer.row["response_id"])


async def all_interrupted(chats: list[Chat]) -> None:
    """Cut off, with at least what every tab had shown."""
    for chat in chats:
        answer = await chat.ended()
        assert (answer.row["status"], answer.row["error"]["kind"]) == ("interrupted", "worker_lost")
        assert counted(answer.text) > 0
        assert all(answer.text.startswith(text) for text in chat.seen)


async def retried(stack: Stack, chat: Chat, deltas: int = 60) -> None:
    """One `turn.retry` brings a whole answer."""
    faults = {"faults": f"deltas={deltas}@400+numbered", "times": 1, "operation": "create"}
    await control(stack, "POST", "faults", faults)
    await chat.first.retry(chat.turn)
    for tab in chat.tabs:
        await tab.until(_attempted_twice(tab, chat.turn), PATIENCE_SECONDS)
    await whole(stack, await chat.ended(), deltas)


def _attempted_twice(tab: SteadyTab, turn: str) -> Callable[[], bool]:
    return lambda: bool(tab.answer(turn).row["attempt"] == 2)


async def answered(stack: Stack, chat: Chat) -> Answer:
    """A further message gets its answer as if nothing had been."""
    answer = await chat.ended(await chat.first.send("And now, how are you?"))
    assert (answer.row["status"], answer.row["error"]) == ("completed", None)
    assert answer.text == await upstream_text(stack, answer.row["response_id"])
    return answer


def busiest(stack: Stack) -> Program:
    """The worker that runs most of what is under way."""
    pid = stack.rows(
        "SELECT w.pid FROM conversations_response r JOIN conversations_worker w ON w.id = r.worker_id"
        " WHERE r.status = 'in_progress' GROUP BY w.pid ORDER BY count(*) DESC LIMIT 1"
    )[0][0]
    return next(program for program in stack.programs if program.is_alive and program.pid == pid)


async def creates(stack: Stack) -> list[dict[str, Any]]:
    """Every request to create a response that reached upstream."""
    return list((await control(stack, "GET", "requests?operation=create"))["requests"])

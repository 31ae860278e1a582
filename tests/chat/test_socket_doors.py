"""Every command of a socket against every role: what `doors.txt` says, and nothing else.

A new command fails here until it has its two lines in that file and its fields in `House.message`.
"""

import inspect
import re
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from channels.db import database_sync_to_async

from conversations.chat import turns
from conversations.chat.consumers import COMPUTER, ConversationConsumer
from conversations.models import (
    ComputerRun,
    ComputerStep,
    Conversation,
    Membership,
    Response,
    Team,
    ToolCall,
    Turn,
    User,
)
from conversations.people import audit, grants
from tests.chat.wires import Connect, Json, Socket
from tests.doors import CANARY, READERS, ROLES, TABLE, World, table

pytestmark = pytest.mark.django_db(transaction=True)

SOCKETS = ("THEIRS", "OWN")
STAFF = ("auditor", "operator", "admin")


@dataclass(frozen=True)
class Door:
    """`place`: in whose conversation the socket is."""

    place: str
    command: str

    def __str__(self) -> str:
        return f"{self.place} {self.command}"


def commands() -> list[str]:
    cases = re.findall(r"case ([^:]+):", inspect.getsource(ConversationConsumer._obey))
    return [*(command for case in cases for command in re.findall(r'"([\w.]+)"', case)), *COMPUTER]


def doors() -> list[Door]:
    return [Door(place, command) for place in SOCKETS for command in commands()]


@dataclass(frozen=True)
class House:
    """The member's answered turn, one of theirs that still waits, and a conversation of everyone's own."""

    world: World
    answered: Turn
    waiting: Response
    own: dict[str, Conversation]
    calls: dict[str, ToolCall]
    run: str
    step: str

    def message(self, command: str) -> Json:
        """Names what is in the member's conversation, wherever it can name something."""
        named: dict[str, Json] = {
            "ping": {},
            "message.create": {"text": "Hello", "tip": str(self.answered.pk)},
            "turn.retry": {"turn": str(self.answered.pk)},
            "response.stop": {"response": str(self.waiting.pk)},
            "call.approve": {"call": str(self.calls["approve"].pk)},
            "call.decline": {"call": str(self.calls["decline"].pk), "reason": "No"},
            "call.answer": {"call": str(self.calls["answer"].pk), "output": "Sunny"},
            **{f"computer.{what}": {"step": self.step} for what in ("proceed", "decline")},
            **{f"computer.{what}": {"run": self.run} for what in ("pause", "resume", "take", "give")},
            "computer.act": {"run": self.run, "actions": []},
            "computer.read": {"run": self.run},
            "computer.visit": {"run": self.run, "url": "https://example.com/"},
            "response.read": {"response": str(self.waiting.pk), "epoch": 0, "after": -1},
        }
        return {"type": command, "client_key": str(uuid4()), **named[command]}


@pytest.fixture
def house(world: World) -> House:
    answered = world.response.chat_turn
    member = world.people["member"]
    waiting = turns.send_message(
        member, world.conversation.pk, client_key=uuid4(), text=f"Another {CANARY}", tip=answered.pk
    )
    for role in (*STAFF, "limited"):
        team, _made = Team.objects.get_or_create(name="Staff")
        Membership.objects.create(team=team, user=world.people[role])
    for role in STAFF:
        holder = world.people[role]
        grants.grant(holder, world.response, "A complaint", actor=audit.person(holder))
    own = {role: own_of(user) for role, user in world.people.items()}
    done = step_of(world.response)
    named = {"run": str(done.run_id), "step": str(done.pk)}
    return House(world, answered, waiting.responses.get(), own, calls_of(world.response), **named)


def step_of(response: Response) -> ComputerStep:
    """Of a task that has ended."""
    turn, now = response.chat_turn, response.queued_at
    ended: Json = {"state": "ended", "reason": "done", "ended_at": now, "start_url": "https://example.com/"}
    run = ComputerRun.objects.create(
        conversation=turn.conversation, turn=turn, tool="computer", created_at=now, **ended
    )
    done: Json = {"state": "done", "title": CANARY, "created_at": now, "ended_at": now}
    return ComputerStep.objects.create(run=run, number=0, response=response, **done)


def calls_of(response: Response) -> dict[str, ToolCall]:
    states = {"approve": "asks_approval", "decline": "asks_approval", "answer": "asks_output"}
    return {
        name: ToolCall.objects.create(
            response=response,
            position=0,
            call_id=name,
            name="calculate",
            arguments=CANARY,
            state=state,
            created_at=response.queued_at,
        )
        for name, state in states.items()
    }


def own_of(user: User) -> Conversation:
    return turns.start_conversation(user, client_key=uuid4())[0]


async def knock(socket: Socket, message: Json) -> tuple[str, str]:
    """The answer as the table writes it, and all that was sent along."""
    sent = [await socket.hello()]
    await socket.send(message)
    if sent[0]["type"] == "error":
        return str(await socket.closed()), str(sent)
    if message["type"] != "ping":
        await socket.send({"type": "ping"})
    while sent[-1]["type"] != "pong":
        sent.append(await socket.receive())
    errors = [each["code"] for each in sent if each["type"] == "error"]
    return (errors or ["ok"])[0], str(sent)


def rows() -> list[Any]:
    models = (Conversation, Turn, Response, ToolCall, ComputerRun, ComputerStep)
    return [list(model._default_manager.order_by("pk").values()) for model in models]


def test_every_command_is_in_the_table_and_no_other() -> None:
    assert commands(), "The consumer obeys in another way now"
    assert {str(door) for door in doors()} == set(table(*SOCKETS)), f"Say in {TABLE.name} who may send it"


@pytest.mark.parametrize("role", ROLES)
async def test_every_command_answers_the_role_as_the_table_says(
    role: str, house: House, connect: Connect
) -> None:
    known, wrong = table(*SOCKETS), []
    for door in doors():
        before = await database_sync_to_async(rows)()
        theirs = door.place == "THEIRS" or role == "anonymous"
        conversation = house.world.conversation if theirs else house.own[role]
        socket = await connect(house.world.people.get(role), conversation)
        said, sent = await knock(socket, house.message(door.command))
        await socket.wire.close()
        if said != known[str(door)][role]:
            wrong.append(f"{door}: {said}, where {TABLE.name} says {known[str(door)][role]}")
        assert role in READERS or CANARY not in sent, f"{door} tells {role} what others wrote"
        assert said == "ok" or await database_sync_to_async(rows)() == before, (
            f"{door} refuses {role} and changes rows all the same"
        )
    assert not wrong, "\n".join([f"As {role}:", *wrong])

"""What the tests of doors share: the roles, a conversation full of canaries, and the table of answers."""

from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from django.test import Client

from conversations import clock
from conversations.chat import turns
from conversations.models import (
    Attachment,
    Conversation,
    Delivery,
    McpServer,
    NoticeChannel,
    Response,
    Team,
    User,
)
from conversations.models.deletion_jobs import Source
from conversations.models.people import Role
from conversations.people import audit
from conversations.retention import plans
from conversations.retention.wanted import Wanted
from conversations.stored import items
from conversations.stored.selection import Selection
from tests.attached import attached
from tests.cast import person
from tests.stored.calls import declined

ROLES = ("anonymous", "member", "other", "auditor", "limited", "operator", "admin")
# Whose words they are: the owner and the team.
READERS = ("member",)
TABLE = Path(__file__).with_name("doors.txt")
CANARY = "canary-7f3a91"


@dataclass(frozen=True)
class World:
    """Someone's conversation with a canary in every place where people's words can be."""

    conversation: Conversation
    response: Response
    people: dict[str, User]
    attachment: Attachment

    def client(self, role: str) -> Client:
        client = Client(raise_request_exception=False)
        if role in self.people:
            client.force_login(self.people[role])
        return client


@pytest.fixture
def world(alice: User, carol: User, conversation: Conversation) -> World:
    turn = turns.send_message(alice, conversation.pk, client_key=uuid4(), text=f"A {CANARY}", tip=None)
    response = turn.responses.get()
    items.add(response, "output", [items.message(f"Another {CANARY}")])  # type: ignore[arg-type]
    Conversation.objects.update(title=CANARY, instructions=CANARY)
    Response.objects.update(
        instructions=CANARY,
        tools=[{"type": "function", "name": CANARY}],
        checkpoint={"items": [items.message(CANARY)]},
        response_id="resp_1",
        upstream_state="stored",
        status="completed",
        ended_at=turn.created_at,
    )
    response.refresh_from_db()
    declined(response, alice, arguments=CANARY, output=CANARY, reason=CANARY)
    staff = {role: User.objects.create_user(f"some-{role}", role=role) for role in Role.values[1:]}
    limited = User.objects.create_user("some-limited", role=Role.AUDITOR)
    limited.limited_to.add(Team.objects.get(name="Field"))
    person("bob", "Research")
    plan_for(conversation, staff["admin"])
    add_channel()
    McpServer.objects.create(label="docs", url="https://mcp.example.com/")
    people = {"member": alice, "other": carol, "limited": limited, **staff}
    return World(conversation, response, people, attached(response, CANARY))


def add_channel() -> None:
    """With a delivery; e-mail is off, so that nothing is sent anywhere."""
    fields = {"name": "ops", "kind": "email", "address": "ops@example.com", "kinds": []}
    channel = NoticeChannel.objects.create(pk=1, **fields)
    now = clock.now()
    Delivery.objects.create(channel=channel, created_at=now, state="sent", ended_at=now)


def plan_for(conversation: Conversation, planner: User) -> None:
    selection = Selection(conversation=conversation.pk)
    wanted = Wanted(source=Source.CONVERSATION, selection=selection, by=planner, actor=audit.person(planner))
    assert plans.make(plans.begin(wanted).pk)


def table(*methods: str) -> dict[str, dict[str, str]]:
    """From "GET address": role to answer, for doors of these methods."""
    lines = [line for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
    rows = [line.rpartition(" | ") for line in lines]
    known = {door.strip(): dict(zip(ROLES, said.split(), strict=True)) for door, _bar, said in rows}
    return {door: said for door, said in known.items() if door.partition(" ")[0] in methods}

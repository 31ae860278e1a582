"""A bulk deletion that much goes wrong with: its beginning, and what must be true of its end."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from conversations import clock
from conversations.models import Conversation, Deployment, Endpoint, Hold, User
from tests.retention.rows import add_responses, started
from tests.stack import Stack
from tests.talk import control, delete_upstream

BEGIN = "from tests.faults.deletions import begin; print(begin({file!r}))"
ROWS = (
    "SELECT r.response_id, d.outcome, d.read_back FROM conversations_deletion d"
    " JOIN conversations_response r ON r.id = d.response_id WHERE d.job_id = %s"
)
DECIDED = "SELECT count(*) FROM conversations_deletion WHERE job_id = %s AND decided_at IS NOT NULL"
JOB = "SELECT state, trouble FROM conversations_deletionjob WHERE id = %s"
TOLD = "SELECT details FROM conversations_auditentry WHERE action = 'job_progressed' AND subject_id = %s"
# Of a hundred requests to delete.
FAULTS = {"429=ms:200": 0.05, "500": 0.02, "unheard": 0.01}
GONE, HELD = 0.01, 0.02


@dataclass
class Purge:
    stack: Stack
    job: str
    ids: set[str]
    gone: set[str]
    held: set[str]

    async def done(self) -> None:
        await self._until(lambda: self.state() == "done")

    async def so_many_decided(self, share: float) -> None:
        await self._until(lambda: self.stack.rows(DECIDED, self.job)[0][0] >= share * len(self.ids))

    async def _until(self, true: Callable[[], bool]) -> None:
        while True:
            if await asyncio.to_thread(true):
                return
            await asyncio.sleep(0.2)

    def state(self) -> str:
        ((state, trouble),) = self.stack.rows(JOB, self.job)
        assert not trouble, trouble
        return str(state)

    async def check(self) -> None:
        """Every id has one end, and upstream has just what it should have."""
        found = {key: (outcome, read_back) for key, outcome, read_back in self.stack.rows(ROWS, self.job)}
        assert set(found) == self.ids
        left = set((await control(self.stack, "GET", "ids"))["ids"])
        assert left & self.ids == self.held
        assert {key for key, (outcome, _) in found.items() if outcome == "held"} == self.held
        assert {outcome for outcome, _ in found.values()} == {"deleted", "already_absent", "held"}
        assert all(found[key][0] == "already_absent" for key in self.gone)
        assert {back for outcome, back in found.values() if outcome == "deleted"} == {"confirmed"}
        self._check_trail()

    def _check_trail(self) -> None:
        told: Counter[tuple[int, str]] = Counter()
        for (details,) in self.stack.rows(TOLD, self.job):
            entry = details if isinstance(details, dict) else json.loads(details)
            told.update((key, what) for what, keys in entry["rows"].items() for key, _number in keys)
        assert max(told.values()) == 1, "nothing is booked twice"
        assert len({key for key, _what in told}) == len(self.ids)


@asynccontextmanager
async def purging(stack: Stack, count: int, settle: int) -> AsyncIterator[Purge]:
    """Under way: so many responses, some of them held, some gone already, and all of them in for trouble."""
    ids = (await control(stack, "POST", "responses", {"count": count, "age": 3600}))["ids"]
    held, gone = ids[: int(count * HELD)], ids[-int(count * GONE) :]
    for key in gone:
        await delete_upstream(stack, key)
    for number, (faults, share) in enumerate(FAULTS.items()):
        rare = {"faults": faults, "share": share, "seed": number, "operation": "delete"}
        await control(stack, "POST", "faults", rare)
    file = stack.folder / "purge.json"
    file.write_text(json.dumps({"ids": ids, "held": held, "settle": settle}))
    job = await asyncio.to_thread(stack.manage, "shell", "-v0", "-c", BEGIN.format(file=str(file)))
    yield Purge(stack, job.split()[-1], set(ids), set(gone), set(held))
    await control(stack, "DELETE", "faults")


def begin(file: str) -> str:
    """In a process of the stack: rows of the ledger, a hold, and the job that runs."""
    wanted: dict[str, Any] = json.loads(Path(file).read_text())
    now, oscar = clock.now(), User.objects.get(username="oscar")
    kept, rest = _conversation(now), _conversation(now)
    Endpoint.objects.filter(pk=kept.deployment.endpoint_id).update(settle_seconds=wanted["settle"])
    long_ago = {"queued_at": now - timedelta(hours=1), "ended_at": now - timedelta(hours=1)}
    held = set(wanted["held"])
    rows = add_responses(kept, kept.deployment, held, **long_ago)
    rows += add_responses(
        rest, rest.deployment, [key for key in wanted["ids"] if key not in held], **long_ago
    )
    Hold.objects.create(conversation=kept, reason="Case 12", placed_by=oscar, placed_at=now, starts_at=now)
    return str(started(rows).pk)


def _conversation(now: datetime) -> Conversation:
    alice, deployment = User.objects.get(username="alice"), Deployment.objects.order_by("pk")[0]
    team = alice.teams.all()[0]
    made = {"owner": alice, "team": team, "deployment": deployment, "created_at": now, "updated_at": now}
    return Conversation.objects.create(client_key=uuid4(), **made)

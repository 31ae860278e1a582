"""What the desk did in the demo's last month: deletions with proof, one that was refused, a hold, a look."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from conversations import clock
from conversations.demo.threads import THREADS
from conversations.demo.upstream import Upstream
from conversations.models import Conversation, Response, User
from conversations.models.responses import Status
from conversations.people import grants
from conversations.people.audit import person
from conversations.retention import runner
from conversations.stored import deleting, holds

AFTER_THE_SETTLE_WINDOW = timedelta(minutes=2)

Does = Callable[[Upstream, Conversation], None]


@dataclass(frozen=True)
class Deed:
    at: datetime
    thread: int
    do: Does


def deeds(now: datetime) -> list[Deed]:
    """Oldest first."""
    number = {thread.name: place for place, thread in enumerate(THREADS)}
    done: list[tuple[int, str, Does]] = [
        *((thread.days - 6, thread.name, delete) for thread in THREADS if thread.deletes),
        (5, "warranty", hold),
        (4, "complaint", look),
        (2, "backup", be_refused),
    ]
    morning = now.replace(hour=10, minute=20, second=0, microsecond=0)
    found = [Deed(morning - timedelta(days=days), number[name], does) for days, name, does in done]
    return sorted(found, key=lambda deed: deed.at)


def delete(upstream: Upstream, conversation: Conversation) -> None:
    """Every stored answer of it, and the read-back after the settle window."""
    oscar, began = User.objects.get(username="oscar"), clock.now()
    for response in _stored(conversation):
        row = deleting.request(
            response, user=oscar, actor=person(oscar), reason="Asked for by a participant of the study"
        )
        deleting.carry_out(row)
    later = began + AFTER_THE_SETTLE_WINDOW
    clock.set_to(later)
    upstream.set_clock(later)
    runner.run_due()


def be_refused(upstream: Upstream, conversation: Conversation) -> None:
    """Upstream doesn't let this key delete."""
    oscar, response = User.objects.get(username="oscar"), _stored(conversation)[0]
    row = deleting.request(response, user=oscar, actor=person(oscar), reason="No longer needed")
    upstream.fault("403", operation="delete")
    deleting.carry_out(row)


def hold(_upstream: Upstream, conversation: Conversation) -> None:
    oscar = User.objects.get(username="oscar")
    holds.place(conversation, reason="Warranty claim 2214 is open", user=oscar, actor=person(oscar))


def look(_upstream: Upstream, conversation: Conversation) -> None:
    audrey = User.objects.get(username="audrey")
    grants.grant(audrey, conversation, "A customer complains about what we wrote", actor=person(audrey))
    for response in conversation.responses.order_by("queued_at"):
        grants.note_reading(audrey, response, actor=person(audrey))


def _stored(conversation: Conversation) -> list[Response]:
    return list(conversation.responses.filter(status=Status.COMPLETED).order_by("queued_at"))

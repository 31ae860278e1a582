"""A run of computer use as clients get it (docs/protocol.md)."""

from base64 import b64encode
from datetime import timedelta
from typing import Any

from django.conf import settings

from conversations.chat.hub import SIGHT
from conversations.chat.shapes import iso, person
from conversations.chat.straying import page_of
from conversations.models import ComputerRun, ComputerStep, SafetyCheck
from conversations.models.computer_runs import RunState
from conversations.tools.browser import Hand, Outcome

Json = dict[str, Any]


def run(row: ComputerRun) -> Json:
    steps = row.steps.select_related("confirmed_by").prefetch_related("checks__decided_by")
    return {
        "id": str(row.pk),
        "turn": str(row.turn_id),
        "attempt": row.attempt,
        "state": row.state,
        "reason": row.reason,
        "told": row.told,
        "revision": row.revision,
        "width": row.width,
        "height": row.height,
        "start_url": row.start_url,
        "most_steps": row.most_steps,
        "most_seconds": row.most_seconds,
        "created_at": iso(row.created_at),
        "started_at": iso(row.started_at),
        "ended_at": iso(row.ended_at),
        "waits_until": iso(waits_until(row)),
        "hand_of": person(row.hand_of) if row.hand_of else None,
        "stopped_by": person(row.stopped_by) if row.stopped_by else None,
        "steps": [step(each) for each in steps.order_by("number")],
    }


def waits_until(row: ComputerRun) -> Any:
    if row.state not in (RunState.WAITS_FOR_PERSON, RunState.PAUSED) or row.waits_since is None:
        return None
    return row.waits_since + timedelta(seconds=settings.COMPUTER_WAIT_SECONDS)


def step(row: ComputerStep) -> Json:
    return {
        "id": str(row.pk),
        "number": row.number,
        "response": str(row.response_id),
        "actions": row.actions,
        "state": row.state,
        "revision": row.revision,
        "screenshot": row.screenshot,
        "is_stale": row.is_stale,
        "url": row.url,
        "title": row.title,
        "notes": row.notes,
        "pointer": None if row.pointer_x is None else [row.pointer_x, row.pointer_y],
        "started_at": iso(row.started_at),
        "ended_at": iso(row.ended_at),
        "confirmed_by": person(row.confirmed_by) if row.confirmed_by else None,
        "checks": [check(each) for each in row.checks.all()],
    }


def check(row: SafetyCheck) -> Json:
    return {
        "code": row.code,
        "message": row.message,
        "decision": row.decision,
        "decided_by": person(row.decided_by) if row.decided_by else None,
        "decided_at": iso(row.decided_at),
    }


def sight(row: ComputerRun, seen: Outcome) -> Json:
    """What is to be seen in its browser at this moment; kept nowhere."""
    return {
        "type": SIGHT,
        "run": str(row.pk),
        "turn": str(row.turn_id),
        "picture": b64encode(seen.screenshot).decode(),
        "media_type": seen.media_type,
        "url": page_of(seen.url),
        "title": seen.title,
        "focus": seen.focus,
        "is_secret": seen.hand is not Hand.NONE,
        "notes": list(seen.notes),
    }

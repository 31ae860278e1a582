"""A response and what was said in it, as all formats tell it."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import orjson

from conversations.models import Attachment, ComputerStep, HeldCopy, Item, Response, ToolCall
from conversations.models.responses import Direction
from conversations.models.tool_calls import CallState
from conversations.stored import browsed, references
from conversations.stored.formats import browsing
from conversations.stored.formats.times import for_people, time
from conversations.stored.telling import Line, cited, told

ASKED, ANSWERED = Direction.INPUT, Direction.OUTPUT


def as_object(row: Response) -> dict[str, Any]:
    """Everything that is kept, as JSON has it."""
    return {
        "id": str(row.pk),
        "response_id": row.response_id,
        "previous_response_id": row.previous.response_id if row.previous else None,
        "origin": row.origin,
        "conversation": _key(row.conversation_id),
        "turn": _key(row.turn_id),
        "attempt": row.attempt,
        "round": row.round,
        "team": row.team.name if row.team else None,
        "person": row.person.username if row.person else None,
        "endpoint": row.endpoint.name,
        "deployment": row.deployment.name,
        "model": row.model,
        "status": row.status,
        "upstream_state": row.upstream_state,
        "stored": row.stored,
        "background": row.background,
        **{name: time(getattr(row, name)) for name in TIMES},
        "usage": {name: getattr(row, name) for name in TOKENS} | {"estimated": row.usage_estimated},
        "cost": None if row.cost is None else {"amount": str(row.cost), "currency": row.deployment.currency},
        **{name: getattr(row, name) for name in AS_THEY_ARE},
        "input": [item.payload for item in items(row, ASKED)],
        "output": [item.payload for item in items(row, ANSWERED)],
        "attachments": [_attachment(each) for each in row.attachments.all()],
        "calls": [_call(each) for each in row.calls.all()],
        "computer": browsing.as_object(row),
        "upstream_copy": _copy(row),
    }


ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "image/gif": "gif"}


def file_of(row: Attachment) -> str:
    """Its name in the archive."""
    ending = "pdf" if row.content_type == "application/pdf" else ENDINGS.get(row.content_type, "bin")
    return f"files/{row.content_id}.{ending}"


def _attachment(row: Attachment) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in ("name", "alt", "content_type", "width", "height", "pages")}
    return {"sha256": row.content_id, "file": file_of(row), **told}


def copy_of(row: Response) -> HeldCopy | None:
    """Upstream's own, where it was fetched because the ledger lacked something of what is held."""
    copy: HeldCopy | None = getattr(row, "held_copy", None)
    return copy if copy and copy.body is not None else None


def _copy(row: Response) -> dict[str, Any] | None:
    copy = copy_of(row)
    if copy is None:
        return None
    return {
        "fetched_at": time(copy.looked_at),
        "ledger_lacked": copy.missing,
        "body": copy.body,
        "input": copy.input,
    }


def _call(row: ToolCall) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in CALL}
    times = {
        name: time(getattr(row, name)) for name in ("created_at", "started_at", "ended_at", "decided_at")
    }
    return told | times | {"decided_by": row.decided_by.username if row.decided_by else None}


CALL = (
    *("call_id", "kind", "name", "server", "arguments", "state", "output"),
    *("needed_approval", "approvers", "reason"),
)
TIMES = ("queued_at", "started_at", "first_delta_at", "ended_at", "expires_at", "upstream_seen_at")
TOKENS = ("input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens")
AS_THEY_ARE = (
    *("size", "instructions", "tools", "parameters", "history", "history_reason", "error"),
    *("incomplete_details", "request_ids"),
)


def items(row: Response, direction: Direction) -> list[Item]:
    """From what was fetched along with the row."""
    found = [item for item in row.items.all() if item.direction == direction]
    return sorted(found, key=lambda item: item.position)


def _key(key: object) -> str | None:
    return None if key is None else str(key)


# How the name of a file begins, and what a picture is sent as.
NOT_WORDS = (references.PREFIX, "data:", *references.MARKS)


@dataclass(frozen=True)
class Said:
    """One item for people to read; `code` where it is JSON rather than words."""

    who: str
    text: str
    code: bool = False
    files: tuple[Attachment, ...] = ()
    lines: tuple[Line, ...] = ()


def said(row: Response, direction: Direction) -> list[Said]:
    return [_said(item, _name(row, direction), _files(item, row)) for item in items(row, direction)]


def _files(item: Item, row: Response) -> tuple[Attachment, ...]:
    known = {each.content_id: each for each in row.attachments.all()}
    named = references.named_in(item.payload) if known else []
    return tuple(known[key] for key in named if key in known)


def _said(item: Item, name: str, files: tuple[Attachment, ...]) -> Said:
    is_role = item.direction == ASKED and item.role in ("system", "developer", "assistant")
    who = item.role if is_role else name
    who = who if item.type == "message" else f"{who} ({item.type})"
    # Pictures stand among the files.
    lines = [line for line in told(item.payload) if not line.text.startswith(NOT_WORDS)]
    if lines:
        return Said(who, "", files=files, lines=tuple(lines))
    if item.text or (files and item.type == "message"):
        return Said(who, item.text, files=files, lines=tuple(cited(item.payload)))
    return Said(who, _json(item.payload), code=True, files=files)


def called(row: Response) -> list[Said]:
    """What came of each call; what it was called with stands among the items of the answer."""
    return [_called(call) for call in row.calls.all()]


def _called(call: ToolCall) -> Said:
    who = f"{call.name} ({verdict(call)})"
    try:
        output = orjson.loads(call.output)
    except orjson.JSONDecodeError:
        return Said(who, call.output)
    return Said(who, _json(output), code=True) if isinstance(output, dict | list) else Said(who, call.output)


def verdict(call: ToolCall) -> str:
    """Its state, who decided and when, and why it was declined."""
    said = call.get_state_display()
    if call.decided_by is None or call.decided_at is None:
        return said
    word = "" if call.state == CallState.DECLINED else "decided "
    reason = f": {call.reason}" if call.reason else ""
    return f"{said}, {word}by {call.decided_by.name} on {for_people(call.decided_at)}{reason}"


def browsed_by(row: Response) -> list[Said]:
    """Each step of a task in a browser, with its picture."""
    known = {each.content_id: each for each in row.attachments.all()}
    return [_browsed(step, known) for step in browsed.steps(row)]


def _browsed(step: ComputerStep, known: dict[str, Attachment]) -> Said:
    who = f"Browser, step {step.number} ({browsing.verdict(step)})"
    picture = known.get(step.screenshot)
    return Said(who, "", files=(picture,) if picture else (), lines=tuple(browsed.lines(step)))


def _json(payload: Any) -> str:
    return orjson.dumps(payload, option=orjson.OPT_INDENT_2).decode()


def _name(row: Response, direction: Direction) -> str:
    if direction == ANSWERED:
        return row.model or row.deployment.name
    return row.person.name if row.person else "user"


@dataclass(frozen=True)
class Passage:
    """A response in a text: what was asked is told once, however often it was answered."""

    row: Response
    asked: list[Said]
    answered: list[Said]


def conversations(rows: Iterator[Response]) -> Iterator[tuple[str, str, Iterator[Passage]]]:
    """Name of the file without its ending, title, passages; `rows` have conversations side by side."""
    for key, group in groupby(rows, key=lambda row: row.conversation_id):
        first = next(group)
        title = (first.conversation.title if first.conversation else "") or "Untitled"
        name = f"conversation-{key}" if key else "imported"
        yield name, title if key else "Imported responses", _passages(first, group)  # noqa: B031  # the rest of it


def _passages(first: Response, others: Iterator[Response]) -> Iterator[Passage]:
    turn = None
    for row in (first, *others):
        again = row.turn_id is not None and row.turn_id == turn
        turn = row.turn_id
        yield Passage(
            row, [] if again else said(row, ASKED), said(row, ANSWERED) + called(row) + browsed_by(row)
        )


def facts(row: Response) -> list[tuple[str, str]]:
    """What stands below an answer."""
    tokens = f"{row.input_tokens} in, {row.output_tokens} out" if row.input_tokens is not None else ""
    copy = copy_of(row)
    told = [
        ("Response id", row.response_id or "never learned"),
        ("Status", row.get_status_display()),
        ("Model", row.model or row.deployment.name),
        ("Tokens", tokens),
        ("Cost", "" if row.cost is None else f"{row.cost.normalize():f} {row.deployment.currency}"),
        ("Upstream", row.get_upstream_state_display()),
        ("Stored until", for_people(row.expires_at)),
        ("Copy of upstream's, in JSON lines", for_people(copy.looked_at) if copy else ""),
        ("Trouble", str((row.error or {}).get("summary") or "")),
    ]
    return [(name, value) for name, value in told if value]

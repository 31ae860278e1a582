"""Calls of tools on a response's page: what was decided by whom, and under a grant what was said."""

from dataclasses import dataclass
from typing import Any

import orjson
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from conversations.admin import cells, values
from conversations.models import Response, ToolCall
from conversations.models.tool_calls import CallState
from conversations.stored.depth import bounded

STATES = {
    CallState.ASKS_APPROVAL: ("expiring", "circle-help"),
    CallState.ASKS_OUTPUT: ("expiring", "circle-help"),
    CallState.QUEUED: ("", "hourglass"),
    CallState.RUNNING: ("", "loader"),
    CallState.DONE: ("stored", "check"),
    CallState.FAILED: ("failed", "octagon-alert"),
    CallState.TIMED_OUT: ("failed", "hourglass"),
    CallState.DECLINED: ("", "x"),
    CallState.STOPPED: ("", "square"),
}


@dataclass(frozen=True)
class Shown:
    """`words` is empty while they are closed."""

    row: ToolCall
    pill: SafeString
    asked: str
    words: list[tuple[str, SafeString | str]]


def of(response: Response, *, readable: bool) -> list[Shown]:
    return [_shown(row, readable) for row in response.calls.select_related("decided_by")]


def _shown(row: ToolCall, readable: bool) -> Shown:
    meaning, icon = STATES[CallState(row.state)]
    pill = cells.pill(row.get_state_display(), meaning=meaning, icon_name=icon)
    asked = row.get_approvers_display() if row.needed_approval or row.decided_by_id else ""
    return Shown(row, pill, asked, _words(row) if readable else [])


def _words(row: ToolCall) -> list[tuple[str, SafeString | str]]:
    told = [(_("Arguments"), row.arguments), (_("Output"), row.output), (_("Reason"), row.reason)]
    return [(name, _json(text)) for name, text in told if text]


def _json(text: str) -> SafeString | str:
    """With folding where it is JSON."""
    try:
        value: Any = orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
    return values.json_viewer(bounded(value)) if isinstance(value, dict | list) else text

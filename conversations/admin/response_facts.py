"""What a response's page says of it without any of its words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from conversations import clock
from conversations.admin import cells, values
from conversations.models import Deletion, Hold, Response, User
from conversations.models.deletions import GONE, Outcome, ReadBack
from conversations.people import rights
from conversations.stored import chains, holds, own_deleted, policies
from conversations.stored.chains import Tree
from conversations.stored.whereabouts import Whereabouts, is_there, why_still_here

OUTCOMES = {
    Outcome.PLANNED: ("", "calendar-clock"),
    Outcome.PENDING: ("", "hourglass"),
    Outcome.IN_FLIGHT: ("", "loader"),
    Outcome.DELETED: ("deleted", "trash-2"),
    Outcome.ALREADY_ABSENT: ("deleted", "cloud-off"),
    Outcome.NOT_VISIBLE: ("", "hourglass"),
    Outcome.HELD: ("held", "lock"),
    Outcome.FAILED: ("failed", "octagon-alert"),
    Outcome.CANCELLED: ("", "square"),
}
READ_BACKS = {
    ReadBack.PENDING: ("", "hourglass"),
    ReadBack.CONFIRMED: ("deleted", "check"),
    ReadBack.STILL_THERE: ("failed", "octagon-alert"),
}

Pairs = Sequence[tuple[str, Any]]


@dataclass(frozen=True)
class Facts:
    pills: list[SafeString]
    why: str
    left: SafeString | None
    holds: list[Hold]
    groups: list[tuple[str, Pairs]]
    tree: Tree
    deletions: list[dict[str, Any]]


def of(row: Response, user: User) -> Facts:
    tree = chains.tree(row, rights.responses_at_desk(user))
    held = list(holds.holds_of(row))
    there = is_there(row.upstream_state, row.expires_at, clock.now())
    return Facts(
        pills=[values.status_pill(row), values.upstream_pill(row), *([values.held_pill()] if held else [])],
        why=why(row, [hold.reason for hold in held]),
        left=cells.days_left(row.expires_at, of=row.endpoint.retention_days) if there else None,
        holds=held,
        groups=[
            (_("Whose"), _whose(row)),
            (_("Where"), _where(row)),
            (_("How much"), _figures(row)),
            (_("When"), _times(row)),
        ],
        tree=tree,
        deletions=[_deletion(one) for one in row.deletions.select_related("requested_by")],
    )


def why(row: Response, reasons: Sequence[str]) -> str:
    return why_still_here(
        Whereabouts(
            state=row.upstream_state,
            at=clock.now(),
            expires_at=row.expires_at,
            seen_at=row.upstream_seen_at,
            retention_days=row.endpoint.retention_days,
            holds=reasons,
            policy=policy.name if (policy := policies.of_response(row)) else "",
            own=own_deleted.begins(row),
            later=len(chains.descendants(row)),
        )
    )


def _whose(row: Response) -> Pairs:
    conversation = row.conversation
    url = reverse("admin:conversations_conversation_change", args=[conversation.pk]) if conversation else ""
    link = format_html('<a href="{}"><code>{}</code></a>', url, conversation.pk) if conversation else None
    return [
        (_("Person"), cells.person(row.person)),
        (_("Team"), row.team or cells.NOTHING),
        (_("Conversation"), link or cells.NOTHING),
        (_("Message"), _("%d, attempt %d") % (row.turn.number, row.attempt) if row.turn else cells.NOTHING),
        (_("Came by"), row.get_origin_display()),
        (_("Stopped by"), cells.person(row.stopped_by)),
    ]


def _where(row: Response) -> Pairs:
    return [
        (_("Deployment"), row.deployment),
        (_("Model"), row.model or cells.NOTHING),
        (_("Endpoint"), row.endpoint),
        (_("Key"), row.key_alias or cells.NOTHING),
        (_("History"), f"{row.get_history_display()}. {row.history_reason}".strip()),
        *((_("Request id (%s)") % name, cells.copyable(value)) for name, value in row.request_ids.items()),
    ]


def _figures(row: Response) -> Pairs:
    estimated = _(" (estimated)") if row.usage_estimated else ""
    return [
        (_("Input tokens"), format_html("{}{}", cells.figure(row.input_tokens), estimated)),
        (_("of those cached"), cells.figure(row.cached_tokens)),
        (_("Output tokens"), format_html("{}{}", cells.figure(row.output_tokens), estimated)),
        (_("of those reasoning"), cells.figure(row.reasoning_tokens)),
        (_("Cost"), cells.money(row.cost, row.deployment.currency)),
        (_("Characters repaired"), cells.figure(row.repaired)),
    ]


def _times(row: Response) -> Pairs:
    return [
        (_("Asked"), cells.moment(row.queued_at)),
        (_("First word after"), _seconds(row.started_at, row.first_delta_at)),
        (_("Took"), _seconds(row.started_at, row.ended_at)),
        (_("Ended"), cells.moment(row.ended_at)),
        (_("Seen upstream"), cells.moment(row.upstream_seen_at)),
        (_("Stored until"), cells.moment(row.expires_at)),
    ]


def _seconds(start: datetime | None, end: datetime | None) -> SafeString:
    if start is None or end is None:
        return cells.NOTHING
    return format_html('<span class="figure">{}</span>', _("%.1f s") % (end - start).total_seconds())


def _deletion(row: Deletion) -> dict[str, Any]:
    meaning, icon = OUTCOMES[Outcome(row.outcome)]
    read_back = READ_BACKS.get(ReadBack(row.read_back))
    return {
        "row": row,
        "outcome": cells.pill(row.get_outcome_display(), meaning=meaning, icon_name=icon),
        "read_back": cells.pill(
            _("Read back: %s") % row.get_read_back_display().lower(),
            meaning=read_back[0],
            icon_name=read_back[1],
        )
        if read_back
        else "",
        "answers": values.json_viewer(row.answers) if row.answers else "",
    }


def outcome_message(deletion: Deletion) -> tuple[int, str]:
    """What the person who asked for a deletion is told of its first request."""
    if deletion.outcome in GONE:
        words = _("%(outcome)s upstream (HTTP %(status)s). %(explanation)s")
    elif deletion.outcome in (Outcome.FAILED, Outcome.HELD):
        words = _("Not deleted: %(explanation)s")
    else:
        words = _("Not deleted yet: %(explanation)s It is tried again by itself.")
    said = words % {
        "outcome": deletion.get_outcome_display(),
        "status": deletion.http_status,
        "explanation": deletion.explanation,
    }
    bad = deletion.outcome in (Outcome.FAILED, Outcome.HELD)
    level = messages.SUCCESS if deletion.outcome in GONE else messages.ERROR if bad else messages.WARNING
    return level, said.strip()

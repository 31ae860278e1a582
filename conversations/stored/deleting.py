"""Deletes one response upstream, with proof: asked for, claimed, sent, booked, read back when it has settled.

A bulk deletion's many run through the same rows, `claims` and `booking`.
"""

import logging
from functools import partial

import redis
from django.db import IntegrityError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations import bus, clock
from conversations.models import Deletion, Response, User
from conversations.models.audit import Action
from conversations.models.deletions import UNDECIDED
from conversations.models.responses import UpstreamState
from conversations.people.audit import Actor, audited, record
from conversations.responses_api import Endpoint
from conversations.responses_api.budget import debit
from conversations.stored import holds
from conversations.stored.asking import ask
from conversations.stored.booking import book
from conversations.stored.claims import claim_one, send
from conversations.stored.whereabouts import moment

logger = logging.getLogger(__name__)

REASON_MAX = 500
NOTHING_THERE = {
    UpstreamState.NOT_STORED: gettext_lazy(
        "It was asked for with store=false, so upstream has nothing to delete."
    ),
    UpstreamState.DELETED: gettext_lazy("It was deleted upstream already."),
    UpstreamState.ABSENT: gettext_lazy(
        "Upstream has confirmed that it is absent, so there is nothing to delete."
    ),
}


class CannotDelete(Exception):
    """Why, for people."""


def obstacle(response: Response) -> str:
    """Why the response can't be deleted upstream now; empty where it can."""
    if response.is_open:
        return _("It is still running. Stop it first.")
    if not response.response_id:
        return _without_id(response)
    if response.upstream_state in NOTHING_THERE:
        return str(NOTHING_THERE[UpstreamState(response.upstream_state)])
    if response.deletions.filter(outcome__in=UNDECIDED).exists():
        return _("A deletion of it is on its way already.")
    named = ", ".join(f"“{hold.reason}”" for hold in holds.holds_of(response))
    return _("It is held (%(holds)s) and must stay until the hold ends.") % {"holds": named} if named else ""


def _without_id(response: Response) -> str:
    if response.upstream_state == UpstreamState.NOT_SENT:
        return _("It was never sent upstream, so there is nothing to delete.")
    return _(
        "Its id was never learned, so upstream can't be asked to delete it. If it is stored there, it expires"
        " by %(when)s."
    ) % {"when": moment(response.expires_at)}


def request(response: Response, *, user: User | None, actor: Actor, reason: str) -> Deletion:
    """Write down that it shall be deleted; nothing is sent yet."""
    reason = reason.strip()[:REASON_MAX]
    why_not = obstacle(response) or ("" if reason else _("Say why it shall be deleted."))
    if why_not:
        raise CannotDelete(why_not)
    now = clock.now()
    try:
        with audited():
            row = Deletion.objects.create(
                response=response,
                endpoint_id=response.endpoint_id,
                requested_by=user,
                actor=actor.text,
                reason=reason,
                requested_at=now,
                due_at=now,
            )
            record(
                Action.DELETION_REQUESTED,
                actor=actor,
                subject=response,
                team=response.team_id,
                reason=reason,
                details={"deletion": row.pk, "response_id": response.response_id},
            )
    except IntegrityError as error:
        raise CannotDelete(_("A deletion of it is on its way already.")) from error
    return row


def carry_out(deletion: Deletion) -> Deletion:
    """The first request at once, for a person who waits; a worker makes the ones that may follow."""
    for claimed in claim_one(deletion):
        _debit(claimed.address)
        book([(claimed, ask(partial(send, claimed=claimed)))])
    deletion.refresh_from_db()
    return deletion


def _debit(endpoint: Endpoint) -> None:
    """A person waits, so it takes from the budget without asking, and goes on where there is none."""
    try:
        bus.client().execute_command(*debit(endpoint))  # type: ignore[no-untyped-call]
    except redis.RedisError as away:
        logger.warning("The budget of requests doesn't know of a deletion: %s", away)

"""Why a response is still there, or since when it isn't, in one sentence. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from conversations.models.responses import UpstreamState

MAYBE_THERE = (UpstreamState.STORED, UpstreamState.UNKNOWN, UpstreamState.NOT_VISIBLE)


@dataclass(frozen=True, kw_only=True)
class Whereabouts:
    """What the sentence is made of. `holds`: the reasons; `later`: responses that chain to it; `own`: when
    the deletion begins that the conversation's owner asked for.
    """

    state: str
    at: datetime
    expires_at: datetime | None = None
    seen_at: datetime | None = None
    retention_days: int = 30
    holds: Sequence[str] = ()
    policy: str = ""
    own: datetime | None = None
    later: int = 0


def is_there(state: str, expires_at: datetime | None, at: datetime) -> bool:
    """Whether upstream has it, as far as is known; at the very moment of its expiry it has not."""
    return state in MAYBE_THERE and not (expires_at and expires_at <= at)


def may_be_there(state: str, expires_at: datetime | None, at: datetime) -> bool:
    """As `is_there`, and what upstream may keep under an id that nobody learned."""
    return is_there(UpstreamState.STORED if state == UpstreamState.NOT_LEARNED else state, expires_at, at)


def why_still_here(known: Whereabouts) -> str:
    """One sentence."""
    if not is_there(known.state, known.expires_at, known.at):
        return _gone(known)
    clauses = [_retention(known), _policy(known), *_holds(known), *_chain(known)]
    return "; ".join(clauses) + "."


def _gone(known: Whereabouts) -> str:
    until, seen = moment(known.expires_at), moment(known.seen_at)
    match known.state:
        case UpstreamState.NOT_SENT:
            return _("It was never sent upstream, so nothing of it is stored there.")
        case UpstreamState.NOT_STORED:
            return _("It was asked for with store=false: only the ledger here has it.")
        case UpstreamState.DELETED:
            return _("It was deleted upstream on %(when)s; only the ledger here has it.") % {"when": seen}
        case UpstreamState.ABSENT:
            return _("Upstream confirmed on %(when)s that it is absent; only the ledger here has it.") % {
                "when": seen
            }
        case UpstreamState.NOT_LEARNED if may_be_there(known.state, known.expires_at, known.at):
            return _(
                "Upstream may hold it under an id that was never learned, so it can't be deleted; it expires"
                " there by %(when)s."
            ) % {"when": until}
    return _("It expired upstream on %(when)s; only the ledger here has it.") % {"when": until}


def _retention(known: Whereabouts) -> str:
    if known.expires_at is None:
        return _("It is stored upstream, and when it expires there isn't known")
    values = {"when": moment(known.expires_at), "kept": known.retention_days}
    return (
        _("It is stored upstream until %(when)s, since the endpoint keeps responses for %(kept)d days")
        % values
    )


def _policy(known: Whereabouts) -> str:
    if known.own:
        return _("its owner deleted the conversation, and from %(when)s on it goes") % {
            "when": moment(known.own)
        }
    if known.policy:
        return _("the policy “%(name)s” deletes it sooner") % {"name": known.policy}
    return _("no policy deletes it sooner")


def _holds(known: Whereabouts) -> list[str]:
    """A hold binds us; upstream's own expiry doesn't know of it."""
    if not known.holds:
        return []
    named = ", ".join(f"“{reason}”" for reason in known.holds)
    return [
        ngettext(
            "the hold %(named)s forbids deleting it, though not its expiry upstream",
            "the holds %(named)s forbid deleting it, though not its expiry upstream",
            len(known.holds),
        )
        % {"named": named}
    ]


def _chain(known: Whereabouts) -> list[str]:
    if not known.later:
        return []
    return [
        ngettext(
            "%(count)d later response chains to it", "%(count)d later responses chain to it", known.later
        )
        % {"count": known.later}
    ]


def moment(at: datetime | None) -> str:
    return date_format(localtime(at), "j M Y, H:i") if at else _("an unknown date")

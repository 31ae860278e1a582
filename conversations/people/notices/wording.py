"""Notices in words, for the inbox, for mails and for webhooks; made of the facts and of nothing else."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from conversations.models import Notice
from conversations.models.notices import NoticeKind

PAGES = {
    "deletionjob": "admin:conversations_deletionjob_change",
    "retentionpolicy": "admin:conversations_retentionpolicy_change",
    "conversation": "conversation",
}


@dataclass(frozen=True)
class Words:
    """`act` says what to do, on the link to where it is done; `past` what it was, for whoever has done it."""

    title: str
    text: str
    act: str
    past: str = ""


Facts = dict[str, Any]


def page_of(subject_type: str, subject_id: str) -> str:
    name = PAGES.get(subject_type)
    return reverse(name, args=[subject_id]) if name else ""


def url_of(notice: Notice) -> str:
    """For those who read it elsewhere; empty where nobody said under which address we are reached."""
    return settings.PUBLIC_URL + notice.path if settings.PUBLIC_URL and notice.path else ""


def words_of(notice: Notice) -> Words:
    return KINDS[NoticeKind(notice.kind)](notice.facts)


def _second_signature(facts: Facts) -> Words:
    number = facts["deletions"]
    title = ngettext(
        "A deletion of %(number)s response waits for a second person",
        "A deletion of %(number)s responses waits for a second person",
        number,
    ) % {"number": f"{number:,}"}
    asked = _("%(by)s asked for it.") % {"by": facts["by"]}
    until = _("If nobody has approved it by %(until)s, it is a plan again.") % {"until": _at(facts["until"])}
    past = ngettext(
        "A deletion of %(number)s response approved or discarded",
        "A deletion of %(number)s responses approved or discarded",
        number,
    ) % {"number": f"{number:,}"}
    return Words(title, f"{asked} {until}", _("Approve or discard the plan"), past)


def _policy_approval(facts: Facts) -> Words:
    text = _("%(by)s wrote or changed “%(policy)s”. Until a second person approves it, it deletes nothing.")
    past = _("“%(policy)s” approved") % facts
    return Words(
        _("A retention policy waits for approval"), text % facts, _("Look at it and approve it"), past
    )


def _tool_approval(facts: Facts) -> Words:
    if facts.get("asks") == "asks_output":
        return _tool_output(facts)
    text = _("An answer to %(by)s waits until somebody allows or refuses the call of “%(tool)s”.")
    past = _("A call of “%(tool)s” allowed or refused") % facts
    return Words(_("A tool waits for approval"), text % facts, _("Look at the call and decide"), past)


def _tool_output(facts: Facts) -> Words:
    text = _("An answer to %(by)s waits until somebody types what “%(tool)s” says.")
    past = _("“%(tool)s” answered or declined") % facts
    return Words(_("A tool waits for a person's answer"), text % facts, _("Look at it and answer"), past)


def _computer_check(facts: Facts) -> Words:
    asked = _("A model that works in a browser for %(by)s needs somebody's word before its next step.")
    until = _("If nobody has given it by %(until)s, the task ends.") % {"until": _at(facts["until"])}
    past = _("A step in a browser allowed or declined")
    title = _("A task in a browser waits for a person")
    text = " ".join(filter(None, [facts.get("why"), asked % facts, until]))
    return Words(title, text, _("Look at the page and decide"), past)


def _backlog(facts: Facts) -> Words:
    late = ngettext(
        "At the rate seen up to %(late)s response expires upstream before its turn.",
        "At the rate seen up to %(late)s responses expire upstream before their turn.",
        facts["late"],
    ) % {"late": f"{facts['late']:,}"}
    text = _("%(remaining)s are left, the first expires at %(first)s, the last would be deleted at %(end)s.")
    told = {
        "remaining": f"{facts['remaining']:,}",
        "first": _at(facts["first_expiry"]),
        "end": _at(facts["end"]),
    }
    title = _("A deletion won't be finished before the first expiry")
    return Words(title, f"{text % told} {late}", _("See what it waits for"))


def _job_halted(facts: Facts) -> Words:
    if facts.get("own"):
        return _own_halted(facts)
    text = _("%(done)s are decided, %(remaining)s are left. Nothing has failed by that.")
    told = {name: f"{facts[name]:,}" for name in ("done", "remaining")}
    act, past = _("See why, then resume or cancel it"), _("A deletion that had stopped resumed or cancelled")
    return Words(_("A deletion stopped by itself"), text % told, act, past)


def _own_halted(facts: Facts) -> Words:
    text = ngettext(
        "%(remaining)s response of a conversation that its owner deleted is left. It is tried each hour.",
        "%(remaining)s responses of a conversation that its owner deleted are left. It is tried each hour.",
        facts["remaining"],
    ) % {"remaining": f"{facts['remaining']:,}"}
    past = _("A member's own delete that had stopped went on")
    return Words(_("A member's own delete stopped by itself"), text, _("See what stops it"), past)


def _policy_failed(facts: Facts) -> Words:
    text = _("“%(policy)s” deletes nothing until that is put right.")
    return Words(_("A retention policy stands still"), text % facts, _("See why"))


def _job_done(facts: Facts) -> Words:
    names = {
        "gone": _("gone upstream: %s"),
        "failed": _("failed: %s"),
        "still_there": _("still there: %s"),
        "held": _("held: %s"),
    }
    counts = [words % f"{facts[name]:,}" for name, words in names.items() if facts.get(name)]
    text = _("%(counts)s.") % {"counts": ", ".join(counts).capitalize()} if counts else ""
    return Words(_("A deletion is done"), text, _("See the report"))


KINDS: dict[NoticeKind, Callable[[Facts], Words]] = {
    NoticeKind.SECOND_SIGNATURE: _second_signature,
    NoticeKind.POLICY_APPROVAL: _policy_approval,
    NoticeKind.TOOL_APPROVAL: _tool_approval,
    NoticeKind.COMPUTER_CHECK: _computer_check,
    NoticeKind.BACKLOG: _backlog,
    NoticeKind.JOB_HALTED: _job_halted,
    NoticeKind.POLICY_FAILED: _policy_failed,
    NoticeKind.JOB_DONE: _job_done,
}


def _at(iso: str) -> str:
    """Mails and cards know no time zone of their reader."""
    return f"{datetime.fromisoformat(iso).astimezone(UTC):%d %b %Y, %H:%M} UTC"

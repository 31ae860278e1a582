"""What was done last, in words: by everybody for those who may read the audit trail, else by oneself."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from conversations.models import AuditEntry, User
from conversations.models.audit import Action
from conversations.models.deletions import Outcome
from conversations.people import rights

Words = str | Promise
SHOWN = 12
# What everybody does every day would push everything else off the page.
USUAL = (Action.LOGIN, Action.LOGOUT)
DEEDS: dict[str, tuple[str, Words]] = {
    Action.LOGIN_REFUSED: ("user-x", _("was refused at the log-in")),
    Action.PASSWORD_CHANGED: ("key-round", _("changed a password")),
    Action.PERSON_CHANGED: ("users", _("changed a person")),
    Action.ROLE_CHANGED: ("users", _("changed a role")),
    Action.TEAM_CHANGED: ("users", _("changed a team")),
    Action.MEMBERSHIP_CHANGED: ("users", _("changed who is in a team")),
    Action.ENDPOINT_CHANGED: ("server", _("changed an endpoint")),
    Action.DEPLOYMENT_CHANGED: ("server", _("changed a deployment")),
    Action.ACCESS_REFUSED: ("user-x", _("was refused a page")),
    Action.GRANT_MADE: ("shield", _("gave a reason to read what others wrote")),
    Action.SEARCHED: ("search", _("searched")),
    Action.CONTENT_READ: ("scroll-text", _("read what others wrote")),
    Action.UPSTREAM_RETRIEVED: ("cloud", _("retrieved a response from upstream")),
    Action.INPUT_ITEMS_READ: ("cloud", _("read input items upstream")),
    Action.DELETION_REQUESTED: ("trash-2", _("asked for a deletion upstream")),
    Action.UPSTREAM_DELETED: ("trash-2", _("got a response deleted upstream")),
    Action.DELETION_READ_BACK: ("circle-check", _("had a deletion read back")),
    Action.IMPORTED: ("archive", _("imported responses")),
    Action.RECONCILED: ("rotate-cw", _("compared the ledger with what upstream lists")),
    Action.EXPORTED: ("download", _("exported")),
    Action.HOLD_PLACED: ("lock", _("placed a hold")),
    Action.HOLD_ENDED: ("lock", _("ended a hold")),
    Action.HOLD_TOO_LATE: ("lock", _("found deletions on their way when a hold began")),
    Action.PLAN_MADE: ("calendar-clock", _("planned deletions")),
    Action.PLAN_APPROVED: ("calendar-clock", _("approved planned deletions")),
    Action.PLAN_EXECUTED: ("calendar-clock", _("executed planned deletions")),
    Action.MCP_SERVER_CHANGED: ("server", _("changed an MCP server")),
    Action.CHANNEL_CHANGED: ("bell", _("changed a notice channel")),
    Action.CHANNEL_TESTED: ("bell", _("tested a notice channel")),
    Action.POLICY_CHANGED: ("calendar-clock", _("changed a retention policy")),
}
OUTCOMES: dict[str, tuple[str, Words]] = {
    Outcome.ALREADY_ABSENT: ("trash-2", _("found a response absent upstream already")),
    Outcome.FAILED: ("octagon-alert", _("failed to get a response deleted upstream")),
    Outcome.HELD: ("lock", _("was kept by a hold from deleting a response")),
}


@dataclass(frozen=True)
class Activity:
    icon: str
    who: Words
    what: Words
    at: datetime
    url: str = ""


def latest(user: User) -> Iterator[Activity]:
    reads_all = rights.may_read_audit(user)
    found = rights.audit_entries_for(user) if reads_all else rights.own_deeds(user)
    unusual = [entry for entry in found.order_by("-number")[: SHOWN * 4] if entry.action not in USUAL]
    for entry in unusual[:SHOWN]:
        icon, what = _told(entry)
        who = name_of(entry.actor) if reads_all else _("You")
        yield Activity(icon, who, what, entry.at, _page_of(entry) if reads_all else _subject_of(entry))


def _told(entry: AuditEntry) -> tuple[str, Words]:
    answer = entry.details.get("outcome") if entry.action == Action.UPSTREAM_DELETED else None
    if answer in OUTCOMES:
        return OUTCOMES[answer]
    return DEEDS.get(entry.action, ("scroll-text", str(entry.get_action_display()).lower()))


def name_of(actor: str) -> str:
    """Of `user:alice#3` the name; `cli:root` and `system:worker` stay as they are."""
    return actor.removeprefix("user:").partition("#")[0] if actor.startswith("user:") else actor


def _page_of(entry: AuditEntry) -> str:
    return reverse("admin:conversations_auditentry_change", args=[entry.pk])


def _subject_of(entry: AuditEntry) -> str:
    """The page of what it was done to, if that has one."""
    try:
        return reverse(f"admin:conversations_{entry.subject_type}_change", args=[entry.subject_id])
    except NoReverseMatch:
        return ""

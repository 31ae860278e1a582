"""Attempts of a browser to go where it may not, for the audit trail: each site once in a task.

An entry names the site, never a path, which may hold what somebody wrote; that is among the notes of the
step, and is erased with it.
"""

from urllib.parse import urlsplit
from uuid import UUID

from conversations.chat import trail
from conversations.models import ComputerRun
from conversations.models.audit import Action
from conversations.people import audit
from conversations.people.audit import audited
from conversations.tools.browser import Event, Kind

Told = dict[str, str]

# A page could make up sites for ever.
MOST = 50
TOO_MANY = "More sites were refused than are told."


class Attempts:
    """Of one browser, as they are heard. `new` are those that aren't in the trail yet: site and reason."""

    def __init__(self, run: UUID) -> None:
        self.run = run
        self.new: Told = {}
        self._known: set[str] = set()

    def hear(self, event: Event) -> None:
        site = site_of(event.url)
        if event.kind is not Kind.REFUSED or site in self._known or len(self._known) > MOST:
            return
        self._known.add(site)
        if len(self._known) > MOST:
            self.new[""] = TOO_MANY
        else:
            self.new[site] = event.detail

    def begin(self, run: UUID) -> None:
        """Another task in the same browser is told everything anew."""
        if run != self.run:
            self.run, self._known = run, set()

    def take(self) -> Told:
        new, self.new = self.new, {}
        return new


def site_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else f"{parts.scheme}:"


def page_of(url: str) -> str:
    """An address without what may be secret in it."""
    return url.partition("?")[0].partition("#")[0]


def note(key: UUID, told: Told) -> None:
    run = ComputerRun.objects.select_related("conversation").get(pk=key)
    with audited():
        for site, why in told.items():
            trail.note(Action.COMPUTER_REFUSED, audit.system("computer"), run, site=site, why=why)

"""What somebody wants to delete, and how it is frozen: what is relative to now becomes times."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from conversations.models import OwnDeletion, Response, RetentionPolicy, User
from conversations.models.deletion_jobs import Source
from conversations.people.audit import Actor
from conversations.retention.refusing import Refused
from conversations.stored.selection import Selection

# They name whom or what they mean, and need no bounds in time besides.
NAMED = {
    Source.CONVERSATION: "conversation",
    Source.PERSON: "person",
    Source.TREE: "",
    Source.BRANCH: "",
    Source.POLICY: "",
    Source.OWN: "",
}
NO_FILTER = Selection()


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """`by` is nobody for a command or a policy, which see everything. `root` is of a tree or a branch: of a
    tree any response in it. `everything` is the only way to do without bounds in time.
    """

    source: Source
    actor: Actor
    by: User | None = None
    selection: Selection = NO_FILTER
    root: Response | None = None
    policy: RetentionPolicy | None = None
    own: OwnDeletion | None = None
    everything: bool = False
    erase: bool = False


def frozen(wanted: Wanted, now: datetime) -> Selection:
    """The same selection tomorrow as now. What is asked from now on is in no plan, so `to` is now at most."""
    _check(wanted)
    selection = _absolute(wanted.selection, now)
    return replace(selection, to=min(selection.to or now, now))


def bounds(wanted: Wanted, selection: Selection) -> tuple[datetime | None, datetime | None]:
    """As the plan shows them: of expiry where only that was bounded, else of asking."""
    if selection.from_ is None and selection.expires_from and selection.expires_to:
        return selection.expires_from, selection.expires_to
    return selection.from_, selection.to


def _check(wanted: Wanted) -> None:
    name = NAMED.get(wanted.source, "")
    if name and getattr(wanted.selection, name) is None:
        raise Refused(_("Name the %(what)s whose responses shall be deleted.") % {"what": name})
    if (wanted.source in (Source.TREE, Source.BRANCH)) != (wanted.root is not None):
        raise Refused(_("A tree and a branch begin with a response; name that, and nothing else does."))
    if wanted.source in NAMED or wanted.everything or is_bounded(wanted.selection):
        return
    raise Refused(
        _(
            "Say from when and until when: what shall be deleted needs an upper and a lower bound in time."
            " Or ask for everything by name."
        )
    )


def is_bounded(selection: Selection) -> bool:
    """Days count back from now, and what expires within days does so from now on: both have two ends.

    Rows that were ticked are named one by one.
    """
    relative = (selection.days, selection.expires_within) != (None, None)
    asked = None not in (selection.from_, selection.to)
    expires = None not in (selection.expires_from, selection.expires_to)
    return relative or asked or expires or selection.ids is not None


def _absolute(selection: Selection, now: datetime) -> Selection:
    if selection.days is not None:
        since = now - timedelta(days=selection.days)
        selection = replace(selection, days=None, from_=max(selection.from_ or since, since))
    if selection.expires_within is not None:
        until = now + timedelta(days=selection.expires_within)
        selection = replace(
            selection,
            expires_within=None,
            expires_from=max(selection.expires_from or now, now),
            expires_to=min(selection.expires_to or until, until),
        )
    return selection

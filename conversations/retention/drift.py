"""What has changed since a plan was frozen: drift, unless it merely went by itself meanwhile."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from conversations import clock
from conversations.models import DeletionJob
from conversations.models.responses import Origin
from conversations.retention import scope
from conversations.stored.holds import is_held


@dataclass(frozen=True)
class Drift:
    """`strayed`: planned and still there, but no longer what was asked for. `gone`: expired, deleted or on
    its way meanwhile. `ended`: was running when it was planned, so the plan has said that it stays out.
    """

    added: int
    newly_held: int
    released: int
    strayed: int
    gone: int
    ended: int

    def __bool__(self) -> bool:
        return any((self.added, self.newly_held, self.released, self.strayed))

    def sentence(self) -> str:
        """Why the plan can't be executed, and what to do."""
        return _("Since this plan was made, %(changes)s. Make a new plan and look at it.") % {
            "changes": "; ".join(self._changes())
        }

    def aside(self) -> str:
        """What went by itself; empty where nothing did."""
        return " ".join(
            said % {"count": count}
            for count, said in (
                (
                    self.gone,
                    ngettext(
                        "%(count)d of it is gone or going by itself meanwhile.",
                        "%(count)d of it are gone or going by themselves meanwhile.",
                        self.gone,
                    ),
                ),
                (
                    self.ended,
                    ngettext(
                        "%(count)d that was running has ended; it is in no plan yet.",
                        "%(count)d that were running have ended; they are in no plan yet.",
                        self.ended,
                    ),
                ),
            )
            if count
        )

    def _changes(self) -> list[str]:
        said = (
            (self.added, ngettext("%d response was added", "%d responses were added", self.added)),
            (self.newly_held, ngettext("%d was put on hold", "%d were put on hold", self.newly_held)),
            (
                self.released,
                ngettext("%d isn't held any more", "%d aren't held any more", self.released),
            ),
            (
                self.strayed,
                ngettext("%d doesn't match any more", "%d don't match any more", self.strayed),
            ),
        )
        return [words % count for count, words in said if count]


def of(job: DeletionJob) -> Drift:
    """Counted by the database, however many rows there are."""
    now = clock.now()
    still = job.deletions.filter(scope.concerned(job, now, "response__")).exclude(
        scope.going_already("response")
    )
    held = still.filter(is_held("response__"))
    matching = scope.deletable(job, now).filter(pk=OuterRef("response"))
    new = scope.deletable(job, now).exclude(scope.listed(job))
    was_running = Q(origin=Origin.CHAT, ended_at__gte=job.created_at)
    return Drift(
        added=new.exclude(was_running).count(),
        newly_held=held.filter(held_when_planned=False).count(),
        released=still.filter(held_when_planned=True).exclude(is_held("response__")).count(),
        strayed=still.exclude(Exists(matching)).count(),
        gone=job.deletions.count() - still.count(),
        ended=new.filter(was_running).count(),
    )

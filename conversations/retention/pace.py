"""How fast deletions go, as far as has been seen here."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min

from conversations.models import DeletionJob
from conversations.models.deletion_jobs import JobState
from conversations.models.deletions import GONE

# Assumed while nothing has been seen; a modest deployment does more.
ASSUMED_PER_SECOND = 20.0
FEWEST = 100
JOBS = 5


@dataclass(frozen=True)
class Pace:
    per_second: float
    measured: bool

    def time_for(self, responses: int) -> timedelta:
        return timedelta(seconds=round(responses / self.per_second, 1))


def pace() -> Pace:
    """Of the newest job that deleted enough to tell."""
    ran = DeletionJob.objects.filter(state__in=[JobState.READING_BACK, JobState.DONE], total__gte=FEWEST)
    for job in ran.order_by("-executed_at")[:JOBS]:
        found = job.deletions.filter(outcome__in=GONE, sent_at__isnull=False).aggregate(
            count=Count("pk"), first=Min("sent_at"), last=Max("decided_at")
        )
        if found["count"] >= FEWEST:
            return Pace(found["count"] / _seconds(found["first"], found["last"]), measured=True)
    return Pace(ASSUMED_PER_SECOND, measured=False)


def _seconds(first: datetime, last: datetime) -> float:
    return max((last - first).total_seconds(), 0.1)

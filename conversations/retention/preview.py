"""What a plan says before anybody executes it; frozen with the plan as JSON. Counts, ids and times, no words.

Each part is a few statements over the plan's rows, however many there are.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet, Sum
from django.db.models.expressions import RawSQL
from django.db.models.functions import TruncDate

from conversations import clock
from conversations.models import Deletion, DeletionJob, Hold, Response
from conversations.models.holds import SUBJECTS
from conversations.retention import scope
from conversations.retention.hashing import moment
from conversations.retention.pace import pace
from conversations.stored.holds import in_force

Json = dict[str, Any]
GOES = Q(held_when_planned=False)
SAMPLES = 5
HOLDS = 50

# What goes and other answers to the same messages, and all that chains to any of them.
_SAME_TEXT = """
WITH RECURSIVE going(id) AS (
    SELECT response_id FROM conversations_deletion WHERE job_id = %s AND NOT held_when_planned
), same(id) AS (
    SELECT id FROM going
    UNION
    SELECT other.id FROM conversations_response other
    JOIN conversations_response r ON r.turn_id = other.turn_id JOIN going ON going.id = r.id
    UNION
    SELECT r.id FROM conversations_response r JOIN same ON r.previous_id = same.id
) SELECT id FROM same
"""


class Preview:
    """`beat` is called between its parts, which may take a while each."""

    def __init__(self, job: DeletionJob, beat: Callable[[], None]) -> None:
        self.job = job
        self.beat = beat
        self.now = clock.now()
        self.rows: QuerySet[Deletion] = job.deletions.order_by()

    def go(self) -> Json:
        parts = {
            "counts": self.counts,
            "bytes": self.bytes,
            "by_team": self.by_team,
            "by_deployment": self.by_deployment,
            "by_day": self.by_day,
            "samples": self.samples,
            "holds": self.holds,
            "chains": self.chains,
            "copies": self.copies,
            "unlearned": self.unlearned,
            "time": self.time,
        }
        found: Json = {}
        for name, part in parts.items():
            found[name] = part()
            self.beat()
        return found

    def counts(self) -> Json:
        job, now = self.job, self.now
        found = self.rows.aggregate(total=Count("pk"), going=Count("pk", filter=GOES))
        return {
            **found,
            "held": found["total"] - found["going"],
            "only_here": self.rows.filter(GOES).exclude(self._there()).count(),
            "unlearned": scope.unlearned(job, now).count(),
            "running": scope.running(job).count(),
            "being_deleted": scope.being_deleted(job, now).count(),
        }

    def bytes(self) -> Json:
        size = "response__size"
        return self.rows.aggregate(
            going=Sum(size, filter=GOES, default=0), held=Sum(size, filter=~GOES, default=0)
        )

    def by_team(self) -> list[Json]:
        return [
            {"team": row.pop("response__team"), "name": row.pop("response__team__name"), **row}
            for row in self._grouped("response__team", "response__team__name")
        ]

    def by_deployment(self) -> list[Json]:
        endpoint, name = "response__deployment__endpoint__name", "response__deployment__name"
        return [
            {"deployment": f"{row.pop(endpoint)}/{row.pop(name)}", **row}
            for row in self._grouped(endpoint, name)
        ]

    def by_day(self) -> list[Json]:
        """Days of UTC on which they were asked for, as the desk's figures have them."""
        day = TruncDate("response__queued_at", tzinfo=UTC)
        return [{"day": row.pop("day").isoformat(), **row} for row in self._grouped(day=day)]

    def _grouped(self, *names: str, **expressions: Any) -> list[Json]:
        rows = self.rows.values(*names, **expressions).annotate(
            total=Count("pk"),
            held=Count("pk", filter=~GOES),
            bytes=Sum("response__size", filter=GOES, default=0),
        )
        return [dict(row) for row in rows.order_by(*names, *expressions)]

    def samples(self) -> list[Json]:
        """The first and the last."""
        related = self.rows.select_related("response")
        first = list(related.order_by("pk")[:SAMPLES])
        last = related.filter(pk__gt=first[-1].pk) if first else related.none()
        shown = [*first, *reversed(last.order_by("-pk")[:SAMPLES])]
        return [_sample(row.response) | {"held": row.held_when_planned} for row in shown]

    def holds(self) -> Json:
        """Which holds keep how much; one response may be kept by several."""
        found = [(hold, kind, number) for kind in SUBJECTS for hold, number in self._holds(kind)]
        found.sort(key=lambda each: (-each[2], each[0].pk))
        return {"number": len(found), "shown": [_hold(*each) for each in found[:HOLDS]]}

    def _holds(self, kind: str) -> list[tuple[Hold, int]]:
        """Those on persons, teams, … and how many of the plan's rows each covers."""
        way = "response" if kind == "response" else f"response__{kind}"
        subjects = self.rows.exclude(GOES).filter(**{f"{way}__isnull": False}).values(way)
        numbers = {row[way]: row["n"] for row in subjects.annotate(n=Count("pk")) if row["n"]}
        holds = in_force().filter(**{f"{kind}__in": subjects}).select_related("placed_by", kind)
        return [(hold, numbers[getattr(hold, f"{kind}_id")]) for hold in holds]

    def chains(self) -> Json:
        """Stored responses that stay while the one that they chain to goes."""
        hanging = self._staying().filter(scope.going(self.job, "previous"))
        return {"responses": hanging.count(), "samples": self._samples_of(hanging)}

    def copies(self) -> Json:
        """Stored ones that stay and contain the same text: other answers to it, and what came later."""
        key = self.job.pk if connection.features.has_native_uuid_field else self.job.pk.hex
        same = self._staying().filter(pk__in=RawSQL(_SAME_TEXT, [key]))  # noqa: S611  # no text of anybody is in it
        sibling = Deletion.objects.filter(
            job=self.job, held_when_planned=False, response__turn=OuterRef("turn")
        )
        attempts = self._staying().filter(Exists(sibling), turn__isnull=False)
        return {
            "responses": same.count(),
            "other_attempts": attempts.count(),
            "samples": self._samples_of(same),
        }

    def _staying(self) -> QuerySet[Response]:
        stored = Response.objects.order_by("queued_at", "id").filter(scope.at_upstream(self.now))
        return stored.exclude(scope.going(self.job))

    def _there(self) -> Q:
        """Of the plan's rows: a request must be sent for them."""
        return scope.at_upstream(self.now, "response__")

    def _samples_of(self, rows: QuerySet[Response]) -> list[Json]:
        """Only such as the planner sees in lists, too."""
        seen = (
            rows if self.job.planned_by is None else rows.filter(pk__in=scope.visible(self.job).values("pk"))
        )
        return [_sample(row) for row in seen[:SAMPLES]]

    def unlearned(self) -> Json:
        rows = scope.unlearned(self.job, self.now).order_by()
        days = rows.values(day=TruncDate("expires_at", tzinfo=UTC)).annotate(responses=Count("pk"))
        by_expiry = [{**row, "day": _iso(row["day"])} for row in days.order_by("day")]
        last = rows.aggregate(last=Max("expires_at"))["last"]
        return {
            "responses": sum(row["responses"] for row in by_expiry),
            "until": moment(last),
            "by_expiry": by_expiry,
        }

    def time(self) -> Json:
        """At the rate that was seen last; expiry doesn't wait for holds, nor do we count on them to end."""
        going = self.rows.filter(GOES, self._there())
        found = going.aggregate(number=Count("pk"), first=Min("response__expires_at"))
        rate = pace()
        needed = rate.time_for(found["number"])
        first: datetime | None = found["first"]
        return {
            "per_second": rate.per_second,
            "measured": rate.measured,
            "seconds": needed.total_seconds(),
            "first_expiry_at": moment(first),
            "before_first_expiry": first is None or self.now + needed <= first,
        }


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _sample(row: Response) -> Json:
    return {
        "response": str(row.pk),
        "response_id": row.response_id,
        "queued_at": moment(row.queued_at),
        "expires_at": moment(row.expires_at),
    }


def _hold(hold: Hold, kind: str, number: int) -> Json:
    subject = getattr(hold, kind)
    return {
        "hold": hold.pk,
        "on": kind,
        "subject": str(subject.pk) if kind in ("conversation", "response") else str(subject),
        "reason": hold.reason,
        "placed_by": hold.placed_by.username,
        "ends_at": moment(hold.ends_at),
        "responses": number,
    }

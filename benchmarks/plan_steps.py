"""What is measured of one plan, in the order in which it happens. Django must be set up."""

from collections.abc import Callable, Iterator

from benchmarks.planning import progress
from conversations import clock
from conversations.models import DeletionJob, Response
from conversations.models.deletion_jobs import Source
from conversations.models.responses import AT_UPSTREAM
from conversations.people.audit import command
from conversations.retention import drift, executing, hashing, plans, scope
from conversations.retention.wanted import Wanted
from conversations.stored.selection import Selection

Step = tuple[str, Callable[[], object]]


def steps(number: int) -> Iterator[Step]:
    made: list[DeletionJob] = []
    selection = oldest(number)
    wanted = Wanted(source=Source.SELECTION, actor=command(), selection=selection)
    yield "Count what is expected", lambda: made.append(plans.begin(wanted))
    job = made[0]
    yield "Plan, look at it, freeze it", lambda: plans.make(job.pk, watch=progress(lambda: planned(job)))
    job.refresh_from_db()
    counts, copies = job.preview["counts"], job.preview["copies"]["responses"]
    print(f"  {counts['total']:,} rows, {counts['held']:,} held, {copies:,} copies elsewhere")
    yield "The hash again", lambda: hashing.hash_of(job)
    yield "Drift", lambda: drift.of(job)
    run(job)
    yield "Release its rows", lambda: executing.release(job)


def oldest(number: int) -> Selection:
    """As many as are wanted, behind those that another plan took."""
    now = clock.now()
    rows = Response.objects.filter(
        upstream_state__in=AT_UPSTREAM, expires_at__gt=now, response_id__isnull=False
    )
    times = rows.exclude(scope.going_already()).order_by("queued_at").values_list("queued_at", flat=True)
    return Selection(from_=times[0], to=times[number])


def planned(job: DeletionJob) -> tuple[int, int]:
    return DeletionJob.objects.values_list("total", "expected").get(pk=job.pk)


def run(job: DeletionJob) -> None:
    DeletionJob.objects.filter(pk=job.pk).update(state="running", executed_at=clock.now(), reason="Benchmark")

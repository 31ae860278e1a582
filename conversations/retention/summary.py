"""A plan and what has become of it, for programs and as lines for a terminal."""

from collections.abc import Iterator
from typing import Any

from django.core.files.storage import default_storage

from conversations.models import DeletionJob
from conversations.people.chain import current_head
from conversations.retention.hashing import asked, moment
from conversations.retention.progress import Progress, progress_of
from conversations.retention.scope import selection_of

Json = dict[str, Any]


def summary(job: DeletionJob) -> Json:
    found, head = progress_of(job).summary(), current_head()
    return {
        "plan": str(job.pk),
        "hash": job.hash,
        "state": job.state,
        "trouble": job.trouble,
        "asked": asked(job),
        "counts": job.preview.get("counts", {}),
        "bytes": job.preview.get("bytes", {}),
        "time": job.preview.get("time", {}),
        "frozen_at": moment(job.frozen_at),
        "reason": job.reason,
        **found,
        "report": _report(job),
        "audit": {"entries": head.count, "head": head.hash},
    }


def _report(job: DeletionJob) -> Json | None:
    """Where its file is: a path where the storage has such, else the name in it."""
    if not job.report:
        return None
    try:
        place = default_storage.path(job.report)
    except NotImplementedError:
        place = job.report
    return {"path": place, "bytes": job.report_size, "sha256": job.report_sha256}


def plan_lines(job: DeletionJob) -> Iterator[str]:
    told = job.preview
    counts, size = told["counts"], told["bytes"]
    asked_for = ", everything" * job.everything + ", the text here as well" * job.erase
    yield f"Plan {job.pk}{asked_for}"
    yield from (f"  {chip.label}: {chip.value}" for chip in selection_of(job).describe())
    yield f"  {counts['going']} responses would go, {size['going']} bytes"
    if only_here := counts.get("only_here"):
        yield f"  {only_here} of them aren't upstream any more; only their text here goes"
    yield from _left_out(told)
    yield from (f"  {row['name'] or 'no team'}: {row['total'] - row['held']}" for row in told["by_team"])
    yield from (f"  {row['deployment']}: {row['total'] - row['held']}" for row in told["by_deployment"])
    yield from _consequences(told)
    yield f"  {_time(told['time'])}"
    yield f"hash {job.hash}"


def _left_out(told: Json) -> Iterator[str]:
    counts = told["counts"]
    if counts["held"]:
        yield f"  {counts['held']} are held and stay:"
    for hold in told["holds"]["shown"]:
        yield f"    {hold['responses']} by the hold “{hold['reason']}” on {hold['on']} {hold['subject']}"
    if counts["running"]:
        yield f"  {counts['running']} are running and left out"
    if counts["being_deleted"]:
        yield f"  {counts['being_deleted']} are being deleted already"
    if counts["unlearned"]:
        until = told["unlearned"]["until"]
        yield f"  {counts['unlearned']} have ids that were never learned; the last expires at {until}"


def _consequences(told: Json) -> Iterator[str]:
    if told["chains"]["responses"]:
        yield f"  {told['chains']['responses']} later responses chain to what goes and stay"
    if told["copies"]["responses"]:
        yield f"  {told['copies']['responses']} other stored responses contain the same text and stay"


def _time(told: Json) -> str:
    rate = f"{'seen' if told['measured'] else 'assumed'} {told['per_second']:.0f} a second"
    needed = f"about {told['seconds']:.0f} s at the {rate}"
    if told["first_expiry_at"] is None:
        return needed
    order = "before" if told["before_first_expiry"] else "NOT before"
    return f"{needed}, {order} the first expires at {told['first_expiry_at']}"


def outcome_lines(job: DeletionJob) -> Iterator[str]:
    found = progress_of(job)
    counted = {**found.outcomes, **found.read_backs}
    yield f"{job.get_state_display()}: " + ", ".join(f"{n} {name}" for name, n in counted.items() if n)
    if job.trouble:
        yield job.trouble
    yield from (f"  {each.count} failed: {each.reason}" for each in found.failures)
    yield f"hash {job.hash}"
    if (report := _report(job)) is not None:
        yield f"report {report['path']}"
    yield f"audit head {current_head().hash}"


def bar(found: Progress, width: int = 24) -> str:
    """One line of a terminal."""
    filled = width * found.percent // 100
    parts = [f"{found.done} of {found.total}"]
    if found.rate:
        parts.append(f"{found.rate:.0f} a second")
    if found.remaining and found.seconds_left is not None:
        parts.append(f"{found.seconds_left:.0f} s left")
    parts += [f"{found.failed} failed"] if found.failed else []
    parts += [found.obstacle] if found.obstacle else []
    parts += [f"{found.unread} to read back"] if found.unread and not found.remaining else []
    return f"[{'#' * filled}{'.' * (width - filled)}] {found.percent} %, " + ", ".join(parts)

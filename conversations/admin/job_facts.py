"""What the page of a bulk deletion says: the frozen plan, and how far its execution has come."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from conversations.admin import cells
from conversations.admin.charts import Chart, Series
from conversations.admin.response_facts import OUTCOMES, READ_BACKS
from conversations.models import DeletionJob, User
from conversations.models.deletion_jobs import BEFORE_EXECUTION, ENDED, UNDER_WAY, JobState
from conversations.models.deletions import Outcome, ReadBack
from conversations.people import rights
from conversations.retention import controls, finishing, scope
from conversations.retention.executing import needs_second_person
from conversations.retention.progress import Progress, progress_of
from conversations.stored.selection import BadSelection, Chip
from conversations.stored.whereabouts import moment

Words = str | Promise
STATES = {
    JobState.PLANNING: ("", "loader"),
    JobState.PLANNED: ("", "calendar-clock"),
    JobState.WAITING: ("expiring", "hourglass"),
    JobState.RUNNING: ("stored", "loader"),
    JobState.PAUSED: ("expiring", "pause"),
    JobState.HALTED: ("failed", "octagon-alert"),
    JobState.READING_BACK: ("stored", "loader"),
    JobState.DONE: ("deleted", "check"),
    JobState.CANCELLED: ("deleted", "square"),
    JobState.FAILED: ("failed", "octagon-alert"),
}
SAID = {
    JobState.PLANNING: gettext_lazy("Nothing is deleted yet. The rows of the plan are being written down."),
    JobState.PLANNED: gettext_lazy("Nothing is deleted yet."),
    JobState.PAUSED: gettext_lazy("Nothing more is sent until somebody resumes it."),
    JobState.READING_BACK: gettext_lazy(
        "All is sent. After the settle window upstream is asked once more for what it deleted."
    ),
}
MOVING = (JobState.PLANNING, JobState.RUNNING, JobState.READING_BACK)
CHART_DAYS = 60
# Some read-backs are called as outcomes are.
ASKED = "read_back_"


@dataclass(frozen=True)
class Figure:
    title: Words
    value: str
    note: Words = ""


@dataclass(frozen=True)
class Tally:
    """How many have an outcome; `name` is what the page's script finds it by."""

    name: str
    pill: SafeString
    count: int


@dataclass(frozen=True)
class Controls:
    """What this person may do now."""

    execute: bool = False
    approve: bool = False
    discard: bool = False
    pause: bool = False
    resume: bool = False
    cancel: bool = False
    retry: int = 0


def is_moving(job: DeletionJob) -> bool:
    """A page that shows it changes by itself: it goes on, or its report is being made."""
    return job.state in MOVING or finishing.untold().filter(pk=job.pk).exists()


def state_pill(job: DeletionJob) -> SafeString:
    return _pill(job.get_state_display(), STATES[JobState(job.state)])


def chips(job: DeletionJob) -> list[Chip]:
    """What it was made from; nothing, where what a filter names is gone."""
    try:
        return scope.selection_of(job).describe()
    except BadSelection:
        return []


def controls_of(job: DeletionJob, user: User, failed: int) -> Controls:
    if not rights.may_steer(user, job):
        return Controls()
    return Controls(
        execute=job.state == JobState.PLANNED,
        approve=job.state == JobState.WAITING and job.executed_by_id != user.pk,
        discard=job.state in BEFORE_EXECUTION,
        pause=job.state in controls.CAN_PAUSE,
        resume=job.state in controls.CAN_RESUME,
        cancel=job.state in controls.CAN_CANCEL,
        retry=failed if job.state in controls.CAN_RETRY else 0,
    )


def said(job: DeletionJob) -> str:
    """What the state means, in a sentence."""
    if job.state in ENDED and is_moving(job):
        return _("Its report is being made.")
    if job.state == JobState.WAITING:
        return _waiting(job)
    if job.state == JobState.PLANNED and needs_second_person(job):
        limit = f"{settings.SECOND_PERSON_ABOVE:,}"
        return _("%(said)s More than %(limit)s responses need a second person's approval.") % {
            "said": SAID[JobState.PLANNED],
            "limit": limit,
        }
    return str(SAID.get(JobState(job.state), ""))


def _waiting(job: DeletionJob) -> str:
    asked = job.asked_for_approval_at or job.created_at
    return _("%(who)s asked for it. Another person must approve it until %(when)s.") % {
        "who": job.executed_by.name if job.executed_by else job.actor,
        "when": moment(asked + timedelta(hours=settings.APPROVAL_HOURS)),
    }


def figures(job: DeletionJob) -> Iterator[Figure]:
    """Of the frozen plan."""
    told = job.preview
    counts, time = told["counts"], told["time"]
    yield Figure(_("Would be deleted"), f"{counts['going']:,}", filesizeformat(told["bytes"]["going"]))
    if counts.get("only_here"):
        gone = _("not upstream any more; only the text here goes")
        yield Figure(_("Only here"), f"{counts['only_here']:,}", gone)
    yield Figure(_("Held, and stay"), f"{counts['held']:,}", filesizeformat(told["bytes"]["held"]))
    yield Figure(_("Id never learned"), f"{counts['unlearned']:,}", _("can't be deleted, only expire"))
    rate = _("at the rate seen") if time["measured"] else _("at a usual rate")
    yield Figure(_("It takes about"), cells.span(timedelta(seconds=max(60, time["seconds"]))), rate)
    yield Figure(_("First of them expires"), moment(job.first_expiry_at))


def deed(job: DeletionJob) -> str:
    """What the button does."""
    here = job.preview["counts"]["going"]
    there = here - job.preview["counts"].get("only_here", 0)
    if job.erase and not there:
        return _("Erase %s here") % f"{here:,}"
    said = ngettext("Delete %s response upstream", "Delete %s responses upstream", there) % f"{there:,}"
    return _("%(said)s, erase %(here)s here") % {"said": said, "here": f"{here:,}"} if job.erase else said


def left_out(counts: dict[str, int]) -> list[str]:
    running, going = counts["running"], counts["being_deleted"]
    said = (
        (running, ngettext("%d is still running", "%d are still running", running)),
        (going, ngettext("%d is being deleted already", "%d are being deleted already", going)),
    )
    return [words % number for number, words in said if number]


def by_day(job: DeletionJob) -> Chart | None:
    """The last days of it, oldest first; one day needs no picture."""
    rows = job.preview["by_day"][-CHART_DAYS:]
    if len(rows) < 2:
        return None
    return Chart(
        _("By the day on which they were asked for"),
        [date.fromisoformat(row["day"]).strftime("%-d %b") for row in rows],
        [
            Series(_("Would be deleted"), [row["total"] - row["held"] for row in rows], "deleted"),
            Series(_("Held"), [row["held"] for row in rows], "held"),
        ],
        kind="stacked",
        x_title=_("Day (UTC)"),
        y_title=_("Responses"),
    )


def groups(job: DeletionJob) -> list[tuple[Words, Sequence[dict[str, Any]]]]:
    teams = [row | {"name": row["name"] or _("No team")} for row in job.preview["by_team"]]
    deployments = [row | {"name": row["deployment"]} for row in job.preview["by_deployment"]]
    return [(_("Team"), teams), (_("Deployment"), deployments)]


def tallies(progress: Progress) -> list[Tally]:
    """Outcomes, and what came of the read-backs."""
    counted = [
        Tally(name, _pill(Outcome(name).label, OUTCOMES[Outcome(name)]), number)
        for name, number in progress.outcomes.items()
        if name != Outcome.PLANNED
    ]
    asked = [
        Tally(f"{ASKED}{name}", _pill(_read_back(ReadBack(name)), READ_BACKS[ReadBack(name)]), number)
        for name, number in progress.read_backs.items()
    ]
    return [*counted, *asked]


def _read_back(found: ReadBack) -> str:
    return _("To be read back") if found == ReadBack.PENDING else str(found.label)


def _pill(word: Words, look: tuple[str, str]) -> SafeString:
    return cells.pill(word, meaning=look[0], icon_name=look[1])


def live(job: DeletionJob, progress: Progress) -> dict[str, Any]:
    """For the page's script, every second or so."""
    asked = {f"{ASKED}{name}": number for name, number in progress.read_backs.items()}
    return {
        "status": job.state,
        "running": is_moving(job),
        "total": progress.total,
        "ended": progress.done,
        "outcomes": progress.outcomes | asked,
        "words": {
            "rate": rate(progress),
            "time_left": time_left(progress),
            "obstacle": progress.obstacle,
        },
    }


def planning(job: DeletionJob) -> dict[str, Any]:
    return {"status": job.state, "running": True, "total": max(job.expected, job.total), "ended": job.total}


def rate(progress: Progress) -> str:
    return _("%s per second") % f"{progress.rate:.3g}" if progress.rate else "—"


def time_left(progress: Progress) -> str:
    seconds = progress.seconds_left
    if seconds is None or not progress.remaining:
        return "—"
    return _("less than a minute") if seconds < 60 else cells.span(timedelta(seconds=seconds))


def shown(job: DeletionJob, user: User) -> dict[str, Any]:
    """All of the page."""
    executed = job.state in UNDER_WAY or (job.state in ENDED and job.executed_at is not None)
    progress = progress_of(job) if executed else None
    context: dict[str, Any] = {
        "pill": state_pill(job),
        "chips": chips(job),
        "said": said(job),
        "moving": is_moving(job),
        "may": controls_of(job, user, progress.failed if progress else 0),
    }
    if job.state == JobState.PLANNING:
        context |= planning(job)
    if progress is not None:
        told = {"rate": rate(progress), "time_left": time_left(progress)}
        context |= {"progress": progress, "tallies": tallies(progress), **told}
    if job.preview:
        context |= {
            "plan": job.preview,
            "figures": list(figures(job)),
            "deed": deed(job),
            "left_out": left_out(job.preview["counts"]),
            "chart": by_day(job),
            "groups": groups(job),
            "is_late": not job.preview["time"]["before_first_expiry"] and job.state in BEFORE_EXECUTION,
        }
    return context

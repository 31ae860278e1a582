import json
import re
import sys
import time
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from conversations.api.health import living_workers
from conversations.models import DeletionJob
from conversations.models.deletion_jobs import BEFORE_EXECUTION, ENDED, JobState, Source
from conversations.models.deletions import TROUBLED
from conversations.people.audit import command
from conversations.retention import ending, executing, finishing, plans, runner, scope, summary
from conversations.retention.progress import progress_of
from conversations.retention.refusing import Refused
from conversations.retention.wanted import Wanted
from conversations.stored.selection import BadSelection, Selection

SOME_FAILED, NEEDS_APPROVAL = 3, 4
POLL_SECONDS = 0.5
# Filters by the names that they have here.
FLAGS = {"person": "user", "deployment": "deployment", "conversation": "conversation"}
ZONE = re.compile(r"T.*(Z|[+-]\d\d(:?\d\d)?)$")


class Command(BaseCommand):
    help = (
        "Plans the deletion of responses upstream and executes the plan."
        " Ends with 3 if any failed, with 4 if a second person must approve."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        zone = f"a time without a zone is read in {settings.TIME_ZONE}; of a day --to is its end"
        times = parser.add_argument_group("what", "Either of these, or a plan that was made already.")
        times.add_argument(
            "--expiring-within", type=int, metavar="DAYS", help="what expires upstream by then"
        )
        times.add_argument("--from", dest="from_", default="", metavar="TIME", help=zone)
        times.add_argument("--to", default="", metavar="TIME", help=zone)
        times.add_argument("--all", action="store_true", help="everything, from all times")
        times.add_argument(
            "--plan", default="", metavar="HASH", help="execute this plan, and make no new one"
        )
        only = parser.add_argument_group("only", "All of these must hold.")
        only.add_argument("--deployment", default="", metavar="NAME", help="or ENDPOINT/NAME")
        only.add_argument("--user", default="", metavar="NAME", help="what this person asked for")
        only.add_argument("--conversation", default="", metavar="ID")
        parser.add_argument("--erase", action="store_true", help="erase the text here as well")
        parser.add_argument("--reason", default="", help="why; it goes into the audit trail")
        parser.add_argument("--dry-run", action="store_true", help="make the plan, show it and send nothing")
        parser.add_argument("--yes", action="store_true", help="don't ask")
        parser.add_argument("--wait", action="store_true", help="until all is deleted and read back")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["dry_run"] and not options["reason"].strip():
            raise CommandError("--reason must say why.")
        try:
            job = _known(options) if options["plan"] else self._planned(options)
            self._say(options, summary.plan_lines(job))
            if not options["dry_run"]:
                self._execute(job, options)
        except BadSelection as error:
            raise CommandError(_by_flag(error)) from error
        except Refused as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(summary.summary(job)))
        if code := _code(job):
            sys.exit(code)

    def _planned(self, options: dict[str, Any]) -> DeletionJob:
        wanted = _wanted(options)
        self._name_the_zone(options)
        job = plans.begin(wanted)
        plans.make(job.pk, watch=lambda: self._line(_planning(job)))
        job.refresh_from_db()
        while job.state == JobState.PLANNING:  # a worker was quicker
            self._line(_planning(job))
            time.sleep(POLL_SECONDS)
            job.refresh_from_db()
        self._line("")
        if job.state != JobState.PLANNED:
            raise CommandError(f"It could not be planned. {job.trouble}")
        return job

    def _execute(self, job: DeletionJob, options: dict[str, Any]) -> None:
        if job.state == JobState.PLANNED and job.total == job.held:
            self._say(options, ["There is nothing to delete."])
            return
        if job.state in BEFORE_EXECUTION:
            self._confirm(job, options)
            given = {"plan_hash": job.hash, "reason": options["reason"], "user": None, "actor": command()}
            executing.execute(job, **given)
        elif not options["wait"]:
            raise CommandError("It has been executed already. --wait waits for its end.")
        if job.state == JobState.WAITING:
            self._say(options, ["A second person must approve it at the desk; then it starts by itself."])
        elif options["wait"]:
            self._wait(job)
        self._say(options, summary.outcome_lines(job))

    def _confirm(self, job: DeletionJob, options: dict[str, Any]) -> None:
        if options["yes"]:
            return
        number = job.total - job.held
        if sys.stdin.isatty() and input(f"Delete {number} responses upstream? Write yes: ").strip() == "yes":
            return
        raise CommandError(f"Nothing was deleted. Say --yes, now or later: --plan {job.hash} --yes")

    def _wait(self, job: DeletionJob) -> None:
        """Here too, where no worker runs that could do it."""
        with ThreadPoolExecutor(1) as pool:
            own: Future[None] | None = None
            try:
                while not _is_over(job):
                    if (own is None or own.done()) and not living_workers().exists():
                        own = pool.submit(_carry_out, job)
                    self._line(summary.bar(progress_of(job)))
                    time.sleep(POLL_SECONDS)
                    job.refresh_from_db()
            except KeyboardInterrupt:
                runner.leave()
                raise
        self._line(summary.bar(progress_of(job)), ending="\n")

    def _say(self, options: dict[str, Any], lines: Iterable[str]) -> None:
        if not options["json"]:
            self.stdout.write("\n".join(lines))

    def _line(self, text: str, ending: str = "") -> None:
        """In place of the line before, on a terminal."""
        if self.stderr.isatty():
            self.stderr.write(f"\r\x1b[K{text}", style_func=str, ending=ending)
            self.stderr.flush()

    def _name_the_zone(self, options: dict[str, Any]) -> None:
        naive = [text for text in (options["from_"], options["to"]) if text and not ZONE.search(text)]
        if naive:
            said = f"Read in {settings.TIME_ZONE}, as no zone is named: {', '.join(naive)}"
            self.stderr.write(said, style_func=str)


def _wanted(options: dict[str, Any]) -> Wanted:
    within, between = options["expiring_within"], (options["from_"], options["to"])
    if [within is not None, all(between), options["all"]].count(True) != 1 or any(between) != all(between):
        raise CommandError(
            "Say one of --expiring-within DAYS, --from TIME with --to TIME, --all and --plan HASH."
        )
    times = {"from": between[0], "to": between[1], "expires_within": "" if within is None else str(within)}
    return Wanted(
        source=Source.SELECTION if within is None else Source.EXPIRING,
        actor=command(),
        selection=Selection.parse(_filters(options) | {name: text for name, text in times.items() if text}),
        everything=options["all"],
        erase=options["erase"],
    )


def _filters(options: dict[str, Any]) -> dict[str, str]:
    return {name: options[flag] for name, flag in FLAGS.items() if options.get(flag)}


def _by_flag(error: BadSelection) -> str:
    flags = {**FLAGS, "expires_within": "expiring-within"}
    return "; ".join(f"--{flags.get(name, name)}: {' '.join(said)}" for name, said in error.errors.items())


def _known(options: dict[str, Any]) -> DeletionJob:
    """The plan of that hash. What else is said of it must be so; its times are frozen and need no saying."""
    job = DeletionJob.objects.filter(hash=options["plan"].strip().lower()).first()
    if job is None:
        raise CommandError("There is no plan with that hash. --dry-run makes one and shows its hash.")
    found = scope.selection_of(job)
    said = Selection.parse(_filters(options))
    others = [flag for name, flag in FLAGS.items() if getattr(said, name) not in (None, getattr(found, name))]
    others += ["all"] if options["all"] and not job.everything else []
    others += ["erase"] if options["erase"] and not job.erase else []
    if others:
        raise CommandError(f"The plan with that hash was made without --{others[0]} as it is given now.")
    return job


def _planning(job: DeletionJob) -> str:
    planned, expected = DeletionJob.objects.values_list("total", "expected").get(pk=job.pk)
    return f"{planned} of {expected} planned"


def _is_over(job: DeletionJob) -> bool:
    """Read back, erased here if that was asked for, and reported; or it stopped by itself."""
    reported = job.reported_at is not None and job.ended_at is not None and job.reported_at >= job.ended_at
    return job.state == JobState.HALTED or (job.state in ENDED and reported)


def _carry_out(job: DeletionJob) -> None:
    try:
        executing.release(job)
        runner.run_due()
        ending.wind_up()
        finishing.finish(job.pk)
    finally:
        connections.close_all()


def _code(job: DeletionJob) -> int:
    if job.state == JobState.WAITING:
        return NEEDS_APPROVAL
    if job.deletions.filter(TROUBLED).exists():
        return SOME_FAILED
    return int(job.state in (JobState.HALTED, JobState.CANCELLED))

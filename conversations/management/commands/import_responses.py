import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from conversations.models import ImportJob, Team
from conversations.models.imports import JobStatus
from conversations.people.audit import command
from conversations.stored import import_runner, importing
from conversations.stored.endpoints import NoSuchDeployment, deployment_named
from conversations.stored.finding import Readable, Unreadable
from conversations.stored.importing import Asked

POLL_SECONDS = 0.5


class Command(BaseCommand):
    help = "Retrieves every response whose id is in a text, with its input items, and adds it to the ledger."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="a list, CSV, JSON or log, gzip or not; - reads standard input")
        parser.add_argument("--deployment", default="", help="where to ask, if there are several endpoints")
        parser.add_argument("--team", default="", help="whose text it is, for staff who see some teams only")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, file: str, deployment: str, team: str, json: bool, **options: Any) -> None:
        asked = _asked(file, deployment, team)
        try:
            with _opened(file) as text:
                job = importing.begin(asked, text)
        except (OSError, Unreadable) as error:
            raise CommandError(f"{file} can't be read: {error}") from error
        self._finish(job)
        report = importing.report(job)
        self.stdout.write(_as_json(report) if json else _as_text(report))

    def _finish(self, job: ImportJob) -> None:
        """Here, unless a worker was quicker; either way to the end."""
        import_runner.run(job.pk, watch=lambda: self._show(job))
        job.refresh_from_db()
        while job.status == JobStatus.RUNNING:
            time.sleep(POLL_SECONDS)
            self._show(job)
            job.refresh_from_db()

    def _show(self, job: ImportJob) -> None:
        if self.stderr.isatty():
            counts = importing.outcomes(job)
            ended = sum(counts.values()) - counts["pending"]
            self.stderr.write(f"\r{ended} of {sum(counts.values())} ids", ending="\r")


def _asked(file: str, deployment: str, team: str) -> Asked:
    source = "standard input" if file == "-" else Path(file).name
    try:
        row = deployment_named(deployment)
    except NoSuchDeployment as error:
        raise CommandError(str(error)) from error
    whose = Team.objects.filter(name=team).first() if team else None
    if team and whose is None:
        raise CommandError(f"There is no team {team}.")
    return Asked(actor=command(), by=None, deployment=row, team=whose, source=source)


@contextmanager
def _opened(file: str) -> Iterator[Readable]:
    if file == "-":
        yield sys.stdin.buffer
        return
    with Path(file).open("rb") as text:
        yield text


def _as_json(report: dict[str, Any]) -> str:
    return json.dumps(report)


def _as_text(report: dict[str, Any]) -> str:
    counted = ", ".join(f"{number} {outcome}" for outcome, number in report["outcomes"].items() if number)
    lines = [f"{report['ids']} ids in {report['source']}: {counted or 'none'}."]
    for problem in report["problems"]:
        place = f"line {problem['line']}, column {problem['column']}"
        lines.append(f"{problem['outcome']}: {problem['response_id']} ({place}) {problem['reason']}".rstrip())
    return "\n".join([*lines, f"audit head {report['audit']['head']}"])

import json
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError, CommandParser

from conversations.models import Export
from conversations.models.exports import Format, Scope
from conversations.people.audit import command
from conversations.stored import exporting
from conversations.stored.exporting import Wanted
from conversations.stored.selection import BadSelection
from conversations.stored.selection_form import SelectionForm


class Command(BaseCommand):
    help = "Writes the selected responses with their items into a zip archive with a manifest of hashes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", choices=Format.values, required=True)
        parser.add_argument("--out", type=Path, required=True, help="the archive to write")
        parser.add_argument("--reason", required=True, help="why; it goes into the audit trail")
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        filters = parser.add_argument_group("filters", "As the desk's list has them; all must hold.")
        for name, field in SelectionForm().fields.items():
            filters.add_argument(f"--{name.replace('_', '-')}", dest=name, default="", help=str(field.label))

    def handle(self, *args: Any, format: str, out: Path, reason: str, json: bool, **options: Any) -> None:  # noqa: A002  # the option's name
        given = {name: options[name] for name in SelectionForm().fields if options[name]}
        export = _made(urlencode(given), format, reason)
        with default_storage.open(export.file) as archive, out.open("wb") as target:
            shutil.copyfileobj(archive, target)
        report = exporting.report(export) | {"path": str(out.resolve())}
        self.stdout.write(_as_json(report) if json else _as_text(report))


def _made(query: str, kind: str, reason: str) -> Export:
    if not reason.strip():
        raise CommandError("--reason must say why.")
    wanted = Wanted(
        actor=command(), by=None, scope=Scope.SELECTION, format=Format(kind), reason=reason, query=query
    )
    try:
        export = exporting.begin(wanted)
    except BadSelection as error:
        raise CommandError(str(error)) from error
    exporting.make(export.pk)
    export.refresh_from_db()
    return export


def _as_json(report: dict[str, Any]) -> str:
    return json.dumps(report)


def _as_text(report: dict[str, Any]) -> str:
    size = f"{report['responses']} responses, {report['bytes']} bytes"
    lines = [f"{size} in {report['path']}", f"sha256 {report['sha256']}"]
    return "\n".join([*lines, f"audit head {report['audit']['head']}"])

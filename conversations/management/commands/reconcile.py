import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from conversations.models import Endpoint, Reconciliation
from conversations.people.audit import command
from conversations.stored import import_runner, importing, reconciling


class Command(BaseCommand):
    help = "Compares what endpoints list with the ledger; changes nothing unless told to."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--endpoint", default="", help="only this one")
        parser.add_argument("--apply", action="store_true", help="import, learn and note what differs")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, endpoint: str, apply: bool, json: bool, **options: Any) -> None:
        endpoints = Endpoint.objects.filter(name=endpoint) if endpoint else Endpoint.objects.all()
        if endpoint and not endpoints:
            raise CommandError(f"There is no endpoint {endpoint}.")
        reports = [_reconciled(each, apply=apply) for each in endpoints.order_by("name")]
        self.stdout.write(_as_json(reports) if json else "\n".join(map(_as_text, reports)))


def _reconciled(endpoint: Endpoint, *, apply: bool) -> dict[str, Any]:
    key = reconciling.begin(command(), None, endpoint).pk
    reconciling.compare(key)
    row = Reconciliation.objects.select_related("endpoint").get(pk=key)
    report = reconciling.report(row)
    job = reconciling.settle(row, command(), None) if apply else None
    if job is not None:
        import_runner.run(job.pk)
        job.refresh_from_db()
        report["import"] = importing.report(job)
    return report


def _as_json(reports: list[dict[str, Any]]) -> str:
    return json.dumps({"endpoints": reports})


def _as_text(report: dict[str, Any]) -> str:
    if report["trouble"]:
        return f"{report['endpoint']}: {report['trouble']}"
    counted = ", ".join(f"{number} {kind}" for kind, number in report["differences"].items() if number)
    lines = [f"{report['endpoint']}: {report['listed']} listed; differences: {counted or 'none'}."]
    if "import" in report:
        ended = ", ".join(f"{count} {name}" for name, count in report["import"]["outcomes"].items() if count)
        lines.append(f"Settled: {ended}.")
    return "\n".join(lines)

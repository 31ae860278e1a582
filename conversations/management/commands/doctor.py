import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from conversations.api.doctor import examine
from conversations.api.findings import Finding, State

SIGNS = {State.OK: "ok  ", State.WARN: "WARN", State.FAIL: "FAIL"}


class Command(BaseCommand):
    help = "Says what is right and wrong with this installation and what to do; ends with 1 if a check fails."
    # It reports what these would stop at.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, json: bool, **options: Any) -> None:
        findings = examine()
        self.stdout.write(as_json(findings) if json else as_text(findings))
        if failed(findings):
            raise SystemExit(1)


def failed(findings: dict[str, Finding]) -> bool:
    return any(finding.state is State.FAIL for finding in findings.values())


def as_json(findings: dict[str, Finding]) -> str:
    checks = [{"name": name, **vars(finding)} for name, finding in findings.items()]
    return json.dumps({"ok": not failed(findings), "checks": checks})


def as_text(findings: dict[str, Finding]) -> str:
    lines = []
    for name, finding in findings.items():
        lines.append(f"{SIGNS[finding.state]}  {name}: {finding.text}")
        if finding.advice:
            lines.append(f"      {finding.advice}")
    return "\n".join(lines)

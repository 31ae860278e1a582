import json
import re
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from conversations.people.verification import Verdict, verify


class Command(BaseCommand):
    help = "Checks the whole audit trail; ends with 1 when an entry was changed, removed, inserted or moved."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--head", default="", help="the hash of a head from an earlier report or export")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, head: str, json: bool, **options: Any) -> None:
        if head and not re.fullmatch(r"[0-9a-f]{64}", head):
            raise CommandError(
                "--head must be the 64 hexadecimal digits of a head, as a report or export has it."
            )
        verdict = verify(head)
        self.stdout.write(as_json(verdict) if json else as_text(verdict))
        if not verdict.ok:
            raise SystemExit(1)


def as_json(verdict: Verdict) -> str:
    return json.dumps(verdict.as_json())


def as_text(verdict: Verdict) -> str:
    if verdict.ok:
        return f"The audit trail is whole: {verdict.entries} entries.\nhead {verdict.head}"
    lines = [f"BROKEN: {problem.text}" for problem in verdict.problems]
    return "\n".join([*lines, f"{verdict.entries} entries fit together; the last of them is {verdict.head}"])

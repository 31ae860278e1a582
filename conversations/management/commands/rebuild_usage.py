from typing import Any

from django.core.management.base import BaseCommand

from conversations.models.audit import Action
from conversations.people.audit import audited, command, record
from conversations.stored.recount import rebuild


class Command(BaseCommand):
    help = "Counts the daily figures of the desk's first page anew from the ledger."

    def handle(self, *args: Any, **options: Any) -> None:
        with audited():
            made = rebuild()
            record(Action.REBUILT, actor=command(), subject=("figures", ""), details=made)
        for name, rows in made.items():
            self.stdout.write(f"{name}: {rows} rows")

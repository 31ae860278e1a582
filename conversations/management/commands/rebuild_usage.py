from typing import Any

from django.core.management.base import BaseCommand

from conversations.stored.recount import rebuild


class Command(BaseCommand):
    help = "Counts the daily figures of the desk's first page anew from the ledger."

    def handle(self, *args: Any, **options: Any) -> None:
        for name, rows in rebuild().items():
            self.stdout.write(f"{name}: {rows} rows")

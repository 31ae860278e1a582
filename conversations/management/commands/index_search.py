from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from conversations.models import Response
from conversations.models.audit import Action
from conversations.models.responses import OPEN
from conversations.people.audit import command, record
from conversations.stored import searching

BATCH = 50


class Command(BaseCommand):
    help = "Makes responses findable that were in the ledger before there was a search, or all of them anew."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--all", action="store_true", help="also those that are in the index")

    def handle(self, *args: Any, all: bool, **options: Any) -> None:  # noqa: A002  the option's name
        rows = Response.objects.exclude(status__in=OPEN).order_by("pk")
        rows = rows if all else rows.filter(search_text=None)
        done, last = 0, None
        while batch := list((rows.filter(pk__gt=last) if last else rows)[:BATCH]):
            with transaction.atomic():
                searching.index_all(batch)
            done, last = done + len(batch), batch[-1].pk
        if done:
            record(Action.REBUILT, actor=command(), subject=("search", ""), details={"responses": done})
        self.stdout.write(f"{done} responses indexed.")

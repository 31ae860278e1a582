from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from conversations.demo.history import History, is_told
from conversations.demo.upstream import NotAnEmulator
from conversations.models import Endpoint


def hurry(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """SQLite needs not wait for the disk at each commit: what a crash would lose is made up anyway."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous = NORMAL")


class Command(BaseCommand):
    help = "Gives a fresh demo, and nothing else, a month of history."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This is not the demo. A month of made-up history is for `make demo` only.")
        if is_told():
            self.stdout.write("There is a history already.")
            return
        connection.close()
        connection_created.connect(hurry)
        try:
            told = History(Endpoint.objects.earliest("pk")).tell()
        except NotAnEmulator as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{told} messages of the last month.")

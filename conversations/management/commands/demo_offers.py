from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from conversations.demo.offers import offer
from conversations.models import Endpoint
from conversations.people.audit import audited
from conversations.people.demo import in_its_youth


class Command(BaseCommand):
    help = "Adds to a demo what its stand-in has besides: deployments, and a shop for the teams' browsers."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO or settings.UPSTREAM is None:
            raise CommandError("This is not the demo. `make demo` calls this for its stand-in.")
        with in_its_youth(), audited():
            offer(Endpoint.objects.get(base_url=settings.UPSTREAM.base_url))
        self.stdout.write("The demo's deployments and its shop.")

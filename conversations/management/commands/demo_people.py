from typing import Any

from django.core.management.base import BaseCommand, CommandError

from conversations.people.demo import in_its_youth, make_cast
from responses_ui import env


class Command(BaseCommand):
    help = "Makes the demo's people with the password in DEMO_PASSWORD."

    def handle(self, *args: Any, **options: Any) -> None:
        password = env.text("DEMO_PASSWORD")
        if not password:
            raise CommandError("DEMO_PASSWORD is not set. Set it like DEMO_PASSWORD=something-to-remember.")
        with in_its_youth():
            people = make_cast(password)
        self.stdout.write(f"{len(people)} people: {', '.join(user.username for user in people)}.")

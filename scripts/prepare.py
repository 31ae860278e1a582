"""Runs several of manage.py's commands in one process, since each start of Django takes a while."""

import os
import sys

import django
from django.core.management import call_command

OPTIONS = {"migrate": {"interactive": False}, "collectstatic": {"interactive": False}}


def main(commands: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "responses_ui.settings")
    django.setup()
    for command in commands:
        call_command(command, **OPTIONS.get(command, {}))


if __name__ == "__main__":
    main(sys.argv[1:])

"""A process that writes to the audit trail: `python -m tests.people.audit_writer NAME COUNT`."""

import os
import sys

import django


def main(name: str, count: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "responses_ui.settings")
    django.setup()
    from conversations.models.audit import Action
    from conversations.people.audit import record, system

    sys.stdin.readline()
    for number in range(int(count)):
        record(Action.LOGIN, actor=system(name), subject=("user", str(number)))


if __name__ == "__main__":
    main(*sys.argv[1:])

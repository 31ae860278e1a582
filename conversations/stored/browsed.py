"""What a model did in a browser, as exports and the desk tell it."""

from typing import Any

import orjson
from django.utils.translation import gettext as _

from conversations.models import ComputerStep, Response
from conversations.stored.telling import Line


def steps(row: Response) -> list[ComputerStep]:
    """From what was fetched along with the row."""
    return sorted(row.computer_steps.all(), key=lambda step: step.number)


def lines(step: ComputerStep) -> list[Line]:
    """All that is read of a page or came from a model; without the picture."""
    page = ", ".join(filter(None, (step.title, step.url)))
    checks = [": ".join(filter(None, (check.code, check.message))) for check in step.checks.all()]
    told = [
        (_("Did"), "; ".join(map(_did, step.actions))),
        (_("Page"), page),
        *((_("Note"), str(note)) for note in step.notes),
        *((_("Safety check"), check) for check in checks),
    ]
    return [Line((), label, text) for label, text in told if text]


def _did(action: Any) -> str:
    if not isinstance(action, dict):
        return str(action)
    kind = str(action.get("type"))
    beside = ", ".join(f"{name} {_value(value)}" for name, value in action.items() if name != "type")
    return f"{kind} ({beside})" if beside else kind


def _value(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()

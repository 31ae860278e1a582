"""What the audit trail has of a run of computer use."""

from typing import Any

from conversations.models import ComputerRun
from conversations.models.audit import Action
from conversations.people.audit import Actor, record


def note(action: Action, actor: Actor, run: ComputerRun, **details: Any) -> None:
    team = run.conversation.team_id
    record(action, actor=actor, subject=run, team=team, details=details | {"turn": str(run.turn_id)})

"""What a team may let its models call, and who is asked before."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import BigAutoField

from conversations.composed import Composed, Slot
from conversations.models import Team, ToolPolicy
from conversations.models.audit import Action
from conversations.models.tool_calls import Approvers, Use
from conversations.people.audit import Actor, audited, record
from conversations.tools.registry import Tool, tools

SETTINGS = ("use", "needs_approval", "approvers")
OF_TEAM = Composed(lambda: ToolPolicy.objects.filter(team=Slot("team", BigAutoField())).order_by())


@dataclass(frozen=True)
class Rule:
    tool: Tool
    use: Use
    needs_approval: bool
    approvers: Approvers


def rules_of(team: int) -> dict[str, Rule]:
    """For every tool there is."""
    written = {policy.tool: policy for policy in OF_TEAM.rows(team=team)}
    return {name: _rule(tool, written.get(name)) for name, tool in tools().items()}


def usable(team: int, chosen: Iterable[str] | None) -> list[Rule]:
    """The chosen ones that the team may use; where nobody chose, those that are on anyway."""
    if chosen == []:
        return []
    rules = rules_of(team).values()
    if chosen is None:
        return [rule for rule in rules if rule.use == Use.ON]
    return [rule for rule in rules if rule.tool.name in chosen and rule.use != Use.OFF]


def change(team: Team, now: Rule, wanted: Rule, *, actor: Actor) -> None:
    """For calls made from then on; what waits for somebody goes on waiting for the same people."""
    settings = {name: getattr(wanted, name) for name in SETTINGS}
    changed = {name: [getattr(now, name), value] for name, value in settings.items()}
    details = {name: pair for name, pair in changed.items() if pair[0] != pair[1]}
    if not details:
        return
    with audited():
        ToolPolicy.objects.update_or_create(team=team, tool=wanted.tool.name, defaults=settings)
        subject = ("tool", wanted.tool.name)
        record(Action.TOOL_POLICY_CHANGED, actor=actor, subject=subject, team=team.pk, details=details)


def definitions(team: int, chosen: Iterable[str] | None) -> list[dict[str, Any]]:
    """As a request takes them."""
    return [rule.tool.definition for rule in usable(team, chosen)]


def _rule(tool: Tool, policy: ToolPolicy | None) -> Rule:
    if policy is None:
        # Whoever can open the conversation may type what a manual tool says.
        approvers = Approvers.TEAM if tool.is_manual else Approvers.ASKER
        return Rule(tool, Use.OFFERED, tool.needs_approval, approvers)
    needs = policy.needs_approval and not tool.is_manual
    return Rule(tool, Use(policy.use), needs, Approvers(policy.approvers))

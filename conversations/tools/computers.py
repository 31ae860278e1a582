"""What a team allows of computer use, and what a browser is told of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from conversations.models import ComputerPolicy, ComputerRun
from conversations.tools.browser import Setup, executables
from conversations.tools.browser.sites import Refused, Sites

ENVIRONMENT = "browser"
PORTS = {"http": 80, "https": 443}


def policy_of(team: int) -> ComputerPolicy | None:
    """None where the team's models may use no browser."""
    return ComputerPolicy.objects.filter(team=team, enabled=True).first()


def why_no_browser() -> str:
    """Of a demo, which is all on one machine: elsewhere only the workers know. Empty where there is one."""
    if not settings.DEMO or executables.named_or_on_path(settings.CHROMIUM):
        return ""
    return _(
        "No Chromium was found on this machine, so models can't use a browser in this demo until one is "
        "installed (.venv/bin/python -m playwright install --with-deps chromium) and it is started again."
    )


def why_not_start(url: str, sites: Sequence[str]) -> str:
    """Empty where a browser that may visit these sites can begin at this address."""
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError:
        return _("That is no address of a page.")
    if parts.scheme not in PORTS or not parts.hostname:
        return _("The address of a page begins with https:// or http://.")
    try:
        Sites(tuple(sites), ()).check(parts.hostname, port)
    except Refused:
        return _("The start page is on none of the sites that may be visited.")
    return ""


@dataclass(frozen=True)
class Plan:
    """What a task's browser begins with, and how far the task may go; by the names of what people choose."""

    display_width: int
    display_height: int
    start_url: str
    most_steps: int
    most_seconds: int


def plan_of(policy: ComputerPolicy, chosen: Mapping[str, Any]) -> Plan:
    """As the policy has it, but for what was chosen and may be."""
    usual = usual_plan(policy)
    return usual if why_not_plan(policy, chosen) else replace(usual, **_planned(chosen))


def usual_plan(policy: ComputerPolicy) -> Plan:
    return Plan(
        policy.width,
        policy.height,
        policy.start_url,
        policy.usual_steps or policy.most_steps,
        policy.usual_seconds or policy.most_seconds,
    )


def why_not_plan(policy: ComputerPolicy, chosen: Mapping[str, Any]) -> str:
    """Empty where a person of the team may choose this."""
    if not policy.may_choose and _planned(chosen):
        return _("Window, start page and limits of a browser are not left to choose in this team.")
    for name, (most, said) in _ceilings(policy).items():
        if chosen.get(name, 0) > most:
            return said % {"most": most}
    return why_not_start(chosen["start_url"], policy.hosts) if "start_url" in chosen else ""


def _planned(chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Without the environment, of which there is but one."""
    return {field.name: chosen[field.name] for field in fields(Plan) if field.name in chosen}


def _ceilings(policy: ComputerPolicy) -> dict[str, tuple[int, str]]:
    return {
        "display_width": (
            policy.most_width,
            _("The window of a browser is at most %(most)d pixels wide here."),
        ),
        "display_height": (
            policy.most_height,
            _("The window of a browser is at most %(most)d pixels high here."),
        ),
        "most_steps": (policy.most_steps, _("A task in a browser has at most %(most)d steps here.")),
        "most_seconds": (policy.most_seconds, _("A task in a browser has at most %(most)d seconds here.")),
    }


def setup_of(run: ComputerRun) -> Setup:
    """As the run was begun; private addresses are for those that the installation names."""
    local = tuple(site for site in run.sites if site in settings.COMPUTER_LOCAL_SITES)
    public = tuple(site for site in run.sites if site not in local)
    return Setup(run.start_url, public, local, run.width, run.height)

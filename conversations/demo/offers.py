"""What the demo's stand-in has besides: further deployments, and a small shop for the teams' browsers."""

from django.conf import settings

from conversations.models import ComputerPolicy, Deployment, Endpoint, Team
from conversations.people.audit import command
from conversations.people.demo import LOOPBACK, price_deployments
from conversations.people.recording import recorded

FURTHER = ("gpt-5.1-slow", "gpt-5.4")
# An order takes seven; the rest is for whoever tries something else.
MOST_STEPS = 20


def offer(endpoint: Endpoint) -> None:
    for name in FURTHER:
        if not Deployment.objects.filter(endpoint=endpoint, name=name).exists():
            row = Deployment(endpoint=endpoint, name=name, title=name)
            with recorded(row, actor=command()):
                row.save()
    price_deployments()
    for site in settings.COMPUTER_LOCAL_SITES[:1]:
        for team in Team.objects.order_by("pk"):
            _let_into(site, team)


def _let_into(site: str, team: Team) -> None:
    """What an admin wrote stays, but for the shop's port, which may be another one at each start."""
    new = ComputerPolicy(team=team, enabled=True, start_url=LOOPBACK, most_steps=MOST_STEPS)
    policy = ComputerPolicy.objects.filter(team=team).first() or new
    start_url = f"http://{site}/shop/"
    if not policy.start_url.startswith(LOOPBACK) or policy.start_url == start_url:
        return
    policy.sites, policy.start_url = site, start_url
    with recorded(policy, actor=command()):
        policy.save()

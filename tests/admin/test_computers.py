"""What a team allows of computer use is written at the desk, by admins, and told in the audit trail."""

from typing import Any

import pytest
from django.test import Client

from conversations.models import AuditEntry, ComputerPolicy, Team, User
from conversations.tools import computers

ADD = "/admin/conversations/computerpolicy/add/"


@pytest.fixture
def desk(db: None, client: Client) -> Client:
    client.force_login(User.objects.create_superuser("root", password="not-used-here"))
    return client


def written(team: Team, **fields: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "enabled": "on",
        "sites": "*.example.com\nshop.example.org:8443",
        "start_url": "https://www.example.com/lamps",
        "most_steps": 5,
        "most_seconds": 600,
        "width": 1024,
        "height": 768,
        "may_choose": "on",
        "most_width": 1600,
        "most_height": 1200,
    }
    return {"team": team.pk} | usual | fields


def test_an_admin_says_where_a_team_may_go(desk: Client) -> None:
    team = Team.objects.create(name="Research")
    assert computers.policy_of(team.pk) is None
    assert desk.post(ADD, written(team)).status_code == 302
    policy = computers.policy_of(team.pk)
    assert policy is not None
    assert policy.hosts == ["*.example.com", "shop.example.org:8443"]
    entry = AuditEntry.objects.get(action="computer_policy_changed")
    assert (entry.team_id, entry.details["added"]["enabled"]) == (team.pk, [None, True])


def test_what_is_switched_off_is_not_allowed(desk: Client) -> None:
    team = Team.objects.create(name="Research")
    ComputerPolicy.objects.create(team=team, sites="*", start_url="https://example.com/")
    assert computers.policy_of(team.pk) is None


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"sites": "https://example.com"}, "is no host"),
        ({"start_url": "https://elsewhere.example.net/"}, "on none of the sites"),
        ({"start_url": "http://www.example.com:9000/"}, "on none of the sites"),
        ({"start_url": "file:///etc/passwd"}, "begins with https://"),
        ({"usual_steps": 6}, "more than the 5 that there may be"),
        ({"width": 1700}, "more than the 1600 that there may be"),
        ({"most_steps": 0}, "greater than or equal to 1"),
    ],
)
def test_what_makes_no_sense_is_said_at_once(desk: Client, fields: dict[str, Any], said: str) -> None:
    team = Team.objects.create(name="Research")
    answer = desk.post(ADD, written(team, **fields))
    assert said in answer.content.decode()
    assert not ComputerPolicy.objects.exists()

"""The page where admins say what the models of a team may call, and who is asked before."""

import pytest
from django.test import Client

from conversations.models import AuditEntry, Team, ToolPolicy, User
from conversations.models.people import Role
from conversations.tools import policies

pytestmark = pytest.mark.django_db

PAGE = "/admin/conversations/toolpolicy/"


@pytest.fixture
def team() -> Team:
    return Team.objects.create(name="Research")


def client(role: Role, *limits: Team) -> Client:
    user = User.objects.create_user(f"some-{role}", role=role)
    user.limited_to.set(limits)
    client = Client()
    client.force_login(user)
    return client


def fields(team: Team) -> dict[str, str]:
    """What the form holds when it comes, each value beside the one it began with."""
    said: dict[str, str] = {}
    for name, rule in policies.rules_of(team.pk).items():
        asks = rule.approvers if rule.needs_approval or rule.tool.is_manual else ""
        for field, value in (("use", rule.use), ("asks", asks)):
            said |= {f"{name}-{field}": value, f"initial-{name}-{field}": value}
    return said


def test_an_admin_sets_a_team_up_and_the_trail_says_so(team: Team) -> None:
    admin = client(Role.ADMIN)
    wanted = {"calculate-use": "on", "get_weather-asks": "other", "ask_for_weather-asks": "asker"}
    answer = admin.post(f"{PAGE}?team={team.pk}", fields(team) | wanted)
    assert answer.status_code == 302
    rules = policies.rules_of(team.pk)
    assert (rules["calculate"].use, rules["calculate"].needs_approval) == ("on", False)
    assert (rules["get_weather"].needs_approval, rules["get_weather"].approvers) == (True, "other")
    assert rules["ask_for_weather"].approvers == "asker"
    assert ToolPolicy.objects.count() == 3
    entry = AuditEntry.objects.get(action="tool_policy_changed", subject_id="get_weather")
    assert (entry.subject_type, entry.team_id) == ("tool", team.pk)
    assert entry.details == {"needs_approval": [False, True], "approvers": ["asker", "other"]}


def test_what_an_admin_left_alone_stays_as_another_one_set_it(team: Team) -> None:
    seen = fields(team)
    ToolPolicy.objects.create(team=team, tool="calculate", use="off", needs_approval=True, approvers="team")
    client(Role.ADMIN).post(f"{PAGE}?team={team.pk}", seen | {"get_weather-use": "on"})
    rule = policies.rules_of(team.pk)["calculate"]
    assert (rule.use, rule.needs_approval, rule.approvers) == ("off", True, "team")
    assert AuditEntry.objects.filter(action="tool_policy_changed").count() == 1


def test_a_wrong_value_saves_nothing_and_says_where(team: Team) -> None:
    wrong = {"calculate-use": "on", "get_weather-asks": "everybody"}
    answer = client(Role.ADMIN).post(f"{PAGE}?team={team.pk}", fields(team) | wrong)
    assert "everybody is not one of the available choices" in answer.content.decode()
    assert not ToolPolicy.objects.exists()


def test_others_at_the_desk_look_only(team: Team) -> None:
    auditor = client(Role.AUDITOR)
    page = auditor.get(PAGE).content.decode()
    assert "Calculator" in page
    assert "Work out an arithmetic expression" in page
    assert 'class="button primary"' not in page
    assert auditor.post(f"{PAGE}?team={team.pk}", fields(team)).status_code == 403


def test_staff_limited_to_teams_see_and_set_those(team: Team) -> None:
    far = Team.objects.create(name="Faraway")
    limited = client(Role.ADMIN, team)
    assert "Faraway" not in limited.get(PAGE).content.decode()
    assert limited.get(PAGE, {"team": far.pk}).status_code == 404
    assert limited.post(f"{PAGE}?team={far.pk}", fields(far)).status_code == 404

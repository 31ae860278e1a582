"""Staff who are limited to teams find nothing of other teams in any list, filter, choice or completion."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client

from conversations import clock
from conversations.chat import turns
from conversations.models import (
    Conversation,
    Deployment,
    Endpoint,
    Export,
    Hold,
    ImportJob,
    SavedFilter,
    Team,
    User,
)
from conversations.models.audit import Action
from conversations.models.exports import Format, Scope
from conversations.models.imports import JobStatus
from conversations.models.people import Role
from conversations.people.audit import record, system
from tests.cast import person

pytestmark = pytest.mark.django_db

DESK = "/admin/conversations"
OURS, THEIRS = "Nearby", "Faraway"
# Lists that have rows of both teams here.
FILLED = (
    *("auditentry", "conversation", "deployment", "endpoint", "export", "importjob", "response"),
    *("hold", "team", "turn", "user"),
)


@dataclass(frozen=True)
class Side:
    """A team with one of everything; whatever has a name has the team's in it."""

    team: Team
    member: User
    deployment: Deployment
    conversation: Conversation


def side(name: str) -> Side:
    member = person(f"{name}-member", name)
    endpoint = Endpoint.objects.create(
        name=f"{name}-endpoint", kind="azure_v1", auth="entra", base_url=f"https://{name}.example/openai/v1/"
    )
    deployment = Deployment.objects.create(endpoint=endpoint, name=f"{name}-model", title=f"{name} title")
    talk, _new = turns.start_conversation(member, client_key=uuid4(), deployment=deployment.pk)
    turns.send_message(member, talk.pk, client_key=uuid4(), text="Hello", tip=None)
    made = Side(Team.objects.get(name=name), member, deployment, talk)
    work(made)
    return made


def work(made: Side) -> None:
    """What staff have done about that team."""
    name, colleague = made.team.name, staff(f"{made.team.name}-colleague")
    times = {"status": JobStatus.DONE, "created_at": clock.now(), "ended_at": clock.now()}
    ImportJob.objects.create(
        endpoint=made.deployment.endpoint,
        deployment=made.deployment,
        team=made.team,
        actor=colleague.username,
        source=f"{name}.csv",
        **times,
    )
    asked = {"scope": Scope.SELECTION, "format": Format.CSV, "query": f"team={name}", "reason": name}
    Export.objects.create(by=colleague, actor=colleague.username, **asked, **times)
    SavedFilter.objects.create(owner=colleague, name=f"{name}-kept", query=f"team={name}", shared=True)
    began = {"starts_at": clock.now(), "placed_at": clock.now()}
    Hold.objects.create(team=made.team, reason=f"{name} case", placed_by=colleague, **began)
    record(Action.TEAM_CHANGED, actor=system(name), subject=made.team, team=made.team.pk)


def staff(name: str, *teams: Team, role: Role = Role.OPERATOR) -> User:
    user = User.objects.create_user(name, role=role)
    user.limited_to.set(teams)
    return user


def client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def ours(db: None) -> Side:
    return side(OURS)


@pytest.fixture
def theirs(db: None) -> Side:
    return side(THEIRS)


@pytest.fixture
def limited(ours: Side, theirs: Side) -> dict[Role, Client]:
    """Of each role somebody who is limited to our team."""
    roles = (Role.AUDITOR, Role.OPERATOR, Role.ADMIN)
    return {role: client(staff(f"limited-{role}", ours.team, role=role)) for role in roles}


def lists() -> Iterator[str]:
    for model in admin.site._registry:
        if model._meta.app_label == "conversations":
            yield str(model._meta.model_name)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.OPERATOR, Role.ADMIN])
def test_no_list_names_what_is_of_other_teams(role: Role, limited: dict[Role, Client]) -> None:
    for name in lists():
        answer = limited[role].get(f"{DESK}/{name}/")
        assert THEIRS.lower() not in answer.content.decode().lower(), f"The list of {name} does"


def test_the_lists_do_show_it_to_those_who_are_not_limited(ours: Side, theirs: Side) -> None:
    """Or the test above would find nothing for want of rows."""
    everything = client(staff("unlimited", role=Role.ADMIN))
    for name in FILLED:
        text = everything.get(f"{DESK}/{name}/").content.decode()
        shown = THEIRS in text or str(theirs.conversation.pk) in text
        assert shown, f"The list of {name} has nothing of {THEIRS}"


def test_no_page_of_another_teams_row_opens(limited: dict[Role, Client], theirs: Side) -> None:
    rows: list[Model] = [theirs.team, theirs.member, theirs.deployment, theirs.deployment.endpoint]
    rows += [theirs.conversation, *theirs.conversation.responses.all(), *theirs.conversation.turns.all()]
    for row in rows:
        for page in ("change", "history"):
            answer = limited[Role.OPERATOR].get(f"{DESK}/{row._meta.model_name}/{row.pk}/{page}/")
            assert answer.status_code in (302, 404), row


def test_completions_know_our_team_only(limited: dict[Role, Client]) -> None:
    for role, field in ((Role.OPERATOR, "user"), (Role.ADMIN, "user")):
        query = {"app_label": "conversations", "model_name": "membership", "field_name": field}
        text = limited[role].get("/admin/autocomplete/", query).content.decode()
        assert OURS in text
        assert THEIRS not in text
    limits = {"app_label": "conversations", "model_name": "user", "field_name": "limited_to"}
    assert THEIRS not in limited[Role.ADMIN].get("/admin/autocomplete/", limits).content.decode()


def test_the_searches_of_lists_find_our_team_only(limited: dict[Role, Client]) -> None:
    for name in ("user", "team"):
        for words, found in ((OURS, True), (THEIRS, False)):
            page = limited[Role.AUDITOR].get(f"{DESK}/{name}/", {"q": words}).content.decode()
            assert ("row-link" in page) == found


@pytest.mark.parametrize("field", ["person", "team", "deployment", "endpoint"])
def test_a_filter_neither_names_nor_finds_a_row_of_others(
    field: str, limited: dict[Role, Client], theirs: Side
) -> None:
    """By its number it would tell its name, by its name that it exists."""
    rows = {
        "person": (theirs.member, theirs.member.username),
        "team": (theirs.team, theirs.team.name),
        "deployment": (theirs.deployment, theirs.deployment.name),
        "endpoint": (theirs.deployment.endpoint, theirs.deployment.endpoint.name),
    }
    row, name = rows[field]
    for door in ("response/", "export/add/"):
        by_number = limited[Role.AUDITOR].get(f"{DESK}/{door}", {field: str(row.pk)}).content.decode()
        assert THEIRS not in by_number
        assert "There is none named" in by_number
        by_name = limited[Role.AUDITOR].get(f"{DESK}/{door}", {field: name}).content.decode()
        assert "There is none named" in by_name


def test_only_saved_filters_that_make_sense_here_are_offered(limited: dict[Role, Client]) -> None:
    page = limited[Role.AUDITOR].get(f"{DESK}/response/").content.decode()
    assert f"{OURS}-kept" in page
    assert f"{THEIRS}-kept" not in page


def test_an_import_asks_only_where_our_team_is(limited: dict[Role, Client], ours: Side, theirs: Side) -> None:
    form = limited[Role.OPERATOR].get(f"{DESK}/importjob/add/").content.decode()
    assert f"{OURS} title" in form
    assert THEIRS not in form
    given = {"text": "resp_" + "0" * 48, "team": ours.team.pk, "deployment": theirs.deployment.pk}
    answer = limited[Role.OPERATOR].post(f"{DESK}/importjob/add/", given)
    assert (answer.status_code, ImportJob.objects.count()) == (200, 2)

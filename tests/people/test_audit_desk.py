"""Auditors and admins read the audit trail at the desk, filter it and take it along."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.http import StreamingHttpResponse
from django.test import Client

from conversations.admin import audit as desk
from conversations.models import AuditEntry, Team, User
from conversations.models.audit import Action
from conversations.models.people import Role
from conversations.people import chain
from conversations.people.audit import person, record, system
from responses_ui.env import ROOT

pytestmark = pytest.mark.django_db

LIST = "/admin/conversations/auditentry/"


def enter(role: str) -> Client:
    client = Client()
    client.force_login(User.objects.create_user(f"some-{role}", role=role))
    return client


@pytest.fixture
def auditor() -> Client:
    return enter(Role.AUDITOR)


def listed(client: Client, query: str = "") -> list[int]:
    return [entry.number for entry in client.get(LIST + query).context["cl"].result_list]


def write(count: int, **fields: Any) -> None:
    for _ in range(count):
        usual: dict[str, Any] = {"action": Action.HOLD_PLACED, "actor": system("test")}
        record(**usual | fields)


@pytest.mark.parametrize("role", [Role.MEMBER, Role.OPERATOR])
def test_members_and_operators_do_not_read_it(role: str) -> None:
    client = enter(role)
    [login] = AuditEntry.objects.all()
    for path in (LIST, f"{LIST}{login.number}/change/", f"{LIST}export/"):
        assert client.get(path).status_code == 403
    assert client.post(f"{LIST}export/").status_code == 403
    assert not AuditEntry.objects.filter(action=Action.EXPORTED).exists()


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMIN])
def test_auditors_and_admins_read_it_and_change_nothing(role: str) -> None:
    client = enter(role)
    write(1, reason="a lawyer asked")
    page = client.get(LIST).content.decode()
    assert "a lawyer asked" in page
    assert "Hold placed" in page
    assert AuditEntry.objects.latest("number").hash in client.get(f"{LIST}2/change/").content.decode()
    for act in ("2/change/", "2/delete/", "add/"):
        assert client.post(f"{LIST}{act}", {"post": "yes"}).status_code == 403
    client.post(LIST, {"action": "delete_selected", "_selected_action": "2", "post": "yes"})
    assert AuditEntry.objects.filter(number=2).exists()


def test_an_auditor_of_some_teams_reads_of_those_only(alice: User, carol: User, auditor: Client) -> None:
    research, field = Team.objects.get(name="Research"), Team.objects.get(name="Field")
    write(1, team=research.pk)
    write(1, team=field.pk)
    User.objects.get(role=Role.AUDITOR).limited_to.add(research)
    [entry] = auditor.get(LIST).context["cl"].result_list
    assert (entry.team_id, entry.team_name) == (research.pk, "Research")
    hidden = AuditEntry.objects.get(team_id=field.pk)
    assert auditor.get(f"{LIST}{hidden.number}/change/").status_code == 302
    assert [entry["team_id"] for entry in exported(auditor)[:-1]] == [research.pk]


def test_pages_follow_each_other_without_a_count(
    auditor: Client, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    monkeypatch.setattr(desk.AuditEntryAdmin, "list_per_page", 3)
    write(7)
    first = auditor.get(LIST).context["cl"]
    assert ([entry.number for entry in first.result_list], first.newer) == ([8, 7, 6], "")
    second = auditor.get(LIST + first.older).context["cl"]
    assert [entry.number for entry in second.result_list] == [5, 4, 3]
    last = auditor.get(LIST + second.older).context["cl"]
    assert ([entry.number for entry in last.result_list], last.older) == ([2, 1], "")
    assert listed(auditor, last.newer) == [5, 4, 3]
    assert listed(auditor, second.newer) == [8, 7, 6]
    assert listed(auditor, "?before=nonsense") == [8, 7, 6]
    with django_assert_max_num_queries(8) as seen:
        auditor.get(LIST)
    assert not [query for query in seen.captured_queries if "count(" in query["sql"].lower()]


def test_filters_narrow_the_list_and_go_along_to_the_next_page(
    auditor: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    team = Team.objects.get(name="Research")
    write(3, actor=person(alice), subject=alice, team=team.pk)
    write(1, action=Action.HOLD_ENDED)
    assert listed(auditor, "?action=hold_ended") == [5]
    assert listed(auditor, "?actor=alice") == [4, 3, 2]
    assert listed(auditor, "?actor=system:test") == [5]
    assert listed(auditor, f"?subject=user:{alice.pk}&action=hold_placed") == [4, 3, 2]
    assert listed(auditor, f"?team={team.pk}") == [4, 3, 2]
    assert listed(auditor, "?since=2020-01-01T00:00") == [5, 4, 3, 2, 1]
    assert listed(auditor, "?until=2020-01-01T00:00") == []
    monkeypatch.setattr(desk.AuditEntryAdmin, "list_per_page", 2)
    older = auditor.get(f"{LIST}?actor=alice").context["cl"].older
    assert listed(auditor, older) == [2]


def test_a_filter_that_makes_no_sense_shows_why_and_nothing_else(auditor: Client) -> None:
    answer = auditor.get(f"{LIST}?since=yesterday")
    assert "Enter a valid date/time." in answer.content.decode()
    assert listed(auditor, "?since=yesterday") == []
    assert auditor.post(f"{LIST}export/?since=yesterday").status_code == 302


def exported(client: Client, query: str = "") -> list[dict[str, Any]]:
    answer: Any = client.post(f"{LIST}export/{query}")
    text = async_to_sync(whole)(answer)
    return [json.loads(line) for line in text.splitlines()]


async def whole(answer: StreamingHttpResponse) -> bytes:
    return b"".join([part async for part in answer])


def test_an_export_is_itself_an_entry_and_ends_with_the_head(
    auditor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "BATCH", 2)
    write(4)
    *entries, end = exported(auditor)
    head = chain.current_head()
    assert [entry["number"] for entry in entries] == [1, 2, 3, 4, 5, 6]
    assert (entries[-1]["action"], entries[-1]["hash"]) == ("exported", head.hash)
    assert (end["entries"], end["head"]["count"], end["head"]["hash"]) == (6, 6, head.hash)


def test_an_export_has_what_is_selected_and_tells_the_selection(auditor: Client) -> None:
    write(2)
    *entries, end = exported(auditor, "?action=hold_placed&actor=system:test")
    assert [entry["number"] for entry in entries] == [2, 3]
    assert (end["entries"], end["head"]["count"]) == (2, 4)
    told = AuditEntry.objects.get(action=Action.EXPORTED).details["selection"]
    assert told == {"action": "hold_placed", "actor": "system:test"}


def verify_outside(folder: Path, entries: list[dict[str, Any]]) -> str:
    """Runs the program that the documentation shows; what it says at the end."""
    shown = (ROOT / "docs" / "audit.md").read_text().partition("```python\n")[2].partition("```")[0]
    (folder / "verify.py").write_text(shown)
    (folder / "audit.jsonl").write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    command = (sys.executable, "-I", str(folder / "verify.py"), str(folder / "audit.jsonl"))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_an_outsider_verifies_an_export_with_what_the_documentation_shows(
    auditor: Client, tmp_path: Path
) -> None:
    write(3, reason="für später", details={"count": 3, "names": ["ä", "b"]})
    entries = exported(auditor)
    head = chain.current_head().hash
    assert verify_outside(tmp_path, entries) == f"whole file, 5 entries, head {head}\n"
    assert verify_outside(tmp_path, entries[:-1]) == "the file is cut off\n"
    swapped = [*entries[:2], entries[3] | {"number": 3}, *entries[3:]]
    assert verify_outside(tmp_path, swapped) == "entry 3 was changed\n"
    entries[2]["reason"] = "anders"
    assert verify_outside(tmp_path, entries) == "entry 3 was changed\n"

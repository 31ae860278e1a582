"""The desk's pages for imports, and who reaches them."""

import gzip
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from conversations import clock
from conversations.models import AuditEntry, DailyUsage, Deployment, ImportJob, Response, Team, User
from conversations.models.people import Role
from conversations.people.audit import system
from conversations.stored import import_runner, importing
from conversations.stored.importing import Asked
from tests.stored.conftest import Upstream

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/admin/conversations/importjob/"
ADD = f"{LIST}add/"
UNKNOWN = "resp_" + "0" * 48


def staff(role: Role, *teams: Team) -> Client:
    user = User.objects.create_user(f"some-{role}", role=role)
    user.limited_to.set(teams)
    client = Client()
    client.force_login(user)
    return client


def job_of(deployment: Deployment, team: Team | None = None) -> ImportJob:
    asked = Asked(actor=system("test"), by=None, deployment=deployment, team=team)
    return importing.begin(asked, io.BytesIO(f"{UNKNOWN} resp_1".encode()))


def test_an_operator_pastes_a_text_and_sees_what_came_of_it(upstream: Upstream, stocked: Deployment) -> None:
    operator = staff(Role.OPERATOR)
    text = f"{upstream.create()['id']}\n{UNKNOWN}\nresp_1"
    sent = operator.post(ADD, {"text": text, "deployment": stocked.pk})
    job = ImportJob.objects.get()
    page = f"{LIST}{job.pk}/change/"
    assert (sent.status_code, sent["Location"]) == (302, page)
    assert "data-progress" in operator.get(page).content.decode()
    told: Any = operator.get(f"{LIST}{job.pk}/progress/").json()
    assert (told["running"], told["total"], told["ended"]) == (True, 3, 1)
    import_runner.run(job.pk)
    shown = operator.get(page).content.decode()
    assert "data-progress" not in shown
    assert UNKNOWN in shown
    assert "too short" in shown
    assert operator.get(f"{LIST}{job.pk}/report/").json()["outcomes"]["imported"] == 1
    entry = AuditEntry.objects.filter(action="imported").first()
    assert entry is not None
    assert entry.actor.startswith("user:some-operator#")


def test_an_upload_may_be_packed_and_must_be_whole(upstream: Upstream, stocked: Deployment) -> None:
    operator = staff(Role.OPERATOR)
    packed = gzip.compress(f"{UNKNOWN}\n{'x' * 100_000}".encode())
    file = SimpleUploadedFile("proxy.log.gz", packed)
    assert operator.post(ADD, {"file": file, "deployment": stocked.pk}).status_code == 302
    assert ImportJob.objects.get().source == "proxy.log.gz"
    torn = SimpleUploadedFile("torn.gz", packed[:-30])
    assert (
        "damaged or cut off" in operator.post(ADD, {"file": torn, "deployment": stocked.pk}).content.decode()
    )
    nothing = operator.post(ADD, {"deployment": stocked.pk})
    assert "Choose a file or paste a text." in nothing.content.decode()


def test_only_operators_and_admins_import(stocked: Deployment) -> None:
    job = job_of(stocked)
    pages = [LIST, ADD, *(f"{LIST}{job.pk}/{name}/" for name in ("change", "progress", "report"))]
    for role, status in ((Role.OPERATOR, 200), (Role.ADMIN, 200), (Role.AUDITOR, 403), (Role.MEMBER, 403)):
        client = staff(role)
        assert [client.get(page).status_code for page in pages] == [status] * len(pages)
        again = client.post(f"{LIST}{job.pk}/again/").status_code
        assert again == (302 if status == 200 else 403)
    assert {Client().get(page).status_code for page in pages} == {302}
    assert ImportJob.objects.count() == 1


def test_who_is_limited_to_teams_imports_for_one_of_those_and_sees_no_other(stocked: Deployment) -> None:
    mine, other = Team.objects.create(name="Research"), Team.objects.create(name="Field")
    DailyUsage.objects.create(day=clock.now().date(), team_id=mine.pk, deployment=stocked, completed=1)
    jobs = {team: job_of(stocked, team) for team in (mine, other, None)}
    operator = staff(Role.OPERATOR, mine)
    found = {team: operator.get(f"{LIST}{job.pk}/progress/").status_code for team, job in jobs.items()}
    assert found == {mine: 200, other: 404, None: 404}
    for team in ("", other.pk):
        refused = operator.post(ADD, {"text": UNKNOWN, "deployment": stocked.pk, "team": team})
        assert refused.status_code == 200
    sent = operator.post(ADD, {"text": UNKNOWN, "deployment": stocked.pk, "team": mine.pk})
    assert sent.status_code == 302
    assert not Response.objects.exists()

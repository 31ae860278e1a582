"""The desk's pages for reconciliations, and who reaches them."""

import pytest
from django.test import Client

from conversations.models import Deployment, ImportJob, Reconciliation, Response, Team
from conversations.models.people import Role
from conversations.people.audit import system
from conversations.stored import import_runner, reconciling
from tests.stored.conftest import Upstream
from tests.stored.test_import_pages import staff

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/admin/conversations/reconciliation/"


def test_an_operator_compares_and_settles(upstream: Upstream, stocked: Deployment) -> None:
    upstream.emulator.control("PATCH", "settings", {"list_enabled": True})
    orphan = upstream.create()["id"]
    operator = staff(Role.OPERATOR)
    endpoint = f"/admin/conversations/endpoint/{stocked.endpoint_id}/change/"
    assert "Reconcile with upstream" in operator.get(endpoint).content.decode()
    page = operator.post(f"{LIST}begin/", {"endpoint": stocked.endpoint_id})["Location"]
    row = Reconciliation.objects.get()
    assert "data-progress" in operator.get(page).content.decode()
    assert operator.get(f"{LIST}{row.pk}/progress/").json()["running"]
    reconciling.compare(row.pk)
    shown = operator.get(page).content.decode()
    assert orphan in shown
    assert "Settle 1 difference" in shown
    sent = operator.post(f"{LIST}{row.pk}/settle/")
    job = ImportJob.objects.get()
    assert sent["Location"] == f"/admin/conversations/importjob/{job.pk}/change/"
    import_runner.run(job.pk)
    assert Response.objects.get().response_id == orphan
    assert operator.post(f"{LIST}{row.pk}/settle/")["Location"] == page
    assert ImportJob.objects.count() == 1


def test_an_endpoint_that_cannot_list_says_so(upstream: Upstream, stocked: Deployment) -> None:
    row = reconciling.begin(system("test"), None, stocked.endpoint)
    reconciling.compare(row.pk)
    shown = staff(Role.ADMIN).get(f"{LIST}{row.pk}/change/").content.decode()
    assert "doesn&#x27;t list its responses" in shown


def test_only_operators_and_admins_of_all_teams_reconcile(stocked: Deployment) -> None:
    row = reconciling.begin(system("test"), None, stocked.endpoint)
    limited = staff(Role.OPERATOR, Team.objects.create(name="Research"))
    endpoint = f"/admin/conversations/endpoint/{stocked.endpoint_id}/change/"
    assert "Reconcile with upstream" not in limited.get(endpoint).content.decode()
    for client in (limited, staff(Role.AUDITOR), staff(Role.MEMBER)):
        pages = [LIST, f"{LIST}{row.pk}/change/", f"{LIST}{row.pk}/progress/"]
        assert {client.get(page).status_code for page in pages} == {403}
        assert client.post(f"{LIST}begin/", {"endpoint": stocked.endpoint_id}).status_code == 403
        assert client.post(f"{LIST}{row.pk}/settle/").status_code == 403
    assert Client().post(f"{LIST}{row.pk}/settle/").status_code == 302
    assert Reconciliation.objects.count() == 1

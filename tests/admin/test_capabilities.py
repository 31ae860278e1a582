"""What is known of models and versions at the desk: all of the staff look, admins correct it for good."""

import pytest
from django.test import Client

from conversations.models import AuditEntry, Deployment, KnownModel, User
from conversations.models.people import Role
from conversations.stored import facts
from conversations.stored.capabilities import abilities_of

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/admin/conversations/knownmodel/"


def staff(role: Role) -> Client:
    client = Client()
    client.force_login(User.objects.create_user(f"some-{role}", role=role))
    return client


def test_auditors_look_and_change_nothing() -> None:
    row = KnownModel.objects.get(name="gpt-4o")
    auditor = staff(Role.AUDITOR)
    assert "gpt-4o" in auditor.get(LIST).content.decode()
    assert auditor.get(f"{LIST}{row.pk}/change/").status_code == 200
    assert auditor.post(f"{LIST}{row.pk}/change/", {}).status_code == 403


def test_what_an_admin_corrects_stays_and_is_refused_before_any_request(deployment: Deployment) -> None:
    row = KnownModel.objects.get(name="gpt-4.1")
    row.inabilities.all().delete()
    deployment.model = "gpt-4.1"
    deployment.save()
    given = {
        "name": "gpt-4.1",
        "versions": "[]",
        "efforts": "[]",
        "retires_on": "2030-04-11",
        "source": "Our agreement",
        "checked_on": "2026-11-01",
        "inabilities-TOTAL_FORMS": "1",
        "inabilities-INITIAL_FORMS": "0",
        "inabilities-0-model": str(row.pk),
        "inabilities-0-feature": "images",
        "inabilities-0-reason": "Not in our contract.",
    }
    sent = staff(Role.ADMIN).post(f"{LIST}{row.pk}/change/", given)
    assert sent.status_code == 302, sent.content.decode()
    row.refresh_from_db()
    assert (row.edited, str(row.retires_on)) == (True, "2030-04-11")
    facts.load()
    row.refresh_from_db()
    assert str(row.retires_on) == "2030-04-11"
    assert abilities_of(deployment).why_not("images") == "Not in our contract."
    told = list(AuditEntry.objects.filter(action="capability_changed").order_by("number"))
    assert "retires_on" in told[0].details["changed"]
    assert told[1].details["changed"]["cannot"][1] == {"images": "Not in our contract."}

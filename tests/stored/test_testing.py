"""A deployment is tested: what upstream takes and refuses is found, kept, and goes before what is written."""

import pytest
from django.test import Client

from conversations.models import AuditEntry, Deployment, DeploymentTest, Trial, User
from conversations.models.imports import JobStatus
from conversations.models.people import Role
from conversations.people.audit import system
from conversations.stored import probes, testing
from conversations.stored.capabilities import FEATURES, abilities_of
from tests.stored.conftest import Upstream

pytestmark = pytest.mark.django_db(transaction=True)


def after_a_test(deployment: Deployment, name: str) -> DeploymentTest:
    deployment.name = name
    deployment.save()
    test = testing.begin(deployment, by=None, actor=system("test"))
    assert testing.begin(deployment, by=None, actor=system("test")) == test, "one at a time"
    assert testing.run(test.pk)
    test.refresh_from_db()
    return test


def found(deployment: Deployment) -> dict[str, bool | None]:
    return dict(Trial.objects.filter(deployment=deployment).values_list("feature", "works"))


def test_every_probe_is_of_a_feature() -> None:
    assert {*probes.FEATURES} <= {*FEATURES}


def test_what_a_plain_model_refuses_is_found_with_upstreams_words(
    stocked: Deployment, upstream: Upstream
) -> None:
    test = after_a_test(stocked, "gpt-4.1")
    assert (test.status, test.done, test.trouble) == (JobStatus.DONE, len(probes.FEATURES), "")
    works = found(stocked)
    assert works["temperature"] is works["images"] is works["files"] is works["streaming"] is True
    assert works["reasoning"] is works["verbosity"] is works["encrypted_reasoning"] is False
    assert "medium" in Trial.objects.get(feature="verbosity").words
    assert upstream.emulator.control("GET", "ids")["ids"] == [], "and nothing is stored there"
    told = AuditEntry.objects.get(action="deployment_tested").details
    assert told["works"] + told["refused"] == len(probes.FEATURES) + 1, "with reasoning, by its efforts"
    assert told["tokens"] > 0


def test_a_reasoning_model_is_found_to_be_one_against_what_is_written(stocked: Deployment) -> None:
    stocked.model = "gpt-4.1"
    assert abilities_of(stocked).why_not("reasoning")
    after_a_test(stocked, "gpt-5.1-thinking")
    works = found(stocked)
    assert (works["reasoning"], works["temperature"]) == (True, False)
    abilities = abilities_of(stocked)
    assert abilities.can("reasoning")
    assert "Upstream refused this when it was tested" in abilities.why_not("temperature")


def test_where_nothing_works_nothing_is_learned_and_busy_tells_neither(
    stocked: Deployment, upstream: Upstream
) -> None:
    test = after_a_test(stocked, "nobody-knows-it")
    assert (test.status, found(stocked)) == (JobStatus.FAILED, {})
    assert test.trouble
    upstream.fault("503", times=1, operation="create")
    assert after_a_test(stocked, "gpt-5.1").status == JobStatus.FAILED
    assert testing.verdict(None) is True


def test_an_admin_tests_it_and_sees_what_was_found(stocked: Deployment) -> None:
    page = f"/admin/conversations/deployment/{stocked.pk}/"
    clients = {}
    for role in (Role.AUDITOR, Role.ADMIN):
        clients[role] = Client()
        clients[role].force_login(User.objects.create_user(f"some-{role}", role=role))
    assert "Test this deployment" not in clients[Role.AUDITOR].get(f"{page}change/").content.decode()
    assert "Test this deployment" in clients[Role.ADMIN].get(f"{page}change/").content.decode()
    assert clients[Role.ADMIN].post(f"{page}test/").status_code == 302
    assert "Being tested" in clients[Role.AUDITOR].get(f"{page}change/").content.decode()
    assert clients[Role.AUDITOR].get(f"{page}test/progress/").json()["running"] is True
    testing.run(DeploymentTest.objects.get().pk)
    shown = clients[Role.AUDITOR].get(f"{page}change/").content.decode()
    assert "Works" in shown
    assert clients[Role.AUDITOR].get(f"{page}test/progress/").json()["running"] is False

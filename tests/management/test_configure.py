"""The first endpoint and deployment come from the environment."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from conversations.models import Deployment, Endpoint
from responses_ui.env import Upstream

pytestmark = pytest.mark.django_db

V1 = Upstream(kind="azure_v1", base_url="https://res.openai.azure.com/openai/v1/", deployment="my-gpt")


def configure() -> str:
    out = StringIO()
    call_command("configure", stdout=out)
    return out.getvalue()


def test_it_makes_them_once(settings: Settings) -> None:
    settings.UPSTREAM, settings.RETENTION_DAYS = V1, 14
    assert "my-gpt" in configure()
    configure()
    endpoint = Endpoint.objects.get()
    assert (endpoint.name, endpoint.auth, endpoint.retention_days) == ("res.openai.azure.com", "entra", 14)
    assert Deployment.objects.get().endpoint == endpoint


def test_how_one_signs_in_may_change_but_not_the_place(settings: Settings) -> None:
    settings.UPSTREAM = V1
    configure()
    settings.UPSTREAM = Upstream(
        kind=V1.kind, base_url=V1.base_url, deployment="other", auth="env", key_name="AZURE_OPENAI_API_KEY"
    )
    configure()
    assert Endpoint.objects.get().auth == "env"
    assert [row.name for row in Deployment.objects.all()] == ["my-gpt", "other"]


@pytest.mark.parametrize("version", ["2024-10-21", "2025-01-01-preview", "yesterday"])
def test_a_version_without_the_responses_api_is_refused(settings: Settings, version: str) -> None:
    settings.UPSTREAM = Upstream(
        kind="azure_dated", base_url="https://res.openai.azure.com", deployment="my-gpt", api_version=version
    )
    with pytest.raises(CommandError, match=r"2025-0\d-01-preview"):
        configure()
    assert not Endpoint.objects.exists()


def test_the_demos_deployments_get_titles_and_prices(settings: Settings) -> None:
    settings.DEMO = True
    settings.UPSTREAM = Upstream(
        kind="azure_v1", base_url="http://127.0.0.1:9/openai/v1/", deployment="gpt-5.1-slow"
    )
    configure()
    deployment = Deployment.objects.get()
    assert (deployment.title, str(deployment.output_price)) == ("GPT-5.1 slow", "10.000000")


def test_without_an_endpoint_it_says_what_to_set(settings: Settings) -> None:
    settings.UPSTREAM = None
    assert "AZURE_OPENAI_ENDPOINT" in configure()

"""What the demo adds for its stand-in: further deployments, and its shop for the teams' browsers."""

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from conversations.models import AuditEntry, ComputerPolicy, Deployment, User
from responses_ui.env import Upstream

pytestmark = pytest.mark.django_db

STARTER = "Watch a model shop"


@pytest.fixture(autouse=True)
def demo(settings: Settings, alice: User) -> Settings:
    settings.DEMO, settings.CHROMIUM = True, "sh"  # any program will do that isn't started
    at_port(settings, 4001)
    call_command("demo_offers")
    return settings


def at_port(settings: Settings, port: int) -> None:
    """Where the stand-in is at this start."""
    settings.UPSTREAM = Upstream(
        kind="azure_v1", base_url=f"http://127.0.0.1:{port}/openai/v1/", deployment="gpt-5.1"
    )
    settings.COMPUTER_LOCAL_SITES = (f"127.0.0.1:{port}",)
    call_command("configure")


def test_it_offers_a_model_that_can_use_a_browser_and_lets_teams_into_the_shop() -> None:
    call_command("demo_offers")
    assert [row.title for row in Deployment.objects.all()] == ["GPT-5.1", "GPT-5.1 slow", "GPT-5.4"]
    policy = ComputerPolicy.objects.get()
    assert (policy.enabled, policy.hosts) == (True, ["127.0.0.1:4001"])
    assert policy.start_url == "http://127.0.0.1:4001/shop/"
    assert AuditEntry.objects.filter(action="computer_policy_changed").count() == 1


def test_the_shop_is_found_at_another_port_too(demo: Settings) -> None:
    ComputerPolicy.objects.update(confirm_all=True)
    at_port(demo, 4002)
    call_command("demo_offers")
    policy = ComputerPolicy.objects.get()
    assert (policy.hosts, policy.confirm_all) == (["127.0.0.1:4002"], True)


def test_where_an_admin_sent_browsers_elsewhere_it_stays_so(demo: Settings) -> None:
    ComputerPolicy.objects.update(sites="*", start_url="https://example.com/")
    call_command("demo_offers")
    assert ComputerPolicy.objects.get().start_url == "https://example.com/"


def test_only_a_demo_has_a_stand_in(demo: Settings) -> None:
    demo.DEMO = False
    with pytest.raises(CommandError, match="not the demo"):
        call_command("demo_offers")


def test_a_starter_says_what_to_type_where_there_is_a_browser(
    client: Client, alice: User, demo: Settings
) -> None:
    client.force_login(alice)
    page = client.get("/")
    assert STARTER in page.content.decode()
    assert page.context["bootstrap"]["no_browser"] == ""
    demo.CHROMIUM = "/nowhere/chromium"
    page = client.get("/")
    assert STARTER not in page.content.decode()
    assert "No Chromium was found" in page.context["bootstrap"]["no_browser"]


def test_outside_of_a_demo_only_workers_know_of_browsers(client: Client, alice: User, demo: Settings) -> None:
    demo.DEMO, demo.CHROMIUM = False, "/nowhere/chromium"
    client.force_login(alice)
    page = client.get("/")
    assert STARTER not in page.content.decode()
    assert page.context["bootstrap"]["no_browser"] == ""

"""What deployments can do, as it is written and as it was tried."""

from datetime import date

import pytest

from conversations import clock
from conversations.models import (
    ApiVersion,
    Deployment,
    Endpoint,
    Inability,
    KnownModel,
    Limit,
    Region,
    Trial,
    User,
)
from conversations.stored import facts
from conversations.stored.capabilities import EFFORTS, FEATURES, abilities_of

SEED_REGIONS = (
    "australiaeast eastus eastus2 francecentral japaneast norwayeast southindia swedencentral uaenorth "
    "uksouth westus westus3"
)
SEED_MODELS = "gpt-4o gpt-4o-mini computer-use-preview gpt-4.1 gpt-4.1-nano gpt-4.1-mini o3 o4-mini"

pytestmark = pytest.mark.django_db


def named(model: str, deployment: Deployment) -> Deployment:
    deployment.model = model
    return deployment


def on_preview(deployment: Deployment, version: str = "2025-03-01-preview") -> Deployment:
    endpoint = deployment.endpoint
    endpoint.kind, endpoint.api_version = "azure_dated", version
    return deployment


def test_the_regions_and_models_of_the_quickstart_are_known() -> None:
    assert list(Region.objects.values_list("name", flat=True)) == SEED_REGIONS.split()
    assert set(SEED_MODELS.split()) <= set(KnownModel.objects.values_list("name", flat=True))
    assert KnownModel.objects.get(name="gpt-4o").versions == ["2024-05-13", "2024-08-06", "2024-11-20"]


def test_every_fact_has_a_source_and_a_day() -> None:
    for table in (KnownModel, ApiVersion, Region, Limit):
        rows = table._default_manager.all()
        assert rows
        assert all(row.source and row.checked_on for row in rows)


def test_every_inability_is_of_a_feature_that_exists() -> None:
    assert set(Inability.objects.values_list("feature", flat=True)) <= set(FEATURES)
    known = [effort for row in KnownModel.objects.all() for effort in row.efforts or ()]
    assert set(known) <= set(EFFORTS)


@pytest.mark.parametrize("feature", ["structured_output", "tool_choice", "image_urls", "web_search"])
def test_what_the_quickstart_says_is_not_supported_is_refused_by_its_api_versions_only(
    feature: str, deployment: Deployment
) -> None:
    assert abilities_of(named("gpt-5.1", deployment)).can(feature)
    for version in ("2025-03-01-preview", "2025-04-01-preview"):
        assert abilities_of(on_preview(deployment, version)).why_not(feature).startswith("This api-version")


def test_a_reasoning_model_takes_its_own_efforts_and_no_temperature(deployment: Deployment) -> None:
    abilities = abilities_of(named("gpt-5.1-2025-11-13", deployment))
    assert abilities.can("effort:none")
    assert abilities.why_not("effort:minimal") == "gpt-5.1 takes the efforts none, low, medium, high."
    assert abilities.why_not("temperature") == "Reasoning models take no temperature."


def test_a_plain_model_does_not_reason(deployment: Deployment) -> None:
    abilities = abilities_of(named("gpt-4.1", deployment))
    assert abilities.can("temperature")
    assert abilities.why_not("reasoning") == "This model does not reason."
    assert abilities.why_not("effort:low") == "gpt-4.1 takes no effort."


def test_a_deployment_without_a_model_is_known_by_its_own_name(deployment: Deployment) -> None:
    assert abilities_of(deployment).context_window == 400_000


def test_an_unknown_model_may_try_everything_and_is_said_to_be_unknown(deployment: Deployment) -> None:
    abilities = abilities_of(named("gpt-9", deployment))
    assert not abilities.is_known
    assert [name for name, reason in abilities.as_json().items() if reason] == ["generate_summary"]
    assert "“gpt-9”" in abilities.remark


def test_a_retired_model_is_told_of(deployment: Deployment) -> None:
    KnownModel.objects.filter(name="gpt-5.1").update(retires_on=date(2020, 1, 1))
    assert abilities_of(deployment).remark.startswith("gpt-5.1 was retired on 1 January 2020")


def test_what_upstream_said_goes_before_what_is_written(deployment: Deployment, alice: User) -> None:
    def tried(feature: str, works: bool | None, words: str = "") -> None:
        Trial.objects.create(
            deployment=deployment,
            feature=feature,
            works=works,
            words=words,
            tried_at=clock.now(),
            tried_by=alice,
        )

    tried("temperature", True)
    tried("images", False, "No images here.")
    tried("top_p", None, "Too many requests.")
    abilities = abilities_of(deployment)
    assert abilities.can("temperature")
    assert abilities.why_not("images").endswith("No images here.")
    assert abilities.why_not("top_p") == "Reasoning models take no top_p."


def test_a_region_can_lack_something(deployment: Deployment) -> None:
    region = Region.objects.get(name="uksouth")
    Inability.objects.create(region=region, feature="mcp", reason="Not in this region.")
    assert abilities_of(deployment).can("mcp")
    Endpoint.objects.update(region="uksouth")
    deployment.endpoint.refresh_from_db()
    assert abilities_of(deployment).why_not("mcp") == "Not in this region."


def test_new_facts_are_followed_except_where_an_admin_changed_them() -> None:
    KnownModel.objects.filter(name="gpt-5.1").update(context_window=1, edited=True)
    KnownModel.objects.filter(name="gpt-5").update(context_window=1)
    KnownModel.objects.filter(name="o3").delete()
    ours = Inability.objects.filter(model__name="gpt-5.1", feature="temperature")
    ours.delete()
    theirs = Inability.objects.filter(model__name="gpt-5", feature="temperature")
    theirs.update(reason="Old words.")
    facts.load()
    assert KnownModel.objects.get(name="gpt-5.1").context_window == 1
    assert not ours.exists()
    assert KnownModel.objects.get(name="gpt-5").context_window == 400_000
    assert theirs.get().reason == "Reasoning models take no temperature."
    assert KnownModel.objects.get(name="o3").inabilities.exists()


def test_facts_are_put_in_once() -> None:
    counted = [table._default_manager.count() for table in (KnownModel, Inability, Region, Limit)]
    facts.load()
    assert counted == [table._default_manager.count() for table in (KnownModel, Inability, Region, Limit)]

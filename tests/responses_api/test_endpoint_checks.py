import dataclasses
from typing import Any

import pytest

from conversations.responses_api import Auth, BadConfiguration, Endpoint, EndpointKind

V1 = {"kind": "azure_v1", "base_url": "https://r.openai.azure.com/openai/v1/"}
DATED = {"kind": "azure_dated", "base_url": "https://r.openai.azure.com", "api_version": "2025-03-01-preview"}
OTHER = {
    "kind": "openai",
    "base_url": "https://api.openai.com/v1",
    "auth": "env",
    "key_name": "OPENAI_API_KEY",
}


def endpoint(base: dict[str, str], **changes: Any) -> Endpoint:
    return Endpoint(**{**base, **changes})


@pytest.mark.parametrize(
    ("base", "given", "kept"),
    [
        (V1, "https://r.openai.azure.com/openai/v1", "https://r.openai.azure.com/openai/v1/"),
        (V1, " https://r.services.ai.azure.com/openai/v1/ ", "https://r.services.ai.azure.com/openai/v1/"),
        (V1, "https://gateway.example/team/openai/v1", "https://gateway.example/team/openai/v1/"),
        (V1, "http://127.0.0.1:9/openai/v1", "http://127.0.0.1:9/openai/v1/"),
        (DATED, "https://r.openai.azure.com", "https://r.openai.azure.com/"),
        (DATED, "https://r.openai.azure.com/openai/", "https://r.openai.azure.com/"),
        (OTHER, "http://ollama:11434/v1", "http://ollama:11434/v1/"),
    ],
)
def test_a_base_url_is_kept_in_one_form(base: dict[str, str], given: str, kept: str) -> None:
    assert endpoint(base, base_url=given).base_url == kept


@pytest.mark.parametrize(
    ("base", "url", "advice"),
    [
        (V1, "https://r.openai.azure.com", "/openai/v1/"),
        (V1, "https://r.openai.azure.com/v1/", "/openai/v1/"),
        (V1, "http://r.openai.azure.com/openai/v1/", "https://"),
        (V1, "r.openai.azure.com/openai/v1/", "whole URL"),
        (V1, "https://r.openai.azure.com:99999/openai/v1/", "whole URL"),
        (V1, "", "whole URL"),
        (V1, "https://me:hunter2@r.openai.azure.com/openai/v1/", "user name"),
        (V1, "https://r.openai.azure.com/openai/v1/?api-version=preview", "before any ?"),
        (DATED, "https://r.openai.azure.com/openai/v1/", "Leave the api-version empty"),
        (OTHER, "ftp://r/v1", "whole URL"),
    ],
)
def test_an_unusable_base_url_is_refused_with_what_to_set(
    base: dict[str, str], url: str, advice: str
) -> None:
    with pytest.raises(BadConfiguration, match=advice.replace("?", r"\?")) as refused:
        endpoint(base, base_url=url)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("version", ["2025-03-01-preview", "2025-04-01-preview", "2026-01-01"])
def test_a_dated_version_with_a_responses_api_is_accepted(version: str) -> None:
    assert endpoint(DATED, api_version=version).api_version == version


@pytest.mark.parametrize("version", ["2025-01-01-preview", "2024-10-21"])
def test_an_older_version_is_refused_with_what_to_set(version: str) -> None:
    with pytest.raises(BadConfiguration, match="Set 2025-03-01-preview or later"):
        endpoint(DATED, api_version=version)


@pytest.mark.parametrize(
    "version", ["", "preview", "v1", "2025-3-1", "2025-13-01-preview", "2025-04-01-beta"]
)
def test_a_malformed_version_is_refused_with_what_to_set(version: str) -> None:
    with pytest.raises(BadConfiguration, match="such as 2025-04-01-preview"):
        endpoint(DATED, api_version=version)


@pytest.mark.parametrize("base", [V1, OTHER])
def test_only_the_dated_route_takes_a_version(base: dict[str, str]) -> None:
    with pytest.raises(BadConfiguration, match="Leave it empty"):
        endpoint(base, api_version="2025-04-01-preview")


def test_the_scope_defaults_by_route_and_can_be_set() -> None:
    assert endpoint(V1).token_scope == "https://ai.azure.com/.default"
    assert endpoint(DATED).token_scope == "https://cognitiveservices.azure.com/.default"
    assert endpoint(V1, token_scope="https://x/.default").token_scope == "https://x/.default"
    with pytest.raises(BadConfiguration, match="needs a token scope"):
        endpoint(OTHER, auth="entra", key_name="")
    with pytest.raises(BadConfiguration, match="without spaces"):
        endpoint(V1, token_scope="https://x/.default https://y/.default")


@pytest.mark.parametrize("pasted", ["0123456789abcdef0123456789abcdef", "sk-proj-abcdef", "aB3dE5gH7jK9", ""])
def test_a_key_pasted_in_place_of_its_name_is_refused_and_not_repeated(pasted: str) -> None:
    for auth in (Auth.ENV, Auth.KEY_VAULT):
        vault = "https://v.vault.azure.net" if auth is Auth.KEY_VAULT else ""
        name = pasted if auth is Auth.ENV else pasted + "_"
        with pytest.raises(BadConfiguration, match="never") as refused:
            endpoint(V1, auth=auth, key_name=name, vault_url=vault)
        assert not pasted or pasted not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["", "http://v.vault.azure.net", "v.vault.azure.net", "https://v.vault.azure.net/secrets/x"]
)
def test_a_vault_needs_its_url(url: str) -> None:
    with pytest.raises(BadConfiguration, match=r"https://NAME\.vault\.azure\.net/"):
        endpoint(V1, auth="key_vault", key_name="openai-key", vault_url=url)


def test_azure_is_never_asked_without_authentication() -> None:
    with pytest.raises(BadConfiguration, match="needs Entra ID or a key"):
        endpoint(V1, auth="none")


def test_an_unknown_kind_is_refused_with_the_known_ones() -> None:
    with pytest.raises(BadConfiguration, match="azure_v1, azure_dated, openai"):
        endpoint(V1, kind="gemini")


def test_the_portals_endpoint_becomes_the_route_that_is_meant() -> None:
    v1 = Endpoint.azure("https://r.openai.azure.com/")
    assert (v1.kind, v1.base_url) == (EndpointKind.AZURE_V1, "https://r.openai.azure.com/openai/v1/")
    assert Endpoint.azure("https://r.openai.azure.com/openai/v1/") == v1
    dated = Endpoint.azure("https://r.openai.azure.com/", api_version="2025-04-01-preview")
    assert (dated.kind, dated.base_url) == (EndpointKind.AZURE_DATED, "https://r.openai.azure.com/")


def test_equal_endpoints_are_one_key_of_a_cache() -> None:
    assert {endpoint(V1), endpoint(V1, base_url="https://r.openai.azure.com/openai/v1")} == {endpoint(V1)}
    assert endpoint(V1).host == "r.openai.azure.com"
    with pytest.raises(dataclasses.FrozenInstanceError):
        endpoint(V1).base_url = "https://elsewhere/"  # type: ignore[misc]  # that is the point

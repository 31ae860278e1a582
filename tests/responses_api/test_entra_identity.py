"""Entra ID for real: DefaultAzureCredential and the emulator's managed identity, whose tokens expire."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from conversations.responses_api import (
    Auth,
    BadConfiguration,
    Endpoint,
    EndpointKind,
    Refused,
    ResponsesAPI,
    Unreachable,
)
from tests.responses_api.servers import Emulator, audience

REQUEST = {"model": "gpt-5.1", "input": "hi"}


@pytest.fixture
def azure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """An emulator of the test's own, which it may turn the settings of."""
    started = Emulator.start(tmp_path)
    started.give_identity(monkeypatch)
    yield started
    started.stop()


def audiences(azure: Emulator) -> list[str]:
    return [audience(dict(each["headers"])["authorization"]) for each in azure.requests("create")]


async def test_one_token_serves_many_requests_at_once(azure: Emulator, api: ResponsesAPI) -> None:
    endpoint = azure.endpoint(EndpointKind.AZURE_V1, Auth.ENTRA)
    await asyncio.gather(*(api.create(endpoint, REQUEST) for _ in range(8)))
    assert len(azure.requests("token")) == 1
    assert audiences(azure) == ["https://ai.azure.com"] * 8


async def test_each_scope_has_a_token_of_its_own(azure: Emulator, api: ResponsesAPI) -> None:
    await api.create(azure.endpoint(EndpointKind.AZURE_V1, Auth.ENTRA), REQUEST)
    await api.create(azure.endpoint(EndpointKind.AZURE_DATED, Auth.ENTRA), REQUEST)
    older = Endpoint.azure(azure.url, token_scope="https://cognitiveservices.azure.com/.default")
    await api.create(older, REQUEST)
    assert audiences(azure) == ["https://ai.azure.com", *["https://cognitiveservices.azure.com"] * 2]


async def test_a_token_is_renewed_when_it_has_expired(azure: Emulator, api: ResponsesAPI) -> None:
    azure.control("PATCH", "settings", {"token_lifetime": 1})
    endpoint = azure.endpoint(EndpointKind.AZURE_V1, Auth.ENTRA)
    await api.create(endpoint, REQUEST)
    await asyncio.sleep(1.5)
    await api.create(endpoint, REQUEST)
    assert len(azure.requests("token")) == 2


async def test_a_token_that_was_revoked_is_refused_without_being_shown(
    azure: Emulator, api: ResponsesAPI
) -> None:
    endpoint = azure.endpoint(EndpointKind.AZURE_V1, Auth.ENTRA)
    await api.create(endpoint, REQUEST)
    azure.control("POST", "tokens/revoke")
    with pytest.raises(Refused) as refused:
        await api.create(endpoint, REQUEST)
    token = dict(azure.requests("create")[-1]["headers"])["authorization"].removeprefix("Bearer ")
    assert token not in f"{refused.value!r} {refused.value.as_dict()} {refused.value.body}"


async def test_a_refused_identity_is_a_configuration_error_that_names_it(
    azure: Emulator, api: ResponsesAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IDENTITY_HEADER", "not-the-secret")
    with pytest.raises(BadConfiguration) as refused:
        await api.create(azure.endpoint(EndpointKind.AZURE_V1, Auth.ENTRA), REQUEST)
    assert refused.value.kind == "no_identity"
    assert str(refused.value).startswith("ManagedIdentityCredential: ")
    assert "Cognitive Services OpenAI User" in refused.value.advice
    assert azure.requests("create") == []


async def test_an_identity_that_worked_before_is_only_away(azure: Emulator, api: ResponsesAPI) -> None:
    azure.control("PATCH", "settings", {"token_lifetime": 1})
    endpoint = azure.endpoint(EndpointKind.AZURE_V1, Auth.ENTRA)
    await api.create(endpoint, REQUEST)
    azure.control("PATCH", "settings", {"identity_header": "changed"})
    await asyncio.sleep(1.5)
    with pytest.raises(Unreachable) as away:
        await api.create(endpoint, REQUEST)
    assert away.value.kind == "identity_unreachable"
    assert away.value.retryable
    assert not away.value.may_have_run

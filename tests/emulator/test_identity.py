"""The real azure.identity against the identity endpoint, as on App Service."""

import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import DefaultAzureCredential, ManagedIdentityCredential, get_bearer_token_provider
from openai import AuthenticationError, OpenAI

from tests.emulator.running import Running

SCOPE = "https://cognitiveservices.azure.com/.default"


@pytest.fixture(autouse=True)
def on_app_service(emulator: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{emulator.url}/identity/token")
    monkeypatch.setenv("IDENTITY_HEADER", "emulator-identity")


def ask(emulator: Running, token: str) -> str | None:
    with OpenAI(base_url=f"{emulator.url}/openai/v1/", api_key=token, max_retries=0) as client:
        return client.responses.create(model="gpt-5.1", input="Say hello").status


@pytest.mark.parametrize("scope", [SCOPE, "https://ai.azure.com/.default"])
def test_the_default_credential_finds_the_identity_and_opens_the_api(emulator: Running, scope: str) -> None:
    with DefaultAzureCredential() as credential:
        provider = get_bearer_token_provider(credential, scope)
        with OpenAI(base_url=f"{emulator.url}/openai/v1/", api_key=provider, max_retries=0) as client:
            assert client.responses.create(model="gpt-5.1", input="Say hello").status == "completed"
            assert client.responses.create(model="gpt-5.1", input="And again").status == "completed"
    assert len(emulator.control("GET", "requests?operation=token")["requests"]) == 1


def test_a_token_for_something_else_does_not_open_the_api(emulator: Running) -> None:
    with ManagedIdentityCredential() as credential:
        token = credential.get_token("https://vault.azure.net/.default").token
    with pytest.raises(AuthenticationError, match="audience is incorrect"):
        ask(emulator, token)


def test_a_token_expires(emulator: Running) -> None:
    emulator.control("PATCH", "settings", {"token_lifetime": 0})
    with ManagedIdentityCredential() as credential:
        token = credential.get_token(SCOPE).token
    with pytest.raises(AuthenticationError, match="have expired"):
        ask(emulator, token)


def test_a_provider_fetches_a_new_token_once_the_old_one_is_about_to_expire(emulator: Running) -> None:
    emulator.control("PATCH", "settings", {"token_lifetime": 1})
    with ManagedIdentityCredential() as credential:
        provider = get_bearer_token_provider(credential, SCOPE)
        first, second = provider(), provider()
    assert first != second


def test_revoked_tokens_are_refused_and_later_ones_taken(emulator: Running) -> None:
    with ManagedIdentityCredential() as credential:
        old = credential.get_token(SCOPE).token
    emulator.control("POST", "tokens/revoke")
    with ManagedIdentityCredential() as credential:
        new = credential.get_token(SCOPE).token
    with pytest.raises(AuthenticationError):
        ask(emulator, old)
    assert ask(emulator, new) == "completed"


def test_an_altered_token_is_refused(emulator: Running) -> None:
    with ManagedIdentityCredential() as credential:
        token = credential.get_token(SCOPE).token
    with pytest.raises(AuthenticationError):
        ask(emulator, f"{token[:-1]}{'0' if token[-1] != '0' else '1'}")


def test_only_those_who_know_the_header_get_a_token(
    emulator: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IDENTITY_HEADER", "guessed")
    with ManagedIdentityCredential() as credential, pytest.raises(ClientAuthenticationError):
        credential.get_token(SCOPE)

"""Keys and tokens, fetched by name when a request needs them and never stored."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable

from azure.core.exceptions import AzureError
from azure.identity.aio import DefaultAzureCredential, get_bearer_token_provider
from azure.keyvault.secrets.aio import SecretClient

from conversations.responses_api import errors, faults
from conversations.responses_api.endpoints import Auth, Endpoint
from conversations.responses_api.redaction import Redactor

VAULT_REFRESH_SECONDS = 600.0

Secret = Callable[[], Awaitable[str]]


class EnvironmentKey:
    def __init__(self, name: str, redactor: Redactor) -> None:
        self._name = name
        self._redactor = redactor

    async def __call__(self) -> str:
        key = os.environ.get(self._name, "").strip()
        if not key:
            raise errors.BadConfiguration(
                f"The environment variable {self._name}, which should hold the key, is not set.",
                kind="key_missing",
            )
        self._redactor.learn(key)
        return key


class VaultKey:
    """A Key Vault secret, asked for again after a while so that a rotation reaches us."""

    def __init__(self, client: SecretClient, name: str, redactor: Redactor, refresh: float) -> None:
        self._client = client
        self._name = name
        self._redactor = redactor
        self._refresh = refresh
        self._lock = asyncio.Lock()
        self._key = ""
        self._fetched = 0.0

    async def __call__(self) -> str:
        async with self._lock:
            if not self._key or time.monotonic() - self._fetched > self._refresh:
                await self._fetch()
        return self._key

    def forget(self) -> None:
        """The next request asks the vault again; for a key that was refused."""
        self._key = ""

    async def _fetch(self) -> None:
        try:
            secret = await self._client.get_secret(self._name)
        except (AzureError, ValueError) as error:
            raise faults.from_vault(error, self._name, self._redactor) from None
        key = (secret.value or "").strip()
        if not key:
            raise errors.BadConfiguration(f"The Key Vault secret {self._name} is empty.", kind="key_missing")
        self._redactor.learn(key)
        self._key = key
        self._fetched = time.monotonic()


class EntraToken:
    """A bearer token for one scope; the provider keeps it and renews it before it expires."""

    def __init__(self, credential: DefaultAzureCredential, scope: str, redactor: Redactor) -> None:
        self._provider = get_bearer_token_provider(credential, scope)
        self._redactor = redactor
        self._worked_before = False

    async def __call__(self) -> str:
        try:
            token = await self._provider()
        except AzureError as error:
            raise faults.from_identity(error, self._redactor, worked_before=self._worked_before) from None
        self._worked_before = True
        self._redactor.learn(token)
        return token


async def no_secret() -> str:
    """For servers without authentication. The SDK wants some key; the header is left out."""
    return "none"


class Credentials:
    """One identity of this process, made when first needed, and what it opens."""

    def __init__(self, vault_refresh: float = VAULT_REFRESH_SECONDS) -> None:
        self._vault_refresh = vault_refresh
        self._identity: DefaultAzureCredential | None = None
        self._vaults: dict[str, SecretClient] = {}

    def secret_for(self, endpoint: Endpoint, redactor: Redactor) -> Secret:
        match endpoint.auth:
            case Auth.ENV | Auth.KEY_VAULT:
                return self.named(endpoint.key_name, endpoint.vault_url, redactor)
            case Auth.ENTRA:
                return EntraToken(self._credential(), endpoint.token_scope, redactor)
            case Auth.NONE:
                return no_secret

    def named(self, name: str, vault_url: str, redactor: Redactor) -> Secret:
        """A vault's secret, or without a vault a variable of the environment."""
        if vault_url:
            return VaultKey(self._vault(vault_url), name, redactor, self._vault_refresh)
        return EnvironmentKey(name, redactor)

    async def aclose(self) -> None:
        for vault in self._vaults.values():
            await vault.close()
        self._vaults.clear()
        if self._identity is not None:
            await self._identity.close()
            self._identity = None

    def _credential(self) -> DefaultAzureCredential:
        if self._identity is None:
            self._identity = DefaultAzureCredential()
        return self._identity

    def _vault(self, url: str) -> SecretClient:
        if url not in self._vaults:
            self._vaults[url] = SecretClient(url, self._credential())
        return self._vaults[url]

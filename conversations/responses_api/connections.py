"""The SDK's clients: one per endpoint, all over one pool of connections."""

from dataclasses import dataclass
from typing import Any, cast

import httpx2
from openai import AsyncAzureOpenAI, AsyncOpenAI, DefaultAioHttpClient, Omit, __version__

from conversations.responses_api.credentials import Credentials, Secret, VaultKey
from conversations.responses_api.endpoints import Auth, Endpoint, EndpointKind
from conversations.responses_api.redaction import Redactor

# Longer than the SDK's 5 s, so that the next turn of a chat finds its TLS connection open;
# shorter than the 4 minutes after which Azure's load balancers drop an idle one.
KEEPALIVE_SECONDS = 60.0
LIMITS = httpx2.Limits(
    max_connections=1000, max_keepalive_connections=100, keepalive_expiry=KEEPALIVE_SECONDS
)


@dataclass(frozen=True, kw_only=True)
class Timeouts:
    """In seconds. `connect`: to a connection; `read`: silence before the first or between two events;
    `total`: a whole request or stream, None for no limit; `linger`: after `response.failed`, for the
    `error` event that may explain it; `drain`: after the terminal event, for the end that lets
    the connection be used again.
    """

    connect: float = 5.0
    read: float = 120.0
    total: float | None = None
    linger: float = 2.0
    drain: float = 0.2

    def for_http(self) -> httpx2.Timeout:
        return httpx2.Timeout(connect=self.connect, read=self.read, write=self.read, pool=self.connect * 2)


class _SendsOnce(DefaultAioHttpClient):
    """aiohttp quietly repeats a DELETE whose connection broke. The 404 of the second would then pass for an
    answer to the first, and nobody would know that it was our own request that deleted.
    """

    def _init_transport(self, *arguments: Any, **options: Any) -> httpx2.AsyncBaseTransport:
        return _sending_once(super()._init_transport(*arguments, **options))

    def _init_proxy_transport(self, *arguments: Any, **options: Any) -> httpx2.AsyncBaseTransport:
        return _sending_once(super()._init_proxy_transport(*arguments, **options))


def _sending_once(transport: Any) -> httpx2.AsyncBaseTransport:
    open_session = transport.get_client

    def open_quiet_session() -> Any:
        session = open_session()
        session._retry_connection = False  # noqa: SLF001  aiohttp has no public name for it
        return session

    transport.get_client = open_quiet_session
    return cast("httpx2.AsyncBaseTransport", transport)


class _OwnHeaders:
    """Only the headers named here: the SDK would add OPENAI_CUSTOM_HEADERS, OPENAI_ORG_ID and more."""

    @property
    def default_headers(self) -> dict[str, str | Omit]:
        return {
            "Accept": "application/json",
            "Content-Type": "application/json",
            "User-Agent": f"responses-ui AsyncOpenAI/Python {__version__}",
            **self.platform_headers(),  # type: ignore[attr-defined]  # of the client that this is mixed into
        }


class _OpenAI(_OwnHeaders, AsyncOpenAI):
    pass


class _AzureOpenAI(_OwnHeaders, AsyncAzureOpenAI):
    pass


@dataclass(frozen=True, kw_only=True)
class Connection:
    """An endpoint's client, and what knows its secrets."""

    client: AsyncOpenAI
    redactor: Redactor
    secret: Secret
    headers: dict[str, str | Omit]

    def forget_secret(self) -> None:
        if isinstance(self.secret, VaultKey):
            self.secret.forget()


class Connections:
    """Clients by endpoint. Everything explicit, so that no OPENAI_* variable reaches a request."""

    def __init__(self, timeouts: Timeouts, credentials: Credentials) -> None:
        self._timeouts = timeouts
        self._credentials = credentials
        self._http: httpx2.AsyncClient | None = None
        self._by_endpoint: dict[Endpoint, Connection] = {}
        self._named: dict[tuple[str, str], Secret] = {}

    def get(self, endpoint: Endpoint) -> Connection:
        connection = self._by_endpoint.get(endpoint)
        if connection is None:
            connection = self._by_endpoint[endpoint] = self._open(endpoint)
        return connection

    async def named(self, name: str, vault_url: str) -> str:
        """A secret that isn't an endpoint's."""
        key = (name, vault_url)
        if key not in self._named:
            self._named[key] = self._credentials.named(name, vault_url, Redactor())
        return await self._named[key]()

    async def aclose(self) -> None:
        self._by_endpoint.clear()
        self._named.clear()
        if self._http is not None:
            await self._http.aclose()
            self._http = None
        await self._credentials.aclose()

    def _open(self, endpoint: Endpoint) -> Connection:
        redactor = Redactor()
        secret = self._credentials.secret_for(endpoint, redactor)
        headers: dict[str, str | Omit] = {"Authorization": Omit()} if endpoint.auth is Auth.NONE else {}
        return Connection(
            client=self._client(endpoint, secret), redactor=redactor, secret=secret, headers=headers
        )

    def _client(self, endpoint: Endpoint, secret: Secret) -> AsyncOpenAI:
        shared: dict[str, Any] = {
            "admin_api_key": "",
            "organization": "",
            "project": "",
            "webhook_secret": "",
            "timeout": self._timeouts.for_http(),
            "max_retries": 0,
            "http_client": self._pool(),
        }
        if endpoint.kind is not EndpointKind.AZURE_DATED:
            return _OpenAI(base_url=endpoint.base_url, api_key=secret, **shared)
        shared |= {"azure_endpoint": endpoint.base_url, "api_version": endpoint.api_version}
        if endpoint.auth is Auth.ENTRA:
            return _AzureOpenAI(azure_ad_token_provider=secret, **shared)
        return _AzureOpenAI(api_key=secret, **shared)

    def _pool(self) -> httpx2.AsyncClient:
        if self._http is None:
            # A redirect would carry a conversation to where nobody configured it to go.
            self._http = _SendsOnce(timeout=self._timeouts.for_http(), limits=LIMITS, follow_redirects=False)
        return self._http

"""Errors of the transport (aiohttp, httpx2, the SDK, Azure's sign-in) as members of the error tree."""

import re
import ssl
from collections.abc import Iterator

import aiohttp
import httpx2
import openai
from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ServiceRequestError,
    ServiceResponseError,
)

from conversations.responses_api import errors
from conversations.responses_api.diagnosis import from_http
from conversations.responses_api.errors import ResponsesAPIError
from conversations.responses_api.redaction import Redactor

# What a read or a request may raise, besides the SDK's own tree.
TRANSPORT_ERRORS = (openai.OpenAIError, httpx2.HTTPError, httpx2.StreamError, aiohttp.ClientError, OSError)


def from_request(error: Exception, redactor: Redactor) -> ResponsesAPIError:
    """For what ended a request before its answer was read."""
    if isinstance(error, openai.APIStatusError):
        response = error.response
        return from_http(response.status_code, response.headers, response.content, redactor)
    chain = list(_chain(error))
    if found := _first(chain, ssl.SSLCertVerificationError, aiohttp.ClientConnectorCertificateError):
        return errors.BadConfiguration(redactor.clean(str(found)), kind="certificate")
    if _first(
        chain, aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, httpx2.UnsupportedProtocol
    ):
        return errors.Unreachable(redactor.clean(_said(chain)))
    if _first(chain, aiohttp.SocketTimeoutError, httpx2.ReadTimeout, httpx2.WriteTimeout):
        return errors.Stalled()
    # The SDK's transport calls a connection that broke after the request a time-out of connecting.
    broke = _first(chain, aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)
    if not broke and _first(chain, httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout):
        return errors.Unreachable(redactor.clean(_said(chain)))
    return errors.Unreachable(redactor.clean(_said(chain)), kind="disconnected", may_have_run=True)


def from_reading(error: Exception, redactor: Redactor) -> ResponsesAPIError:
    """For what ended an answer that had begun."""
    chain = list(_chain(error))
    if _first(chain, aiohttp.SocketTimeoutError, httpx2.ReadTimeout):
        return errors.Stalled()
    if _first(chain, httpx2.DecodingError):
        return errors.StreamCut(kind="malformed")
    return errors.StreamCut(redactor.clean(_said(chain)))


def from_identity(error: AzureError, redactor: Redactor, *, worked_before: bool) -> ResponsesAPIError:
    """For Entra ID, which is asked before a request is sent. What worked before is set up right."""
    said = redactor.clean(_attempt(str(error)))
    if worked_before or _unreachable(error):
        return errors.Unreachable(said, kind="identity_unreachable")
    return errors.BadConfiguration(said, kind="no_identity")


def from_vault(error: AzureError | ValueError, secret_name: str, redactor: Redactor) -> ResponsesAPIError:
    """For Key Vault, which is asked before a request is sent. A ValueError: the host is no vault's."""
    if _unreachable(error):
        return errors.Unreachable(redactor.clean(str(error)), kind="vault_unreachable")
    if isinstance(error, ClientAuthenticationError):
        return errors.BadConfiguration(redactor.clean(_attempt(error.message)), kind="no_identity")
    said = redactor.clean(error.message if isinstance(error, AzureError) else str(error))
    return errors.BadConfiguration(f"Key Vault secret {secret_name}: {said}", kind="key_missing")


def _attempt(said: str) -> str:
    """Of all that DefaultAzureCredential tried, the last one, which is where it gave up."""
    attempts = re.findall(r"^\s+(\w+Credential: .*)$", said, re.MULTILINE)
    return attempts[-1] if attempts else said


def _unreachable(error: Exception) -> bool:
    if isinstance(error, HttpResponseError) and error.status_code is not None:
        return error.status_code == 429 or error.status_code >= 500
    return isinstance(error, ServiceRequestError | ServiceResponseError)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The SDK and its transport wrap what happened; the innermost one knows best."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _first(chain: list[BaseException], *kinds: type[BaseException]) -> BaseException | None:
    return next((error for error in chain if isinstance(error, kinds)), None)


def _said(chain: list[BaseException]) -> str:
    return next((str(error) for error in reversed(chain) if str(error)), "")

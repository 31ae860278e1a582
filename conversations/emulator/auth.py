"""Which of the three services a request speaks to, and whether its key or token opens it."""

import enum
import hmac
import re
from collections.abc import Mapping

from conversations.emulator import errors
from conversations.emulator.identity import Tokens

OLDEST_API_VERSION = "2025-03-01"


class Flavour(enum.Enum):
    """The three ways to the Responses API; the value is the path in front of ``/responses``."""

    AZURE_V1 = "/openai/v1"
    AZURE_DATED = "/openai"
    OPENAI = "/v1"

    @property
    def azure(self) -> bool:
        return self is not Flavour.OPENAI


def check_key(flavour: Flavour, headers: Mapping[str, str], key: str, tokens: Tokens) -> None:
    scheme, _, bearer = headers.get("authorization", "").partition(" ")
    bearer = bearer if scheme.lower() == "bearer" else ""
    if flavour is Flavour.OPENAI:
        _check_openai(bearer, key)
    else:
        _check_azure(bearer, headers.get("api-key"), key, tokens)


def _check_openai(bearer: str, key: str) -> None:
    if not bearer:
        raise errors.missing_api_key()
    if not _same(bearer, key):
        raise errors.incorrect_api_key(bearer)


def _check_azure(bearer: str, api_key: str | None, key: str, tokens: Tokens) -> None:
    if api_key is not None:
        if not _same(api_key, key):
            raise errors.wrong_key()
    elif not _same(bearer, key) and not tokens.accepts(bearer):
        raise errors.bad_token()


def _same(given: str, key: str) -> bool:
    return hmac.compare_digest(given.encode(), key.encode())


def check_version(flavour: Flavour, api_version: str | None) -> None:
    """Dated routes need a version from 2025-03-01-preview on; v1 needs none, and knows only its own two."""
    if flavour is Flavour.AZURE_V1 and api_version not in (None, "v1", "preview"):
        raise errors.gateway(400, "BadRequest", "API version not supported")
    if flavour is Flavour.AZURE_DATED:
        if not api_version or not re.fullmatch(r"\d{4}-\d\d-\d\d(-preview)?", api_version):
            raise errors.resource_not_found()
        if api_version[:10] < OLDEST_API_VERSION:
            raise errors.api_version_too_old()

"""Where a model is reached and how one signs in there, checked before any request."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar
from urllib.parse import SplitResult, urlsplit, urlunsplit

from conversations.responses_api.errors import BadConfiguration

FIRST_DATED_VERSION = date(2025, 3, 1)
V1_SCOPE = "https://ai.azure.com/.default"
DATED_SCOPE = "https://cognitiveservices.azure.com/.default"

_VERSION = re.compile(r"(\d{4}-\d{2}-\d{2})(-preview)?")
# Names of variables are upper case here, so that a key pasted in place of its name is caught.
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")
_VAULT_SECRET = re.compile(r"[0-9A-Za-z-]{1,127}")
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}

Member = TypeVar("Member", bound=StrEnum)


class EndpointKind(StrEnum):
    AZURE_V1 = "azure_v1"
    AZURE_DATED = "azure_dated"
    OPENAI = "openai"


class Auth(StrEnum):
    ENTRA = "entra"
    ENV = "env"
    KEY_VAULT = "key_vault"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One place that speaks the Responses API. Holds names of keys, never a key.

    `base_url` ends in `/openai/v1/` for Azure v1, is the resource's root for a dated api-version
    (`https://NAME.openai.azure.com`), and is what the server documents for others (`…/v1/`).
    `key_name` is an environment variable's name or a Key Vault secret's, as `auth` says.
    An unusable combination raises BadConfiguration.
    """

    kind: EndpointKind
    base_url: str
    api_version: str = ""
    auth: Auth = Auth.ENTRA
    token_scope: str = ""
    key_name: str = ""
    vault_url: str = ""

    def __post_init__(self) -> None:
        kind, auth = _member(EndpointKind, self.kind, "kind"), _member(Auth, self.auth, "auth")
        self._set("kind", kind)
        self._set("auth", auth)
        self._set("base_url", _base_url(kind, self.base_url))
        self._set("api_version", _api_version(kind, self.api_version))
        self._set("token_scope", self._checked_scope())
        self._check_key()

    @classmethod
    def azure(
        cls,
        url: str,
        *,
        api_version: str = "",
        auth: Auth = Auth.ENTRA,
        token_scope: str = "",
        key_name: str = "",
        vault_url: str = "",
    ) -> "Endpoint":
        """From what Azure's portal shows as the resource's endpoint; v1 unless an api-version is given."""
        kind = EndpointKind.AZURE_DATED if api_version else EndpointKind.AZURE_V1
        parts = urlsplit(url.strip())
        if kind is EndpointKind.AZURE_V1 and parts.path.strip("/") in ("", "openai"):
            url = urlunsplit(parts._replace(path="/openai/v1/"))
        return cls(
            kind=kind,
            base_url=url,
            api_version=api_version,
            auth=auth,
            token_scope=token_scope,
            key_name=key_name,
            vault_url=vault_url,
        )

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).netloc

    def _set(self, name: str, value: str) -> None:
        object.__setattr__(self, name, value)

    def _checked_scope(self) -> str:
        scope = self.token_scope.strip()
        if self.auth is not Auth.ENTRA:
            return ""
        if not scope:
            scope = {EndpointKind.AZURE_V1: V1_SCOPE, EndpointKind.AZURE_DATED: DATED_SCOPE}.get(
                self.kind, ""
            )
        if not scope:
            raise BadConfiguration("Entra ID on a server that is not Azure OpenAI needs a token scope.")
        if any(character.isspace() for character in scope):
            raise BadConfiguration(f"The token scope must be one scope without spaces, such as {V1_SCOPE}.")
        return scope

    def _check_key(self) -> None:
        check_named(self.auth, self.key_name, self.vault_url)
        if self.auth is Auth.NONE and self.kind is not EndpointKind.OPENAI:
            raise BadConfiguration("Azure OpenAI needs Entra ID or a key; only others can do without.")


def check_named(auth: Auth, name: str, vault_url: str) -> None:
    """Whether that can be the name of a secret; one that was pasted in place of its name mostly can't."""
    if auth is Auth.ENV and not _VARIABLE.fullmatch(name):
        raise BadConfiguration(
            "The key's name must be the name of an environment variable in capitals, such as "
            "AZURE_OPENAI_API_KEY, and never the key itself."
        )
    if auth is Auth.KEY_VAULT:
        _check_vault(name, vault_url)


def _check_vault(name: str, vault_url: str) -> None:
    if not _VAULT_SECRET.fullmatch(name):
        raise BadConfiguration(
            "A Key Vault secret is named by 1 to 127 letters, digits or dashes, never by the key itself."
        )
    parts = urlsplit(vault_url)
    if parts.scheme != "https" or not parts.hostname or parts.path.strip("/") or parts.query:
        raise BadConfiguration("The vault's URL must look like https://NAME.vault.azure.net/.")


def _member(enum: type[Member], value: str, field: str) -> Member:
    try:
        return enum(value)
    except ValueError:
        choices = ", ".join(member.value for member in enum)
        raise BadConfiguration(f"An endpoint's {field} must be one of {choices}.") from None


def _base_url(kind: EndpointKind, text: str) -> str:
    parts = _split(text)
    if kind is not EndpointKind.OPENAI and parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        raise BadConfiguration("The base URL of an Azure resource must begin with https://.")
    path = "/" + parts.path.strip("/")
    match kind:
        case EndpointKind.AZURE_V1:
            if not path.endswith("/openai/v1"):
                raise BadConfiguration(
                    "The base URL of Azure's v1 route must end in /openai/v1/, such as "
                    f"https://NAME.openai.azure.com/openai/v1/; this one has the path {path}."
                )
        case EndpointKind.AZURE_DATED:
            if path.endswith("/v1"):
                raise BadConfiguration(
                    "A base URL that ends in /v1/ takes no api-version. Leave the api-version empty to use "
                    "the v1 route, or give the resource's root, such as https://NAME.openai.azure.com."
                )
            path = path.removesuffix("/openai")
    return urlunsplit((parts.scheme, parts.netloc, path.rstrip("/") + "/", "", ""))


def _split(text: str) -> SplitResult:
    parts = _parsed(text.strip())
    if parts is None or parts.scheme not in ("https", "http") or not parts.hostname:
        raise BadConfiguration(
            "The base URL must be a whole URL, such as https://NAME.openai.azure.com/openai/v1/."
        )
    if parts.username is not None or parts.password is not None:
        raise BadConfiguration("The base URL must not contain a user name or password.")
    if parts.query or parts.fragment:
        raise BadConfiguration(
            "The base URL must end before any ? or #; the api-version is a field of its own."
        )
    return parts


def _parsed(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    return None if port == 0 else parts


def _api_version(kind: EndpointKind, text: str) -> str:
    text = text.strip()
    if kind is not EndpointKind.AZURE_DATED:
        if text:
            raise BadConfiguration(
                "Only Azure's dated route takes an api-version. Leave it empty, or give the resource's root "
                "as the base URL and a version such as 2025-04-01-preview."
            )
        return ""
    if _version_date(text) < FIRST_DATED_VERSION:
        raise BadConfiguration(
            f"The api-version {text} has no Responses API. Set 2025-03-01-preview or later, "
            "or leave it empty to use the v1 route."
        )
    return text


def _version_date(text: str) -> date:
    match = _VERSION.fullmatch(text)
    try:
        return date.fromisoformat(match[1] if match else "")
    except ValueError:
        raise BadConfiguration(
            "The api-version must be a date, usually followed by -preview, such as 2025-04-01-preview. "
            "Leave it empty to use the v1 route."
        ) from None

"""Sends one message to a webhook. Its URL and key are fetched by name and appear in no error, row or log.

HTTPS only, but for loopback. No redirect is followed. What resolves to a private address is refused unless
the host is named in WEBHOOK_PRIVATE_HOSTS; the address that was checked is the one connected to.
"""

import base64
import binascii
import hashlib
import hmac
import ssl
import time
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from socket import AddressFamily
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import orjson
from aiohttp.abc import ResolveResult
from django.conf import settings
from django.utils.translation import gettext as _
from yarl import URL

from conversations.models import NoticeChannel
from conversations.models.notices import ChannelKind
from conversations.people.notices.messages import FORMS, Message
from conversations.responses_api import BadConfiguration, Credentials, ResponsesAPIError, check_named
from conversations.responses_api.diagnosis import retry_after
from conversations.responses_api.endpoints import Auth
from conversations.responses_api.redaction import Redactor
from responses_ui.env import LOOPBACK

SECONDS = 15
PREFIX = "WEBHOOK_"
KEY_PREFIX = "whsec_"
KEY_BYTES = 24
LATER = (408, 425, 429)


class NotSent(Exception):
    """What to tell admins; whether another try makes sense, and in how many seconds the receiver wants it."""

    def __init__(self, why: str, *, permanent: bool = False, retry_after: float | None = None) -> None:
        super().__init__(why)
        self.permanent = permanent
        self.retry_after = retry_after


@dataclass(frozen=True)
class Target:
    """A channel's values, for code that runs beside the database."""

    kind: ChannelKind
    key_name: str
    signing_name: str
    vault_url: str

    @classmethod
    def of(cls, channel: NoticeChannel) -> "Target":
        vault_url = channel.vault_url if channel.auth == Auth.KEY_VAULT else ""
        return cls(ChannelKind(channel.kind), channel.key_name, channel.signing_name, vault_url)


async def send(target: Target, message: Message) -> None:
    url, key = await ready(target)
    body = orjson.dumps(FORMS[target.kind](message))
    headers = {"Content-Type": "application/json", "User-Agent": "responses-ui"}
    if key:
        headers |= signed(message.id, int(time.time()), body, key)
    await _post(url, body, headers)


async def ready(target: Target) -> tuple[URL, bytes]:
    """Its URL, and for plain JSON the key; NotSent says what is wrong with either."""
    url = checked(await _secret(target, target.key_name))
    if target.kind != ChannelKind.JSON:
        return url, b""
    return url, key_of(await _secret(target, target.signing_name))


def checked(url: str) -> URL:
    """Of what may be wrong with it nothing is quoted."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.username is not None or not host or parts.scheme not in ("https", "http"):
        raise NotSent(_("What the name stands for is no webhook's URL."))
    if parts.scheme == "http" and host not in LOOPBACK:
        raise NotSent(_("The URL must begin with https://."))
    if _is_address(host) and not _may_go_to(host, host):
        raise NotSent(_private())
    # As it is: decoding and encoding again would change what is signed in it.
    return URL(url, encoded=True)


def check_name(auth: Auth, name: str, vault_url: str) -> None:
    """Other variables are no channel's business: whoever sets one up could have them sent somewhere."""
    if auth is Auth.ENV and not name.startswith(PREFIX):
        raise BadConfiguration(_("The variable's name must begin with %s.") % PREFIX)
    check_named(auth, name, vault_url)


def signed(identity: str, at: int, body: bytes, key: bytes) -> dict[str, str]:
    """Headers of the Standard Webhooks specification, so that receivers find libraries to check them."""
    digest = hmac.new(key, f"{identity}.{at}.".encode() + body, hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(digest).decode()}"
    return {"webhook-id": identity, "webhook-timestamp": str(at), "webhook-signature": signature}


def key_of(text: str) -> bytes:
    try:
        key = base64.b64decode(text.removeprefix(KEY_PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not text.startswith(KEY_PREFIX) or len(key) < KEY_BYTES:
        raise NotSent(
            _("The signing key must be %(prefix)s and at least %(bytes)d bytes in base64.")
            % {"prefix": KEY_PREFIX, "bytes": KEY_BYTES}
        )
    return key


async def _secret(target: Target, name: str) -> str:
    credentials = Credentials()
    try:
        check_name(Auth.KEY_VAULT if target.vault_url else Auth.ENV, name, target.vault_url)
        return await credentials.named(name, target.vault_url, Redactor())()
    except ResponsesAPIError as error:
        raise NotSent(str(error)) from None
    finally:
        await credentials.aclose()


async def _post(url: URL, body: bytes, headers: dict[str, str]) -> None:
    """The errors of the transport quote the URL, so only their kind is told."""
    connector = aiohttp.TCPConnector(resolver=_Guarded(), force_close=True)
    timeout = aiohttp.ClientTimeout(total=SECONDS)
    try:
        async with (
            aiohttp.ClientSession(connector=connector, timeout=timeout) as session,
            session.post(url, data=body, headers=headers, allow_redirects=False) as answer,
        ):
            _judge(answer)
    except TimeoutError:
        raise NotSent(_("It didn't answer within %d seconds.") % SECONDS) from None
    except ssl.SSLCertVerificationError:
        raise NotSent(_("Its certificate is not valid.")) from None
    except (aiohttp.ClientError, OSError, ValueError) as error:
        certificate = isinstance(error, aiohttp.ClientConnectorCertificateError)
        why = _("Its certificate is not valid.") if certificate else _unreachable(error)
        raise NotSent(why) from None


def _unreachable(error: Exception) -> str:
    return _("It couldn't be reached (%s).") % type(error).__name__


def _judge(answer: aiohttp.ClientResponse) -> None:
    status = answer.status
    if 200 <= status < 300:
        return
    if 300 <= status < 400:
        raise NotSent(_("It answered %d, elsewhere; redirects are not followed.") % status, permanent=True)
    again = status in LATER or status >= 500
    said = _("It answered %d.") % status
    raise NotSent(said, permanent=not again, retry_after=retry_after(answer.headers))


class _Guarded(aiohttp.ThreadedResolver):
    async def resolve(
        self, host: str, port: int = 0, family: AddressFamily = AddressFamily.AF_UNSPEC
    ) -> list[ResolveResult]:
        found: list[ResolveResult] = await super().resolve(host, port, family)
        if not all(_may_go_to(host, each["host"]) for each in found):
            raise NotSent(_private())
        return found


def _may_go_to(host: str, address: str) -> bool:
    ip: Any = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    named = host in settings.WEBHOOK_PRIVATE_HOSTS or (host in LOOPBACK and ip.is_loopback)
    return named or (ip.is_global and not ip.is_multicast)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _private() -> str:
    return _("Its host has a private address and is not named in WEBHOOK_PRIVATE_HOSTS.")

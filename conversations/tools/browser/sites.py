"""Which hosts a run may reach, and at which addresses."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

# Addresses of the cloud that machines of Azure reach their host by; public by number only.
INTERNAL = {IPv4Address("168.63.129.16")}
# These lead to an IPv4 address written inside of them.
TRANSLATED = (IPv6Network("64:ff9b::/96"), IPv6Network("2002::/16"), IPv6Network("2001::/32"))
USUAL_PORTS = (80, 443)
ANY_HOST = "*"
BELOW = "*."

Resolve = Callable[[str, int], Awaitable[list[str]]]


class Refused(Exception):
    """The text is a sentence without the host's name."""


async def resolve(host: str, port: int) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


class Sites:
    """Decides once per host and port: the addresses of the first time hold for the run, so that a name can't
    point elsewhere later.
    """

    def __init__(self, sites: tuple[str, ...], local: tuple[str, ...], look_up: Resolve = resolve) -> None:
        self._sites = [_split(site) for site in sites]
        self._local = {_split(site) for site in local}
        self._look_up = look_up
        self._pinned: dict[tuple[str, int], list[str]] = {}

    def check(self, host: str, port: int) -> None:
        """Whether the name may be visited, whatever its address is."""
        host = plain(host)
        if (host, port) in self._local:
            return
        if not any(_fits(site, host) for site, _port in self._sites):
            raise Refused("It is not on the list of sites that may be visited.")
        if not any(_fits(site, host) and port in _ports(own) for site, own in self._sites):
            raise Refused(f"Its port {port} is not on the list of sites that may be visited.")

    async def addresses(self, host: str, port: int) -> list[str]:
        """Where to connect to. Raises Refused, or OSError when the name leads nowhere."""
        host = plain(host)
        self.check(host, port)
        if (host, port) not in self._pinned:
            found = await self._look_up(host, port)
            if (host, port) not in self._local and not all(map(is_public, found)):
                raise Refused("Its address is private.")
            self._pinned[host, port] = found
        return self._pinned[host, port]


def plain(host: str) -> str:
    return host.lower().strip("[]").removesuffix(".")


def is_public(address: str) -> bool:
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped:
            ip = ip.ipv4_mapped
        elif any(ip in network for network in TRANSLATED):
            return False
    return ip.is_global and not ip.is_multicast and ip not in INTERNAL


def _split(site: str) -> tuple[str, int | None]:
    """`[::1]:80` has a port, `::1` has none."""
    host, colon, port = site.strip().rpartition(":")
    if colon and port.isdigit() and (":" not in host or host.endswith("]")):
        return plain(host), int(port)
    return plain(site.strip()), None


def _fits(site: str, host: str) -> bool:
    if site.startswith(BELOW):
        return host.endswith(site[1:]) and len(host) >= len(site)
    return site in (ANY_HOST, host)


def _ports(own: int | None) -> tuple[int, ...]:
    return USUAL_PORTS if own is None else (own,)

"""Which addresses a person may make us call: the public ones, and of those inside what the operator allows.

A server, a picture's address, a webhook: people type them, and our workers stand inside the operator's network, beside
databases, routers and the cloud's metadata service. So every connection is checked on the very address that it is made
to (`social.networks.transport`), whatever the spelling and whatever a name server says from one moment to the next.

Public is what the registries of special addresses leave over:
https://www.iana.org/assignments/iana-ipv4-special-registry, https://www.iana.org/assignments/iana-ipv6-special-registry
(both as of 2026-11-21). Of IPv6 that is 2000::/3 without its special parts, and of the translations those of a public
IPv4 address: mapped (::ffff:0:0/96) and NAT64 (64:ff9b::/96, RFC 6052; a NAT64 prefix of the operator's own can't be
told from other addresses). 6to4 and Teredo, which hold an IPv4 address too, are given up and always inside.

Any port is allowed: people run WordPress on 8443, and since plain http reaches only what the operator allows, all that
another service could ever see of us is the beginning of a TLS handshake.
"""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from social.networks.outcomes import Refused

IP = ipaddress.IPv4Address | ipaddress.IPv6Address
Net = ipaddress.IPv4Network | ipaddress.IPv6Network

_SPECIAL_4 = tuple(
    ipaddress.IPv4Network(net)
    for net in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
_UNICAST_6 = ipaddress.IPv6Network("2000::/3")
_SPECIAL_6 = tuple(
    ipaddress.IPv6Network(net)
    for net in (
        "2001::/23",  # Teredo, ORCHID, benchmarks and the like
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "3fff::/20",
    )
)
_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_LOOPBACK = ipaddress.IPv4Address("127.0.0.1")
# What a cloud tells its machines, keys included: reached only where the operator names the very address.
_METADATA = frozenset(
    ipaddress.ip_address(address)
    for address in (
        "169.254.169.254",  # AWS, Azure, Google, DigitalOcean, Hetzner …
        "169.254.170.2",  # AWS, of containers
        "169.254.170.23",
        "fd00:ec2::254",
        "fd00:ec2::23",
        "fd20:ce::254",  # Google
        "100.100.100.200",  # Alibaba
        "168.63.129.16",  # Azure, a public address that only its machines see
    )
)


class InsideRefused(Refused):
    """The address lies inside, or asks for a way that only addresses inside may be reached by. Nothing was sent."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What lies inside and may be reached all the same, with http too: networks, and hosts by name."""

    networks: tuple[Net, ...] = ()
    hosts: frozenset[str] = frozenset()

    def has(self, host: str, address: IP) -> bool:
        """Say whether the operator allows this address, by itself or by the name that led to it."""
        if _plain_name(host) in self.hosts:
            return True
        found = _untranslated(address)
        exact = found in _METADATA
        return any(found in net for net in self.networks if not exact or net.num_addresses == 1)


def allowed() -> Allowed:
    """What the setting `FILO_INSIDE_ADDRESSES` allows."""
    return parse(tuple(settings.FILO_INSIDE_ADDRESSES))


def parse(words: tuple[str, ...]) -> Allowed:
    """Read networks (`10.0.0.0/8`), addresses and host names."""
    networks, hosts = [], set()
    for word in words:
        try:
            networks.append(ipaddress.ip_network(word))
        except ValueError:
            hosts.add(_plain_name(word))
    return Allowed(tuple(networks), frozenset(hosts))


def is_public(address: IP) -> bool:
    """Say whether the address belongs to the whole internet."""
    address = _untranslated(address)
    if address in _METADATA:
        return False
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in net for net in _SPECIAL_4)
    return address in _UNICAST_6 and not any(address in net for net in _SPECIAL_6)


def refuse_inside(host: str, address: IP, *, plain: bool, allow: Allowed) -> None:
    """Refuse an address inside that nobody allows, and `plain` http to any but an allowed one.

    Raises:
        InsideRefused: with the code `inside_address` or `plain_http`.
    """
    if allow.has(host, address):
        return
    if not is_public(address):
        raise _inside()
    if plain:
        raise _without_tls()


def check_address(url: str) -> str:
    """Return the base URL that a person typed, without a slash at its end, if nothing is wrong with it at first sight.

    Names are looked up only when a connection is made, and each of their addresses is checked then.

    Raises:
        Refused: `server_not_valid` for what is no plain web address; `inside_address`, `plain_http` as above.
    """
    try:
        parts = urlsplit(url)
        port_fits = parts.port is None or parts.port > 0
        host = parts.hostname or ""
    except ValueError:  # an address that Python can't take apart, such as http://[ or a port over 65535
        raise _no_web_address() from None
    odd = any(char.isspace() or char == "\\" or not char.isprintable() for char in url)
    if parts.scheme not in {"http", "https"} or not host or not port_fits or odd:
        raise _no_web_address()
    if "@" in parts.netloc or "?" in url or "#" in url:
        raise Refused(
            _("The server's address holds more than an address: leave out name and password, “?” and “#”."),
            code="server_not_valid",
        )
    address = _LOOPBACK if _is_localhost(host) else literal(host)
    if address is not None:
        refuse_inside(host, address, plain=parts.scheme == "http", allow=allowed())
    return url.rstrip("/")


def literal(host: str) -> IP | None:
    """Return the address that the host spells, in any of the ways that systems read; None where it is a name.

    Beside `127.0.0.1` that are `127.1`, `0x7f.0.0.1`, `0177.0.0.1` and `2130706433` (inet_aton, POSIX.1-2024).
    """
    name = _plain_name(host)
    try:
        return ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(name))
    except (OSError, ValueError):
        return None


def _is_localhost(host: str) -> bool:
    name = _plain_name(host)
    return name == "localhost" or name.endswith(".localhost")  # RFC 6761


def _plain_name(host: str) -> str:
    return host.strip("[]").rstrip(".").lower()


def _untranslated(address: IP) -> IP:
    """The IPv4 address that a mapped or NAT64 address leads to; any other as it is."""
    if isinstance(address, ipaddress.IPv6Address) and (address in _MAPPED or address in _NAT64):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _inside() -> InsideRefused:
    return InsideRefused(
        _(
            "This address lies inside the network that Filo runs in. "
            "Who runs Filo can allow it by the setting FILO_INSIDE_ADDRESSES."
        ),
        code="inside_address",
    )


def _without_tls() -> InsideRefused:
    return InsideRefused(
        _("The server's address has to start with https://, so that no password crosses the internet in clear."),
        code="plain_http",
    )


def _no_web_address() -> Refused:
    return Refused(_("The channel's server is not a web address."), code="server_not_valid")

"""Addresses: `host:port` as people write it and peers pass it on, and which ones this machine has.

Law: a hint is dialled only in one of three spellings: `192.0.2.1:7000`, `[2001:db8::1]:7000`,
`name.example:7000`; a link-local IPv6 address may name its interface (`[fe80::1%eth0]:7000`, RFC 4007).
Anything else never reaches the resolver or a URL.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Final

from meshcoal.errors import BadArgument
from meshcoal.limits import HINT_CHARS_MAX, HINTS_MAX

_NAME: Final = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(\.(?!-)[A-Za-z0-9-]{1,63})*\.?", re.ASCII)
_NUMERIC: Final = re.compile(r"[0-9.]+", re.ASCII)
_SCOPE: Final = re.compile(r"[A-Za-z0-9._-]{1,15}", re.ASCII)
_PORT: Final = re.compile(r"[0-9]{1,5}", re.ASCII)


def parse(hint: str) -> tuple[str, int]:
    """Host (brackets taken off) and port of a hint.

    Raises:
        BadArgument: not one of the three spellings, or longer than `HINT_CHARS_MAX` characters.
    """
    if len(hint) > HINT_CHARS_MAX:
        raise BadArgument(f"An address has at most {HINT_CHARS_MAX} characters.")
    host, colon, port_text = hint.rpartition(":")
    if not colon or not _PORT.fullmatch(port_text) or int(port_text) > 65_535:
        raise BadArgument("An address is written host:port, with a port of at most 65535.")
    if host.startswith("[") and host.endswith("]"):
        return _ipv6(host[1:-1]), int(port_text)
    if _NUMERIC.fullmatch(host):
        try:
            return str(ipaddress.IPv4Address(host)), int(port_text)
        except ValueError:
            raise BadArgument("The host is not an IPv4 address.") from None
    if not _NAME.fullmatch(host):
        raise BadArgument("The host is neither an address nor a name; an IPv6 address needs brackets.")
    return host, int(port_text)


def _ipv6(host: str) -> str:
    plain, percent, scope = host.partition("%")
    try:
        found = ipaddress.IPv6Address(plain)
    except ValueError:
        raise BadArgument("What stands in the brackets is not an IPv6 address.") from None
    if not percent:
        return str(found)
    if not found.is_link_local or not _SCOPE.fullmatch(scope):
        raise BadArgument("Only a link-local IPv6 address names an interface.")
    return f"{found}%{scope}"


def join(host: str, port: int) -> str:
    """Inverse of `parse`."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`. A name other than `localhost` is taken not to be."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def group(host: str) -> str:
    """Whom to count links for: an IPv4 address, or an IPv6 network of 64 bits, which one machine can fill."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((address, 64), strict=False))


def reachable(host: str, port: int) -> tuple[str, ...]:
    """The hints under which a socket bound to `host` can be reached, at most `HINTS_MAX`.

    For the unspecified address these are the machine's own addresses of that family, without loopback and
    link-local ones, which mean nothing to another machine.
    """
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return (join(host, port),)
    if not address.is_unspecified:
        return (join(str(address), port),)
    found = [own for own in _own_addresses() if ipaddress.ip_address(own).version == address.version]
    return tuple([join(own, port) for own in found[:HINTS_MAX]])


def interfaces() -> Iterator[tuple[str, int]]:
    """Each address of this machine, without a scope, and the number of the interface that has it."""
    import ifaddr  # costs 30 ms that a loopback daemon need not pay

    for adapter in ifaddr.get_adapters():
        for entry in adapter.ips:
            if adapter.index is not None:
                yield (entry.ip if isinstance(entry.ip, str) else entry.ip[0]), adapter.index


def own_addresses() -> tuple[str, ...]:
    """Those of this machine that mean something to another one: others on another network."""
    return tuple(sorted(_own_addresses()))


def _own_addresses() -> list[str]:
    found: list[str] = []
    for text, _ in interfaces():
        address = ipaddress.ip_address(text)
        if not (address.is_loopback or address.is_link_local or address.is_unspecified):
            found.append(str(address))
    return found

"""Over which path a hint leads or a link goes: a plain address, this network, Tor.

Law: follows from the spelling alone; no name is resolved. A name counts as a plain address, whatever it
resolves to: the shell looks at the address that it dialled, and says which it was.
"""

from __future__ import annotations

import enum
import ipaddress
from typing import Final

from meshcoal.wire.onion import ONION_TRANSPORT, is_onion

NEARBY_TRANSPORT: Final = "nearby"  # of links between two machines of one network
LINE_TRANSPORT: Final = "line"
LINE_HINT: Final = "line "  # what no address begins with

# RFC 1918, RFC 3927, RFC 4193, RFC 4291 section 2.5.6.
_LOCAL: Final = (
    ipaddress.ip_network("10.0.0.0/8"),
    ipaddress.ip_network("172.16.0.0/12"),
    ipaddress.ip_network("192.168.0.0/16"),
    ipaddress.ip_network("169.254.0.0/16"),
    ipaddress.ip_network("fc00::/7"),
    ipaddress.ip_network("fe80::/10"),
)


class PathKind(enum.StrEnum):
    """A way from one person's device to another's."""

    PLAIN = "plain"  # an address of the internet
    NEARBY = "nearby"  # one network, a cable, a radio
    ONION = "onion"
    RELAY = "relay"
    CARRIED = "carried"  # a stick, or paper


def is_local_host(host: str) -> bool:
    """Whether an address means something on one network only: private, or link-local. Not loopback."""
    try:
        found = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return any(found.version == net.version and found in net for net in _LOCAL)


def path_of_hint(hint: str) -> PathKind:
    """Over which path somebody is dialled there."""
    if is_onion(hint):
        return PathKind.ONION
    host = hint.rpartition(":")[0].removeprefix("[").removesuffix("]")
    local = hint.startswith(LINE_HINT) or is_local_host(host)
    return PathKind.NEARBY if local else PathKind.PLAIN


def path_of_transport(transport: str) -> PathKind:
    """Over which path a link goes that the shell names so."""
    if transport == ONION_TRANSPORT:
        return PathKind.ONION
    near = transport in (NEARBY_TRANSPORT, LINE_TRANSPORT)
    return PathKind.NEARBY if near else PathKind.PLAIN

"""How many links there may be: in all, from one address, and before anybody has shown who they are.

Law: a place that was taken is given back exactly once. One address can take at most
`LINKS_PER_ADDRESS_MAX` places, so that no single opener keeps the others out.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from meshcoal.limits import HANDSHAKES_PENDING_MAX, LINKS_MAX, LINKS_PER_ADDRESS_MAX
from meshcoal.net import address


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkLimits:
    """The bounds of one node; smaller ones serve tests."""

    links_max: int = LINKS_MAX
    links_per_address_max: int = LINKS_PER_ADDRESS_MAX
    handshakes_pending_max: int = HANDSHAKES_PENDING_MAX

    @property
    def connections_max(self) -> int:
        """Accepted sockets, of which some have not yet said what they want."""
        return self.links_max + self.handshakes_pending_max


class Admission:
    """Counts sockets by address and links in all. Shared by the listener and the dialer."""

    def __init__(self, limits: LinkLimits) -> None:
        self.limits = limits
        self.connections = 0  # accepted sockets
        self.links = 0  # in both directions
        self._by_address: Counter[str] = Counter()

    def accept(self, host: str) -> bool:
        """Whether one more socket from `host` may stay open; if so it is counted."""
        key = address.group(host)
        if self.connections >= self.limits.connections_max:
            return False
        if self._by_address[key] >= self.limits.links_per_address_max:
            return False
        self.connections += 1
        self._by_address[key] += 1
        return True

    def release(self, host: str) -> None:
        key = address.group(host)
        assert self._by_address[key] > 0, "released more than was accepted"
        self.connections -= 1
        self._by_address[key] -= 1
        if not self._by_address[key]:
            del self._by_address[key]

    def open_link(self) -> bool:
        """Whether one more link may stand; if so it is counted."""
        if self.links >= self.limits.links_max:
            return False
        self.links += 1
        return True

    def close_link(self) -> None:
        assert self.links > 0, "closed more links than were opened"
        self.links -= 1

"""How many links there may be: in all, from one address, and before anybody has shown who they are.

Law: a place that was taken is given back exactly once. One address can take at most
`LINKS_PER_ADDRESS_MAX` places, those who come to one onion service `LINKS_PER_SERVICE_MAX`. Those who have
not shown who they are share `HANDSHAKES_PENDING_MAX` places; where these are full the newcomer takes the
place of the one that came first from whichever address holds most of them: whoever opens a thousand sockets
pushes out their own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from meshcoal.limits import HANDSHAKES_PENDING_MAX, LINKS_MAX, LINKS_PER_ADDRESS_MAX, LINKS_PER_SERVICE_MAX
from meshcoal.net import address


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkLimits:
    """The bounds of one node; smaller ones serve tests."""

    links_max: int = LINKS_MAX
    links_per_address_max: int = LINKS_PER_ADDRESS_MAX
    links_per_service_max: int = LINKS_PER_SERVICE_MAX
    handshakes_pending_max: int = HANDSHAKES_PENDING_MAX

    @property
    def connections_max(self) -> int:
        """Accepted sockets, of which some have not yet said what they want."""
        return self.links_max + self.handshakes_pending_max


@dataclass(slots=True, eq=False)
class Place:
    """One accepted socket."""

    group: str  # whom it is counted for
    cut: Callable[[], None]  # hang up at once
    proven: Callable[[], bool]  # whether the other end has shown who it is
    left: bool = False


def _never() -> bool:
    return False


class Admission:
    """Counts sockets by address and links in all. Shared by the listener and the dialer."""

    def __init__(self, limits: LinkLimits) -> None:
        self.limits = limits
        self.connections = 0  # accepted sockets
        self.links = 0  # in both directions
        self._by_address: Counter[str] = Counter()
        self._unproven: dict[Place, None] = {}  # in order of arrival

    def accept(
        self, host: str, cut: Callable[[], None], *, service: str = ""
    ) -> tuple[Place | None, Place | None]:
        """A place for one more socket from `host`, if there is one; and who had to leave for it.

        What comes through Tor has no address: all that come to one onion `service` are counted together.
        """
        group = service or address.group(host)
        most = self.limits.links_per_service_max if service else self.limits.links_per_address_max
        for place in [place for place in self._unproven if place.proven()]:
            del self._unproven[place]
        pushed: Place | None = None
        if self._by_address[group] >= most:
            pushed = next((place for place in self._unproven if place.group == group), None)
            if pushed is None:
                return None, None
        elif len(self._unproven) >= self.limits.handshakes_pending_max:
            pushed = self._first_of_most(group)
            if pushed is None:
                return None, None
        elif self.connections >= self.limits.connections_max:
            return None, None
        if pushed is not None:
            self.release(pushed)
            pushed.cut()
        place = Place(group=group, cut=cut, proven=_never)
        self._unproven[place] = None
        self.connections += 1
        self._by_address[group] += 1
        return place, pushed

    def _first_of_most(self, newcomer: str) -> Place | None:
        counts = Counter([place.group for place in self._unproven])
        counts[newcomer] += 1
        most = max(counts.values())
        return next((place for place in self._unproven if counts[place.group] == most), None)

    def release(self, place: Place) -> None:
        """Give a place back; one that was pushed out has been given back already."""
        if place.left:
            return
        place.left = True
        self._unproven.pop(place, None)
        assert self._by_address[place.group] > 0, "released more than was accepted"
        self.connections -= 1
        self._by_address[place.group] -= 1
        if not self._by_address[place.group]:
            del self._by_address[place.group]

    def open_link(self) -> bool:
        """Whether one more link may stand; if so it is counted."""
        if self.links >= self.limits.links_max:
            return False
        self.links += 1
        return True

    def close_link(self) -> None:
        assert self.links > 0, "closed more links than were opened"
        self.links -= 1

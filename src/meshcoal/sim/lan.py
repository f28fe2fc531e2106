"""The simulated local network: who announces, and who sees it.

Law: machines that reach each other see each other's announcements once both are announced, and again when one
of them announces anew. A machine that dies stays announced, as real ones do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from random import Random
from typing import Final, Protocol

from meshcoal.node.events import NearbyBegan, Sighted

_SEEN_MS: Final = (400, 1_500)  # as it takes with real ones


class Host(Protocol):
    """A machine of the world."""

    name: str
    address: str
    incarnation: int

    @property
    def up(self) -> bool: ...


class Lan:
    """All announcements of one world."""

    def __init__(
        self,
        chance: Random,
        *,
        after: Callable[[int, Callable[[], None]], None],
        deliver: Callable[[str, NearbyBegan | Sighted], None],
        reaches: Callable[[str, str], bool],
    ) -> None:
        self._chance = chance
        self._after = after
        self._deliver = deliver
        self._reaches = reaches
        self.said: dict[str, tuple[bytes, str]] = {}  # name -> what it announces, and its address
        self.ever: list[bytes] = []  # all that was announced, in its order

    def announce(self, host: Host, data: bytes) -> None:
        self.said[host.name] = (data, host.address)
        self.ever.append(data)
        self._later(host.name, NearbyBegan())
        for other in list(self.said):
            if other != host.name:
                self._see(other, host.name)
                self._see(host.name, other)

    def hush(self, host: Host) -> None:
        self.said.pop(host.name, None)

    def look_again(self, names: Iterable[str]) -> None:
        """As after a partition: whoever announces is seen anew."""
        for name in names:
            for other in self.said:
                if other != name and name in self.said:
                    self._see(name, other)

    def forge(self, data: bytes, address: str) -> None:
        """A stranger announces something: all see it."""
        for name in self.said:
            self._later(name, Sighted(data=data, hints=(address,)))

    def _see(self, name: str, other: str) -> None:
        data, address = self.said[other]
        if self._reaches(name, other):
            self._later(name, Sighted(data=data, hints=(address,)))

    def _later(self, name: str, event: NearbyBegan | Sighted) -> None:
        def arrive() -> None:
            if name in self.said:
                self._deliver(name, event)

        self._after(self._chance.randint(*_SEEN_MS), arrive)

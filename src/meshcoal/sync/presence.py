"""Up to how many members everybody keeps a link to everybody, and when to try again.

Law: in campaigns of more than `FULL_MESH_MAX` members `sync.overlay` chooses. A peer's addresses race: one
begins, the next joins after a quarter of a second or when one has failed, and the first over which the peer
proves who it is wins (after RFC 8305, sections 4 and 5). Tries back off with jitter, each address for
itself; a sign of life starts it over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from meshcoal.crypto.entropy import Entropy
from meshcoal.limits import DIAL_BACKOFF_MAX_MS, DIAL_BACKOFF_MIN_MS, HINTS_MAX

FULL_MESH_MAX: Final = 32
RACING_MAX: Final = 3  # addresses of one peer that are tried at once
JOINS_AFTER_MS: Final = 250  # RFC 8305, section 5: the recommended delay between two


@dataclass(slots=True)
class Address:
    """How tries at one address went."""

    failures: int = 0
    next_ms: int = 0


@dataclass(slots=True)
class Attempts:
    """Tries to reach one peer."""

    next_ms: int  # at no address before this
    addresses: dict[str, Address] = field(default_factory=dict)
    racing: dict[int, str] = field(default_factory=dict)  # dial -> address, until it is decided
    joins_ms: int = 0  # when the next address may join those that race
    best: str = ""  # over which the peer was reached last
    last_error: str = ""

    def due(self, hints: Sequence[str], now_ms: int) -> tuple[str, int | None]:
        """The address to dial now, or none and when to look again (None: when something has ended).

        The one that was reached last goes first, then those that failed least, in the order given.
        """
        if len(self.racing) >= RACING_MAX:
            return "", None
        ready: list[tuple[bool, int, int, str]] = []
        waits_ms: int | None = None
        busy = self.racing.values()
        for place, hint in enumerate(hints):
            if hint in busy:
                continue
            address = self.addresses.get(hint, _FRESH)
            at_ms = max(self.next_ms, address.next_ms, self.joins_ms if self.racing else 0)
            if at_ms <= now_ms:
                ready.append((hint != self.best, address.failures, place, hint))
            elif waits_ms is None or at_ms < waits_ms:
                waits_ms = at_ms
        return (min(ready)[3], None) if ready else ("", waits_ms)

    def begin(self, dial: int, hint: str, now_ms: int) -> None:
        """An address is dialled."""
        self.racing[dial] = hint
        self.joins_ms = now_ms + JOINS_AFTER_MS

    def failed(
        self, hint: str, code: str, now_ms: int, entropy: Entropy, most_ms: int = DIAL_BACKOFF_MAX_MS
    ) -> None:
        """Back off: doubling from half a second to `most_ms`, by a factor of 0.5 to 1.5 at random."""
        self.last_error = code
        self.joins_ms = now_ms
        if len(self.addresses) > 2 * HINTS_MAX:  # the peer changes its addresses all the time
            self.addresses.clear()
        address = self.addresses.setdefault(hint, Address())
        base_ms = min(most_ms, DIAL_BACKOFF_MIN_MS << min(address.failures, 16))
        address.failures += 1
        address.next_ms = now_ms + base_ms // 2 + base_ms * entropy.take(1)[0] // 256

    def afresh(self, now_ms: int) -> None:
        """There are other ways out of this machine than before: earlier failures mean nothing."""
        self.addresses.clear()
        self.next_ms = min(self.next_ms, now_ms)

    def ended(
        self, hint: str, code: str, now_ms: int, entropy: Entropy, most_ms: int = DIAL_BACKOFF_MAX_MS
    ) -> None:
        """A link that stood is gone: no address is tried before the one over which it went."""
        self.failed(hint, code, now_ms, entropy, most_ms)
        self.next_ms = self.addresses[hint].next_ms

    def won(self, hint: str) -> tuple[int, ...]:
        """The peer proved over this address who it is. Returns the dials that are not waited for any more."""
        self.best = hint
        others = tuple(self.racing)
        self.racing.clear()
        return others

    def succeeded(self, hint: str) -> None:
        """The peer takes me for somebody to talk to."""
        self.addresses.pop(hint, None)
        self.last_error = ""

    def all_failed(self, hints: Sequence[str]) -> bool:
        """Whether nothing is under way any more, and each address has failed since it was last reached."""
        return not self.racing and all(hint in self.addresses for hint in hints)

    def try_at_ms(self, hints: Sequence[str]) -> int:
        """When the next try is due, for showing."""
        return max(self.next_ms, min([self.addresses.get(hint, _FRESH).next_ms for hint in hints], default=0))


_FRESH: Final = Address()

"""Whom to keep a link to, and when to try again.

Law: up to `FULL_MESH_MAX` members everybody keeps a link to everybody; in larger campaigns to those at
distances 1, 2, 4, ... in the ring of keys, so that the graph stays connected and every member has few links.
Tries back off with jitter; a sign of life starts them over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from meshcoal.crypto.entropy import Entropy
from meshcoal.ids import AuthorId
from meshcoal.limits import DIAL_BACKOFF_MAX_MS, DIAL_BACKOFF_MIN_MS

FULL_MESH_MAX: Final = 32


def neighbours(me: AuthorId, active: Sequence[AuthorId]) -> tuple[AuthorId, ...]:
    """The members to keep a link to. Symmetric: who is mine, has me."""
    others = [author for author in active if author != me]
    if len(active) <= FULL_MESH_MAX or me not in active:
        return tuple(others)
    ring = sorted(active)
    place = ring.index(me)
    chosen: dict[AuthorId, None] = {}
    distance = 1
    while distance <= len(ring) // 2:
        chosen[ring[(place + distance) % len(ring)]] = None
        chosen[ring[(place - distance) % len(ring)]] = None
        distance *= 2
    return tuple(chosen)


@dataclass(slots=True)
class Attempts:
    """Tries to reach one peer."""

    next_ms: int
    failures: int = 0
    hint: int = 0  # which of its addresses is next
    dial: int | None = None  # under way
    last_error: str = ""

    def failed(self, code: str, now_ms: int, entropy: Entropy) -> None:
        """Back off: doubling from half a second to a minute, by a factor of 0.5 to 1.5 at random."""
        self.dial = None
        self.last_error = code
        self.hint += 1
        base_ms = min(DIAL_BACKOFF_MAX_MS, DIAL_BACKOFF_MIN_MS << min(self.failures, 16))
        self.failures += 1
        self.next_ms = now_ms + base_ms // 2 + base_ms * entropy.take(1)[0] // 256

    def succeeded(self) -> None:
        self.dial = None
        self.failures = 0
        self.last_error = ""

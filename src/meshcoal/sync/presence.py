"""Whom to keep a link to, and when to try again.

Law: up to `FULL_MESH_MAX` members everybody keeps a link to everybody; in larger campaigns to the next in the
ring of keys and to the first behind a half, a quarter, an eighth ... of the ring (as in Chord, Stoica et al.
2001, section 4.3), and to those who have them so: the graph stays connected, every member has few links, and
whoever comes or goes changes those of few. Tries back off with jitter; a sign of life starts them over.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from meshcoal.crypto.entropy import Entropy
from meshcoal.ids import AuthorId
from meshcoal.limits import DIAL_BACKOFF_MAX_MS, DIAL_BACKOFF_MIN_MS

FULL_MESH_MAX: Final = 32
_PLACE_BYTES: Final = 8  # of a key: where its holder stands in the ring
_RING: Final = 1 << 8 * _PLACE_BYTES


def neighbours(me: AuthorId, active: Sequence[AuthorId]) -> tuple[AuthorId, ...]:
    """The members to keep a link to. Symmetric: who is mine, has me."""
    others = [author for author in active if author != me]
    if len(active) <= FULL_MESH_MAX or me not in active:
        return tuple(others)
    return _ring(tuple(sorted(active)))[me]


@lru_cache(maxsize=4)  # asked again for each change of addresses or links
def _ring(ring: tuple[AuthorId, ...]) -> dict[AuthorId, tuple[AuthorId, ...]]:
    """Everybody's neighbours, in the order of the ring."""
    places = [int.from_bytes(author[:_PLACE_BYTES], "big") for author in ring]
    steps = len(ring).bit_length()
    near: list[set[int]] = [set() for _ in ring]
    for index in range(len(ring)):
        for other in _ahead(places, index, steps):
            near[index].add(other)
            near[other].add(index)
    return {
        author: tuple([ring[other] for other in sorted(near[index])]) for index, author in enumerate(ring)
    }


def _ahead(places: Sequence[int], index: int, steps: int) -> set[int]:
    """Whom one member of the ring has: the next, and the first behind each of the distances."""
    found = {(index + 1) % len(places)}
    for step in range(1, steps + 1):
        target = (places[index] + (_RING >> step)) % _RING
        found.add(bisect_left(places, target) % len(places))
    return found - {index}


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

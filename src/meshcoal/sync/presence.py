"""Up to how many members everybody keeps a link to everybody, and when to try again.

Law: in campaigns of more than `FULL_MESH_MAX` members `sync.overlay` chooses. Tries back off with jitter; a
sign of life starts them over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from meshcoal.crypto.entropy import Entropy
from meshcoal.limits import DIAL_BACKOFF_MAX_MS, DIAL_BACKOFF_MIN_MS

FULL_MESH_MAX: Final = 32


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

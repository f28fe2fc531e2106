"""How often keys change.

Law: the same for every node of every campaign, but where time is made short in order to try it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from meshcoal.clock import DAY_MS
from meshcoal.limits import REKEY_AGE_MS, REKEY_MESSAGES_MAX, RETIRE_AFTER_MS

_KEEP_EVERY_MS: Final = 3 * 3_600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Spans in milliseconds, and counts of own operations."""

    rekey_age_ms: int = REKEY_AGE_MS  # a member begins an epoch of their own after this
    rekey_messages: int = REKEY_MESSAGES_MAX  # and after so many own messages
    rotate_age_ms: int = DAY_MS  # a signing key of this age is closed by its owner's next rekey
    rotate_operations: int = 20  # or one that signed so much
    retire_after_ms: int = RETIRE_AFTER_MS  # from closing to publication
    keep_every_ms: int = _KEEP_EVERY_MS  # how often a node looks what is due, on average


USUAL: Final = Pace()

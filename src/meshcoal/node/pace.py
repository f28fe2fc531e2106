"""How often keys change and what is held is told, and from how many members on not all are linked to all.

Law: the same for every node of every campaign, but where time or a campaign is made small in order to try it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from meshcoal.clock import DAY_MS
from meshcoal.limits import REKEY_AGE_MS, REKEY_MESSAGES_MAX, RETIRE_AFTER_MS
from meshcoal.sync.overlay import USUAL as USUAL_SIZES
from meshcoal.sync.overlay import Sizes
from meshcoal.sync.presence import FULL_MESH_MAX

_KEEP_EVERY_MS: Final = 3 * 3_600_000
ANNOUNCE_AFTER_MS: Final = 60
ANNOUNCE_EVERY_MS: Final = 2_000  # at the most, while there is something new all the time
ANNOUNCE_RELAYED_AFTER_MS: Final = 15_000  # where all pass on what is new: for showing who holds what
_FEW: Final = 8  # members; where all tell all, what is told grows with the square of their number


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Spans in milliseconds, and counts of own operations."""

    rekey_age_ms: int = REKEY_AGE_MS  # a member begins an epoch of their own after this
    rekey_messages: int = REKEY_MESSAGES_MAX  # and after so many own messages
    rotate_age_ms: int = DAY_MS  # a signing key of this age is closed by its owner's next rekey
    rotate_operations: int = 20  # or one that signed so much
    retire_after_ms: int = RETIRE_AFTER_MS  # from closing to publication
    keep_every_ms: int = _KEEP_EVERY_MS  # how often a node looks what is due, on average
    full_mesh_max: int = FULL_MESH_MAX  # members; in larger campaigns `sync.overlay` chooses
    sizes: Sizes = USUAL_SIZES  # how many links it chooses


USUAL: Final = Pace()


def announce_ms(now_ms: int, last_ms: int, *, members: int, relays: bool) -> int:
    """When to tell every link what is held here, after something new; `last_ms`: when it was told last.

    In a full mesh of n everybody tells everybody: n squared frames a round. So beyond eight members rounds
    come more rarely in proportion, and a member sends no more frames a second than one of eight does.
    """
    if relays:
        return max(now_ms + ANNOUNCE_RELAYED_AFTER_MS, min(last_ms, now_ms) + ANNOUNCE_EVERY_MS)
    share = max(_FEW, members)
    after_ms, every_ms = ANNOUNCE_AFTER_MS * share // _FEW, ANNOUNCE_EVERY_MS * share // _FEW
    return max(now_ms + after_ms, min(last_ms, now_ms) + every_ms)

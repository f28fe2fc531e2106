"""How far catching up is."""

from __future__ import annotations

from typing import Final

from meshcoal.wire.record import Count, Record
from meshcoal.wire.shape import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CatchingUpView(Record):
    """Operations that came in bulk, or are known to come. All zeros: nothing is being caught up on.

    The bar is `taken` of the sum of all three. What waits is on disk, and outlives any end of the daemon;
    it is checked, opened and shown when it is taken in.
    """

    coming: Count = 0  # a peer is known to hold, and they are not here
    waiting: Count = 0  # here, and not taken in yet
    taken: Count = 0  # taken in since this began


NOT_CATCHING_UP: Final = CatchingUpView()

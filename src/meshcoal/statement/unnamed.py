"""From what was signed under one text to who of it is counted and not named.

Law: as in `statement.polled`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from meshcoal.statement.polled import Unnamed
from meshcoal.wire.bodies import ReleaseBody

if TYPE_CHECKING:
    from meshcoal.statement.model import SignOn
    from meshcoal.statement.tally import Ledger


def unnamed_of(ledger: Ledger, released: ReleaseBody | None) -> Unnamed | None:
    """Who is counted and not named; None where the letter has no ring."""
    if ledger.polled is None:
        return None
    tags = released.counted if released else ledger.polled.counting(_opened_tags(ledger))
    return Unnamed(polled=ledger.polled, listed=tags)


def _opened_tags(ledger: Ledger) -> frozenset[bytes]:
    """Those of whoever ever signed by name, whatever became of it: all members know them."""
    bodies = [one.body for one in ledger.accepted.values()]
    return frozenset([body.in_ring.tag for body in bodies if body.in_ring is not None])


def counted_hold(ledger: Ledger, body: ReleaseBody, sign_ons: Sequence[SignOn]) -> bool:
    """Whether all whom a release counts without a name are here, each once, and none is named beside it."""
    if ledger.polled is None:
        return not body.counted
    named = {one.body.in_ring.tag for one in sign_ons if one.body.in_ring is not None}
    known = all(tag in ledger.polled.sign_ons and tag not in named for tag in body.counted)
    return known and list(body.counted) == sorted(set(body.counted))

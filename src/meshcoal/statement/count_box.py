"""All that a node holds of the members of one ring who are counted and not named.

Law: whatever order things come in, nodes that were given the same hold the same: of one tag the sign-on with
the least name, and the withdrawal with the least name. A withdrawal does not drop the sign-on, for a release
may list it; nothing here has a date. At most two items a member. Ours, unreviewed: docs/protocol/counted.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from meshcoal.errors import BadEnvelope, BadRing, DoubledEnvelope
from meshcoal.statement.counted import Poll, check_counted, check_counted_withdrawal
from meshcoal.statement.sealed.box import Moved
from meshcoal.wire.counted import CountedItem, CountedSignOn, CountedWithdrawal
from meshcoal.wire.sealed import item_id

One = TypeVar("One", CountedSignOn, CountedWithdrawal)


class CountBox:
    """What is held of one poll. `take` what comes."""

    def __init__(self, poll: Poll) -> None:
        self.poll = poll
        self.sign_ons: dict[bytes, CountedSignOn] = {}  # by tag
        self.withdrawals: dict[bytes, CountedWithdrawal] = {}  # by tag

    def items(self) -> list[CountedItem]:
        """Everything that is held, for the store and for peers."""
        return [*self.sign_ons.values(), *self.withdrawals.values()]

    def examine(self, item: CountedItem) -> None:
        """Return only if `take` would hold this now. Raises as `take`."""
        if isinstance(item, CountedSignOn):
            if item.tag in self.withdrawals:
                raise DoubledEnvelope("its maker has taken it back")
            _refuse_doubled(self.sign_ons, item)
            _checked(self.poll, item)
        else:
            _refuse_doubled(self.withdrawals, item)
            _checked(self.poll, item)

    def take(self, item: CountedItem) -> Moved:
        """Judge an item and hold it.

        Raises:
            DoubledEnvelope: of its maker the same, or one with a lesser name, is here.
            BadEnvelope: for another text or ring.
            BadSignature: nobody of the ring made it.
        """
        if isinstance(item, CountedSignOn):
            return _take(self.poll, self.sign_ons, item)
        return _take(self.poll, self.withdrawals, item)


def _take(poll: Poll, held: dict[bytes, One], item: One) -> Moved:
    before = _refuse_doubled(held, item)
    held[_checked(poll, item)] = item
    return Moved(added=(item,), dropped=(item_id(before),) if before is not None else ())


def _refuse_doubled(held: dict[bytes, One], item: One) -> One | None:
    """What this one takes the place of."""
    before = held.get(item.tag)
    if before is not None and item_id(before) <= item_id(item):
        raise DoubledEnvelope("its maker has sent another")
    return before


def _checked(poll: Poll, item: CountedItem) -> bytes:
    try:
        if isinstance(item, CountedSignOn):
            return check_counted(poll, item)
        return check_counted_withdrawal(poll, item)
    except BadRing as exc:
        raise BadEnvelope("counted for another text, or in another ring") from exc


def restore(poll: Poll, items: Iterable[CountedItem]) -> CountBox:
    """The box from what a store kept of it, each of which `take` judged: nothing is checked again."""
    box = CountBox(poll)
    for item in items:
        if isinstance(item, CountedSignOn):
            box.sign_ons[item.tag] = item
        else:
            box.withdrawals[item.tag] = item
    return box

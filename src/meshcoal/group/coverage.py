"""Which epoch to write under: nobody who is out may hold it, or be let in by somebody who has not heard.

Law: an epoch *covers* its author, those its secret was sealed to, and all to whom its keys were handed later
(by a welcome or a forward), as far as the operations of a view show. It is *safe* in a view when

1. its operation counts, and every other epoch whose operation counts lies in its past;
2. nobody whom it covers is out;
3. every removal and every leave that counts lies in its past, or is its own operation.

To write: the safe epoch, if I have a chain in it; else begin one first. Members whom it does not cover get
its keys with the same operation.

Rule 1 is what heals: an epoch begun by somebody who has not heard of a member's update was sealed to the keys
that the member had before, which may be in other hands. Of two that stand side by side neither is used.

Rule 3 closes what 1 and 2 leave open: somebody who has not heard of a removal may hand an epoch's keys to
the removed, but nobody who holds an epoch begun after the removal can be unaware of it. Ours, unreviewed.
docs/protocol/key-agreement.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from meshcoal.ids import AuthorId, EpochId


@dataclass(frozen=True, slots=True, kw_only=True)
class Began:
    """The place of an epoch's operation among the control operations of a view."""

    number: int  # its bit
    past: int  # bits of the control operations in its past


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What the operations that one node holds say about membership: the verdicts of `campaign.membership`."""

    inside: frozenset[AuthorId]  # active members
    out: frozenset[AuthorId]  # everyone who was ever named a member and is not active
    began: Mapping[EpochId, Began]  # epochs whose operation counts
    departures: int  # bits of the removals and leaves that count


def maximal(view: View) -> list[EpochId]:
    """Epochs that no other has taken over from, ascending. One alone may be safe."""
    taken_over = 0
    for began in view.began.values():
        taken_over |= began.past
    return sorted([epoch for epoch, began in view.began.items() if not taken_over >> began.number & 1])


def safe(view: View, covered: Callable[[EpochId], AbstractSet[AuthorId]]) -> list[EpochId]:
    """The epoch that is safe in this view, or none.

    Args:
        covered: whom an epoch covers.
    """
    newest = maximal(view)
    if len(newest) > 1:
        return []
    found = []
    for epoch in newest:
        began = view.began[epoch]
        known = began.past | 1 << began.number
        if covered(epoch).isdisjoint(view.out) and not view.departures & ~known:
            found.append(epoch)
    return found


def lacking(view: View, holders: AbstractSet[AuthorId]) -> tuple[AuthorId, ...]:
    """Members whom an epoch does not cover: they get its keys with what is written under it. Ascending."""
    return tuple(sorted(view.inside - holders))

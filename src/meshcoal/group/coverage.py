"""Which epoch to write under: nobody who is out may hold it, or be let in by somebody who has not heard.

Law: an epoch *covers* its author, those its secret was sealed to, and all to whom its keys were handed later
(by a welcome or a forward), as far as the operations of a view show. It is *safe* in a view when

1. its operation counts, and lies in the past of no other epoch whose operation counts (it is *maximal*);
2. nobody whom it covers is out;
3. every removal, every leave and every rekey that heals, if it counts, lies in its past, or is its own
   operation.

To write: the safe epoch with the largest id in which I have a chain; where there is none, begin one first.
Members whom it does not cover get its keys with the same operation.

Rule 3 closes what 1 and 2 leave open: somebody who has not heard of a removal may hand an epoch's keys to
the removed, but nobody who holds an epoch begun after the removal can be unaware of it. Likewise somebody who
has not heard that a member heals may seal an epoch to keys that were stolen. Ours, unreviewed.
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
    breaks: int  # bits of the removals, the leaves and the rekeys that heal, where they count


def maximal(view: View) -> list[EpochId]:
    """Rule 1: epochs that no other has taken over from, ascending."""
    taken_over = 0
    for began in view.began.values():
        taken_over |= began.past
    return sorted([epoch for epoch, began in view.began.items() if not taken_over >> began.number & 1])


def safe(view: View, covered: Callable[[EpochId], AbstractSet[AuthorId]]) -> list[EpochId]:
    """Epochs that are safe in this view, ascending.

    Args:
        covered: whom an epoch covers.
    """
    found = []
    for epoch in maximal(view):
        began = view.began[epoch]
        known = began.past | 1 << began.number
        if covered(epoch).isdisjoint(view.out) and not view.breaks & ~known:
            found.append(epoch)
    return found


def lacking(view: View, holders: AbstractSet[AuthorId]) -> tuple[AuthorId, ...]:
    """Members whom an epoch does not cover: they get its keys with what is written under it. Ascending."""
    return tuple(sorted(view.inside - holders))

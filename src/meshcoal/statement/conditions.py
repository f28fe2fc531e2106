"""Sign-ons that count only where enough others stand beside them.

Law: the list is the largest on which every condition holds: the greatest fixed point. Two who each ask for
one more stand on it together, for each condition is true of the list that goes out; with the least one they
would wait for each other for ever, though both are willing. Conditions only ever ask for *more* others, so
there is one largest list, whatever the order in which it is looked for. Specified in
docs/protocol/statement.md. Ours, unreviewed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final, TypeVar

from meshcoal.wire.bodies import Condition
from meshcoal.wire.terms import Seat

_CONDITION: Final = b"meshcoal condition 1\n"
K = TypeVar("K")


def condition_text(condition: Condition) -> bytes:
    """What a signatory binds the sign-on to; its SHA-256 stands in what is signed, and this stays inside."""
    lines = [
        f"salt: {condition.salt.hex()}",
        *[f"at least: {need.at_least} {need.seat.value if need.seat else 'any'}" for need in condition.needs],
    ]
    return _CONDITION + ("\n".join(lines) + "\n").encode()


def holding(standing: Mapping[K, tuple[Seat | None, Condition | None]]) -> frozenset[K]:
    """Those of these sign-ons that count together: the largest set on which every condition holds.

    Args:
        standing: the seat of each one's author, and the condition. Those without a condition always count.
    """
    kept = dict(standing)
    while True:
        seats = Counter([seat for seat, _ in kept.values()])
        failing = [
            one
            for one, (seat, condition) in kept.items()
            if condition is not None and not _holds(condition, seat, seats, len(kept))
        ]
        if not failing:
            return frozenset(kept)
        for one in failing:  # all at once: what fails on a larger list fails on each smaller one
            del kept[one]


def _holds(condition: Condition, own: Seat | None, seats: Counter[Seat | None], everybody: int) -> bool:
    """Whether a condition holds of a list that its author stands on; others are asked for, not oneself."""
    for need in condition.needs:
        if need.seat is None:
            others = everybody - 1
        else:
            others = seats[need.seat] - (own is need.seat)
        if others < need.at_least:
            return False
    return True

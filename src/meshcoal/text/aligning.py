"""Which paragraph of one text belongs to which of another, and which were changed since they did.

Law: paragraphs of a translation belong by number to those of the wording that was translated, and to no
other. What became of that wording since is found by comparing it whole; no language is guessed at.
"""

from __future__ import annotations

import difflib
import enum
from collections.abc import Sequence
from dataclasses import dataclass


class Pairing(enum.Enum):
    """How two paragraphs stand to each other."""

    SAME = "same"  # they say the same wording
    CHANGED = "changed"  # they say wordings of which one came out of the other
    ONE_ALONE = "one alone"  # nothing in the other text belongs to it
    OTHER_ALONE = "other alone"


@dataclass(frozen=True, slots=True)
class Pair:
    """Paragraphs that stand side by side, by their index from 0; None where there is none."""

    one: int | None
    other: int | None
    pairing: Pairing


def aligned(
    one_count: int,
    other_count: int,
    one_says: Sequence[str] | None = None,
    other_says: Sequence[str] | None = None,
) -> tuple[Pair, ...]:
    """All paragraphs of two texts, each once, in the order of both.

    Args:
        one_count: how many paragraphs the first text has.
        one_says: the paragraphs, in a language that both texts came from, that the first text says in its
            own: itself where it was written in that language. None for either: by number alone.

    Returns:
        Pairs in which neither index ever falls.
    """
    if one_says is None or other_says is None:
        pairs = _by_number(0, one_count, 0, other_count)
        return tuple(pairs)
    pairs = []
    matcher = difflib.SequenceMatcher(None, one_says, other_says, autojunk=False)
    for kind, one_from, one_to, other_from, other_to in matcher.get_opcodes():
        both = Pairing.SAME if kind == "equal" else Pairing.CHANGED
        pairs += _by_number(
            one_from, min(one_to, one_count), other_from, min(other_to, other_count), both=both
        )
    # Where a translation has more paragraphs than what it translates, the rest belongs to nothing there.
    pairs += _by_number(len(one_says), one_count, 0, 0)
    pairs += _by_number(0, 0, len(other_says), other_count)
    return tuple(pairs)


def _by_number(
    one_from: int, one_to: int, other_from: int, other_to: int, *, both: Pairing = Pairing.SAME
) -> list[Pair]:
    found = []
    for step in range(max(one_to - one_from, other_to - other_from)):
        one = one_from + step if one_from + step < one_to else None
        other = other_from + step if other_from + step < other_to else None
        pairing = both
        if other is None:
            pairing = Pairing.ONE_ALONE
        elif one is None:
            pairing = Pairing.OTHER_ALONE
        found.append(Pair(one, other, pairing))
    return found

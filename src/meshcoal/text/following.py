"""Where a paragraph of one wording of a text is in another: still there, changed, or gone.

Law: a comment names the revision whose paragraph it is about, and a revision's id binds its words. So nothing
is stored: where the words are now is found by comparing the two wordings whole, and never guessed at.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence

from meshcoal.text.aligning import Pairing, aligned


class Standing(enum.Enum):
    """What became of the words of a paragraph."""

    SAME = "same"
    CHANGED = "changed"  # something else stands in its place
    GONE = "gone"  # nothing does


def followed(paragraph: int, then: Sequence[str], now: Sequence[str]) -> tuple[int, Standing]:
    """Where a paragraph is now, and what became of its words.

    Args:
        paragraph: its number in `then`, from 1; 0 is the text as a whole.
        then: the paragraphs of the wording it was numbered in.
        now: those of the wording that is read.

    Returns:
        Its number in `now`, from 1; 0 where it is gone, and for the text as a whole.
    """
    if paragraph == 0:
        return 0, Standing.SAME
    if paragraph > len(then):
        return 0, Standing.GONE
    at = paragraph - 1
    for pair in aligned(len(then), len(now), then, now):
        if pair.one == at and pair.other is not None and pair.pairing is Pairing.SAME:
            return pair.other + 1, Standing.SAME
    # It may have been moved past others: where the very words stand, nearest to where they stood.
    same = [number for number, words in enumerate(now, start=1) if words == then[at]]
    if same:
        return min(same, key=lambda number: abs(number - paragraph)), Standing.SAME
    for pair in aligned(len(then), len(now), then, now):
        if pair.one == at and pair.other is not None:
            return pair.other + 1, Standing.CHANGED
    return 0, Standing.GONE

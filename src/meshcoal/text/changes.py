"""What differs between two texts, piece by piece.

Law: every piece that was taken out or put in is told, in its order.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence


def compared(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, str]]:
    """A blank and a piece that stayed, `-` and one that is gone, `+` and one that is new."""
    for tag, old_from, old_to, new_from, new_to in difflib.SequenceMatcher(
        None, old, new, autojunk=False
    ).get_opcodes():
        if tag == "equal":
            yield from ((" ", text) for text in new[new_from:new_to])
        else:
            yield from (("-", text) for text in old[old_from:old_to])
            yield from (("+", text) for text in new[new_from:new_to])


def changed_lines(before: str, after: str) -> Iterator[tuple[str, str]]:
    """Lines that are gone or new, for all that is not blank; what is equal is left out."""
    old, new = ([line for line in text.split("\n") if line.strip()] for text in (before, after))
    return ((mark, line) for mark, line in compared(old, new) if mark != " ")

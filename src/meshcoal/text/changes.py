"""What differs between two texts, line by line.

Law: every line that was taken out or put in is told, in its order; what is equal is left out.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator


def changed_lines(before: str, after: str) -> Iterator[tuple[str, str]]:
    """`-` and a line that is gone, `+` and a line that is new, for all that is not blank."""
    old = [line for line in before.split("\n") if line.strip()]
    new = [line for line in after.split("\n") if line.strip()]
    for tag, old_from, old_to, new_from, new_to in difflib.SequenceMatcher(
        None, old, new, autojunk=False
    ).get_opcodes():
        if tag != "equal":
            yield from (("-", line) for line in old[old_from:old_to])
            yield from (("+", line) for line in new[new_from:new_to])

"""Two texts that were made from one, brought together paragraph by paragraph.

Law: nothing that either side wrote is dropped by a machine. Where only one side changed something, its
change is taken; where both did, both stand in the result between marks, and a person decides. This is the
three-way merge of Khanna, Kunal and Pierce (A Formal Investigation of Diff3, 2007), over paragraphs.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

OURS: Final = "⟦⟦ "
OR: Final = "⟦ "
UNTIL_HERE: Final = "⟧⟧"


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the result. Where `other` is not None both sides changed it, differently."""

    paragraphs: tuple[str, ...]
    other: tuple[str, ...] | None = None


def merge(base: Sequence[str], one: Sequence[str], other: Sequence[str]) -> tuple[Part, ...]:
    """The stretches of two texts made from `base`, in order. Equal changes of both sides count as one."""
    parts: list[Part] = []
    at_base = at_one = at_other = 0
    for start, stop, in_one, in_other in _kept_by_both(base, one, other):
        parts += _between(base[at_base:start], one[at_one:in_one], other[at_other:in_other])
        if stop > start:
            parts.append(Part(tuple(base[start:stop])))
        at_base, at_one, at_other = stop, in_one + stop - start, in_other + stop - start
    return tuple(parts)


def _kept_by_both(
    base: Sequence[str], one: Sequence[str], other: Sequence[str]
) -> list[tuple[int, int, int, int]]:
    """Stretches of `base` that stand unchanged in both: from, to, and where in each. The end comes last."""
    places = []
    for text in (one, other):
        where: dict[int, int] = {}
        for block in difflib.SequenceMatcher(None, base, text, autojunk=False).get_matching_blocks():
            where.update({block.a + step: block.b + step for step in range(block.size)})
        places.append(where)
    found: list[tuple[int, int, int, int]] = []
    for index in sorted(places[0].keys() & places[1].keys()):
        in_one, in_other = places[0][index], places[1][index]
        if found:
            start, stop, first, second = found[-1]
            size = stop - start
            if (stop, first + size, second + size) == (index, in_one, in_other):
                found[-1] = (start, index + 1, first, second)
                continue
        found.append((index, index + 1, in_one, in_other))
    return [*found, (len(base), len(base), len(one), len(other))]


def _between(base: Sequence[str], one: Sequence[str], other: Sequence[str]) -> list[Part]:
    before, mine, theirs = tuple(base), tuple(one), tuple(other)
    if mine == theirs or theirs == before:
        return [Part(mine)] if mine else []
    if mine == before:
        return [Part(theirs)] if theirs else []
    if len(before) == len(mine) == len(theirs) > 1:  # neighbours that were changed each for itself
        found = []
        for index in range(len(before)):
            found += _between(before[index : index + 1], mine[index : index + 1], theirs[index : index + 1])
        return found
    return [Part(mine, theirs)]


def marked(parts: Sequence[Part], one: str, other: str) -> tuple[str, ...]:
    """The result as paragraphs for a person to finish, with marks of their own lines where both sides differ.

    Args:
        one, other: how the two sides are named in the marks.
    """
    found: list[str] = []
    for part in parts:
        if part.other is None:
            found += part.paragraphs
        else:
            found += [OURS + one, *part.paragraphs, OR + other, *part.other, UNTIL_HERE]
    return tuple(found)


class Revision(Protocol):
    """As much of a revision as finding a common base takes."""

    @property
    def id(self) -> bytes: ...

    @property
    def base(self) -> bytes: ...

    @property
    def merges(self) -> tuple[bytes, ...]: ...


R = TypeVar("R", bound=Revision)


def common_base(revisions: Sequence[R], one: R, other: R) -> R | None:
    """The newest revision that both came from, or None; `revisions` stand oldest first."""
    known = {revision.id: revision for revision in revisions}

    def past(revision: R) -> set[bytes]:
        found: set[bytes] = set()
        ahead = [revision]
        while ahead:
            now = ahead.pop()
            for base in (now.base, *now.merges):
                if base in known and base not in found:
                    found.add(base)
                    ahead.append(known[base])
        return found

    shared = past(one) & past(other)
    return next((revision for revision in reversed(revisions) if revision.id in shared), None)


def is_marked(paragraphs: Sequence[str]) -> bool:
    """Whether a mark of `marked` is left over: then nobody has decided yet."""
    return any(
        paragraph.startswith((OURS, OR)) or paragraph.strip() == UNTIL_HERE for paragraph in paragraphs
    )

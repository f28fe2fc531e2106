"""Which places of logs were seen: stretches without a gap, of one author each.

Law: what is kept is bounded by the number of stretches, not of places; beyond the bound a place counts as
seen, so that a number shown from it is too small and never too large.
"""

from __future__ import annotations

from bisect import bisect_right

from meshcoal.ids import AuthorId
from meshcoal.limits import BUNDLE_STRETCHES_MAX


class Stretches:
    """Of many logs."""

    def __init__(self) -> None:
        self._logs: dict[AuthorId, list[tuple[int, int]]] = {}  # first and last, ascending, never touching
        self._count = 0

    def has(self, author: AuthorId, seq: int) -> bool:
        """Whether a place was seen."""
        log = self._logs.get(author, [])
        at = bisect_right(log, (seq, 2**62)) - 1
        return at >= 0 and log[at][0] <= seq <= log[at][1]

    def add(self, author: AuthorId, first: int, last: int) -> int:
        """Note the places from `first` to `last`. Returns how many of them had not been seen."""
        log = self._logs.get(author, [])
        if last < first or self._count > BUNDLE_STRETCHES_MAX:
            return 0
        low, high, fresh = first, last, last - first + 1
        kept = []
        for one in log:
            if one[1] < first - 1 or one[0] > last + 1:
                kept.append(one)
                continue
            fresh -= max(0, min(last, one[1]) - max(first, one[0]) + 1)
            low, high = min(low, one[0]), max(high, one[1])
        kept.append((low, high))
        kept.sort()
        self._count += len(kept) - len(log)
        self._logs[author] = kept
        return fresh

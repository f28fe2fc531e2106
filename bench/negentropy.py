"""Bytes that range-based reconciliation takes, to compare with: the messages of negentropy, protocol 1.

Law: only sizes are worked out here. Ranges are split into 16 with a fingerprint of 16 bytes each, down to
fewer than 32 items, whose ids of 32 bytes are listed; a bound is a difference of times and as much of an id
as tells two neighbours of one time apart; ranges that agree are skipped, and neighbouring skips are one.
(Meyer, "Range-Based Set Reconciliation", 2023; Hoyte, "negentropy", message format of version 1.)
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

BUCKETS = 16
FINGERPRINT_BYTES = 16
ID_BYTES = 32
Item = tuple[int, bytes]  # time, id
Bound = tuple[int, bytes]
END: Bound = (2**64, b"")
# (upper bound, what is said of the range: None skips it, True lists ids, False is one fingerprint)
Range = tuple[Bound, bool | None]


def cost(near: Sequence[Item], far: Sequence[Item]) -> tuple[int, int]:
    """Bytes in both directions until both know, or could know, the difference; and round trips."""
    stores = sorted(near), sorted(far)
    asked: list[Range] = _split(stores[0], (0, b""), END)
    total, trips, speaker = _size(stores[0], asked), 0.5, 0
    while any(kind is not None for _, kind in asked):
        other, mine = stores[speaker], stores[1 - speaker]
        answered: list[Range] = []
        lower: Bound = (0, b"")
        for upper, kind in asked:
            theirs, own = _within(other, lower, upper), _within(mine, lower, upper)
            if kind is None or (kind is False and theirs == own):
                answered.append((upper, None))
            elif kind is True:
                # Who began need not answer a list: they know the difference now.
                answered.append((upper, None if speaker == 1 else True))
            else:
                answered += _split(own, lower, upper)
            lower = upper
        speaker = 1 - speaker
        asked = _joined(answered)
        total += _size(stores[speaker], asked)
        trips += 0.5
    return total, round(trips + 0.25)


def _within(items: Sequence[Item], lower: Bound, upper: Bound) -> Sequence[Item]:
    return items[bisect_left(items, lower) : bisect_left(items, upper)]


def _split(items: Sequence[Item], lower: Bound, upper: Bound) -> list[Range]:
    if len(items) < 2 * BUCKETS:
        return [(upper, True)]
    each, extra = divmod(len(items), BUCKETS)
    ranges: list[Range] = []
    at = 0
    for number in range(BUCKETS):
        at += each + (number < extra)
        ranges.append((_bound(items[at - 1], items[at]) if at < len(items) else upper, False))
    return ranges


def _bound(before: Item, after: Item) -> Bound:
    if before[0] != after[0]:
        return after[0], b""
    shared = next(at for at in range(ID_BYTES) if before[1][at] != after[1][at])
    return after[0], after[1][: shared + 1]


def _joined(ranges: list[Range]) -> list[Range]:
    """One skip for neighbouring skips, and none at the end."""
    kept: list[Range] = []
    for one in ranges:
        if kept and kept[-1][1] is None and one[1] is None:
            kept.pop()
        kept.append(one)
    return kept[:-1] if kept and kept[-1][1] is None else kept


def _varint(number: int) -> int:
    return max(1, (number.bit_length() + 6) // 7)


def _size(items: Sequence[Item], ranges: list[Range]) -> int:
    total, last, lower = 1, 0, (0, b"")
    for upper, kind in ranges:
        total += (1 if upper == END else _varint(upper[0] - last + 1)) + 1 + len(upper[1]) + 1
        last = upper[0] if upper != END else last
        if kind is True:
            count = len(_within(items, lower, upper))
            total += _varint(count) + ID_BYTES * count
        elif kind is False:
            total += FINGERPRINT_BYTES
        lower = upper
    return total

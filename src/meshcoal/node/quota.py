"""How much each member writes into one campaign, as far as it is news here; and who writes unusually much.

Law: a quota refuses nothing, for others may stand behind what it would refuse: it only says whose operations
are taken slowly, behind everybody else's (`node.backlog`). It is this node's own affair, and no verdict
depends on it. What another member is known to hold is history, and counts against nobody: whoever was away
catches up at full speed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from meshcoal.clock import DAY_MS, HOUR_MS
from meshcoal.ids import AuthorId
from meshcoal.limits import (
    QUOTA_DAY_BYTES,
    QUOTA_DAY_OPERATIONS,
    QUOTA_EPOCH_OPERATIONS,
    QUOTA_HOUR_BYTES,
    QUOTA_HOUR_OPERATIONS,
    QUOTA_MINUTE_BYTES,
    QUOTA_MINUTE_OPERATIONS,
)

_MINUTE_MS: Final = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """So much in one span is usual."""

    span_ms: int
    operations: int
    bytes: int


MINUTE: Final = Quota(span_ms=_MINUTE_MS, operations=QUOTA_MINUTE_OPERATIONS, bytes=QUOTA_MINUTE_BYTES)
HOUR: Final = Quota(span_ms=HOUR_MS, operations=QUOTA_HOUR_OPERATIONS, bytes=QUOTA_HOUR_BYTES)
DAY: Final = Quota(span_ms=DAY_MS, operations=QUOTA_DAY_OPERATIONS, bytes=QUOTA_DAY_BYTES)
QUOTAS: Final = (MINUTE, HOUR, DAY)


@dataclass(slots=True)
class Spent:
    """What one member wrote in the present span of one quota."""

    quota: Quota
    since_ms: int
    operations: int = 0
    bytes: int = 0

    def over(self, now_ms: int) -> bool:
        """Whether it is more than usual. What is past counts no more, nor what is in the future."""
        if not 0 <= now_ms - self.since_ms < self.quota.span_ms:
            return False
        return self.operations > self.quota.operations or self.bytes > self.quota.bytes

    def add(self, operations: int, size_bytes: int, now_ms: int) -> None:
        if not 0 <= now_ms - self.since_ms < self.quota.span_ms:
            self.since_ms, self.operations, self.bytes = now_ms, 0, 0
        self.operations += operations
        self.bytes += size_bytes


@dataclass(slots=True)
class Written:
    """What one member wrote that came in together."""

    operations: int = 0
    epochs: int = 0  # that begin an epoch, whose keys stay in memory: each weighs `QUOTA_EPOCH_OPERATIONS`
    bytes: int = 0

    @property
    def weight(self) -> int:
        return self.operations + QUOTA_EPOCH_OPERATIONS * self.epochs


class Quotas:
    """Of one campaign. In memory only: a restart forgives."""

    def __init__(self) -> None:
        self._spent: dict[AuthorId, tuple[Spent, Spent, Spent]] = {}  # of members: bounded as they are

    def note(self, author: AuthorId, written: Written, now_ms: int) -> bool:
        """Operations of this member came in that were news.

        Returns:
            Whether with them they begin to write unusually much.
        """
        spent = self._spent.get(author)
        if spent is None:
            minute, hour, day = [Spent(quota=quota, since_ms=now_ms) for quota in QUOTAS]
            spent = self._spent[author] = (minute, hour, day)
        before = spent[1].over(now_ms)
        for one in spent:
            one.add(written.weight, written.bytes, now_ms)
        return spent[1].over(now_ms) and not before

    def slow(self, author: AuthorId, now_ms: int) -> bool:
        """Whether others go before this member now."""
        spent = self._spent.get(author)
        return spent is not None and (spent[0].over(now_ms) or spent[2].over(now_ms))

    def spent_day(self, author: AuthorId, now_ms: int) -> bool:
        """Whether they used up their day: then they are taken at a walk even when nobody else waits."""
        spent = self._spent.get(author)
        return spent is not None and spent[2].over(now_ms)

    def unusual(self, now_ms: int) -> tuple[tuple[AuthorId, int], ...]:
        """Who writes unusually much, and how many operations in the present hour, epochs weighed."""
        return tuple(
            [
                (author, spent[1].operations)
                for author, spent in sorted(self._spent.items())
                if spent[1].over(now_ms)
            ]
        )

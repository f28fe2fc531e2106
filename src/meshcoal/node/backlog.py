"""Runs that others go before: of members who write more than their quota, taken in slices and in turns.

Law: within a link runs are taken in the order in which they came, `SLICE_OPERATIONS` at a time, one slice
a step; campaigns take turns, and the links of a campaign among themselves. Bounded: a run for which there is
no room is let go, and asked for again when there is.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

from meshcoal.ids import CampaignId
from meshcoal.limits import BACKLOG_BYTES_MAX, BACKLOG_LINK_BYTES_MAX, SLICE_OPERATIONS
from meshcoal.sync.turns import Turns

SLICE_EVERY_MS: Final = 1
WALK_EVERY_MS: Final = 1_000  # for whom a day's quota is spent


@dataclass(slots=True)
class _Rest:
    """What is left of one run."""

    operations: tuple[bytes, ...]
    taken: int = 0
    new: int = 0  # of those taken


@dataclass(slots=True)
class _Waiting:
    campaign: CampaignId
    runs: deque[_Rest]
    bytes: int = 0
    not_before_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """The next few operations of one link."""

    link: int
    operations: tuple[bytes, ...]
    ends_run: bool
    new_before: int  # operations of its run that were new in earlier slices


class Backlog:
    """What waits on all links of a node."""

    def __init__(self) -> None:
        self._links: dict[int, _Waiting] = {}
        self._turns: Turns[CampaignId, int] = Turns()
        self._bytes = 0

    def __contains__(self, link: int) -> bool:
        """Whether anything of this link waits."""
        return link in self._links

    @property
    def size_bytes(self) -> int:
        """Of all operations that wait."""
        return self._bytes

    def add(self, campaign: CampaignId, link: int, operations: tuple[bytes, ...]) -> bool:
        """Have a run wait. False: there is no room for it."""
        size = sum(map(len, operations))
        waiting = self._links.get(link)
        held = waiting.bytes if waiting is not None else 0
        # One run there is always room for, or a peer that sends large ones would send them for ever.
        too_much = waiting is not None and held + size > BACKLOG_LINK_BYTES_MAX
        if too_much or self._bytes + size > BACKLOG_BYTES_MAX:
            return False
        if waiting is None:
            waiting = self._links[link] = _Waiting(campaign=campaign, runs=deque())
            self._turns.join(campaign, link)
        waiting.runs.append(_Rest(operations=operations))
        waiting.bytes += size
        self._bytes += size
        return True

    def take(self, now_ms: int) -> Slice | None:
        """The next slice, of whichever link is next and may go on."""
        for _ in range(len(self._links)):
            link = self._turns.take()
            waiting = self._links[link]
            if waiting.not_before_ms > now_ms:
                self._turns.join(waiting.campaign, link)
                continue
            run = waiting.runs[0]
            operations = run.operations[run.taken : run.taken + SLICE_OPERATIONS]
            run.taken += len(operations)
            size = sum(map(len, operations))
            waiting.bytes -= size
            self._bytes -= size
            ends_run = run.taken == len(run.operations)
            if ends_run:
                waiting.runs.popleft()
            if waiting.runs:
                self._turns.join(waiting.campaign, link)
            else:
                del self._links[link]
            return Slice(link=link, operations=operations, ends_run=ends_run, new_before=run.new)
        return None

    def taken(self, link: int, *, new: int, not_before_ms: int) -> None:
        """What became of a slice that did not end everything: so many were new; the next comes not before."""
        waiting = self._links.get(link)
        if waiting is not None:
            waiting.not_before_ms = not_before_ms
            if waiting.runs[0].taken:
                waiting.runs[0].new += new

    def due_ms(self, now_ms: int) -> int | None:
        """When the next slice is due; None: nothing waits."""
        if not self._links:
            return None
        return max(now_ms + SLICE_EVERY_MS, min(one.not_before_ms for one in self._links.values()))

    def drop(self, link: int) -> None:
        """A link is gone: what it brought was never acknowledged, and comes again."""
        waiting = self._links.pop(link, None)
        if waiting is not None:
            self._bytes -= waiting.bytes
            self._turns.leave(waiting.campaign, link)

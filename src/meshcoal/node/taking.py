"""Operations that came together and are taken in slice by slice, so that nobody waits for all of them.

Law: by whose word each of them is its author's is found out once, for all together; a slice is as many as
take a few milliseconds. What happens between two slices changes nothing of that word: which key signs at a
place follows from what stands before it, and that never changes. What came another way meanwhile is known.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from meshcoal.errors import RemoteError
from meshcoal.node.campaign import Campaign
from meshcoal.wire.operation import CONTROL_KINDS, Kind, Operation

SLICE_WEIGHT: Final = 128  # of what is taken in in one step: some 8 ms
_CONTROL_WEIGHT: Final = 8  # who is a member and who has which key is worked out anew
_OTHER_WEIGHT: Final = 3


class Outcome(enum.Enum):
    """What became of an operation that came in."""

    NEW = "new"
    KNOWN = "known"
    WAITING = "waiting"  # its past, or its author's admission, is missing


@dataclass(slots=True, kw_only=True)
class Taking:
    """A run, how far it is taken in, and what became of it."""

    campaign: Campaign
    arrived: Sequence[Operation | Outcome | RemoteError] = ()  # as it came: what is decided stands decided
    run: Sequence[Operation]  # what is to be taken in: that, and what waited for it
    words: Sequence[bytes | None]  # as `node.vouching.vouched` says
    outcomes: list[Outcome | RemoteError] = field(default_factory=list)  # of `run`, as far as it went
    gathered: bool = False  # there is more in `run` than came, or in another order
    behind: list[Operation] = field(default_factory=list)  # waited for what was refused, and may vouch for it

    @property
    def done(self) -> bool:
        return len(self.outcomes) == len(self.run)

    def slice_end(self, weight_max: int | None) -> int:
        """Where the next slice ends, which holds one operation at least; None: with the run."""
        at, end = len(self.outcomes), len(self.run)
        if weight_max is None:
            return end
        weight = 0
        while at < end:
            weight += _weight(self.run[at])
            at += 1
            if weight >= weight_max:
                break
        return at

    def became(self) -> list[Outcome | RemoteError]:
        """What became of each that came, once it is done."""
        if not self.gathered:
            following = iter(self.outcomes)
            return [next(following) if isinstance(one, Operation) else one for one in self.arrived]
        became = {one.encoded: outcome for one, outcome in zip(self.run, self.outcomes, strict=True)}
        return [became[one.encoded] if isinstance(one, Operation) else one for one in self.arrived]


def _weight(operation: Operation) -> int:
    kind = operation.header.kind
    if kind is Kind.POST:
        return 1
    return _CONTROL_WEIGHT if kind in CONTROL_KINDS or operation.directs else _OTHER_WEIGHT

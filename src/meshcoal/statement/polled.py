"""Those who are counted and not named, beside the list of those who are.

Law: whose tag was ever opened by a sign-on that holds is named, and counted by no other. What a release lists
stands: a withdrawal after it is told beside the count. Nodes that hold the same operations and the same
items have the same tags. Ours, unreviewed: docs/protocol/counted.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from meshcoal.ids import AuthorId, Digest, OperationId
from meshcoal.statement.counted import Count, Poll
from meshcoal.wire.bodies import SignBody
from meshcoal.wire.counted import CountedSignOn, CountedWithdrawal, NamedInRing, named_at
from meshcoal.wire.public_text import RingTally


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """The ring of one frozen text, and what of it is held here; every item was checked."""

    freeze: OperationId
    poll: Poll
    keys: Mapping[AuthorId, bytes]  # ring key of each member who is in it
    sign_ons: Mapping[bytes, CountedSignOn]  # by tag
    withdrawals: Mapping[bytes, CountedWithdrawal]  # by tag
    opens: Callable[[NamedInRing], bool]  # whether this holds

    def is_silent(self, author: AuthorId, body: SignBody) -> bool:
        """Whether somebody of the ring does not say which key is theirs: they may be counted already.

        Nobody can once the letter is out and the keys are gone. Such a sign-on is not on the released list;
        an addendum may hold it.
        """
        return author in self.keys and body.in_ring is None

    def fits(self, author: AuthorId, act_key: bytes, body: SignBody) -> bool:
        """Whether a sign-on says which key of the ring is its author's, exactly where there is one."""
        mine = self.keys.get(author)
        if mine is None or body.in_ring is None:
            return mine is None and body.in_ring is None
        place = body.in_ring
        return place.ring_key == mine and self.opens(
            named_at(self.poll.statement, self.poll.public.digest, act_key, place)
        )

    def counting(self, opened: frozenset[bytes]) -> tuple[bytes, ...]:
        """Tags that count now, ascending.

        Args:
            opened: those that named sign-ons opened, also ones that were taken back.
        """
        return tuple(sorted(set(self.sign_ons) - set(self.withdrawals) - opened))


@dataclass(frozen=True, slots=True, kw_only=True)
class Unnamed:
    """Those of a letter's list who are counted and not named."""

    polled: Polled
    listed: tuple[bytes, ...]  # tags, ascending; once released, as the release lists them

    @property
    def taken_back(self) -> tuple[bytes, ...]:
        """Of these, who took it back."""
        return tuple([tag for tag in self.listed if tag in self.polled.withdrawals])

    @property
    def counted(self) -> int:
        return len(self.listed) - len(self.taken_back)

    def count(self, named: Iterable[tuple[bytes, SignBody]]) -> Count:
        """What may be said in public.

        Args:
            named: act key and sign-on of each member on the list.
        """
        return Count(
            members=len(self.polled.poll.ring),
            named=len(self.tally(named).named),
            counted=self.counted,
        )

    def tally(self, named: Iterable[tuple[bytes, SignBody]]) -> RingTally:
        """What the tally says of the ring."""
        return ring_tally(self.polled.poll.public.digest, named, self.listed)


def ring_tally(ring: bytes, named: Iterable[tuple[bytes, SignBody]], tags: tuple[bytes, ...]) -> RingTally:
    """What a tally says of a ring. Args as in `Unnamed`."""
    places = [(key, body.in_ring.ring_key) for key, body in named if body.in_ring is not None]
    return RingTally(ring=Digest(ring), named=tuple(places), tags=tags)

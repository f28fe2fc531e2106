"""Signing keys that were published, and which branch of a forked log is the true one after that.

Law: the answer depends on the operations that are held and opened, never on the order in which they came. A
published key proves nothing: what it signs counts only where it stands on the chain that closes it.

Ours, unreviewed. Specified in docs/protocol/repudiation.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from meshcoal.campaign.membership import Membership
from meshcoal.clock import DAY_MS
from meshcoal.crypto.signing import SigningKey
from meshcoal.errors import EarlySeed, WrongSeed
from meshcoal.ids import AuthorId, OperationId
from meshcoal.log.dag import Dag
from meshcoal.log.signers import Closing
from meshcoal.node.pace import Pace
from meshcoal.wire import canonical
from meshcoal.wire.bodies import AddBody, RetireBody

_CLOCKS_DIFFER_MS: Final = DAY_MS  # by no more than this do honest clocks


@dataclass(frozen=True, slots=True, kw_only=True)
class _Published:
    """A seed in the body of a `retire`."""

    at_ms: int
    past: int  # bits of the control operations in its past


class Retired:
    """The published keys of one campaign."""

    def __init__(self, dag: Dag, membership: Membership, pace: Pace) -> None:
        self._dag = dag
        self._membership = membership
        self._pace = pace
        self._waiting: dict[tuple[AuthorId, bytes], list[_Published]] = {}  # not known to be in time
        self._keys: dict[AuthorId, dict[bytes, None]] = {}  # those published in time, of each author
        self._chosen: dict[tuple[AuthorId, bytes], Closing] = {}

    def note(self, body: RetireBody, past: int) -> list[str]:
        """Take in a publication. It counts from the next `review` on.

        Args:
            past: bits of the control operations in its past.

        Returns:
            Codes of what is wrong with its seeds; a seed that is wrong has no effect.
        """
        codes = []
        author = AuthorId(body.author)
        for seed in body.seeds:
            key = SigningKey.from_seed(seed).public
            published = _Published(at_ms=body.at_ms, past=past)
            closings = self._closed_in(author, key, past)
            if not closings:
                codes.append(WrongSeed.code)
                continue
            times = [self._closed_ms(closing) for closing in closings]
            if None not in times and not self._in_time(author, key, published):
                codes.append(EarlySeed.code)
            if not self.holds(author, key):
                self._waiting.setdefault((author, key), []).append(published)
        return codes

    def deniable_ms(self, author: AuthorId) -> int:
        """Up to when, by an author's own clock, all keys are published that signed for them; -1: none is.

        What was written until then anybody can have signed; what came later, only the author.
        """
        upto_ms = -1
        for closing in self._dag.signers.closings(author):
            closed_ms = self._closed_ms(closing)
            if not self.holds(author, closing.key) or closed_ms is None:
                break
            upto_ms = max(upto_ms, closed_ms)
        return upto_ms

    def review(self, now_ms: int) -> bool:
        """Work out which keys are published in time, and what closed them. Whether that has changed."""
        changed = False
        for (author, key), published in list(self._waiting.items()):
            dated = [one for one in published if one.at_ms <= now_ms + _CLOCKS_DIFFER_MS]
            if any(self._in_time(author, key, one) for one in dated):
                self._keys.setdefault(author, {})[key] = None
                del self._waiting[author, key]
                changed = True
        before, self._chosen = self._chosen, {}
        for author in self._dag.forks:
            for key in self._keys.get(author, ()):
                self._chosen[author, key] = self._choose(author, key)
        return changed or self._chosen != before

    def holds(self, author: AuthorId, key: bytes) -> bool:
        """Whether a key of this author is published: nothing new is taken in that it signs."""
        return key in self._keys.get(author, ())

    def any_of(self, author: AuthorId) -> bool:
        """Whether any key of this author is published."""
        return author in self._keys

    def void(self, author: AuthorId, operation: OperationId, seq: int) -> bool:
        """Whether an operation that is held stands beside the chain that closes a published key.

        Anybody could have made it, or what it stands behind: nothing that it does counts.
        """
        if author not in self._dag.forks:
            return False
        for key in self._keys.get(author, ()):
            chosen = self._chosen.get((author, key))
            if chosen is None or not self._had(author, key, operation, seq):
                continue
            if seq <= chosen.seq:
                stands = self._dag.on_line(chosen.operation, operation, author, seq)
            else:
                stands = self._dag.on_line(operation, chosen.operation, author, chosen.seq)
            if not stands:
                return True
        return False

    def void_controls(self) -> int:
        """Bits of the control operations that are void."""
        bits = 0
        if any(author in self._dag.forks for author in self._keys):
            for control in self._membership.controls.values():
                if control.author in self._keys and self.void(control.author, control.id, control.seq):
                    bits |= 1 << control.number
        return bits

    def fingerprint(self) -> bytes:
        """Equal where forks, and what is chosen among their branches, are the same."""
        told = hashlib.blake2b(digest_size=32)
        for author in sorted(self._dag.forks):
            fork = self._dag.forks[author]
            keys = tuple(sorted(self._keys.get(author, ())))
            chosen = tuple([(key, self._chosen[author, key].operation) for key in keys])
            tips = tuple(sorted(fork.tips.items()))
            told.update(canonical.encode((author, fork.seq, tips, keys, chosen)))
        return told.digest() if self._dag.forks else b""

    def branches(self, author: AuthorId) -> int:
        """How many ends of an author's log are not void: two or more are a fork that proves something."""
        ends = [(tip, self._dag.place(tip)) for tip in self._dag.tips(author)]
        return sum(place is not None and not self.void(author, tip, place.seq) for tip, place in ends)

    # ---

    def _closed_in(self, author: AuthorId, key: bytes, past: int) -> list[Closing]:
        return [
            closing
            for closing in self._dag.signers.closings_of(author, key)
            if past >> self._dag.control_number(closing.operation) & 1
        ]

    def _closed_ms(self, closing: Closing) -> int | None:
        """When a key was closed, as its owner says; None while the operation is not opened."""
        control = self._membership.controls.get(closing.operation)
        return None if control is None else control.body.at_ms

    def _in_time(self, author: AuthorId, key: bytes, published: _Published) -> bool:
        """Whether a publication came long enough after a closing, which is not dated back.

        A thief who closes a stolen key and publishes it at once could write a second story before the owner
        can tell: the owner's own dates stand in the way.
        """
        for closing in self._closed_in(author, key, published.past):
            closed_ms = self._closed_ms(closing)
            began_ms = self._began_ms(author, key, closing)
            if closed_ms is None or began_ms is None or closed_ms < began_ms:
                continue
            if published.at_ms - closed_ms >= self._pace.retire_after_ms:
                return True
        return False

    def _began_ms(self, author: AuthorId, key: bytes, closing: Closing) -> int | None:
        """Since when the key that a closing closes was in force; None while that is not opened."""
        if key == author:
            # Who admits somebody has another clock.
            named = [
                control.body.at_ms - (_CLOCKS_DIFFER_MS if isinstance(control.body, AddBody) else 0)
                for control in self._membership.naming(author)
            ]
            return min(named, default=None)
        for before in self._dag.signers.closings(author):
            if (
                before.successor == key
                and before.seq < closing.seq
                and self._dag.on_line(closing.operation, before.operation, author, before.seq)
            ):
                return self._closed_ms(before)
        return None

    def _had(self, author: AuthorId, key: bytes, operation: OperationId, seq: int) -> bool:
        """Whether a key was in force on an operation's line, before it or at it."""
        return key == author or any(
            before.successor == key
            and before.seq < seq
            and self._dag.on_line(operation, before.operation, author, before.seq)
            for before in self._dag.signers.closings(author)
        )

    def _choose(self, author: AuthorId, key: bytes) -> Closing:
        """The closing that counts: what most other authors saw first; of equals the smaller id."""
        closings = self._dag.signers.closings_of(author, key)
        if len(closings) == 1:
            return closings[0]
        votes = dict.fromkeys([closing.operation for closing in closings], 0)
        bits = {closing.operation: 1 << self._dag.control_number(closing.operation) for closing in closings}
        for other in self._dag.authors():
            if other != author and other not in self._dag.forks:
                seen = self._seen_first(other, bits)
                if len(seen) == 1:
                    votes[seen[0]] += 1
        return min(closings, key=lambda closing: (-votes[closing.operation], closing.operation))

    def _seen_first(self, other: AuthorId, bits: dict[OperationId, int]) -> list[OperationId]:
        """Which of some control operations stand in the past of an author's first operation that saw any."""
        wanted = _union(bits.values())
        low, high = 0, self._dag.top(other) + 1
        while low < high:
            middle = (low + high) // 2
            if self._past_at(other, middle) & wanted:
                high = middle
            else:
                low = middle + 1
        if low > self._dag.top(other):
            return []
        past = self._past_at(other, low)
        return [operation for operation, bit in bits.items() if past & bit]

    def _past_at(self, author: AuthorId, seq: int) -> int:
        (operation,) = self._dag.operations_at(author, seq)
        place = self._dag.place(operation)
        assert place is not None, "it was found in the log"
        return self._dag.context_bits(place.context)


def _union(bits: Iterable[int]) -> int:
    union = 0
    for one in bits:
        union |= one
    return union

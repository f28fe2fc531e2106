"""Sending without being seen to begin: what has no author goes through others first, in beats.

Law: in every period each node sends one frame, at a random moment, to a random member it has a link to; full
or empty, the frame is of one size. Neither whether, nor when, nor to whom it sends depends on what it has to
say. Who gets an item tosses a coin: pass it on in its own next beat, or spread it. Nothing says how far it
has come. Whoever began one and does not see it spread sends it again.

After Dandelion++ (Fanti et al., SIGMETRICS 2018), with beats instead of immediate forwarding; ours,
unreviewed. docs/design/0020-sealed-in-the-node.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from meshcoal.crypto.entropy import Entropy
from meshcoal.errors import OverLimit
from meshcoal.ids import AuthorId
from meshcoal.limits import BEAT_BYTES, BEAT_ITEMS_MAX, BEAT_QUEUE_MAX
from meshcoal.wire.beats import beat_room_bytes, carried_bytes, encode_beat

AGAIN_BEATS: Final = 2  # then an item that has not come back spread goes out again
WAKE_MS: Final = 30_000
_MOMENT_BYTES: Final = 8
_CHOICE_BYTES: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One frame, to one member."""

    to: AuthorId
    data: bytes


class Beats:
    """One node's part in one campaign.

    Args:
        period_ms: one frame in each; all members use the same.
        size: of each frame, in bytes.
    """

    def __init__(self, *, period_ms: int, entropy: Entropy, now_ms: int, size: int = BEAT_BYTES) -> None:
        assert period_ms > 0
        self._period_ms = period_ms
        self._size = size
        self._entropy = entropy
        self._mine: dict[bytes, int] = {}  # items I began: beats until each is sent, or sent again
        self._others: dict[bytes, None] = {}  # items I pass on, in the order in which they came
        self.due_ms = self._moment(now_ms // period_ms)

    def begin(self, item: bytes) -> None:
        """Send this without being seen to. Raises `OverLimit` where too much is under way already."""
        if carried_bytes((item,)) > beat_room_bytes(self._size):
            raise OverLimit("an item is larger than a beat")
        if item not in self._mine and len(self._mine) >= BEAT_QUEUE_MAX:
            raise OverLimit("too much is under way already")
        self._mine.setdefault(item, 0)

    @property
    def mine(self) -> tuple[bytes, ...]:
        """What I began and have not seen spread: to be stored, and begun again after a restart."""
        return tuple(self._mine)

    def seen(self, item: bytes) -> None:
        """It has come back spread, or is of no use any more."""
        self._mine.pop(item, None)
        self._others.pop(item, None)

    def set_period(self, period_ms: int, now_ms: int) -> None:
        """From now on another period: shorter while a round of sealed sign-ons is fresh."""
        if period_ms != self._period_ms:
            self._period_ms = period_ms
            self.due_ms = self._moment(now_ms // period_ms)

    def set_size(self, size: int) -> None:
        """From now on frames are of this size; what does not fit any more waits for a larger one."""
        self._size = size

    def wake(self, now_ms: int) -> None:
        """This node has come on, or has its first link after a while: its next beat is within half a minute.

        So it is for each node, whatever it has to say; who is on for minutes has beats in them.
        """
        chance = int.from_bytes(self._entropy.take(_MOMENT_BYTES), "big")
        self.due_ms = min(self.due_ms, now_ms + chance % min(self._period_ms, WAKE_MS))

    def on_beat(self, now_ms: int, peers: Sequence[AuthorId]) -> Sent | None:
        """`due_ms` has come: the frame of this beat; None where there is no link to any member.

        Args:
            peers: members to whom a link stands, ascending.
        """
        # Chance is drawn alike whatever there is to send: what can be seen from outside depends on it alone.
        choice = int.from_bytes(self._entropy.take(_CHOICE_BYTES), "big")
        self.due_ms = self._moment(now_ms // self._period_ms)
        if not peers:
            return None
        return Sent(to=peers[choice % len(peers)], data=encode_beat(self._load(), self._size))

    def on_items(self, items: tuple[bytes, ...]) -> tuple[bytes, ...]:
        """What a beat brought, each item checked by the caller: those to be spread now, by me."""
        coins = self._entropy.take(1)[0]
        spread = []
        for at, item in enumerate(items):
            if item in self._mine:
                continue  # it came back to where it began, and goes out again in its time
            if coins >> at & 1 or len(self._others) >= BEAT_QUEUE_MAX:
                self._others.pop(item, None)
                spread.append(item)
            else:
                self._others[item] = None
        return tuple(spread)

    def _load(self) -> tuple[bytes, ...]:
        """What goes into the frame of this beat: as much as fits, others' first."""
        chosen: list[bytes] = []
        for item in [*self._others, *[one for one, wait in self._mine.items() if wait == 0]]:
            if len(chosen) < BEAT_ITEMS_MAX and carried_bytes((*chosen, item)) <= beat_room_bytes(self._size):
                chosen.append(item)
        self._mine = {one: max(0, wait - 1) for one, wait in self._mine.items()}
        for item in chosen:
            self._others.pop(item, None)
            if item in self._mine:
                self._mine[item] = AGAIN_BEATS
        return tuple(chosen)

    def _moment(self, period: int) -> int:
        """A random moment of the period after this one: never two beats in one."""
        chance = int.from_bytes(self._entropy.take(_MOMENT_BYTES), "big")
        return (period + 1) * self._period_ms + chance % self._period_ms

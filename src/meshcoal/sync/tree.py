"""The tree along which what is new travels at once, as one node sees it.

Law: a link is in the tree because its lower end chose its upper end: one each, always one whose *label* is
less than its own. A label is roughly the time from the root; it only falls within a *wave*, so there is never
a cycle, and whoever loses the link above takes the next best neighbour of a lesser label on the spot. Where
there is none a new wave begins, and the latest wave counts. Specified in docs/protocol/gossip.md.

The condition that labels fall along every way to the root is that of Babel (RFC 8966, section 2.4) and DSDV
(Perkins and Bhagwat 1994), for one destination that anybody may become.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from meshcoal.crypto.entropy import Entropy
from meshcoal.ids import AuthorId

ROOT_BYTES: Final = 8
LABEL_MAX_US: Final = 3_600_000_000
HOP_US: Final = 5_000  # what passing on costs, beside the way
BETTER_US: Final = 1_000  # a way to the root that gains less, or less than
BETTER_PART: Final = 32  # this part of it, is not worth a change
TOLD_PART: Final = 16  # nor is it news that a label fell by less than this part
FIRST_WAVE_AFTER_MS: Final = 2_000  # after the first link, if nobody has begun one;
FIRST_WAVE_SPREAD_MS: Final = 30_000  # and so much longer at random
LISTEN_MS: Final = 1_000  # who writes, and has heard of no wave yet, waits no longer
ORPHAN_MS: Final = 20  # without anybody above, and up to four times as long: then a new wave
WAVE_AHEAD_S: Final = 600  # a wave that begins further in the future is not believed
WAVE_EVERY_MS: Final = 5_000  # nor are more of one root
WAVE_AGE_S: Final = 900  # who writes after so long begins a new one: labels grow stale as links go
ROOTS_MAX: Final = 64  # of whom is remembered when their last wave came
DISTRUST_MS: Final = 600_000
FEEDERS_MAX: Final = 2

Wave = tuple[int, bytes]  # when it began, Unix seconds; the first bytes of its root's key
NO_WAVE: Final[Wave] = (0, b"")


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the sender stands in the tree. Said to every link to which it is news."""

    began_s: int  # the wave: its beginning,
    root: bytes  # and the first `ROOT_BYTES` of its root's key
    label_us: int  # nearer to the root is less
    chosen: bool  # the receiver is the sender's upper neighbour


@dataclass(slots=True)
class Limb:
    """One link, as the tree sees it."""

    way_us: int
    wave: Wave = NO_WAVE
    label_us: int = LABEL_MAX_US
    chose_me: bool = False
    told_wave: Wave = NO_WAVE
    told_us: int = LABEL_MAX_US
    told_chosen: bool = False
    distrusted_ms: int = 0  # until then it is not chosen


class Tree:
    """Whom I chose, who chose me, and what the others are to hear of it."""

    def __init__(self, *, me: AuthorId, entropy: Entropy) -> None:
        self._me = me[:ROOT_BYTES]
        self._entropy = entropy
        self._limbs: dict[AuthorId, Limb] = {}
        self.wave: Wave = NO_WAVE
        self.label_us = LABEL_MAX_US
        self.upper: AuthorId | None = None
        self.feeders: dict[AuthorId, None] = {}  # chosen beside the upper one, where that lets me miss things
        self.due_ms = -1  # when I begin a wave, having nobody above me; -1: no need
        self._own_wave_ms = -2 * WAVE_EVERY_MS
        self._began: OrderedDict[bytes, int] = OrderedDict()  # root -> when its last wave came

    # --- Questions

    def eager(self, peer: AuthorId) -> bool:
        """Whether what is new goes to this link at once: it is in the tree, or not known not to be."""
        limb = self._limbs[peer]
        return self._chose(peer) or limb.wave != self.wave or limb.chose_me or self.due_ms >= 0

    def uses(self, peer: AuthorId) -> bool:
        """Whether the tree runs over this link."""
        return peer in self._limbs and (self._chose(peer) or self._limbs[peer].chose_me)

    def _chose(self, peer: AuthorId) -> bool:
        return peer == self.upper or peer in self.feeders

    # --- Links come and go

    def up(self, peer: AuthorId, way_us: int, now_ms: int) -> list[tuple[AuthorId, Standing]]:
        """A link stands. `way_us`: half of its round trip."""
        self._limbs[peer] = Limb(way_us=max(1, way_us))
        if self.wave == NO_WAVE and self.due_ms < 0:
            self.due_ms = now_ms + FIRST_WAVE_AFTER_MS + self._chance(FIRST_WAVE_SPREAD_MS)
        return self._tell()

    def down(self, peer: AuthorId, now_ms: int) -> list[tuple[AuthorId, Standing]]:
        """A link is gone."""
        self._limbs.pop(peer, None)
        self.feeders.pop(peer, None)
        if not self._limbs:
            self.wave, self.label_us, self.upper, self.due_ms = NO_WAVE, LABEL_MAX_US, None, -1
        elif peer == self.upper:
            self._look_up(now_ms)
        return self._tell()

    # --- Standings

    def hear(self, peer: AuthorId, said: Standing, now_ms: int) -> list[tuple[AuthorId, Standing]]:
        """A neighbour says where it stands."""
        limb = self._limbs[peer]
        limb.wave, limb.label_us, limb.chose_me = (said.began_s, said.root), said.label_us, said.chosen
        if limb.wave > self.wave:
            self._join(peer, limb, now_ms)
        elif limb.wave == self.wave:
            if peer == self.upper and limb.label_us >= self.label_us:
                self._look_up(now_ms)  # not above me any more
            elif self._worth(limb, now_ms):
                self._choose(peer)
        return self._tell()

    def missed(self, source: AuthorId, now_ms: int) -> list[tuple[AuthorId, Standing]]:
        """Things come only when I ask others for them: take another way up, or another beside mine.

        Whoever is above me holds them back, or is held back from. There may be nobody else of a lesser label,
        and a liar claims the least. Then whoever had what I missed feeds me as well: that may close a circle,
        which costs a copy of each operation and keeps nothing away from anybody.
        """
        if self.upper is None or source == self.upper:
            return []
        if self._best(now_ms, but=self.upper) is not None:
            self._limbs[self.upper].distrusted_ms = now_ms + DISTRUST_MS
            self._look_up(now_ms)
        elif len(self.feeders) < FEEDERS_MAX and source in self._limbs:
            self.feeders[source] = None
        return self._tell()

    def tick(self, now_ms: int) -> list[tuple[AuthorId, Standing]]:
        """Time has passed: nobody is above me, or a wave came too soon after another."""
        for peer, limb in self._limbs.items():
            if limb.wave > self.wave:
                self._join(peer, limb, now_ms)
        if 0 <= self.due_ms <= now_ms:
            self._begin(now_ms)
        return self._tell()

    def wrote(self, now_ms: int) -> list[tuple[AuthorId, Standing]]:
        """I write: no better root than me, where a new wave is due; who is new listens a moment for one."""
        if self.wave == NO_WAVE:
            self.due_ms = min(self.due_ms, now_ms + LISTEN_MS)
        elif self._limbs and now_ms // 1000 - self.wave[0] >= WAVE_AGE_S:
            self._begin(now_ms)
        return self._tell()

    # --- How

    def _join(self, peer: AuthorId, limb: Limb, now_ms: int) -> None:
        """Go over to a later wave, unless it cannot be believed, or not yet."""
        began_s, root = limb.wave
        if root == self._me or began_s > now_ms // 1000 + WAVE_AHEAD_S:
            return
        if now_ms - self._began.get(root, now_ms - WAVE_EVERY_MS) < WAVE_EVERY_MS:
            return
        self._began[root] = now_ms
        self._began.move_to_end(root)
        if len(self._began) > ROOTS_MAX:
            self._began.popitem(last=False)
        self.wave, self.label_us = limb.wave, LABEL_MAX_US
        self.feeders.clear()
        self._choose(peer)

    def _begin(self, now_ms: int) -> None:
        if now_ms - self._own_wave_ms < 2 * WAVE_EVERY_MS:  # the others would not believe it
            if self.due_ms >= 0:
                self.due_ms = self._own_wave_ms + 2 * WAVE_EVERY_MS
            return
        self._own_wave_ms = now_ms
        self.wave = (max(self.wave[0] + 1, now_ms // 1000), self._me)
        self.label_us, self.upper, self.due_ms = 0, None, -1
        self.feeders.clear()
        for limb in self._limbs.values():
            limb.chose_me = False

    def _worth(self, limb: Limb, now_ms: int) -> bool:
        """Whether the tree gets quicker if I hang below this link."""
        gain_us = self.label_us - (limb.label_us + limb.way_us + HOP_US)
        return gain_us > BETTER_US + self.label_us // BETTER_PART and now_ms >= limb.distrusted_ms

    def _choose(self, peer: AuthorId) -> None:
        limb = self._limbs[peer]
        limb.chose_me = False
        self.upper = peer
        self.label_us = min(self.label_us, limb.label_us + limb.way_us + HOP_US)
        self.due_ms = -1

    def _look_up(self, now_ms: int) -> None:
        """Hang below the best of those above me; with none, soon begin a wave of my own."""
        self.upper = None
        best = self._best(now_ms)
        if best is not None:
            self._choose(best)
        elif self.due_ms < 0:
            self.due_ms = now_ms + ORPHAN_MS + self._chance(3 * ORPHAN_MS)

    def _best(self, now_ms: int, *, but: AuthorId | None = None) -> AuthorId | None:
        best: AuthorId | None = None
        best_us = LABEL_MAX_US
        for peer, limb in self._limbs.items():
            above = limb.wave == self.wave and limb.label_us < self.label_us
            if (
                above
                and peer != but
                and now_ms >= limb.distrusted_ms
                and limb.label_us + limb.way_us < best_us
            ):
                best, best_us = peer, limb.label_us + limb.way_us
        return best

    def _tell(self) -> list[tuple[AuthorId, Standing]]:
        if self.wave == NO_WAVE:
            return []
        told = []
        for peer, limb in self._limbs.items():
            chosen = self._chose(peer)
            fell = self.label_us < limb.told_us - limb.told_us // TOLD_PART
            if limb.told_wave != self.wave or limb.told_chosen != chosen or fell:
                limb.told_wave, limb.told_us, limb.told_chosen = self.wave, self.label_us, chosen
                said = Standing(
                    began_s=self.wave[0], root=self.wave[1], label_us=self.label_us, chosen=chosen
                )
                told.append((peer, said))
        return told

    def _chance(self, top: int) -> int:
        """From 0 to `top`, both included."""
        return int.from_bytes(self._entropy.take(4), "big") % (top + 1)

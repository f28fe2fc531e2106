"""Whom of a campaign too large for a full mesh to keep links to: a few at random, and more of the quick ones.

Law: every member keeps some links to members that it drew itself from the roster, which nobody else can
displace; the rest go to the quickest it has met. Who has too few dials several at once, of those last heard
to be there and of the roster in turn. Views are bounded, and hold members only. After HyParView (Leitao,
Pereira and Rodrigues 2007) and X-BOT (Leitao et al. 2012). Specified in docs/protocol/gossip.md.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from meshcoal.crypto.entropy import Entropy
from meshcoal.ids import AuthorId

PASSIVE_MAX: Final = 48
MISSED_MAX: Final = 16
SAMPLE_MAX: Final = 8
DIALS_MAX: Final = 4
DIALS_IN_NEED_MAX: Final = 24
DIAL_SLOW_MS: Final = 500  # then another is dialled beside it
DIAL_GIVE_UP_MS: Final = 20_000
DIALS_AT_ALL_MAX: Final = 64  # the slow ones among them
AVOIDED_MAX: Final = 512
AVOID_MS: Final = 20_000  # whom I could not reach
AVOID_MAX_MS: Final = 600_000
SHUFFLE_MS: Final = 60_000
TRY_MS: Final = 10_000  # between two looks at somebody who may be quicker; twice as long after each in vain
TRY_MAX_MS: Final = 640_000
QUICKER_IN_10: Final = 8  # a link is displaced by one that takes 8 tenths of its time
RETRY_MS: Final = 250
NEED_EVERY_MS: Final = 1_000  # how often somebody in need may displace a link of mine


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How many links one node keeps. Smaller than usual only to try it among few."""

    wanted: int = 10  # in all
    drawn: int = 3  # to members that I drew from the roster
    most: int = 16  # with those of others to me
    most_anyway: int = 24  # with those that have not said yet what they need
    low: int = 3  # with so few one is in need
    drawn_of_others: int = 6  # kept because others drew me


USUAL: Final = Sizes()


class Roster(Protocol):
    """The active members, as an array and as a set."""

    def __len__(self) -> int: ...

    def at(self, index: int) -> AuthorId: ...

    def has(self, peer: AuthorId) -> bool: ...


@dataclass(frozen=True, slots=True)
class Hello:
    """First words on a link, and again when they change much."""

    links: int  # how many the sender has
    drawn: bool  # the sender drew the receiver from the roster, and wants to keep it


@dataclass(frozen=True, slots=True)
class Sample:
    """Some members whom the sender has links to or lately heard of."""

    peers: tuple[AuthorId, ...]
    answer: bool  # it answers one


@dataclass(frozen=True, slots=True)
class Spare:
    """The sender is about to hang up, having better links; these may have room."""

    peers: tuple[AuthorId, ...]


Said = Hello | Sample | Spare


@dataclass(frozen=True, slots=True)
class Up:
    peer: AuthorId
    way_us: int  # half of a round trip, as the handshake showed it
    dialled: bool  # by this side


@dataclass(frozen=True, slots=True)
class Down:
    peer: AuthorId


@dataclass(frozen=True, slots=True)
class Failed:
    """A dial came to nothing."""

    peer: AuthorId


@dataclass(frozen=True, slots=True)
class Doubted:
    """No sign of life came when it should have: another link may be needed."""

    peer: AuthorId


@dataclass(frozen=True, slots=True)
class Trusted:
    """It came after all."""

    peer: AuthorId


@dataclass(frozen=True, slots=True)
class Heard:
    peer: AuthorId
    said: Said


@dataclass(frozen=True, slots=True)
class Changed:
    """The roster is not what it was, or this node begins."""


@dataclass(frozen=True, slots=True)
class TimerFired:
    pass


Event = Up | Down | Failed | Doubted | Trusted | Heard | Changed | TimerFired


@dataclass(frozen=True, slots=True)
class Dial:
    peer: AuthorId


@dataclass(frozen=True, slots=True)
class Close:
    peer: AuthorId


@dataclass(frozen=True, slots=True)
class Say:
    peer: AuthorId
    said: Said


@dataclass(frozen=True, slots=True)
class SetTimer:
    at_ms: int


Effect = Dial | Close | Say | SetTimer


@dataclass(slots=True)
class Neighbour:
    """One link."""

    way_us: int
    links: int  # as it said last
    drawn: bool = False  # by me
    drew_me: bool = False
    leaving: bool = False  # it said `Spare`
    doubted: bool = False


@dataclass(slots=True)
class Dialled:
    """A dial under way."""

    purpose: str  # "drawn", "any", "trial"
    since_ms: int


class Overlay:
    """Active and passive view of one node in one campaign."""

    def __init__(
        self,
        *,
        me: AuthorId,
        roster: Roster,
        in_use: Callable[[AuthorId], bool],
        entropy: Entropy,
        sizes: Sizes = USUAL,
    ) -> None:
        self._me = me
        self._sizes = sizes
        self._in_use = in_use
        self._roster = roster
        self._entropy = entropy
        self.active: dict[AuthorId, Neighbour] = {}
        self.passive: OrderedDict[AuthorId, None] = OrderedDict()
        self._dials: dict[AuthorId, Dialled] = {}
        self._avoided: OrderedDict[AuthorId, tuple[int, int]] = OrderedDict()  # until when; tries
        self._missed: OrderedDict[AuthorId, None] = OrderedDict()  # whose links were lost, not given up
        self.near: tuple[AuthorId, ...] = ()  # on the same network: kept while there is any room
        self._from_passive = False
        self._shuffle_ms = -1
        self._try_ms = -1
        self._failed = 0  # dials and links lately, less those that came to something
        self._vain = 0  # looks in vain, one after the other
        self._fill_ms = -1
        self._need_ms = -NEED_EVERY_MS
        self._timer_ms = -1

    def handle(self, event: Event, now_ms: int) -> list[Effect]:
        """Take in one event."""
        effects: list[Effect] = []
        match event:
            case Changed():
                self._roster_changed(now_ms, effects)
            case Up(peer, way_us, dialled):
                self._up(peer, way_us, dialled, now_ms, effects)
            case Down(peer):
                self._dials.pop(peer, None)
                lost = self.active.pop(peer, None)
                if lost is not None and not lost.leaving:
                    self._gone(peer, now_ms)
                    self._miss(peer)
                    self._vain = 0
                self._fill(now_ms, effects)
            case Failed(peer):
                self._dials.pop(peer, None)
                self._gone(peer, now_ms)
                self._fill(now_ms, effects)
            case Doubted(peer):
                if peer in self.active:
                    self.active[peer].doubted = True
                    self._fill(now_ms, effects)
            case Trusted(peer):
                if peer in self.active:
                    self.active[peer].doubted = False
            case Heard(peer, said):
                if peer in self.active:
                    self._heard(peer, self.active[peer], said, now_ms, effects)
            case TimerFired():
                self._timer_ms = -1
                self._tick(now_ms, effects)
        self._set_timer(effects)
        return effects

    @property
    def wanted(self) -> tuple[AuthorId, ...]:
        """Whom a link is kept or tried to."""
        return (*self.active, *self._dials)

    # --- Links

    def _up(self, peer: AuthorId, way_us: int, dialled: bool, now_ms: int, effects: list[Effect]) -> None:
        mine = self._dials.pop(peer, None)  # where we dialled each other, one link is enough
        purpose = mine.purpose if mine is not None and dialled else ""
        self._avoided.pop(peer, None)
        self._missed.pop(peer, None)
        self.passive.pop(peer, None)
        self._failed //= 2
        self.active.pop(peer, None)
        drawn = purpose == "drawn" and self._drawn_links() < self._sizes.drawn
        self.active[peer] = Neighbour(way_us=max(1, way_us), links=self._sizes.wanted, drawn=drawn)
        if len(self.active) > self._sizes.most_anyway:
            self._drop(peer, effects)
            return
        effects.append(Say(peer, Hello(links=len(self.active), drawn=drawn)))
        if purpose == "trial" and len(self.active) > self._sizes.wanted:
            self._weigh(peer, effects)
        self._fill(now_ms, effects)

    def _weigh(self, peer: AuthorId, effects: list[Effect]) -> None:
        """One link too many: drop the slowest that may be dropped if the new one is quicker, or the new."""
        if self._in_use(peer):
            return  # one of us lacks something: the campaign may have been split, and this link heals it
        worst = self._slowest(but=peer)
        quick = self.active[peer].way_us
        if worst is not None and 10 * quick <= QUICKER_IN_10 * self.active[worst].way_us:
            self._vain = 0
            self._drop(worst, effects)
        else:
            self._vain += 1
            self._drop(peer, effects)

    def _slowest(self, *, but: AuthorId | None = None) -> AuthorId | None:
        """The slowest link that nobody drew, to somebody who has enough of them."""
        worst: AuthorId | None = None
        kept_for_others = 0
        for peer, neighbour in self.active.items():
            if neighbour.drew_me:
                kept_for_others += 1
            held = neighbour.drawn or (neighbour.drew_me and kept_for_others <= self._sizes.drawn_of_others)
            if peer == but or held or neighbour.links <= self._sizes.low or self._in_use(peer):
                continue
            if worst is None or neighbour.way_us > self.active[worst].way_us:
                worst = peer
        return worst

    def _drop(self, peer: AuthorId, effects: list[Effect]) -> None:
        del self.active[peer]
        self._remember(peer)
        effects.append(Say(peer, Spare(self._sample(but=peer))))
        effects.append(Close(peer))

    def _heard(
        self, peer: AuthorId, neighbour: Neighbour, said: Said, now_ms: int, effects: list[Effect]
    ) -> None:
        match said:
            case Hello(links, drawn):
                neighbour.links, neighbour.drew_me = links, drawn
                if len(self.active) > self._sizes.most:
                    self._make_room(peer, neighbour, now_ms, effects)
            case Sample(peers, answer):
                if not answer:
                    effects.append(Say(peer, Sample(self._sample(but=peer), answer=True)))
                for other in peers[:SAMPLE_MAX]:
                    self._remember(other)
            case Spare(peers):
                neighbour.leaving = True
                for other in peers[:SAMPLE_MAX]:
                    self._remember(other)

    def _make_room(self, peer: AuthorId, neighbour: Neighbour, now_ms: int, effects: list[Effect]) -> None:
        needy = neighbour.links <= self._sizes.low and now_ms - self._need_ms >= NEED_EVERY_MS
        worst = self._slowest(but=peer)
        if needy and worst is not None:
            self._need_ms = now_ms
            self._drop(worst, effects)
        elif worst is not None and (peer in self.near or neighbour.way_us < self.active[worst].way_us):
            self._drop(worst, effects)
        elif peer not in self.near:
            self._drop(peer, effects)

    # --- Finding more

    def _drawn_links(self) -> int:
        return sum(1 for neighbour in self.active.values() if neighbour.drawn and not neighbour.doubted)

    def _fill(self, now_ms: int, effects: list[Effect]) -> None:
        """Dial as many as are lacking, so many at once; one that takes long holds up nobody."""
        self._fill_ms = -1
        for slow in [peer for peer, one in self._dials.items() if now_ms - one.since_ms >= DIAL_GIVE_UP_MS]:
            del self._dials[slow]
            self._gone(slow, now_ms)
        quick = [one for one in self._dials.values() if now_ms - one.since_ms < DIAL_SLOW_MS]
        under_way = len(quick)
        doubted = sum(1 for neighbour in self.active.values() if neighbour.doubted)
        failed = self._failed + doubted
        most = min(DIALS_MAX + failed, DIALS_IN_NEED_MAX)
        lacking = self._sizes.wanted - len(self.active) + doubted
        drawn = self._drawn_links() + sum(1 for one in quick if one.purpose == "drawn")
        while under_way < most and (lacking > 0 or drawn < self._sizes.drawn):
            # Where dials fail, several are tried for each link that is lacking: most members may be gone.
            if under_way >= max(lacking, self._sizes.drawn - drawn) + failed:
                break
            peer = self._candidate(now_ms, drawing=drawn < self._sizes.drawn)
            if peer is None or len(self._dials) >= DIALS_AT_ALL_MAX:
                self._fill_ms = now_ms + RETRY_MS + self._chance(RETRY_MS)
                break
            purpose = "drawn" if drawn < self._sizes.drawn else "any"
            self._dials[peer] = Dialled(purpose, now_ms)
            drawn += drawn < self._sizes.drawn
            under_way += 1
            effects.append(Dial(peer))
        if self._fill_ms < 0 and self._dials and (lacking > 0 or drawn < self._sizes.drawn):
            self._fill_ms = self._next_slow_ms(now_ms)

    def _next_slow_ms(self, now_ms: int) -> int:
        """When the next dial under way has taken long, or too long."""
        due = [one.since_ms + DIAL_SLOW_MS for one in self._dials.values()]
        later = [one.since_ms + DIAL_GIVE_UP_MS for one in self._dials.values()]
        return min([at_ms for at_ms in due if at_ms > now_ms] or later)

    def _candidate(self, now_ms: int, *, drawing: bool) -> AuthorId | None:
        """Somebody to dial: from the roster when drawing, else in turn from those heard of and from it."""
        self._from_passive = not self._from_passive and not drawing
        if self._from_passive and self.passive:
            peers = list(self.passive)
            peer = peers[self._chance(len(peers) - 1)]
            del self.passive[peer]
            if self._may_dial(peer, now_ms):
                return peer
        for _ in range(16):
            if not len(self._roster):
                break
            peer = self._roster.at(self._chance(len(self._roster) - 1))
            if self._may_dial(peer, now_ms):
                return peer
        return None

    def _may_dial(self, peer: AuthorId, now_ms: int) -> bool:
        return (
            peer != self._me
            and peer not in self.active
            and peer not in self._dials
            and self._avoided.get(peer, (0, 0))[0] <= now_ms
            and self._roster.has(peer)
        )

    def _gone(self, peer: AuthorId, now_ms: int) -> None:
        """Not there: leave it alone for a while, and take it that others may be gone as well."""
        self._failed = min(self._failed + 1, DIALS_IN_NEED_MAX)
        self.passive.pop(peer, None)
        tries = self._avoided.pop(peer, (0, 0))[1]
        self._avoided[peer] = now_ms + min(AVOID_MAX_MS, AVOID_MS << min(tries, 8)), tries + 1
        if len(self._avoided) > AVOIDED_MAX:
            self._avoided.popitem(last=False)

    def _miss(self, peer: AuthorId) -> None:
        self._missed[peer] = None
        if len(self._missed) > MISSED_MAX:
            self._missed.popitem(last=False)

    def _remember(self, peer: AuthorId) -> None:
        if peer == self._me or peer in self.active or not self._roster.has(peer):
            return
        self.passive[peer] = None
        self.passive.move_to_end(peer)
        if len(self.passive) > PASSIVE_MAX:
            self.passive.popitem(last=False)

    def _sample(self, *, but: AuthorId) -> tuple[AuthorId, ...]:
        """Up to `SAMPLE_MAX` others, half of them linked to me now, if there are so many."""
        linked = [peer for peer in self.active if peer != but]
        heard = [peer for peer in self.passive if peer != but]
        found = self._draw(linked, SAMPLE_MAX // 2)
        return tuple(found + self._draw(heard, SAMPLE_MAX - len(found)))

    def _draw(self, peers: list[AuthorId], count: int) -> list[AuthorId]:
        count = min(count, len(peers))
        for index in range(count):
            other = index + self._chance(len(peers) - 1 - index)
            peers[index], peers[other] = peers[other], peers[index]
        return peers[:count]

    def _roster_changed(self, now_ms: int, effects: list[Effect]) -> None:
        for peer in list(self.active):
            if not self._roster.has(peer):
                del self.active[peer]
                effects.append(Close(peer))
        for peer in list(self.passive):
            if not self._roster.has(peer):
                del self.passive[peer]
        for peer in list(self._missed):
            if not self._roster.has(peer):
                del self._missed[peer]
        for peer in list(self._dials):
            if not self._roster.has(peer):
                del self._dials[peer]
        if self._shuffle_ms < 0:
            self._shuffle_ms = now_ms + SHUFFLE_MS // 2 + self._chance(SHUFFLE_MS)
            self._try_ms = now_ms + TRY_MS // 2 + self._chance(TRY_MS)
        self._fill(now_ms, effects)

    # --- Time

    def _tick(self, now_ms: int, effects: list[Effect]) -> None:
        if 0 <= self._shuffle_ms <= now_ms:
            self._shuffle_ms = now_ms + SHUFFLE_MS // 2 + self._chance(SHUFFLE_MS)
            if self.active:
                peer = self._draw(list(self.active), 1)[0]
                effects.append(Say(peer, Sample(self._sample(but=peer), answer=False)))
        if 0 <= self._try_ms <= now_ms:
            self._improve(now_ms, effects)
            mean_ms = min(TRY_MAX_MS, TRY_MS << min(self._vain, 8))
            self._try_ms = now_ms + mean_ms // 2 + self._chance(mean_ms)
        if 0 <= self._fill_ms <= now_ms:
            self._fill(now_ms, effects)

    def _improve(self, now_ms: int, effects: list[Effect]) -> None:
        """Drop what is too much; else look at somebody new, who may be quicker."""
        if len(self.active) > self._sizes.wanted:
            worst = self._slowest()
            if worst is not None and self.active[worst].links > self._sizes.wanted:
                self._drop(worst, effects)
        if len(self.active) >= self._sizes.wanted and not self._dials:
            # Every other time somebody who is missed: where the campaign was split, they are the way back.
            missed = [peer for peer in self._missed if peer not in self.active]
            peer = self._draw(missed, 1)[0] if missed and self._chance(1) else None
            peer = peer if peer is not None else self._candidate(now_ms, drawing=False)
            if peer is not None:
                self._dials[peer] = Dialled("trial", now_ms)
                effects.append(Dial(peer))

    def _set_timer(self, effects: list[Effect]) -> None:
        due = [at_ms for at_ms in (self._shuffle_ms, self._try_ms, self._fill_ms) if at_ms >= 0]
        if due and (self._timer_ms < 0 or min(due) < self._timer_ms):
            self._timer_ms = min(due)
            effects.append(SetTimer(self._timer_ms))

    def _chance(self, top: int) -> int:
        """From 0 to `top`, both included."""
        return int.from_bytes(self._entropy.take(4), "big") % (top + 1) if top > 0 else 0

"""How what is new travels in a campaign too large for a full mesh: along a tree, and around its holes.

Law: what is new goes at once to the links of the tree (`sync.tree`) and to a few others, at leisure as an
announcement to the rest; whoever hears of something that does not come asks for it, of one peer after the
other. Nothing a peer says makes this node keep or send more than the bounds below. Specified in
docs/protocol/gossip.md.

The machine holds no operations and sends nothing itself: events in, effects out. After Plumtree (Leitao,
Pereira and Rodrigues, "Epidemic Broadcast Trees", 2007), whose eager and lazy push it keeps; what it
announces are ends of logs, not ids.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from meshcoal.crypto.entropy import Entropy
from meshcoal.ids import AuthorId
from meshcoal.sync.tree import Standing, Tree
from meshcoal.sync.wants import Tops, Wants

ANNOUNCE_EVERY_MS: Final = 1_000
ANNOUNCE_LINKS_MAX: Final = 2  # told in one round; the others in the next
ENTRIES_MAX: Final = 64  # authors in one announcement; and of whom is kept that a link was not told
GRACE_MS: Final = 400  # between hearing of something and asking for it: it may be on its way
KNOWN_MAX: Final = 512  # authors of whom is remembered what a link's peer holds
RECENT_MS: Final = 10_000
RECENT_MAX: Final = 256
MISSES_MAX: Final = 2  # things that came only when asked for, before another is chosen as upper neighbour
MEMBERS_PER_EXTRA: Final = 128  # copies beside the tree: one for so many members,
EXTRAS_MIN: Final = 2  # and these in any case: nobody alone can hold up what I write
PROBE_AFTER_MS: Final = 700  # after saying something that should be answered
DOUBT_AFTER_MS: Final = 500  # after the probe: the others are asked as well, and links sought elsewhere
SUSPECT_AFTER_MS: Final = 1_000  # after that: the link is given up
SUSPECT_WAYS: Final = 4  # the first and the last are longer by so many ways: some links are slow;
DOUBT_WAYS: Final = 2  # the second by so many
LOOK_EVERY_MS: Final = 10_000  # between two looks at whoever was silent for longest
QUIET_MS: Final = 2_000  # all silent for so long after something new: twice as long the next time
ASKED_WHEN_QUIET_MAX: Final = 3


# --- What is said, beside `Standing`


@dataclass(frozen=True, slots=True)
class Announce:
    """The sender holds these logs so far; only what is new and may not have reached the receiver."""

    held: tuple[tuple[AuthorId, int], ...]


@dataclass(frozen=True, slots=True)
class Lack:
    """The sender holds these logs only so far (-1: not at all), and wants what follows."""

    held: tuple[tuple[AuthorId, int], ...]


Said = Standing | Announce | Lack


# --- Events


@dataclass(frozen=True, slots=True)
class LinkUp:
    peer: AuthorId
    way_us: int  # half of a round trip


@dataclass(frozen=True, slots=True)
class LinkDown:
    peer: AuthorId


@dataclass(frozen=True, slots=True)
class Heard:
    peer: AuthorId
    said: Said


@dataclass(frozen=True, slots=True)
class Wrote:
    """An operation of my own was stored."""

    author: AuthorId
    seq: int


@dataclass(frozen=True, slots=True)
class Arrived:
    """An operation came; new and stored, or held already."""

    peer: AuthorId
    author: AuthorId
    seq: int
    new: bool
    extras: int = 0  # further copies beside the tree that the sender leaves to me


@dataclass(frozen=True, slots=True)
class Holds:
    """The peer said what it holds, on a link that is new: it needs none of that, and is asked for none."""

    peer: AuthorId
    held: tuple[tuple[AuthorId, int], ...]


@dataclass(frozen=True, slots=True)
class Counted:
    """So many active members there are."""

    members: int


@dataclass(frozen=True, slots=True)
class Alive:
    """The peer gave any other sign of life."""

    peer: AuthorId


@dataclass(frozen=True, slots=True)
class TimerFired:
    pass


Event = LinkUp | LinkDown | Heard | Wrote | Arrived | Holds | Counted | Alive | TimerFired


# --- Effects


@dataclass(frozen=True, slots=True)
class Say:
    peer: AuthorId
    said: Said


@dataclass(frozen=True, slots=True)
class Push:
    """Send this operation now."""

    peer: AuthorId
    author: AuthorId
    seq: int
    extras: int


@dataclass(frozen=True, slots=True)
class Supply:
    """Send what is held of this author behind `after`, as an answer to a `Lack`."""

    peer: AuthorId
    author: AuthorId
    after: int


@dataclass(frozen=True, slots=True)
class Probe:
    """Ask for a sign of life."""

    peer: AuthorId


@dataclass(frozen=True, slots=True)
class Doubt:
    """No sign of life has come when it should have: look for another link, but keep this one for now."""

    peer: AuthorId


@dataclass(frozen=True, slots=True)
class Trust:
    """It has come after all."""

    peer: AuthorId


@dataclass(frozen=True, slots=True)
class Suspect:
    """No sign of life came: end this link."""

    peer: AuthorId


@dataclass(frozen=True, slots=True)
class SetTimer:
    at_ms: int


Effect = Say | Push | Supply | Probe | Doubt | Trust | Suspect | SetTimer


@dataclass(slots=True)
class Branch:
    """What one link's peer holds, and is still to hear."""

    way_ms: int
    heard_ms: int
    known: OrderedDict[AuthorId, int] = field(default_factory=OrderedDict)
    untold: dict[AuthorId, None] = field(default_factory=dict)
    waits_ms: int = -1  # when a sign of life is due; -1: none is
    probed: bool = False
    doubted: bool = False

    def lacks(self, author: AuthorId, seq: int) -> bool:
        return self.known.get(author, -1) < seq

    def note(self, author: AuthorId, seq: int) -> None:
        if seq > self.known.get(author, -1):
            self.known[author] = seq
            self.known.move_to_end(author)
            if len(self.known) > KNOWN_MAX:
                self.known.popitem(last=False)


class Broadcast:
    """What a node passes on, announces and asks for in one campaign."""

    def __init__(self, *, me: AuthorId, tops: Tops, entropy: Entropy) -> None:
        self._tops = tops
        self._entropy = entropy
        self.tree = Tree(me=me, entropy=entropy)
        self._links: dict[AuthorId, Branch] = {}
        self._recent: OrderedDict[AuthorId, tuple[int, int]] = OrderedDict()  # seq, when
        self._wants = Wants(tops)
        self._announce_ms = -1
        self._turn = 0
        self._extras_max = EXTRAS_MIN
        self._misses = 0
        self._look_ms = -1
        self._heard_ms = 0  # when any peer gave a sign of life
        self._quiet_ms = LOOK_EVERY_MS  # how long a silence of all is let pass
        self._timer_ms = -1

    def handle(self, event: Event, now_ms: int) -> list[Effect]:
        """Take in one event."""
        effects: list[Effect] = []
        match event:
            case Arrived():
                self._arrived(event, now_ms, effects)
            case Heard(peer, said):
                if (branch := self._links.get(peer)) is not None:
                    self._lives(peer, branch, now_ms, effects)
                    self._heard(peer, branch, said, now_ms, effects)
            case Wrote(author, seq):
                self._tell(self.tree.wrote(now_ms), effects)
                self._pass_on(None, author, seq, self._extras_max, now_ms, effects)
            case LinkUp(peer, way_us):
                self._links[peer] = Branch(way_ms=way_us // 1000, heard_ms=now_ms)
                if self._look_ms < 0:
                    self._look_ms = now_ms + LOOK_EVERY_MS + self._chance(LOOK_EVERY_MS)
                self._tell(self.tree.up(peer, way_us, now_ms), effects)
            case LinkDown(peer):
                self._lost(peer, now_ms, effects)
            case Holds(peer, held):
                if (branch := self._links.get(peer)) is not None:
                    for author, seq in held:
                        branch.note(author, seq)
            case Counted(members):
                self._extras_max = max(EXTRAS_MIN, members // MEMBERS_PER_EXTRA)
            case Alive(peer):
                if (branch := self._links.get(peer)) is not None:
                    self._lives(peer, branch, now_ms, effects)
            case TimerFired():
                self._timer_ms = -1
                self._tick(now_ms, effects)
        self._set_timer(effects)
        return effects

    def in_use(self, peer: AuthorId) -> bool:
        """Whether the tree runs over this link: whoever chooses links keeps it then."""
        return self.tree.uses(peer)

    # --- Links

    def _tell(self, standings: Iterable[tuple[AuthorId, Standing]], effects: list[Effect]) -> None:
        effects += [Say(peer, standing) for peer, standing in standings]

    def _lost(self, peer: AuthorId, now_ms: int, effects: list[Effect]) -> None:
        if self._links.pop(peer, None) is None:
            return
        self._wants.lost(peer)
        above = self.tree.upper
        self._tell(self.tree.down(peer, now_ms), effects)
        if self.tree.upper not in (None, above):
            self._announce_recent(self.tree.upper, now_ms, effects)

    def _heard(self, peer: AuthorId, branch: Branch, said: Said, now_ms: int, effects: list[Effect]) -> None:
        match said:
            case Standing():
                used = self.tree.uses(peer)
                self._tell(self.tree.hear(peer, said, now_ms), effects)
                if self.tree.uses(peer) and not used:
                    self._announce_recent(peer, now_ms, effects)
            case Announce(held):
                self._on_announce(peer, branch, held, now_ms, effects)
            case Lack(held):
                for author, after in held[:ENTRIES_MAX]:
                    branch.known.pop(author, None)  # it may have lost what it once held
                    branch.untold.pop(author, None)
                    if self._tops.top(author) > after:
                        effects.append(Supply(peer, author, after))

    # --- Passing on

    def _arrived(self, event: Arrived, now_ms: int, effects: list[Effect]) -> None:
        if (branch := self._links.get(event.peer)) is not None:
            branch.note(event.author, event.seq)
            branch.untold.pop(event.author, None)
            self._lives(event.peer, branch, now_ms, effects)
        if not event.new:
            return
        asked = self._wants.came(event.peer, event.author, event.seq)
        if asked and self.tree.upper not in (None, event.peer):
            self._misses += 1
            if self._misses > MISSES_MAX:
                self._misses = 0
                self._tell(self.tree.missed(event.peer, now_ms), effects)
        extras = min(event.extras, self._extras_max)
        self._pass_on(event.peer, event.author, event.seq, extras, now_ms, effects)

    def _pass_on(
        self,
        source: AuthorId | None,
        author: AuthorId,
        seq: int,
        extras: int,
        now_ms: int,
        effects: list[Effect],
    ) -> None:
        self._quiet_ms = QUIET_MS
        self._recent[author] = (seq, now_ms)
        self._recent.move_to_end(author)
        if len(self._recent) > RECENT_MAX:
            self._recent.popitem(last=False)
        chosen: list[AuthorId] = []
        others: list[AuthorId] = []
        for peer, branch in self._links.items():
            if peer not in (source, author) and branch.lacks(author, seq):
                (chosen if self.tree.eager(peer) else others).append(peer)
        beside = min(extras, len(others))
        if beside:
            start = self._chance(len(others) - 1)
            others = others[start:] + others[:start]
            chosen, others = chosen + others[:beside], others[beside:]
        share, rest = divmod(extras - beside, len(chosen)) if chosen else (0, 0)
        for index, peer in enumerate(chosen):
            branch = self._links[peer]
            branch.note(author, seq)
            self._expect(branch, now_ms)
            effects.append(Push(peer, author, seq, share + (index < rest)))
        for peer in others:
            branch = self._links[peer]
            if len(branch.untold) < ENTRIES_MAX:
                branch.untold[author] = None
        if others and self._announce_ms < 0:
            self._announce_ms = now_ms + ANNOUNCE_EVERY_MS // 2 + self._chance(ANNOUNCE_EVERY_MS // 2)

    # --- Announcing and asking

    def _announce(self, now_ms: int, effects: list[Effect]) -> None:
        """Tell the next few links what they may not have; the others in the rounds that follow."""
        told, left = 0, False
        peers = list(self._links)
        for index in range(len(peers)):
            turn = (self._turn + index) % len(peers)
            branch = self._links[peers[turn]]
            if not branch.untold:
                continue
            if told == ANNOUNCE_LINKS_MAX:
                left, self._turn = True, turn
                break
            tops = [(author, self._tops.top(author)) for author in branch.untold]
            held = tuple([(author, top) for author, top in tops if branch.lacks(author, top)])
            branch.untold.clear()
            if held:
                told += 1
                effects.append(Say(peers[turn], Announce(held)))
        self._announce_ms = now_ms + ANNOUNCE_EVERY_MS if left else -1

    def _announce_recent(self, peer: AuthorId | None, now_ms: int, effects: list[Effect]) -> None:
        """A new link of the tree: what went by just now may have been lost between two trees."""
        assert peer is not None
        branch = self._links[peer]
        while self._recent and next(iter(self._recent.values()))[1] < now_ms - RECENT_MS:
            self._recent.popitem(last=False)
        held = [(author, seq) for author, (seq, _) in self._recent.items() if branch.lacks(author, seq)]
        for author, _ in held:
            branch.untold.pop(author, None)
        if held:
            effects.append(Say(peer, Announce(tuple(held[-ENTRIES_MAX:]))))

    def _on_announce(
        self,
        peer: AuthorId,
        branch: Branch,
        held: tuple[tuple[AuthorId, int], ...],
        now_ms: int,
        effects: list[Effect],
    ) -> None:
        in_tree = self.tree.uses(peer)
        for author, seq in held[:ENTRIES_MAX]:
            branch.note(author, seq)
            branch.untold.pop(author, None)
            if self._tops.top(author) >= seq:
                continue
            # What the tree announces it will not push: it went by before the link was in the tree.
            self._wants.claimed(peer, author, seq, now_ms + (0 if in_tree else GRACE_MS))
        if in_tree:
            self._ask(now_ms, effects)

    def _ask(self, now_ms: int, effects: list[Effect]) -> None:
        for peer, held in self._wants.ask(now_ms).items():
            self._expect(self._links[peer], now_ms)
            for start in range(0, len(held), ENTRIES_MAX):
                effects.append(Say(peer, Lack(tuple(held[start : start + ENTRIES_MAX]))))

    # --- Time

    def _tick(self, now_ms: int, effects: list[Effect]) -> None:
        self._tell(self.tree.tick(now_ms), effects)
        if 0 <= self._announce_ms <= now_ms:
            self._announce(now_ms, effects)
        self._ask(now_ms, effects)
        if 0 <= self._look_ms <= now_ms:
            self._look_ms = now_ms + LOOK_EVERY_MS if self._links else -1
            self._ask_silent(1, LOOK_EVERY_MS, now_ms)
        if self._quiet_ms < LOOK_EVERY_MS and now_ms - self._heard_ms >= self._quiet_ms:
            self._ask_silent(ASKED_WHEN_QUIET_MAX, self._quiet_ms, now_ms)
            self._quiet_ms *= 2
        self._doubt(now_ms, effects)

    def _lives(self, peer: AuthorId, branch: Branch, now_ms: int, effects: list[Effect]) -> None:
        if branch.doubted:
            effects.append(Trust(peer))
        branch.heard_ms, branch.waits_ms, branch.probed, branch.doubted = now_ms, -1, False, False
        self._heard_ms = now_ms

    def _ask_silent(self, count: int, silent_ms: int, now_ms: int) -> None:
        """Who says nothing hears nothing either when all its neighbours are gone without a word."""
        for branch in sorted(self._links.values(), key=lambda branch: branch.heard_ms)[:count]:
            if branch.waits_ms < 0 and not branch.probed and now_ms - branch.heard_ms >= silent_ms:
                branch.waits_ms = now_ms

    def _doubt(self, now_ms: int, effects: list[Effect]) -> None:
        """Probe whom an answer is due from; where one stays silent, probe the others at once."""
        alarmed = False
        for peer, branch in self._links.items():
            if not 0 <= branch.waits_ms <= now_ms:
                continue
            if branch.doubted:
                branch.waits_ms = now_ms + SUSPECT_AFTER_MS  # it may be kept for now
                effects.append(Suspect(peer))
            elif branch.probed:
                alarmed = branch.doubted = True
                branch.waits_ms = now_ms + SUSPECT_AFTER_MS + SUSPECT_WAYS * branch.way_ms
                effects.append(Doubt(peer))
            else:
                self._probe(peer, branch, now_ms, effects)
        for peer, branch in self._links.items() if alarmed else ():
            if not branch.probed:
                self._probe(peer, branch, now_ms, effects)

    def _probe(self, peer: AuthorId, branch: Branch, now_ms: int, effects: list[Effect]) -> None:
        branch.probed = True
        branch.waits_ms = now_ms + DOUBT_AFTER_MS + DOUBT_WAYS * branch.way_ms
        effects.append(Probe(peer))

    def _expect(self, branch: Branch, now_ms: int) -> None:
        if branch.waits_ms < 0 and not branch.probed:
            branch.waits_ms = now_ms + PROBE_AFTER_MS + SUSPECT_WAYS * branch.way_ms

    def _set_timer(self, effects: list[Effect]) -> None:
        quiet_ms = self._heard_ms + self._quiet_ms if self._links and self._quiet_ms < LOOK_EVERY_MS else -1
        ours = (self.tree.due_ms, self._announce_ms, self._look_ms, quiet_ms, self._wants.due_ms)
        due = [at_ms for at_ms in ours if at_ms >= 0]
        due += [branch.waits_ms for branch in self._links.values() if branch.waits_ms >= 0]
        if due and (self._timer_ms < 0 or min(due) < self._timer_ms):
            self._timer_ms = min(due)
            effects.append(SetTimer(self._timer_ms))

    def _chance(self, top: int) -> int:
        """From 0 to `top`, both included."""
        return int.from_bytes(self._entropy.take(4), "big") % (top + 1)

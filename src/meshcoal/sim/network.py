"""The simulated network: who can dial whom, how long frames take, and how links break.

Law: a link is a stream, as a WebSocket is. Frames of one direction arrive in the order they were sent or not
at all; once one is lost nothing behind it arrives and the link goes down soon. What is repeated is repeated
by the peers themselves, who dial again and catch up, or by an adversary who replays what it saw. Every
choice comes from one seeded source, so a seed is a network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Final, Protocol

from meshcoal.errors import DialFailed, LinkClosed, OverLimit
from meshcoal.limits import FRAME_BYTES_MAX, LINKS_MAX, LINKS_PER_ADDRESS_MAX

TRANSPORT: Final = "simulated"
CLOSED: Final = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """What goes wrong, and how often. Chances are 0 to 1; times are milliseconds, both ends included.

    `loss`, `duplicate` and `tamper` are chances for each frame, `crash` for each step of a node, `replay`
    for each link that ends.
    """

    loss: float = 0.0  # the frame and everything behind it vanishes, and the link goes down
    duplicate: float = 0.0  # the link goes down just after the frame arrived: the sender sends it all again
    tamper: float = 0.0  # a byte of the frame is changed on its way
    replay: float = 0.0  # somebody who saw all frames of a link dials its receiver and sends them once more
    crash: float = 0.0  # the node dies between two effects of a step
    delay_ms: tuple[int, int] = (5, 60)  # of a frame, one way
    unsaid: float = 0.5  # of a link of a node that dies: its other end is told nothing, as after a power cut
    breaking_ms: tuple[int, int] = (0, 20_000)  # until the ends notice that a link is dead
    refusal_ms: tuple[int, int] = (1, 5_000)  # until a dial to nobody fails
    restart_ms: tuple[int, int] = (50, 20_000)  # until a node that died by chance comes back
    lateness_ms: tuple[int, int] = (0, 20)  # of a timer

    def __post_init__(self) -> None:
        for name in ("loss", "duplicate", "tamper", "replay", "crash", "unsaid"):
            assert 0.0 <= getattr(self, name) <= 1.0, f"{name} is a chance"
        for name in ("delay_ms", "breaking_ms", "refusal_ms", "restart_ms", "lateness_ms"):
            low, high = getattr(self, name)
            assert 0 <= low <= high, f"{name} is a span"


KIND: Final = Faults()
HARSH: Final = Faults(loss=0.004, duplicate=0.004, tamper=0.001, replay=0.05, crash=0.001, delay_ms=(5, 400))


class Party(Protocol):
    """Whoever has an address: a machine with a node, or an adversary."""

    name: str
    address: str

    def reachable(self) -> bool:
        """Whether it accepts and holds links now."""

    def link_up(self, link: int, dial: int | None) -> None: ...

    def link_down(self, link: int, code: str) -> None: ...

    def dial_failed(self, dial: int, code: str) -> None: ...

    def frame(self, link: int, data: bytes) -> None: ...

    def refused(self, code: str) -> None: ...


class Clock(Protocol):
    """What the network asks of the world: to be called back."""

    now_ms: int

    def after(self, delay_ms: int, action: Callable[[], None]) -> None: ...


@dataclass(slots=True, eq=False)
class End:
    """One side of a link, as one party sees it."""

    party: Party
    number: int
    link: Link = field(repr=False)
    up: bool = False  # the party has been told of it, and not of its end
    dead: bool = False  # the party took its hands off: nothing more goes in or comes out
    ready_ms: int = 0  # when the last frame sent to this side arrives

    @property
    def other(self) -> End:
        first, second = self.link.ends
        return second if self is first else first


@dataclass(slots=True, eq=False)
class Link:
    ends: tuple[End, End] = field(init=False)
    broken: bool = False  # nothing passes any more, whether or not the ends noticed
    seen: list[bytes] = field(default_factory=list)  # frames towards the side that was dialled


class Network:
    """All links of a world. Link numbers are never used twice."""

    def __init__(self, clock: Clock, chance: Random, faults: Faults) -> None:
        self.faults = faults
        self.frames = 0
        self.bytes = 0
        self.on_replay: Callable[[str, list[bytes]], None] | None = None
        self.recording = faults.replay > 0.0  # keep what passes, so that it can be replayed
        self._clock = clock
        self._chance = chance
        self._parties: dict[str, Party] = {}
        self._ends: dict[int, End] = {}
        self._held: dict[str, dict[int, End]] = {}  # the same by the address of whoever holds them
        self._number = 0
        self._groups: dict[str, int] = {}  # name -> group; empty: no partition
        self._roads: frozenset[frozenset[str]] = frozenset()  # pairs that reach each other; empty: all do

    def join(self, party: Party) -> None:
        assert party.address not in self._parties
        self._parties[party.address] = party

    def links_of(self, name: str) -> tuple[int, ...]:
        """Numbers of the links a party holds, as it knows them."""
        return tuple([number for number, end in self._ends.items() if end.party.name == name and end.up])

    def links(self) -> int:
        """How many ends are up."""
        return sum(end.up for end in self._ends.values())

    def split(self, groups: Iterable[Iterable[str]]) -> None:
        """Let frames pass inside a group only. Who is in no group is alone."""
        self._groups = {name: index for index, group in enumerate(groups) for name in group}
        assert self._groups, "a partition has groups"
        for end in list(self._ends.values()):
            if not self._connected(end.party, end.other.party):
                self._break(end.link)

    def lay(self, roads: Iterable[tuple[str, str]]) -> None:
        """From now on only these pairs reach each other, beside what a partition forbids; none: all do."""
        self._roads = frozenset([frozenset(pair) for pair in roads])
        for end in list(self._ends.values()):
            if not self._connected(end.party, end.other.party):
                self._break(end.link)

    def heal(self) -> None:
        self._groups = {}

    def dial(self, party: Party, dial: int, hint: str) -> None:
        """Answer by `link_up` at both ends or by `dial_failed`, later."""
        target = self._parties.get(hint)
        if target is None or not self._can_reach(party, target):
            self._clock.after(
                self._draw(self.faults.refusal_ms), lambda: party.dial_failed(dial, DialFailed.code)
            )
            return

        def arrive() -> None:
            if not party.reachable():
                return
            if not self._can_reach(party, target) or self._full(party, target):
                party.dial_failed(dial, DialFailed.code)
                return
            near, far = self._make(party, target)
            far.up = True
            target.link_up(far.number, None)
            self._to(near, lambda: self._raise_near(near, dial))

        self._clock.after(self._delay(), arrive)

    def _raise_near(self, near: End, dial: int) -> None:
        if near.dead:
            return
        if near.link.broken:
            near.dead = True
            self._forget(near)
            near.party.dial_failed(dial, DialFailed.code)
            return
        near.up = True
        near.party.link_up(near.number, dial)

    def send(self, party: Party, number: int, data: bytes) -> None:
        """Frames on a link that is down, or never was, go nowhere."""
        end = self._ends.get(number)
        if end is None or end.party is not party or end.dead or end.link.broken:
            return
        self.frames += 1
        self.bytes += len(data)
        link, target = end.link, end.other
        if self.recording and target is link.ends[1]:
            link.seen.append(data)
        if self._chance.random() < self.faults.loss:
            self._break(link)
            return
        cut = self._chance.random() < self.faults.duplicate
        if data and self._chance.random() < self.faults.tamper:
            place = self._chance.randrange(len(data))
            data = data[:place] + bytes([data[place] ^ 1 << self._chance.randrange(8)]) + data[place + 1 :]

        def arrive() -> None:
            if target.dead or link.broken:
                return
            if len(data) > FRAME_BYTES_MAX:
                # The real shell stops reading at the bound; the core never sees the frame.
                target.party.refused(OverLimit.code)
                self._break(link)
                return
            if cut:
                self._break(link)
            target.party.frame(target.number, data)

        self._to(target, arrive)

    def hang_up(self, party: Party, number: int) -> None:
        """What was sent before still arrives; then both ends learn that the link is down."""
        end = self._ends.get(number)
        if end is None or end.party is not party or end.dead:
            return
        self._close(end, CLOSED)
        other = end.other
        self._to(other, lambda: self._close(other, CLOSED))

    def let_go(self, party: Party) -> None:
        """The party is gone. What it sent still arrives, as after `kill -9`, or not, as after a power cut."""
        for end in list(self._held.get(party.address, {}).values()):
            if end.party is party:
                end.dead = True
                end.up = False
                self._forget(end)
                if self._chance.random() < self.faults.unsaid:
                    self._break(end.link)
                else:
                    self._to(end.other, partial(self._close, end.other, CLOSED))

    def cut(self, party: Party) -> None:
        """The party lives, but its network is gone."""
        for end in list(self._held.get(party.address, {}).values()):
            if end.party is party:
                self._break(end.link)

    def _make(self, party: Party, target: Party) -> tuple[End, End]:
        link = Link()
        ends = []
        for side in (party, target):
            self._number += 1
            end = End(party=side, number=self._number, link=link)
            self._ends[end.number] = end
            self._held.setdefault(side.address, {})[end.number] = end
            ends.append(end)
        link.ends = (ends[0], ends[1])
        return link.ends

    def _break(self, link: Link) -> None:
        if link.broken:
            return
        link.broken = True
        for end in link.ends:
            self._clock.after(self._draw(self.faults.breaking_ms), partial(self._close, end, LinkClosed.code))

    def _close(self, end: End, code: str) -> None:
        if end.dead:
            return
        was_up, end.up, end.dead = end.up, False, True
        self._forget(end)
        if was_up:
            end.party.link_down(end.number, code)

    def _forget(self, end: End) -> None:
        self._ends.pop(end.number, None)
        self._held.get(end.party.address, {}).pop(end.number, None)
        link = end.link
        dialled = end is link.ends[1]
        if dialled and link.seen and self.on_replay and self._chance.random() < self.faults.replay:
            self.on_replay(end.party.address, list(link.seen))

    def _to(self, end: End, action: Callable[[], None]) -> None:
        """Let something reach a side after a delay, behind everything that was sent there before."""
        end.ready_ms = max(end.ready_ms, self._clock.now_ms + self._delay())
        self._clock.after(end.ready_ms - self._clock.now_ms, action)

    def reaches(self, party: Party, target: Party) -> bool:
        """Whether a dial from one to the other can lead to a link."""
        return self._can_reach(party, target)

    def _can_reach(self, party: Party, target: Party) -> bool:
        return party.reachable() and target.reachable() and self._connected(party, target)

    def _connected(self, party: Party, target: Party) -> bool:
        if party is target:
            return True
        if self._roads and frozenset((party.name, target.name)) not in self._roads:
            return False
        if not self._groups:
            return True
        first, second = self._groups.get(party.name), self._groups.get(target.name)
        return first is not None and first == second

    def _full(self, party: Party, target: Party) -> bool:
        """The real shell's bounds on links, all and from one address."""
        held = self._held.get(target.address, {}).values()
        from_one = sum(end.other.party is party for end in held)
        return len(held) >= LINKS_MAX or from_one >= LINKS_PER_ADDRESS_MAX

    def _delay(self) -> int:
        return self._draw(self.faults.delay_ms)

    def _draw(self, span: tuple[int, int]) -> int:
        return self._chance.randint(*span)

"""A blind relay inside a world: the very desk that the server runs, honest or hostile.

Law: it has what a real relay has: the envelopes, the topics, the moments, and its own key. A hostile one
does what it likes with them; it holds nobody's secrets.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from random import Random
from typing import Any, Final

from meshcoal.clock import HOUR_MS
from meshcoal.crypto.agreement import AgreementKey
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.errors import RemoteError
from meshcoal.limits import ENVELOPE_CLASSES_BYTES
from meshcoal.relay.desk import Desk, DeskLimits, Visit
from meshcoal.relay.store import MemoryStore, Store
from meshcoal.sim.world import World
from meshcoal.sync.knock import Knocks
from meshcoal.sync.session import Tools
from meshcoal.wire.message import Message
from meshcoal.wire.relay_text import PASS_BYTES, Relay, encode_relay
from meshcoal.wire.relaying import Deposited, Found, Polled, Stored

LOOK_EVERY_MS: Final = HOUR_MS
# What a hostile relay can do with what it holds.
TRICKS: Final = ("drop", "delay", "replay", "reorder", "swap", "invent", "flood", "hide", "mute", "forget")


def run_now(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run what never waits for anything."""
    try:
        coroutine.send(None)
    except StopIteration:
        return
    raise AssertionError("a store in memory does not wait")


class RelayParty:
    """A `network.Party` that is a relay."""

    def __init__(
        self, world: World, name: str, *, limits: DeskLimits | None = None, store: Store | None = None
    ) -> None:
        self.name = name
        self.address = world.stranger_address()
        self.up = True
        self.store = store if store is not None else MemoryStore()
        self.frames: list[bytes] = []  # all that was received
        self.statics: list[bytes] = []  # by which keys guests showed themselves
        self._world = world
        self._visits: dict[int, Visit] = {}
        entropy = SeededEntropy(f"{world.seed} relay {name}".encode())
        _, kem = world.means(entropy)
        static = AgreementKey.from_private(entropy.take(32))
        passing = entropy.take(PASS_BYTES)
        self.relay = Relay(address=self.address, key=static.public, passing=passing)
        self.text = encode_relay(self.relay)
        self.desk = Desk(
            store=self.store,
            static=static,
            passing=passing,
            tools=Tools(entropy=entropy, kem=kem, knocks=Knocks()),
            limits=limits or DeskLimits(work_bits=4),
        )
        world.network.join(self)
        world.after(LOOK_EVERY_MS, self._look)

    def reachable(self) -> bool:
        return self.up

    def go_down(self) -> None:
        """Off, with all links; what it keeps stays."""
        self.up = False
        self._world.network.cut(self)
        self._visits.clear()

    def link_up(self, link: int, dial: int | None) -> None:
        self._visits[link] = self.desk.enter(lambda message: self.say(link, message), self._world.now_ms)

    def link_down(self, link: int, code: str) -> None:
        visit = self._visits.pop(link, None)
        if visit is not None:
            self.desk.leave(visit)

    def dial_failed(self, dial: int, code: str) -> None:
        raise AssertionError("a relay dials nobody")

    def refused(self, code: str) -> None:
        """Somebody sent too much."""

    def frame(self, link: int, data: bytes) -> None:
        visit = self._visits.get(link)
        if visit is None:
            return
        self.frames.append(data)
        try:
            before = visit.session is not None and visit.session.established
            answers, messages = self.desk.read(visit, data, self._world.now_ms)
            if visit.session is not None and visit.session.established and not before:
                self.statics.append(visit.session.remote_static)
            for answer in answers:
                self._world.network.send(self, link, answer)
            for message in messages:
                self.hear(visit, message)
        except RemoteError:
            self._world.network.hang_up(self, link)

    def hear(self, visit: Visit, message: Message) -> None:
        run_now(self.desk.hear(visit, message, self._world.now_ms))

    def say(self, link: int, message: Message) -> None:
        self.send(link, message)

    def send(self, link: int, message: Message) -> None:
        visit = self._visits.get(link)
        if visit is None or visit.session is None:
            return
        for frame in visit.session.write(message, self._world.now_ms):
            self._world.network.send(self, link, frame)

    def _look(self) -> None:
        coroutine = self.store.expire(self._world.now_ms - 14 * 24 * HOUR_MS)
        run_now(_nothing(coroutine))
        run_now(self.desk.look())
        self._world.after(LOOK_EVERY_MS, self._look)


async def _nothing(coroutine: Coroutine[Any, Any, int]) -> None:
    await coroutine


class HostileRelay(RelayParty):
    """Does one of `TRICKS`, or several, with some chance, to whatever it hands out."""

    def __init__(self, world: World, name: str, *tricks: str, chance: float = 0.5) -> None:
        assert set(tricks) <= set(TRICKS)
        self.tricks: Sequence[str] = tricks
        self._chance = Random(f"{world.seed} hostile {name}")
        self._odds = chance
        self._kept: list[Stored] = []
        super().__init__(world, name)

    def _plays(self, trick: str) -> bool:
        return trick in self.tricks and self._chance.random() < self._odds

    def hear(self, visit: Visit, message: Message) -> None:
        if self._plays("mute"):
            return
        super().hear(visit, message)

    def say(self, link: int, message: Message) -> None:
        if isinstance(message, Polled) and self._plays("forget"):
            ends = [replace(end, last=end.last // 2) for end in message.ends]
            message = Polled(ends=tuple(ends))
        if isinstance(message, Deposited) and self._plays("drop"):
            return
        if not isinstance(message, Found):
            self.send(link, message)
            return
        self._kept = [*self._kept, *message.envelopes][-64:]
        if self._plays("hide"):
            return
        found: Message | None = self._twist(message)
        if found is None:
            return
        if self._plays("delay"):
            later: Callable[[], None] = lambda: self.send(link, found)  # noqa: E731
            self._world.after(self._chance.randint(1_000, HOUR_MS), later)
            return
        self.send(link, found)
        if self._plays("flood"):
            for _ in range(16):
                self.send(link, replace(message, envelopes=tuple([self._invented() for _ in range(16)])))

    def _twist(self, message: Found) -> Found | None:
        envelopes = list(message.envelopes)
        if self._plays("drop"):
            envelopes.pop(self._chance.randrange(len(envelopes)))
        if self._plays("reorder"):
            self._chance.shuffle(envelopes)
        if self._plays("replay"):
            envelopes.append(self._chance.choice(self._kept))
        if self._plays("swap") and envelopes:
            envelopes[self._chance.randrange(len(envelopes))] = self._chance.choice(self._kept)
        if self._plays("invent"):
            envelopes.insert(0, self._invented())
        return replace(message, envelopes=tuple(envelopes[:64])) if envelopes else None

    def _invented(self) -> Stored:
        size = self._chance.choice(ENVELOPE_CLASSES_BYTES[:2])
        return Stored(envelope=self._chance.randbytes(size), signature=self._chance.randbytes(64))

"""Dials to several addresses of a peer: the first over which it proves who it is wins; the rest is closed."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from nodework import coalition

from meshcoal.api.commands import ListPeers, SetHints
from meshcoal.api.views import IdentityView, PeersView
from meshcoal.clock import SECOND_MS
from meshcoal.crypto.agreement import AgreementKey
from meshcoal.crypto.deterministic import DeterministicKem
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.node.effects import Dial, HangUp, SendFrame
from meshcoal.node.links import Links, Target
from meshcoal.node.step import Step
from meshcoal.sync.knock import Door, Knocks, Pattern
from meshcoal.sync.presence import JOINS_AFTER_MS
from meshcoal.sync.session import Session, Tools

HINTS = ("192.0.2.1:1", "192.0.2.2:2", "192.0.2.3:3")


class Table:
    """The dialling side's links, and what they asked for."""

    def __init__(self) -> None:
        self.entropy = SeededEntropy(b"race")
        self.tools = Tools(entropy=self.entropy, kem=DeterministicKem(self.entropy), knocks=Knocks())
        self.links = Links(entropy=self.entropy, tools=self.tools, counters={})
        self.mine, self.theirs = (AgreementKey.from_private(self.entropy.take(32)) for _ in range(2))
        self.target = Target(
            key=("contact", b"", self.theirs.public),
            pattern=Pattern.KNOWN,
            static=self.mine,
            remote=self.theirs.public,
            psk=bytes(32),
            hints=HINTS,
            delay_ms=0,
        )
        self.now_ms = 1_000
        self.dials: dict[str, int] = {}
        self.knocks: dict[int, bytes] = {}
        self.hung_up: list[int] = []
        self.do(lambda step: self.links.want(step, [self.target]))

    def do(self, act: object, *, after_ms: int = 0) -> None:
        self.now_ms += after_ms
        step = Step(self.now_ms)
        assert callable(act)
        act(step)
        for effect in step.effects():
            match effect:
                case Dial(dial=dial, hint=hint):
                    self.dials[hint] = dial
                case SendFrame(link=link, data=data):
                    self.knocks.setdefault(link, data)
                case HangUp(link=link):
                    self.hung_up.append(link)

    def tick(self, after_ms: int = JOINS_AFTER_MS) -> None:
        self.do(lambda step: self.links.timer(step, "dial"), after_ms=after_ms)

    def up(self, number: int, hint: str) -> None:
        self.do(lambda step: self.links.up(step, number, self.dials[hint], "test"))

    def answer(self, number: int) -> None:
        """The true peer answers a knock; the handshake ends, as the core is told."""
        door = Door(name=("contact", b""), pattern=Pattern.KNOWN, static=self.theirs, psk=bytes(32))
        _, frame = Session.answer(
            self.knocks[number],
            doors=[door],
            tools=Tools(entropy=self.entropy, kem=DeterministicKem(self.entropy), knocks=Knocks()),
            now_ms=self.now_ms,
        )

        def read(step: Step) -> None:
            found = self.links.read(step, number, frame, lambda: [])
            assert found is not None
            assert found[2], "established"
            self.links.won(step, found[0])

        self.do(read)


def test_a_silent_address_holds_up_nobody() -> None:
    """Goal: the quickest wins. Method: one address never answers the dial, one never the knock, one does."""
    table = Table()
    assert set(table.dials) == {HINTS[0]}
    table.tick()
    assert set(table.dials) == set(HINTS[:2])
    table.up(7, HINTS[1])  # somebody who says nothing
    table.tick()
    assert set(table.dials) == set(HINTS)
    table.up(8, HINTS[2])
    table.answer(8)
    assert table.hung_up == [7], "of those that raced"
    table.up(9, HINTS[0])  # the first comes at last
    assert table.hung_up == [7, 9]
    assert 9 not in table.knocks, "and is told nothing"
    for number in (7, 9):
        table.do(lambda step, number=number: table.links.down(step, number, "closed"))
    attempts = table.links.attempts[table.target.key]
    assert attempts.best == HINTS[2]
    assert attempts.addresses == {}, "to lose a race is no failure"
    before = dict(table.dials)
    table.tick(60_000)
    assert table.dials == before, "while a link stands nothing is dialled"


def test_a_refused_address_is_followed_by_the_next_at_once_and_rests_alone() -> None:
    """Goal: back-off for each address. Method: the first refuses at once; the second knocks and hangs up."""
    table = Table()
    table.do(lambda step: table.links.dial_failed(step, table.dials[HINTS[0]], "dial-failed"))
    assert set(table.dials) == set(HINTS[:2])
    table.up(5, HINTS[1])
    table.do(lambda step: table.links.down(step, 5, "closed"))
    assert set(table.dials) == set(HINTS)
    first = dict(table.dials)
    table.tick(10_000)
    assert table.dials[HINTS[0]] != first[HINTS[0]], "rested, and tried again"
    assert table.dials[HINTS[2]] == first[HINTS[2]], "still under way"
    assert table.links.attempts[table.target.key].addresses[HINTS[1]].failures == 1


def test_somebody_else_at_an_address_does_not_win() -> None:
    """Goal: only proof wins. Method: a link that ends in its handshake leaves the other dials alone."""
    table = Table()
    table.tick()
    table.up(5, HINTS[0])
    table.do(lambda step: table.links.refuse(step, table.links.by_number[5], "not-authorized"))
    table.do(lambda step: table.links.down(step, 5, "not-authorized"))
    table.up(6, HINTS[1])
    table.answer(6)
    assert table.links.link_to(table.target.key) is table.links.by_number[6]
    assert table.hung_up == [5]


def test_members_with_a_dead_address_are_reached_by_the_other() -> None:
    """Goal: whole nodes do this. Method: all have a dead address first; links are cut; all are linked again
    within the time of one back-off."""
    world, _campaign = coalition("ana", "ben", "chi")
    for name, machine in world.machines.items():
        hints = ("192.0.2.99:9", machine.address)
        world.command(name, SetHints(hints=hints), IdentityView)
    world.run_ms(30 * SECOND_MS)
    for name in world.machines:
        world.offline(name)
        world.online(name)

    def all_linked() -> bool:
        return all(
            len([one for one in world.look(name, ListPeers(), PeersView).peers if one.connected]) >= 2
            for name in world.machines
        )

    assert world.run_until(all_linked, 10 * SECOND_MS)

"""Sealed and counted sign-ons where members meet at relays alone, and what relays and members see of it."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from meshcoal.api import commands as ask
from meshcoal.api import views as show
from meshcoal.api.views import SealedMine, SealPhase
from meshcoal.clock import HOUR_MS, MINUTE_MS
from meshcoal.limits import ENVELOPE_CLASSES_BYTES
from meshcoal.node.campaign import Campaign
from meshcoal.node.node import Node
from meshcoal.relay.desk import Visit
from meshcoal.sim.relaying import HostileRelay, RelayParty, run_now
from meshcoal.sync.board import day_of, open_envelope
from meshcoal.sync.board_beats import board_period_ms
from meshcoal.wire.loose import LooseItems
from meshcoal.wire.message import Message
from meshcoal.wire.posted import POSTED, SealedBeat
from meshcoal.wire.relaying import Deposit
from meshcoal.wire.sealed import SEALED, item_id
from meshcoal.wire.terms import NameMode

sys.path.insert(0, str(Path(__file__).parent))

from sealwork import Sealers

MEMBERS = 7
PERIOD_MS = board_period_ms(MEMBERS)
BEAT_BYTES = ENVELOPE_CLASSES_BYTES[2]


class Watched(RelayParty):
    """A relay that notes what it is given: who (which link), when, and the envelope."""

    def __init__(self, world: object, name: str) -> None:
        self.deposits: list[tuple[int, int, Deposit]] = []
        self.links: dict[int, str] = {}  # whose each is: an onlooker who knows addresses
        super().__init__(world, name)  # type: ignore[arg-type]

    def link_up(self, link: int, dial: int | None) -> None:
        super().link_up(link, dial)
        self.links[id(self._visits[link])] = self._world.network._ends[link].other.party.name

    def hear(self, visit: Visit, message: Message) -> None:
        if isinstance(message, Deposit):
            self.deposits.append((self._world.now_ms, id(visit), message))
        super().hear(visit, message)

    def whose(self, visit: int) -> str:
        return self.links[visit]


class Apart:
    """Members who all reach the relay, and none of them another."""

    def __init__(self, members: int = MEMBERS, *, relays: int = 1, **kinds: object) -> None:
        self.group = Sealers(members, **kinds)  # type: ignore[arg-type]
        self.world = self.group.world
        self.names = self.group.names
        self.relays = [Watched(self.world, f"relay {number}") for number in range(relays)]
        for relay in self.relays:
            command = ask.AddRelay(campaign=self.group.campaign, text=relay.text)
            self.world.command(self.names[0], command, show.RelaysView)
        self.world.run_ms(MINUTE_MS)

    def part(self, *roads: tuple[str, str]) -> None:
        """From now on nobody reaches anybody but the relays, and these pairs each other."""
        relays = [(name, relay.name) for name in self.names for relay in self.relays]
        self.world.network.lay([*relays, *roads])
        self.world.run_ms(MINUTE_MS)

    def inside(self, name: str) -> Campaign:
        core = self.world.core(name)
        assert isinstance(core, Node)
        return core._core.campaigns[self.group.campaign]

    def links_between_members(self) -> int:
        return sum(len(self.world.network.links_of(name)) - len(self.relays) for name in self.names)

    def opened(self) -> list[tuple[str, int, Message]]:
        """What the relay got, as a member reads it: by whom, when, what."""
        found = []
        for relay in self.relays:
            (board,) = [
                one
                for one in self.inside(self.names[-1]).boards.boards.values()
                if one.relay.key == relay.relay.key
            ]
            for at_ms, visit, deposit in relay.deposits:
                day = day_of(at_ms)
                parcel = open_envelope(board.secret, relay.relay.key, day, deposit.envelope)
                if parcel.parts == 1:
                    message = POSTED.decode(parcel.content)
                    assert isinstance(message, Message)
                    found.append((relay.whose(visit), at_ms, message))
        return found


def test_a_letter_is_sealed_and_opens_where_members_meet_at_a_relay_alone() -> None:
    """Goal: sealed sign-ons need no links between members. Method: seven, no two of whom reach each other;
    five sign; all show the same five names."""
    apart = Apart()
    group = apart.group
    apart.part()
    group.freeze()
    apart.world.run_ms(5 * MINUTE_MS)
    assert apart.links_between_members() == 0
    assert {group.shown(name).phase for name in apart.names} == {SealPhase.SHUT}
    for name in apart.names[1:6]:
        group.seal(name)
        assert group.shown(name).mine is SealedMine.LEAVING
    apart.world.run_ms(HOUR_MS)
    expected = [f"signatory {name}" for name in apart.names[1:6]]
    assert [group.signed(name) for name in apart.names] == [expected] * MEMBERS
    assert len({group.look(name).tally.digest for name in apart.names}) == 1
    group.release()
    apart.world.run_ms(5 * MINUTE_MS)
    assert {group.look(name).phase for name in apart.names} == {show.StatementPhase.RELEASED}


def test_a_count_goes_over_relays() -> None:
    """Goal: whoever is counted and not named needs no links either. Method: as above; four of seven are
    counted, one takes it back; two relays, one of them down after a while."""
    apart = Apart(relays=2)
    group = apart.group
    apart.part()
    group.freeze(modes=(NameMode.NAMED, NameMode.COUNTED))
    apart.world.run_ms(5 * MINUTE_MS)
    for name in apart.names[1:5]:
        group.count(name)
    apart.world.run_ms(10 * MINUTE_MS)
    apart.relays[0].go_down()
    apart.world.run_ms(HOUR_MS)
    assert [group.unnamed(name).counted for name in apart.names] == [4] * MEMBERS
    group.count_no_more(apart.names[2])
    apart.world.run_ms(HOUR_MS)
    assert [group.unnamed(name).counted for name in apart.names] == [3] * MEMBERS


def test_what_the_relay_sees_of_all_members_is_alike() -> None:
    """Goal: neither bytes nor times tell who signs. Method: each member's deposits of a beat's size, in the
    periods after a freeze, in which one member signs: one in each of each member, none more."""
    apart = Apart()
    (relay,) = apart.relays
    apart.part()
    apart.group.freeze()
    apart.world.run_ms(3 * PERIOD_MS)
    apart.group.seal("m03")
    began_ms = apart.world.now_ms
    apart.world.run_ms(20 * PERIOD_MS)
    beats = [(who, at_ms) for who, at_ms, message in apart.opened() if isinstance(message, SealedBeat)]
    assert {len(deposit.envelope) for _, _, deposit in relay.deposits} <= set(ENVELOPE_CLASSES_BYTES)
    later = [(who, at_ms) for who, at_ms in beats if at_ms >= began_ms]
    for name in apart.names:  # clocks differ: two may stand in one of ours, three in none
        times = [at_ms for who, at_ms in later if who == name]
        assert all(third - first > PERIOD_MS for first, third in zip(times, times[2:], strict=False))
    counts = Counter([who for who, _ in later])
    assert set(counts) == set(apart.names)
    assert set(counts.values()) <= {19, 20, 21}
    sizes = {
        len(deposit.envelope)
        for (_, _, deposit), (_, _, message) in zip(relay.deposits, apart.opened(), strict=True)
        if isinstance(message, SealedBeat)
    }
    assert sizes == {BEAT_BYTES}
    assert {apart.group.shown(name).count for name in apart.names} == {1}


def test_whoever_signs_never_posts_it_for_all() -> None:
    """Goal: a relay and an infiltrator together do not see the author. Method: six sign, one after another;
    what each device posts is opened with the board's secret, which every member has: an item is never there
    first from its author, who posts it again at no time."""
    apart = Apart(members=9, threshold=6)
    group = apart.group
    apart.part()
    group.freeze()
    apart.world.run_ms(MINUTE_MS)
    whose: dict[bytes, str] = {}
    for name in apart.names[:6]:
        group.seal(name)
        core = apart.world.core(name)
        assert isinstance(core, Node)
        (begun,) = core._core.sealing.of(apart.inside(name)).begun.values()
        whose[item_id(SEALED.decode(begun))] = name  # type: ignore[arg-type]
    apart.world.run_ms(HOUR_MS)
    posted: dict[bytes, list[str]] = {}
    for who, _, message in apart.opened():
        if isinstance(message, LooseItems):
            for encoded in message.items:
                posted.setdefault(item_id(SEALED.decode(encoded)), []).append(who)  # type: ignore[arg-type]
    assert set(whose) <= set(posted)
    for item, author in whose.items():
        assert author not in posted[item]
        assert len(posted[item]) <= 3, "others see that it stands there"


def test_an_item_crosses_from_links_to_relays_and_back() -> None:
    """Goal: both ways are one. Method: three have links among them and one of them reaches the relay; the
    others reach the relay alone; one of each side signs; all count two."""
    apart = Apart()
    group = apart.group
    linked = apart.names[:3]
    relay = apart.relays[0].name
    roads = [(linked[0], linked[1]), (linked[1], linked[2]), (linked[2], linked[0])]
    group.freeze()
    apart.world.network.lay([*roads, *[(name, relay) for name in (linked[0], *apart.names[3:])]])
    apart.world.run_ms(MINUTE_MS)
    group.seal(linked[2])
    group.seal(apart.names[5])
    apart.world.run_ms(HOUR_MS)
    assert [group.shown(name).count for name in apart.names] == [2] * MEMBERS


def test_who_was_off_reads_what_was_sealed_meanwhile() -> None:
    """Goal: nothing is lost by being off, by a start, nor by a relay that forgets. Method: two are off while
    others sign; the relay loses all; they come on again, one after the other, the signers off."""
    apart = Apart()
    group, world = apart.group, apart.world
    apart.part()
    group.freeze()
    world.run_ms(5 * MINUTE_MS)
    late = apart.names[5:]
    for name in late:
        world.crash(name)
    for name in apart.names[1:4]:
        group.seal(name)
    world.run_ms(HOUR_MS // 2)
    run_now(_emptied(apart.relays[0]))
    for name in late:
        world.restart(name)
    for name in apart.names[1:4]:
        world.offline(name)
    world.run_ms(HOUR_MS)
    assert [group.shown(name).count for name in (apart.names[0], *late)] == [3] * 3


async def _emptied(relay: RelayParty) -> None:
    await relay.store.expire(2**60)


def test_a_hostile_relay_delays_sealed_sign_ons_and_no_more() -> None:
    """Goal: with an honest relay beside it, a hostile one changes nothing. Method: it drops, reorders, hides,
    forgets, and shows things twice; three sign."""
    apart = Apart()
    group, world = apart.group, apart.world
    hostile = HostileRelay(world, "hostile", "drop", "reorder", "hide", "forget", "replay", chance=0.2)
    command = ask.AddRelay(campaign=group.campaign, text=hostile.text)
    world.command(apart.names[0], command, show.RelaysView)
    world.run_ms(MINUTE_MS)
    honest = apart.relays[0].name
    world.network.lay([(name, one) for name in apart.names for one in (honest, "hostile")])
    group.freeze()
    world.run_ms(2 * MINUTE_MS)
    for name in apart.names[1:4]:
        group.seal(name)
    world.run_ms(HOUR_MS)
    assert [group.shown(name).count for name in apart.names] == [3] * MEMBERS

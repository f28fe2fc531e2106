"""My addresses in Tor: who is told which, with which key, and what is taken back."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from meshcoal.api.commands import RemoveMember
from meshcoal.api.views import CampaignView
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.crypto.onion import client_public, service_public
from meshcoal.ids import CampaignId
from meshcoal.limits import ONION_GRACE_MS
from meshcoal.log.changes import EraseDocument, PutDocument
from meshcoal.log.reader import LogReader
from meshcoal.node.effects import OnionService, Persist, Serve, SetTimer
from meshcoal.node.events import Listening
from meshcoal.node.onions import Onions
from meshcoal.node.records import CLIENTS_PER_ADDRESS
from meshcoal.node.step import Step
from meshcoal.sim.coalition import author_of
from meshcoal.sim.convergence import open_campaign
from meshcoal.sim.invariants import Watch
from meshcoal.sim.machine import Machine
from meshcoal.sim.world import World
from meshcoal.wire.onion import OnionHint, decode_onion, is_onion

sys.path.insert(0, str(Path(__file__).parent))

from nodework import coalition

CAMPAIGN = bytes(range(32))
OTHER = bytes(range(1, 33))
BEN, CHI = b"b" * 32, b"c" * 32


class Dialled(Watch):
    """Counts dials."""

    count = 0

    def dialled(self, world: World, machine: Machine, dial: int) -> None:
        self.count += 1


class Shelf:
    """What was written, and what was asked to be served last."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, bytes], bytes] = {}
        self.served: tuple[OnionService, ...] | None = None
        self.times = 0

    def documents(self, space: str, prefix: bytes = b"") -> Sequence[tuple[bytes, bytes]]:
        return [(key, value) for (where, key), value in sorted(self.kept.items()) if where == space]

    def do(self, step: Step) -> None:
        for effect in step.effects():
            if isinstance(effect, Persist):
                for change in effect.changes:
                    if isinstance(change, PutDocument):
                        self.kept[change.space, change.key] = change.value
                    elif isinstance(change, EraseDocument):
                        del self.kept[change.space, change.key]
            elif isinstance(effect, Serve):
                self.served = effect.services
                self.times += 1


def opened(shelf: Shelf, *, seed: int = 1) -> Onions:
    """As after a start, with Tor on."""
    onions = Onions(reader=cast(LogReader, shelf), entropy=SeededEntropy(bytes([seed]) * 32))
    step = Step(0)
    onions.switch(step, on=True)
    shelf.do(step)
    return onions


def told(shelf: Shelf, onions: Onions, who: bytes) -> OnionHint:
    step = Step(0)
    (text,) = onions.for_person(step, who)
    shelf.do(step)
    return decode_onion(text)


def answers(shelf: Shelf, hint: OnionHint) -> bool:
    """Whether tor was asked to serve the address of a hint to whoever has its key."""
    assert shelf.served is not None
    found = [one for one in shelf.served if service_public(one.seed) == hint.service]
    return any(client_public(hint.client) in one.clients for one in found)


def test_nothing_is_told_or_served_while_tor_is_off() -> None:
    """Goal: no trace of Tor for those who do not use it. Method: ask for addresses while it is off."""
    onions = Onions(reader=cast(LogReader, Shelf()), entropy=SeededEntropy(bytes(32)))
    step = Step(0)
    assert onions.for_person(step, BEN) == ()
    assert onions.for_campaign(step, CAMPAIGN) == ()
    onions.switch(step, on=False)
    assert step.effects() == ()


def test_everybody_has_a_key_of_their_own_and_keeps_it() -> None:
    """Goal: one key can be taken back without the others. Method: two people; ask twice, with a restart
    between."""
    shelf = Shelf()
    onions = opened(shelf)
    ben, chi = told(shelf, onions, BEN), told(shelf, onions, CHI)
    assert ben.service == chi.service
    assert ben.client != chi.client
    assert told(shelf, opened(shelf, seed=2), BEN) == ben
    assert answers(shelf, ben)
    assert answers(shelf, chi)


def test_giving_a_key_out_asks_nothing_of_tor() -> None:
    """Goal: an address is not broken off for all when somebody new learns it, nor seen to be. Method: count
    how often tor is asked while one address fills."""
    shelf = Shelf()
    onions = opened(shelf)
    told(shelf, onions, BEN)
    asked = shelf.times
    for number in range(CLIENTS_PER_ADDRESS - 1):
        told(shelf, onions, bytes([number]) * 16)
    assert shelf.times == asked
    first = told(shelf, onions, BEN).service
    assert told(shelf, onions, CHI).service != first
    assert shelf.times == asked + 1
    assert shelf.served is not None
    assert [len(one.clients) for one in shelf.served] == [CLIENTS_PER_ADDRESS] * 2


def test_a_key_taken_back_opens_nothing_and_is_never_given_again() -> None:
    """Goal: whoever is cut off is out. Method: take one back at once, and one for the next time."""
    shelf = Shelf()
    onions = opened(shelf)
    ben, chi = told(shelf, onions, BEN), told(shelf, onions, CHI)
    step = Step(0)
    onions.take_back(step, BEN, now=True)
    shelf.do(step)
    assert not answers(shelf, ben)
    assert answers(shelf, chi)
    step = Step(0)
    onions.take_back(step, CHI, now=False)
    shelf.do(step)
    assert answers(shelf, chi)
    opened(shelf, seed=3)
    assert not answers(shelf, chi)
    again = told(shelf, opened(shelf, seed=4), BEN)
    assert again.client not in (ben.client, chi.client)


def test_after_a_key_was_taken_back_the_next_one_opens() -> None:
    """Goal: who is invited after an invitation ended can knock. Method: keys given, all but one taken back
    while tor is asked nothing, and given again, until a second address is made."""
    shelf = Shelf()
    onions = opened(shelf)
    for number in range(2 * CLIENTS_PER_ADDRESS):
        who = number.to_bytes(32, "big")
        assert answers(shelf, told(shelf, onions, who)), number
        step = Step(0)
        onions.take_back(step, who, now=False)
        shelf.do(step)
    assert len(onions.services()) == 2


def test_campaigns_share_no_address_and_give_theirs_up() -> None:
    """Goal: two campaigns cannot tell that one person is in both. Method: two addresses; leave one."""
    shelf = Shelf()
    onions = opened(shelf)
    step = Step(0)
    first, other = [decode_onion(onions.for_campaign(step, one)[0]) for one in (CAMPAIGN, OTHER)]
    shelf.do(step)
    assert len({first.service, other.service, told(shelf, onions, BEN).service}) == 3
    assert answers(shelf, first)
    step = Step(0)
    onions.drop_campaign(step, CAMPAIGN)
    onions.drop_campaign(step, CAMPAIGN)
    shelf.do(step)
    assert not answers(shelf, first)
    assert answers(shelf, other)


def hints_of(world: World, looker: str, campaign: CampaignId, name: str) -> tuple[str, ...]:
    """Where one node knows another in a campaign."""
    opened = open_campaign(world.machines[looker].disk, campaign)
    return opened.hints_of(author_of(world, name, campaign))


def test_members_learn_an_address_in_tor_and_plain_ones_are_withdrawn() -> None:
    """Goal: nobody types an address, and Tor alone means no other is told any more. Method: Tor on for one of
    three; then Tor alone; read what the others know."""
    world, campaign = coalition("ana", "ben", "chi")
    plain = hints_of(world, "ben", campaign, "ana")
    assert plain
    assert not any(map(is_onion, plain))
    ana = world.machines["ana"]
    world.deliver(ana, Listening(hints=(ana.address,), onion=True))
    world.run_ms(20_000)
    both = hints_of(world, "ben", campaign, "ana")
    assert [is_onion(hint) for hint in both] == [False, True]
    assert decode_onion(both[-1]).client
    world.deliver(ana, Listening(hints=(), onion=True, direct=False))
    world.run_ms(20_000)
    assert hints_of(world, "chi", campaign, "ana") == both[-1:]


def test_what_is_closed_is_not_dialled_and_what_opens_is_tried_at_once() -> None:
    """Goal: the core follows the user's choice. Method: close plain addresses at a node whose peer is gone;
    count what it dials; open them again."""
    world, _ = coalition("ana", "ben")
    dialled = Dialled()
    world.watch = dialled
    world.crash("ben")
    ana = world.machines["ana"]
    world.deliver(ana, Listening(hints=(), direct=False))
    dialled.count = 0
    world.run_ms(200_000)
    assert dialled.count == 0
    world.deliver(ana, Listening(hints=(ana.address,)))
    world.run_ms(2_000)
    assert dialled.count > 0


def test_after_a_removal_another_address_is_told() -> None:
    """Goal: who was removed cannot watch for long when others are online. Method: remove one of three; read
    what another is told."""
    world, campaign = coalition("ana", "ben", "chi")
    ana = world.machines["ana"]
    world.deliver(ana, Listening(hints=(ana.address,), onion=True))
    world.run_ms(20_000)
    before = hints_of(world, "ben", campaign, "ana")
    world.run_ms(20_000)
    assert hints_of(world, "ben", campaign, "ana") == before
    command = RemoveMember(campaign=campaign, author=author_of(world, "chi", campaign))
    world.command("ana", command, CampaignView)
    world.run_ms(20_000)
    after = hints_of(world, "ben", campaign, "ana")
    assert after[:-1] == before[:-1]
    assert after[-1] != before[-1]
    world.run_ms(60_000)
    assert hints_of(world, "ben", campaign, "ana") == after


def test_renewing_keeps_the_old_address_for_a_while_only() -> None:
    """Goal: members who were away find me, and not for ever. Method: renew; look twice."""
    shelf = Shelf()
    onions = opened(shelf)
    step = Step(0)
    (old,) = onions.for_campaign(step, CAMPAIGN)
    onions.renew(step, CAMPAIGN)
    onions.renew(step, OTHER)
    (new,) = onions.for_campaign(step, CAMPAIGN)
    shelf.do(step)
    assert SetTimer(key=f"onions:{CAMPAIGN.hex()}", at_ms=ONION_GRACE_MS) in step.effects()
    assert new != old
    assert answers(shelf, decode_onion(old))
    assert answers(shelf, decode_onion(new))
    again = Onions(reader=cast(LogReader, shelf), entropy=SeededEntropy(bytes(32)))
    step = Step(ONION_GRACE_MS)
    again.switch(step, on=True)
    shelf.do(step)
    assert not answers(shelf, decode_onion(old))
    assert answers(shelf, decode_onion(new))
    assert again.for_campaign(Step(0), CAMPAIGN) == (new,)

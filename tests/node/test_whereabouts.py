"""Contacts who were met before Tor was switched on learn the address in Tor, and nobody else does."""

from __future__ import annotations

import sys
from pathlib import Path

from meshcoal.api.commands import (
    AcceptInvitation,
    ConfirmWords,
    ListContacts,
    MakeInvitation,
    SetPersonWays,
)
from meshcoal.api.views import (
    ContactsView,
    ContactView,
    IntroductionView,
    InvitationView,
    PersonWaysView,
)
from meshcoal.clock import DAY_MS, HOUR_MS, MINUTE_MS
from meshcoal.crypto.agreement import AgreementKey
from meshcoal.ids import PersonId
from meshcoal.node.events import Listening
from meshcoal.node.step import Step
from meshcoal.node.whereabouts import AT_ONCE_MAX
from meshcoal.sim.world import World
from meshcoal.wire.onion import decode_onion, is_onion
from meshcoal.wire.terms import Seat

sys.path.insert(0, str(Path(__file__).parent))

from nodework import become_contacts, core_of, dials, world_of


def tor(world: World, name: str, *, on: bool = True) -> None:
    machine = world.machines[name]
    world.deliver(machine, Listening(hints=(machine.address,), onion=on))


def known_onions(world: World, name: str, other: str) -> list[str]:
    """What one node knows of where another is in Tor."""
    person = PersonId(core_of(world, other).people.link.public)
    return [hint for hint in core_of(world, name).people.contacts[person].hints if is_onion(hint)]


def test_each_contact_is_told_an_address_with_a_key_of_their_own_and_then_left_alone() -> None:
    """Goal: nobody has to reconnect by hand. Method: three contacts, none connected; switch Tor on; wait;
    look at what each knows, and that nothing is dialled any more."""
    world = world_of("ana", "ben", "chi")
    become_contacts(world, "ana", "ben", "chi")
    assert not core_of(world, "ana").links.by_number
    before = dials(world, "ana")
    world.run_ms(HOUR_MS)
    assert before == [], "contacts are not dialled without a reason"
    tor(world, "ana")
    world.run_ms(30 * MINUTE_MS)
    (of_ben,) = known_onions(world, "ben", "ana")
    (of_chi,) = known_onions(world, "chi", "ana")
    assert decode_onion(of_ben).client != decode_onion(of_chi).client
    assert len(before) == 2
    assert not core_of(world, "ana").links.by_number, "a link that was made for this has served"
    tor(world, "ana", on=False)
    tor(world, "ana")
    world.run_ms(3 * HOUR_MS)
    assert len(before) == 2, "they know"


def test_whoever_is_away_is_told_when_they_are_back() -> None:
    """Goal: repeated until it is on disk. Method: away while Tor is switched on; crash; and back."""
    world = world_of("ana", "ben")
    become_contacts(world, "ana", "ben")
    world.offline("ben")
    tor(world, "ana")
    world.run_ms(HOUR_MS)
    world.crash("ana")
    world.restart("ana")
    tor(world, "ana")
    world.online("ben")
    world.run_ms(30 * MINUTE_MS)
    assert known_onions(world, "ben", "ana")


def test_whoever_is_connected_is_told_at_once() -> None:
    """Goal: no delay where a link stands. Method: switch on while it does."""
    world = world_of("ana", "ben")
    make = MakeInvitation(campaign=b"", seat=Seat.OBSERVER, lifetime_ms=DAY_MS)
    text = world.command("ana", make, InvitationView).text
    world.command("ben", AcceptInvitation(text=text), IntroductionView)
    world.run_ms(20_000)
    found = dials(world, "ben")
    tor(world, "ben")
    world.run_ms(2_000)
    assert known_onions(world, "ana", "ben")
    assert found == []


def test_nobody_is_told_against_the_user_s_choice() -> None:
    """Goal: only those whom it allows, by the ways that it leaves. Method: one cut off, one to be reached
    through Tor alone, of whom no address there is known."""
    world = world_of("ana", "ben", "chi")
    become_contacts(world, "ana", "ben", "chi")
    contacts = world.look("ana", ListContacts(), ContactsView).contacts
    for one in contacts:
        if one.given_name == "ben":
            world.command("ana", ConfirmWords(person=one.person, match=False), ContactView)
        else:
            choice = SetPersonWays(campaign=b"", who=one.person, only_tor=True, nearby=True)
            world.command("ana", choice, PersonWaysView)
    found = dials(world, "ana")
    tor(world, "ana")
    world.run_ms(HOUR_MS)
    assert found == []
    assert known_onions(world, "ben", "ana") == known_onions(world, "chi", "ana") == []


def test_many_contacts_have_their_turn_and_no_more_are_dialled_at_once() -> None:
    """Goal: bounded, and nobody is left out. Method: what is wanted, hour by hour, of forty contacts."""
    world = world_of("ana")
    core = core_of(world, "ana")
    step_ms = world.clock_ms(world.machines["ana"])
    tor(world, "ana")
    world.run_ms(1_000)
    for number in range(40):
        person = PersonId(AgreementKey.from_private(bytes([number + 1]) * 32).public)
        core.people.onions.on = False  # met before
        core.people.meet(Step(step_ms), person, name="one", hints=("198.51.100.1:1",), pair=b"p" * 32)
    core.people.onions.on = True
    seen = set()
    for hour in range(8):
        targets = core.telling.targets(step_ms + hour * HOUR_MS)
        assert len(targets) == AT_ONCE_MAX
        seen |= {one.remote for one in targets}
        assert len({one.delay_ms for one in targets}) > AT_ONCE_MAX // 2, "not all in one moment"
    assert len(seen) == 40

"""Small worlds for tests of one node's behaviour: kind networks, few members, and shortcuts for views."""

from __future__ import annotations

from typing import TypeVar

import pytest

from meshcoal.api.commands import (
    AcceptInvitation,
    Command,
    DraftStatement,
    FoundCampaign,
    FreezeStatement,
    GetCounters,
    ListIntroductions,
    MakeInvitation,
    Seat,
)
from meshcoal.api.views import (
    CampaignView,
    CountersView,
    IntroductionState,
    IntroductionsView,
    IntroductionView,
    InvitationView,
    StatementView,
)
from meshcoal.clock import DAY_MS, MINUTE_MS
from meshcoal.errors import MeshcoalError
from meshcoal.ids import CampaignId
from meshcoal.node.core import Core
from meshcoal.node.effects import Dial, Effect
from meshcoal.node.node import Node
from meshcoal.sim.coalition import form_campaign
from meshcoal.sim.machine import Machine
from meshcoal.sim.network import Faults
from meshcoal.sim.world import World
from meshcoal.wire.record import Record

E = TypeVar("E", bound=MeshcoalError)

CALM = Faults(delay_ms=(5, 15), breaking_ms=(0, 50), refusal_ms=(1, 50))


def world_of(*names: str, seed: int = 5) -> World:
    world = World(seed, CALM)
    world.spawn(*names)
    world.run_ms(100)
    return world


def coalition(*names: str, seed: int = 5, organisers: tuple[str, ...] = ()) -> tuple[World, CampaignId]:
    """The first is the founder, the others are admitted one after another."""
    world = world_of(*names, seed=seed)
    campaign = form_campaign(world, names[0], names[1:], organisers=organisers)
    world.run_ms(20_000)
    return world, campaign


def alone(seed: int = 5) -> tuple[World, CampaignId]:
    """Ana, who has founded a campaign with one channel."""
    world = world_of("ana", seed=seed)
    command = FoundCampaign(name="Free Dr. Haddad", goal="", my_name="", seat=Seat.EXILE, channels=("hall",))
    return world, CampaignId(world.command("ana", command, CampaignView).id)


def refused(world: World, name: str, command: Command, error: type[MeshcoalError]) -> None:
    """The command is answered with exactly this kind of error, in a sentence, and changes nothing on disk."""
    before = world.machines[name].disk.copy()
    with pytest.raises(error) as caught:
        world.command(name, command, Record)
    assert type(caught.value) is error
    assert len(str(caught.value)) > 15
    after = world.machines[name].disk
    assert (before._logs, before._spaces) == (after._logs, after._spaces)


def counted(world: World, name: str) -> dict[str, int]:
    view = world.look(name, GetCounters(), CountersView)
    return {one.code: one.count for one in view.counters}


def introductions(world: World, name: str) -> list[IntroductionView]:
    return list(world.look(name, ListIntroductions(), IntroductionsView).introductions)


def states(world: World, name: str) -> list[IntroductionState]:
    return [one.state for one in introductions(world, name)]


def core_of(world: World, name: str) -> Core:
    """The inside of a node."""
    node = world.core(name)
    assert isinstance(node, Node)
    return node._core


def dials(world: World, name: str) -> list[str]:
    """From now on, what a node dials."""
    found: list[str] = []
    act = world.act

    def watched(machine: Machine, effect: Effect) -> None:
        if machine.name == name and isinstance(effect, Dial):
            found.append(effect.hint)
        act(machine, effect)

    world.act = watched  # type: ignore[method-assign]
    return found


def become_contacts(world: World, inviter: str, *others: str) -> None:
    """They become contacts, and share no campaign; then their links end."""
    for other in others:
        make = MakeInvitation(campaign=b"", seat=Seat.OBSERVER, lifetime_ms=DAY_MS)
        text = world.command(inviter, make, InvitationView).text
        world.command(other, AcceptInvitation(text=text), IntroductionView)
        world.run_ms(MINUTE_MS)
        world.offline(other)
        world.run_ms(3 * MINUTE_MS)
        world.online(other)


def frozen_letter(world: World, name: str, campaign: CampaignId, text: str) -> StatementView:
    """A letter that somebody wrote and froze, open for a day."""
    draft = DraftStatement(campaign=campaign, language="en", title="Free her", text=text)
    letter = world.command(name, draft, StatementView)
    freeze = FreezeStatement(
        campaign=campaign,
        statement=letter.id,
        revisions=(),
        addressees=("The Minister",),
        deadline_ms=world.now_ms + DAY_MS,
    )
    return world.command(name, freeze, StatementView)

"""Small worlds for tests of one node's behaviour: kind networks, few members, and shortcuts for views."""

from __future__ import annotations

from typing import TypeVar

import pytest

from meshcoal.api.commands import Command, FoundCampaign, GetCounters, ListIntroductions, Seat
from meshcoal.api.views import (
    CampaignView,
    CountersView,
    IntroductionState,
    IntroductionsView,
    IntroductionView,
)
from meshcoal.errors import MeshcoalError
from meshcoal.ids import CampaignId
from meshcoal.sim.coalition import form_campaign
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

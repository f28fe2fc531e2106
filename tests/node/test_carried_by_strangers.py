"""Keys that are brought by somebody whose admission only these keys open."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from meshcoal.api.commands import RemoveMember
from meshcoal.api.views import CampaignView
from meshcoal.clock import MINUTE_MS, SECOND_MS
from meshcoal.group import keyring
from meshcoal.ids import CampaignId
from meshcoal.sim.coalition import admit, form_campaign, members, post, timeline
from meshcoal.sim.convergence import check_converged, open_campaign, settle
from meshcoal.sim.world import World

sys.path.insert(0, str(Path(__file__).parent))

from nodework import CALM

HERE, THERE = ("ana", "ben", "gus"), ("chi", "dov")


def split_and_grown(seed: int) -> tuple[World, CampaignId]:
    """Two halves that each change their keys and let somebody in: eve here, fay there."""
    world = World(seed, CALM)
    world.spawn(*HERE, *THERE, "eve", "fay")
    campaign = form_campaign(world, "ana", ("ben", "gus", "chi", "dov"), organisers=("ben", "chi"))
    world.run_ms(10 * SECOND_MS)
    world.partition([*HERE, "eve"], [*THERE, "fay"])
    for who, out, new in (("ana", "gus", "eve"), ("chi", "dov", "fay")):
        author = members(world, who, campaign)[out]
        world.command(who, RemoveMember(campaign=campaign, author=author), CampaignView)
        world.run_ms(5 * SECOND_MS)
        admit(world, who, new, campaign)
        post(world, who, campaign, f"hello {new}")
    world.run_ms(5 * SECOND_MS)
    return world, campaign


@pytest.mark.parametrize("seed", range(8))
def test_newcomers_of_two_halves_are_not_cut_off_from_each_other(seed: int) -> None:
    """Goal: nobody is left behind for good, nor handed keys for ever. Method: both halves remove and admit;
    whole again, whoever begins the common epoch may be somebody whom the other newcomer cannot know yet."""
    world, campaign = split_and_grown(seed)
    world.heal()
    assert settle(world, limit_ms=MINUTE_MS)
    check_converged(world)
    inside = members(world, "ana", campaign)
    assert sorted(inside) == ["ana", "ben", "chi", "eve", "fay"]
    for number, name in enumerate(inside):
        post(world, name, campaign, f"good morning {number}")
        world.run_ms(10 * SECOND_MS)
    for name in inside:
        said = timeline(world, name, campaign)
        assert said[-5:] == [f"good morning {number}" for number in range(5)]
        held = open_campaign(world.machines[name].disk, campaign)
        assert held.key_fits, "nobody has to be handed anything any more"
        assert keyring.lacking_records(held.keyring, held.view().inside) == ()

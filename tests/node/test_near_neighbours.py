"""In a campaign too large for a full mesh, members on the same network are neighbours."""

from __future__ import annotations

import sys
from pathlib import Path

from meshcoal.api.commands import StartNearby, StopNearby
from meshcoal.api.views import NearbyView
from meshcoal.clock import MINUTE_MS
from meshcoal.ids import CampaignId
from meshcoal.node.mesh import NEAR_MAX
from meshcoal.sim.coalition import author_of, form_campaign, post, timeline
from meshcoal.sim.haste import Hasty, sparse
from meshcoal.sim.network import KIND
from meshcoal.sim.run import names_of
from meshcoal.sim.world import World

sys.path.insert(0, str(Path(__file__).parent))

from nodework import core_of

COUNT = 11


def linked(world: World, name: str, campaign: CampaignId) -> set[bytes]:
    """The authors to whom a node has a link in the campaign."""
    return {
        link.author
        for link in core_of(world, name).links.by_number.values()
        if link.campaign == campaign and link.author is not None and not link.closing
    }


def test_who_is_seen_on_this_network_becomes_and_stays_a_neighbour() -> None:
    """Goal: without internet the campaign goes on where people are together. Method: few links each; two
    who are no neighbours begin to meet nearby; look; then cut both off from everybody else, and talk."""
    world = World(3, KIND, maker=Hasty(pace=sparse()))
    names = names_of(COUNT)
    world.spawn(*names)
    campaign = form_campaign(world, names[0], names[1:])
    world.run_ms(3 * MINUTE_MS)
    authors = {name: author_of(world, name, campaign) for name in names}
    strangers = [
        (one, other)
        for one in names
        for other in names
        if one < other and authors[other] not in linked(world, one, campaign)
    ]
    assert strangers, "nobody has links to all"
    one, other = strangers[0]
    for name in (one, other):
        world.command(name, StartNearby(minutes=10), NearbyView)
    world.run_ms(20_000)
    assert authors[other] in linked(world, one, campaign)
    assert core_of(world, one).gossip.wanted(
        core_of(world, one).campaigns[campaign], core_of(world, one).nearby.sighted_among
    )
    world.run_ms(4 * MINUTE_MS)
    assert authors[other] in linked(world, one, campaign), "it is not displaced while they meet"
    world.partition({one, other}, {name for name in names if name not in (one, other)})
    post(world, one, campaign, "from the next room")
    world.run_ms(MINUTE_MS)
    assert timeline(world, other, campaign)[-1] == "from the next room"
    world.heal()
    for name in (one, other):
        world.command(name, StopNearby(), NearbyView)
    world.run_ms(3 * MINUTE_MS)
    assert timeline(world, names[-1], campaign)[-1] == "from the next room"


def test_a_crowd_in_one_room_does_not_become_a_full_mesh() -> None:
    """Goal: bounded. Method: all begin to meet nearby; whom each takes in beside its own choice."""
    world = World(4, KIND, maker=Hasty(pace=sparse()))
    names = names_of(COUNT)
    world.spawn(*names)
    campaign = form_campaign(world, names[0], names[1:])
    world.run_ms(MINUTE_MS)
    for name in names:
        world.command(name, StartNearby(minutes=10), NearbyView)
    world.run_ms(MINUTE_MS)
    for name in names:
        core = core_of(world, name)
        mesh = core.gossip._meshes[campaign]
        assert 0 < len(mesh.overlay.near) <= NEAR_MAX
        assert len(linked(world, name, campaign)) <= sparse().sizes.most_anyway + NEAR_MAX

"""Which ways a campaign may take: what is not allowed is not dialled, answered, announced or told."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from meshcoal.api.commands import (
    ListPeers,
    SetHints,
    SetWays,
    ShowWays,
    StartNearby,
)
from meshcoal.api.views import NearbyView, PeersView, WaysView
from meshcoal.clock import MINUTE_MS
from meshcoal.ids import CampaignId
from meshcoal.node.effects import Dial, Effect
from meshcoal.sim.coalition import admit, found, post, timeline
from meshcoal.sim.convergence import settle
from meshcoal.sim.machine import Machine
from meshcoal.sim.world import World
from meshcoal.wire.record import Record

sys.path.insert(0, str(Path(__file__).parent))

from nodework import coalition


def choose(world: World, name: str, campaign: CampaignId, *, only_tor: bool, nearby: bool = True) -> WaysView:
    command = SetWays(campaign=campaign, only_tor=only_tor, nearby=nearby)
    return world.command(name, command, WaysView)


def connected(world: World, name: str) -> int:
    """Links inside campaigns; those of contacts are the whole node's to choose."""
    peers = world.look(name, ListPeers(), PeersView).peers
    return sum(peer.connected for peer in peers if peer.campaign_name)


def hints_of(world: World, name: str, campaign: CampaignId, other: str) -> tuple[str, ...]:
    """What one node knows of where another can be reached, in this campaign."""
    kept = world.core(name)._core.campaigns[campaign]  # type: ignore[attr-defined]
    me = world.core(other)._core.campaigns[campaign].me  # type: ignore[attr-defined]
    found_hints = kept.hints_of(me)
    assert isinstance(found_hints, tuple)
    return found_hints


def test_only_tor_cuts_what_stands_and_opens_nothing_else() -> None:
    """Goal: no plain link in either direction. Method: simulated links are no Tor; choose, wait, look."""
    world, campaign = coalition("ana", "ben")
    assert connected(world, "ana") == 1
    dialled: list[str] = []
    act = world.act

    def watched(machine: Machine, effect: Effect) -> None:
        if machine.name == "ana" and isinstance(effect, Dial):
            dialled.append(effect.hint)
        act(machine, effect)

    world.act = watched  # type: ignore[method-assign]
    assert choose(world, "ana", campaign, only_tor=True).only_tor
    world.run_ms(5 * MINUTE_MS)
    assert dialled == [], "Ana dials nobody"
    assert connected(world, "ana") == 0, "and answers nobody, though Ben dials on"
    post(world, "ana", campaign, "kept until there is a way")
    choose(world, "ana", campaign, only_tor=False)
    world.run_ms(2 * MINUTE_MS)
    assert timeline(world, "ben", campaign)[-1] == "kept until there is a way"


def test_another_campaign_goes_on() -> None:
    """Goal: the choice is one campaign's. Method: two campaigns; one is restricted."""
    world, first = coalition("ana", "ben")
    second = found(world, "ana", name="Second coalition")
    admit(world, "ana", "ben", second)
    choose(world, "ana", first, only_tor=True)
    world.run_ms(MINUTE_MS)
    post(world, "ana", second, "here we talk")
    post(world, "ana", first, "and here we wait")
    world.run_ms(MINUTE_MS)
    assert timeline(world, "ben", second)[-1] == "here we talk"
    assert "and here we wait" not in timeline(world, "ben", first)


def test_members_are_told_no_plain_address_any_more() -> None:
    """Goal: an address that changes later is not told. Method: restrict Ben; he moves; what Ana knows."""
    world, campaign = coalition("ana", "ben")
    before = hints_of(world, "ana", campaign, "ben")
    choose(world, "ben", campaign, only_tor=True)
    world.command("ben", SetHints(hints=("198.51.100.7:7000",)), Record)
    world.run_ms(MINUTE_MS)
    choose(world, "ben", campaign, only_tor=True)
    assert hints_of(world, "ben", campaign, "ben") == before, "nothing was written"
    assert settle(world, limit_ms=10 * MINUTE_MS) in (True, False)
    assert hints_of(world, "ana", campaign, "ben") == before
    choose(world, "ben", campaign, only_tor=False)
    world.run_ms(2 * MINUTE_MS)
    assert hints_of(world, "ana", campaign, "ben") == ("198.51.100.7:7000",)


@pytest.mark.parametrize(("only_tor", "nearby"), [(True, True), (False, False)])
def test_it_is_not_announced_on_a_local_network(only_tor: bool, nearby: bool) -> None:
    """Goal: nobody learns there that I am a member. Method: as many announcements as it takes to see that
    no beacon fits; and the same with the choice undone."""
    world, campaign = coalition("ana", "ben")
    kept = world.core("ben")._core  # type: ignore[attr-defined]
    choose(world, "ana", campaign, only_tor=only_tor, nearby=nearby)
    world.command("ana", StartNearby(minutes=10), NearbyView)
    world.command("ben", StartNearby(minutes=10), NearbyView)
    world.run_ms(20_000)
    assert not kept.nearby._found
    choose(world, "ana", campaign, only_tor=False, nearby=True)
    world.run_ms(20_000)
    assert kept.nearby._found


def test_the_choice_outlives_a_restart() -> None:
    """Goal: closed stays closed. Method: restart, look, and see that nothing is dialled."""
    world, campaign = coalition("ana", "ben")
    choose(world, "ana", campaign, only_tor=True, nearby=False)
    world.crash("ana")
    world.restart("ana")
    view = world.look("ana", ShowWays(campaign=campaign), WaysView)
    assert (view.only_tor, view.nearby) == (True, False)
    world.run_ms(2 * MINUTE_MS)
    assert connected(world, "ana") == 0

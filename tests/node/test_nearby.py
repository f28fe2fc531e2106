"""Meeting on a local network: who is found there, by whom, for how long; and what strangers can do."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from meshcoal.api.commands import ListPeers, MakeInvitation, SetHints, ShowNearby, StartNearby, StopNearby
from meshcoal.api.views import InvitationView, NearbyView, PeersView
from meshcoal.clock import DAY_MS, MINUTE_MS
from meshcoal.ids import CampaignId
from meshcoal.limits import SIGHTINGS_MAX
from meshcoal.node.events import NearbyFailed, NearbyMoved, Sighted
from meshcoal.sim.coalition import admit, found, post, timeline
from meshcoal.sim.convergence import check_converged, settle
from meshcoal.sim.world import World
from meshcoal.sync.nearby import ANNOUNCEMENT_BYTES
from meshcoal.wire.invitation import decode_invitation
from meshcoal.wire.record import Record
from meshcoal.wire.terms import Seat

sys.path.insert(0, str(Path(__file__).parent))

from nodework import coalition, counted

NOWHERE = "198.51.100.7:7000"


def lost(*names: str) -> tuple[World, CampaignId]:
    """Members of a campaign none of whom knows any more where another is."""
    world, campaign = coalition(*names)
    for name in names:
        world.command(name, SetHints(hints=(NOWHERE,)), Record)
    assert settle(world, limit_ms=10 * MINUTE_MS)
    for name in names:
        world.offline(name)
    world.run_ms(2 * MINUTE_MS)
    for name in names:
        world.online(name)
    world.run_ms(5 * MINUTE_MS)
    assert not any(connected(world, name) for name in names), "nobody finds anybody"
    return world, campaign


def connected(world: World, name: str) -> int:
    return sum(peer.connected for peer in world.look(name, ListPeers(), PeersView).peers)


def shown(world: World, name: str) -> NearbyView:
    return world.look(name, ShowNearby(), NearbyView)


def start(world: World, *names: str, minutes: int = 10) -> None:
    for name in names:
        world.command(name, StartNearby(minutes=minutes), NearbyView)


def test_members_find_each_other_and_the_letter_goes_on() -> None:
    """Goal: no internet, no known address, and yet a message. Method: both meet; what one writes arrives."""
    world, campaign = lost("ana", "ben", "cleo")
    start(world, "ana", "ben")
    world.run_ms(10_000)
    assert [(one.name, one.connected) for one in shown(world, "ana").found] == [("ben", True)]
    assert [(one.name, one.connected) for one in shown(world, "ben").found] == [("ana", True)]
    assert shown(world, "ana").listening
    post(world, "ana", campaign, "the gate is shut")
    world.run_ms(5_000)
    assert timeline(world, "ben", campaign)[-1] == "the gate is shut"
    assert not connected(world, "cleo"), "who did not ask for it is not found"
    assert not shown(world, "cleo").found


def test_it_ends_by_itself_and_links_go_on() -> None:
    """Goal: silence when the time is over. Method: one minute; then another one comes who is not found."""
    world, campaign = lost("ana", "ben", "cleo")
    start(world, "ana", "ben", minutes=1)
    world.run_ms(2 * MINUTE_MS)
    assert set(world.lan.said) == set(), "nothing is announced any more"
    view = shown(world, "ana")
    assert (view.until_ms, view.listening, view.found) == (-1, False, ())
    post(world, "ben", campaign, "still here")
    world.run_ms(5_000)
    assert timeline(world, "ana", campaign)[-1] == "still here"
    start(world, "cleo")
    world.run_ms(MINUTE_MS)
    assert not connected(world, "cleo")


def test_stopping_is_at_once_and_a_crash_is_silence() -> None:
    """Goal: off means off. Method: stop; and another one dies and comes back without it."""
    world, _ = lost("ana", "ben")
    start(world, "ana", "ben")
    world.run_ms(5_000)
    world.command("ana", StopNearby(), NearbyView)
    assert "ana" not in world.lan.said
    world.crash("ben")
    world.restart("ben")
    assert shown(world, "ben").until_ms == -1


def test_an_invitation_is_enough() -> None:
    """Goal: a first meeting without any address. Method: the invitation names one that leads nowhere."""
    world = coalition("ana", "ben")[0]
    world.command("ana", SetHints(hints=(NOWHERE,)), Record)
    world.spawn("cleo")
    campaign = found(world, "ana", name="Second coalition")
    command = MakeInvitation(campaign=campaign, seat=Seat.EXILE, lifetime_ms=DAY_MS)
    made = world.command("ana", command, InvitationView)
    assert decode_invitation(made.text).hints == (NOWHERE,)
    start(world, "ana", "cleo")
    admit(world, "ana", "cleo", campaign)
    assert settle(world, limit_ms=10 * MINUTE_MS)
    check_converged(world)


def test_nothing_that_is_announced_comes_twice() -> None:
    """Goal: nobody is followed. Method: start, prolong, move, stop and start again; compare all parts."""
    world, _ = lost("ana", "ben")
    for _ in range(5):
        start(world, "ana", minutes=60)
        world.run_ms(20 * MINUTE_MS)
        world.deliver(world.machines["ana"], NearbyMoved())
        world.command("ana", StopNearby(), NearbyView)
    said = world.lan.ever
    assert len(said) >= 15
    assert all(len(data) == ANNOUNCEMENT_BYTES for data in said)
    parts = [data[at : at + 8] for data in said for at in range(0, ANNOUNCEMENT_BYTES, 8)]
    assert len(set(parts)) == len(parts)


def test_more_campaigns_than_beacons_have_turns() -> None:
    """Goal: nobody is left out for long. Method: twelve campaigns with somebody else each time."""
    world, _ = coalition("ana", "ben")
    world.spawn("cleo")
    for number in range(11):
        found(world, "ana", name=f"Coalition {number}")
    last = found(world, "ana", name="The last one")
    admit(world, "ana", "cleo", last)
    for name in ("ana", "cleo"):
        world.command(name, SetHints(hints=(NOWHERE,)), Record)
    settle(world, limit_ms=10 * MINUTE_MS)
    world.offline("cleo")
    world.run_ms(2 * MINUTE_MS)
    world.online("cleo")
    start(world, "ana", "cleo")
    assert world.run_until(lambda: connected(world, "cleo") > 0, 2 * MINUTE_MS)


def test_strangers_cost_little_and_are_shown_as_such() -> None:
    """Goal: false, broken and endless announcements change nothing. Method: forge many; then meet."""
    world, campaign = lost("ana", "ben")
    start(world, "ana")
    before = counted(world, "ana")
    for number in range(3 * SIGHTINGS_MAX):
        world.lan.forge(number.to_bytes(4, "big") * 20, "203.0.113.9:80")
    for broken in (b"", b"x" * 79, b"x" * 81):
        world.lan.forge(broken, "203.0.113.9:80")
    world.run_ms(5_000)
    view = shown(world, "ana")
    assert (view.found, view.others) == ((), SIGHTINGS_MAX)
    after = counted(world, "ana")
    assert after["malformed-announcement"] - before.get("malformed-announcement", 0) == 3
    start(world, "ben")
    assert world.run_until(lambda: connected(world, "ana") > 0, MINUTE_MS)
    post(world, "ana", campaign, "as if nothing were")
    world.run_ms(5_000)
    assert timeline(world, "ben", campaign)[-1] == "as if nothing were"


def test_somebody_elses_announcement_at_another_address_costs_a_dial() -> None:
    """Goal: a copied announcement leads nowhere. Method: say Ben's again with a stranger's address."""
    world, campaign = lost("ana", "ben")
    start(world, "ana", "ben")
    world.lan.forge(world.lan.said["ben"][0], "203.0.113.9:80")
    world.run_ms(MINUTE_MS)
    assert connected(world, "ana") == 1
    post(world, "ben", campaign, "it is me")
    world.run_ms(5_000)
    assert timeline(world, "ana", campaign)[-1] == "it is me"


@pytest.mark.parametrize("asked", [False, True])
def test_what_the_shell_says_is_shown(asked: bool) -> None:
    """Goal: a network that cannot be used is named, and only to who asked. Method: failures and sightings."""
    world, _ = lost("ana", "ben")
    if asked:
        start(world, "ana")
    ana = world.machines["ana"]
    world.deliver(ana, NearbyFailed(code="no-network"))
    world.deliver(ana, Sighted(data=bytes(ANNOUNCEMENT_BYTES), hints=(NOWHERE,)))
    view = shown(world, "ana")
    assert view.trouble == ("no-network" if asked else "")
    assert view.others == (1 if asked else 0)

"""Ways towards one person, and ways that organisers recommend: obeyed wherever something is dialled,
answered, announced or told."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from meshcoal.api.commands import (
    ListContacts,
    ListPeers,
    MakeInvitation,
    SetHints,
    SetPersonWays,
    SetRules,
    SetWays,
    ShowPersonWays,
    ShowWays,
    StartNearby,
)
from meshcoal.api.views import (
    Advice,
    CampaignView,
    ContactsView,
    InvitationView,
    NearbyView,
    PeersView,
    PersonWaysView,
    Reason,
    WaysView,
)
from meshcoal.clock import MINUTE_MS
from meshcoal.errors import BadArgument, Unknown, WrongPhase
from meshcoal.ids import CampaignId
from meshcoal.limits import MIB
from meshcoal.node.events import Listening
from meshcoal.node.ways import OPEN, Policy
from meshcoal.sim.coalition import author_of, post, timeline
from meshcoal.sim.world import World
from meshcoal.wire.invitation import decode_invitation
from meshcoal.wire.onion import is_onion
from meshcoal.wire.path import PathKind
from meshcoal.wire.record import Record
from meshcoal.wire.terms import Seat

sys.path.insert(0, str(Path(__file__).parent))

from nodework import coalition, core_of, dials, refused

OUTSIDE = "198.51.100.7:7000"
INSIDE = "192.168.7.7:7000"


def person_ways(
    world: World,
    name: str,
    other: str,
    campaign: CampaignId,
    *,
    only_tor: bool = False,
    nearby: bool = True,
) -> PersonWaysView:
    who = author_of(world, other, campaign)
    command = SetPersonWays(campaign=campaign, who=who, only_tor=only_tor, nearby=nearby)
    return world.command(name, command, PersonWaysView)


def connected_to(world: World, name: str) -> list[str]:
    peers = world.look(name, ListPeers(), PeersView).peers
    return sorted(peer.name for peer in peers if peer.connected and peer.campaign_name)


def told(world: World, name: str, campaign: CampaignId, other: str) -> tuple[str, ...]:
    """Where one node knows that another can be reached."""
    return core_of(world, name).campaigns[campaign].hints_of(author_of(world, other, campaign))


def rules(*, tor: tuple[Seat, ...] = (), apart: tuple[Seat, ...] = (), campaign: CampaignId) -> SetRules:
    return SetRules(
        campaign=campaign, file_bytes_max=MIB, kept_bytes_max=MIB, tor_seats=tor, apart_seats=apart
    )


# --- One person


def test_a_member_to_whom_only_tor_leads_is_neither_dialled_nor_answered_and_others_are() -> None:
    """Goal: the choice is one person's. Method: three members; Ana closes plain ways to Ben, who dials on."""
    world, campaign = coalition("ana", "ben", "chi")
    found = dials(world, "ana")
    view = person_ways(world, "ana", "ben", campaign, only_tor=True)
    assert view.only_tor_by == (Reason.PERSON,)
    world.run_ms(5 * MINUTE_MS)
    assert connected_to(world, "ana") == ["chi"]
    assert world.machines["ben"].address not in found
    post(world, "ana", campaign, "by way of Chi")
    world.run_ms(MINUTE_MS)
    assert timeline(world, "ben", campaign)[-1] == "by way of Chi"
    person_ways(world, "ana", "ben", campaign)
    world.run_ms(2 * MINUTE_MS)
    assert connected_to(world, "ana") == ["ben", "chi"]


def test_what_one_of_them_must_not_learn_the_campaign_is_not_told() -> None:
    """Goal: members hear together. Method: close plain ways to Ben, move, see what Chi knows; and undo it."""
    world, campaign = coalition("ana", "ben", "chi")
    before = told(world, "chi", campaign, "ana")
    view = person_ways(world, "ana", "ben", campaign, only_tor=True)
    assert len(view.campaigns) == 1
    world.command("ana", SetHints(hints=(OUTSIDE,)), Record)
    world.run_ms(2 * MINUTE_MS)
    assert told(world, "chi", campaign, "ana") == before
    person_ways(world, "ana", "ben", campaign)
    world.run_ms(2 * MINUTE_MS)
    assert told(world, "chi", campaign, "ana") == (OUTSIDE,)


def test_whom_one_must_not_meet_nearby_hears_no_beacon_of_any_campaign_with_them() -> None:
    """Goal: not announced. Method: Ana keeps Ben off local networks; what Ben finds; then the same undone."""
    world, campaign = coalition("ana", "ben")
    person_ways(world, "ana", "ben", campaign, nearby=False)
    for name in ("ana", "ben"):
        world.command(name, StartNearby(minutes=10), NearbyView)
    world.run_ms(20_000)
    assert not core_of(world, "ben").nearby.found
    assert not core_of(world, "ana").nearby.found, "and Ana does not take Ben's for somebody to dial"
    person_ways(world, "ana", "ben", campaign)
    world.run_ms(20_000)
    assert core_of(world, "ben").nearby.found


def test_addresses_of_local_networks_are_neither_told_nor_dialled_without_them() -> None:
    """Goal: never on a local network means its addresses, too. Method: one of each kind, both ways."""
    world, campaign = coalition("ana", "ben")
    world.command("ana", SetWays(campaign=campaign, only_tor=False, nearby=False), WaysView)
    world.command("ana", SetHints(hints=(INSIDE, OUTSIDE)), Record)
    world.command("ben", SetHints(hints=(INSIDE, OUTSIDE)), Record)
    world.run_ms(2 * MINUTE_MS)
    assert told(world, "ben", campaign, "ana") == (OUTSIDE,)
    assert told(world, "ana", campaign, "ben") == (INSIDE, OUTSIDE)
    world.offline("ben")
    world.run_ms(2 * MINUTE_MS)
    found = dials(world, "ana")
    world.run_ms(5 * MINUTE_MS)
    assert set(found) == {OUTSIDE}


def test_a_contact_has_one_choice_in_every_campaign_and_it_goes_with_them() -> None:
    """Goal: who somebody is counts, not where. Method: choose for the contact; read it as a member."""
    world, campaign = coalition("ana", "ben")
    (ben,) = world.look("ana", ListContacts(), ContactsView).contacts
    command = SetPersonWays(campaign=b"", who=ben.person, only_tor=True, nearby=True)
    assert world.command("ana", command, PersonWaysView).campaigns
    author = author_of(world, "ben", campaign)
    view = world.look("ana", ShowPersonWays(campaign=campaign, who=author), PersonWaysView)
    assert view.only_tor
    world.run_ms(MINUTE_MS)
    assert connected_to(world, "ana") == []
    world.crash("ana")
    world.restart("ana")
    world.run_ms(2 * MINUTE_MS)
    assert connected_to(world, "ana") == [], "closed stays closed"


def test_contacts_are_answered_and_told_as_chosen_for_them() -> None:
    """Goal: doors and addresses of contacts. Method: what would open, and what would be said, to Ben."""
    world, _ = coalition("ana", "ben")
    core = core_of(world, "ana")
    (ben,) = core.people.contacts
    doors = [door for door in core.doors(0) if door.name == ("contact", ben)]
    ways = core.people.ways
    assert ways.answered(doors, "websocket") == ways.announced(doors) == doors
    command = SetPersonWays(campaign=b"", who=ben, only_tor=True, nearby=True)
    world.command("ana", command, PersonWaysView)
    assert ways.answered(doors, "websocket") == ways.answered(doors, "nearby") == ways.announced(doors) == []
    assert ways.answered(doors, "onion") == doors
    assert ways.told_person(ben, b"", (OUTSIDE, INSIDE)) == ()
    world.command("ana", SetPersonWays(campaign=b"", who=ben, only_tor=False, nearby=False), PersonWaysView)
    assert ways.answered(doors, "websocket") == doors
    assert ways.answered(doors, "nearby") == ways.announced(doors) == []
    assert ways.told_person(ben, b"", (OUTSIDE, INSIDE)) == (OUTSIDE,)


def test_invitations_to_a_campaign_keep_to_its_ways() -> None:
    """Goal: whoever is invited learns no more than members do. Method: an invitation's addresses and door,
    and what is asked where no way is left."""
    world, campaign = coalition("ana", "ben")
    make = MakeInvitation(campaign=campaign, seat=Seat.EXILE, lifetime_ms=0)
    world.command("ana", SetHints(hints=(OUTSIDE, INSIDE)), Record)
    world.command("ana", SetWays(campaign=campaign, only_tor=False, nearby=False), WaysView)
    text = world.command("ana", make, InvitationView).text
    assert decode_invitation(text).hints == (OUTSIDE,)
    core = core_of(world, "ana")
    doors = [
        door for door in core.doors(world.clock_ms(world.machines["ana"])) if door.name[0] == "invitation"
    ]
    assert core.people.ways.announced(doors) == core.people.ways.answered(doors, "nearby") == []
    assert core.people.ways.answered(doors, "websocket") == doors
    world.command("ana", SetWays(campaign=campaign, only_tor=True, nearby=True), WaysView)
    assert core.people.ways.answered(doors, "websocket") == []
    refused(world, "ana", make, WrongPhase)


def test_nobody_is_somebody_to_choose_for() -> None:
    """Goal: coded refusals. Method: a stranger, a stranger to the campaign, and myself."""
    world, campaign = coalition("ana", "ben")
    me = author_of(world, "ana", campaign)
    for place, who, error in ((b"", bytes(32), Unknown), (campaign, bytes(32), Unknown)):
        refused(world, "ana", SetPersonWays(campaign=place, who=who, only_tor=True, nearby=True), error)
    refused(world, "ana", SetPersonWays(campaign=campaign, who=me, only_tor=True, nearby=True), BadArgument)


# --- Recommended


def test_a_recommendation_waits_for_tor_and_is_seen_to_wait() -> None:
    """Goal: nobody is cut off by an organiser. Method: Tor alone is recommended to Ben, who has none."""
    world, campaign = coalition("ana", "ben")
    world.command("ana", rules(tor=(Seat.IN_COUNTRY,), campaign=campaign), CampaignView)
    world.run_ms(MINUTE_MS)
    view = world.look("ben", ShowWays(campaign=campaign), WaysView)
    assert (view.advised_only_tor, view.advice, view.only_tor_by) == (True, Advice.UNDECIDED, ())
    assert connected_to(world, "ben") == ["ana"]
    assert world.look("ana", ShowWays(campaign=campaign), WaysView).exposed == ("ben",)
    chosen = SetWays(campaign=campaign, only_tor=False, nearby=True, advice=Advice.FOLLOW)
    assert world.command("ben", chosen, WaysView).only_tor_by == (Reason.ADVICE,)
    world.run_ms(MINUTE_MS)
    assert connected_to(world, "ben") == []


def test_where_tor_is_in_use_it_is_followed_and_withdrawing_it_opens_nothing() -> None:
    """Goal: followed without asking, and never undone from afar. Method: Tor on; recommend; withdraw; ask."""
    world, campaign = coalition("ana", "ben")
    world.deliver(world.machines["ben"], Listening(hints=(OUTSIDE,), onion=True))
    world.run_ms(MINUTE_MS)
    assert any(not is_onion(hint) for hint in told(world, "ana", campaign, "ben"))
    world.command("ana", rules(tor=(Seat.IN_COUNTRY,), campaign=campaign), CampaignView)
    world.run_ms(MINUTE_MS)
    view = world.look("ben", ShowWays(campaign=campaign), WaysView)
    assert (view.advice, view.only_tor_by) == (Advice.FOLLOW, (Reason.ADVICE,))
    assert all(is_onion(hint) for hint in told(world, "ben", campaign, "ben"))
    policy = core_of(world, "ben").people.ways.of(campaign)
    assert policy.only_tor
    world.crash("ben")
    world.restart("ben")
    assert core_of(world, "ben").people.ways.of(campaign) == policy, "before any way is open"
    # Ana's withdrawal reaches Ben otherwise: here, by a way that his choice allows for the moment.
    core_of(world, "ben").campaigns[campaign].roster().rules = None
    assert core_of(world, "ben").people.ways.of(campaign) == policy
    refuse = SetWays(campaign=campaign, only_tor=False, nearby=True, advice=Advice.REFUSE)
    assert world.command("ben", refuse, WaysView).only_tor_by == ()


def test_what_is_recommended_to_a_seat_holds_for_whoever_dials_it() -> None:
    """Goal: nobody leads watchers to them. Method: Ana follows; Ben's seat is advised to keep apart."""
    world, campaign = coalition("ana", "ben", "chi")
    world.command("ana", rules(apart=(Seat.IN_COUNTRY,), campaign=campaign), CampaignView)
    world.run_ms(MINUTE_MS)
    ways = core_of(world, "ana").people.ways
    ben, chi = (author_of(world, name, campaign) for name in ("ben", "chi"))
    assert not ways.towards_member(campaign, ben).permits(PathKind.NEARBY)
    assert ways.towards_member(campaign, chi).permits(PathKind.NEARBY)
    assert not core_of(world, "ben").people.ways.of(campaign).permits(PathKind.NEARBY)
    assert world.look("ben", ShowWays(campaign=campaign), WaysView).apart_by == (Reason.ADVICE,)


@pytest.mark.parametrize("only_tor", [True, False])
@pytest.mark.parametrize("nearby", [True, False])
def test_the_strictest_wins(only_tor: bool, nearby: bool) -> None:
    """Goal: no choice opens what another closes. Method: all pairs."""
    mine = Policy(only_tor=only_tor, nearby=nearby)
    for other in (OPEN, Policy(only_tor=True), Policy(nearby=False), Policy(only_tor=True, nearby=False)):
        both = mine.strictest(other)
        for path in PathKind:
            assert both.permits(path) == (mine.permits(path) and other.permits(path))
        assert both.permits(PathKind.ONION)

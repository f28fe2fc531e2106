"""Bundles: members whom no link joins come to hold the same, and what is wrong changes nothing but time."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from attachwork import attach, read_back, some_bytes
from bundlework import begin, carry, look, parts_of, take, write
from nodework import coalition

from meshcoal.api.commands import BeginBundle, BundleFor, RemoveMember, RenewKeys, ShowCampaign
from meshcoal.api.views import BundleView, CampaignView
from meshcoal.errors import OverLimit
from meshcoal.ids import CampaignId
from meshcoal.limits import BUNDLE_PART_BYTES, SLIP_CLASSES_BYTES
from meshcoal.sim.coalition import author_of, form_campaign, post, timeline
from meshcoal.sim.world import World
from meshcoal.wire.slips import codes_of, slips_in


def digests(world: World, campaign: CampaignId, *names: str) -> set[bytes]:
    """What these hold: one digest where it is the same."""
    found = set()
    for name in names:
        found.add(world.look(name, ShowCampaign(campaign=campaign), CampaignView).heads_digest)
    return found


def apart(*names: str) -> tuple[World, CampaignId]:
    """A coalition of which no two can reach each other any more."""
    world, campaign = coalition(*names)
    world.run_ms(30_000)
    world.partition(*[{name} for name in names])
    world.run_ms(60_000)
    return world, campaign


def test_what_is_carried_to_and_fro_makes_stores_equal() -> None:
    """Goal: a bundle does what a link does. Method: write on both sides, carry there and back, compare."""
    world, campaign = apart("ana", "ben")
    for number in range(30):
        post(world, "ana", campaign, f"gate {number}")
    post(world, "ben", campaign, "we are an hour late")
    view = carry(world, "ana", "ben", campaign)
    assert view.taken >= 30
    assert not view.refused
    assert carry(world, "ben", "ana", campaign).taken >= 1
    assert len(digests(world, campaign, "ana", "ben")) == 1
    assert timeline(world, "ana", campaign) == timeline(world, "ben", campaign)
    assert "we are an hour late" in timeline(world, "ana", campaign)


def test_a_bundle_says_what_it_is_before_anything_is_taken_in() -> None:
    """Goal: nobody takes in unseen. Method: look, compare numbers and the store before and after."""
    world, campaign = apart("ana", "ben")
    before = digests(world, campaign, "ben")
    for number in range(5):
        post(world, "ana", campaign, f"gate {number}")
    parts = write(world, "ana", campaign)
    view = look(world, "ben", [*parts, bytes(BUNDLE_PART_BYTES)])
    (news,) = view.news
    assert (view.parts, view.strange) == (len(parts) + 1, 1)
    assert news.name == "kanarie coalition"
    assert news.new_operations >= 5
    assert 0 < news.first_ms <= news.last_ms <= world.clock_ms(world.machines["ana"])
    assert digests(world, campaign, "ben") == before
    taken = take(world, "ben", parts)
    assert taken.taken == news.new_operations
    (again,) = look(world, "ben", parts).news
    assert again.new_operations == 0


def test_taking_it_twice_and_in_any_order_is_the_same() -> None:
    """Goal: replays and order change nothing. Method: many small parts, backwards, twice over."""
    world, campaign = apart("ana", "ben", "chi")
    parts: list[bytes] = []
    for number in range(6):
        post(world, "ana", campaign, f"gate {number}")
        parts += write(world, "ana", campaign, since_ms=world.now_ms - 1)
        world.run_ms(1_000)
    assert len(parts) >= 6
    view = take(world, "ben", [*reversed(parts), *parts])
    assert not view.refused
    assert take(world, "ben", parts).taken == 0
    take(world, "chi", parts)
    assert len(digests(world, campaign, "ana", "ben", "chi")) == 1


def test_whoever_is_out_or_elsewhere_opens_nothing() -> None:
    """Goal: a bundle is for members. Method: one removed, one in another campaign, one who knows nobody."""
    world, campaign = coalition("ana", "ben", "chi")
    world.spawn("mallory")
    world.run_ms(10_000)
    remove = RemoveMember(campaign=campaign, author=author_of(world, "chi", campaign))
    world.command("ana", remove, CampaignView)
    world.run_ms(30_000)
    post(world, "ana", campaign, "without her")
    world.partition({"ana"}, {"ben"}, {"chi"}, {"mallory"})
    world.run_ms(60_000)
    post(world, "ana", campaign, "later")
    parts = write(world, "ana", campaign, everything=True)
    (shipped,) = begin(world, "ana", campaign).shipments
    assert shipped.readers == ("ben",)
    assert not shipped.doubtful
    for name, closed in (("mallory", 0), ("chi", len(parts))):
        view = look(world, name, parts)
        assert [one.operations for one in view.news] == ([0] if closed else [])
        assert sum(one.closed for one in view.news) == closed
        assert take(world, name, parts).taken == 0
    assert take(world, "ben", parts).taken >= 1


def test_chosen_members_alone_open_it() -> None:
    """Goal: a bundle for one is for one. Method: for Ben; Chi, of the same campaign, tries."""
    world, campaign = apart("ana", "ben", "chi")
    post(world, "ana", campaign, "for Ben")
    parts = write(world, "ana", campaign, members=(author_of(world, "ben", campaign),))
    assert look(world, "chi", parts).news[0].closed == len(parts)
    assert take(world, "chi", parts).taken == 0
    assert take(world, "ben", parts).taken >= 1
    assert parts_of(world, "ana", begin(world, "ana", campaign, everything=True).bundle, had=parts)


def test_somebody_away_through_new_keys_still_opens_it() -> None:
    """Goal: a bundle is of use to who needs it most. Method: keys change several times while Ben is away."""
    world, campaign = apart("ana", "ben", "chi")
    world.heal()
    world.partition({"ana", "chi"}, {"ben"})
    for _ in range(3):
        world.command("ana", RenewKeys(campaign=campaign), CampaignView)
        world.run_ms(60_000)
        world.command("chi", RenewKeys(campaign=campaign), CampaignView)
        world.run_ms(60_000)
    post(world, "chi", campaign, "all is new")
    world.run_ms(10_000)
    parts = write(world, "ana", campaign)
    assert not take(world, "ben", parts).refused
    assert timeline(world, "ben", campaign)[-1] == "all is new"


def test_writing_goes_on_where_it_was_cut() -> None:
    """Goal: nothing is written twice. Method: hand over what lies there; the rest is all that comes."""
    world, campaign = apart("ana", "ben")
    data = [some_bytes(700_000, seed) for seed in range(6)]
    for one in data:
        attach(world, "ana", campaign, one)
    whole = write(world, "ana", campaign)
    assert len(whole) >= 4
    for kept in range(len(whole)):
        begun = begin(world, "ana", campaign)
        rest = parts_of(world, "ana", begun.bundle, had=whole[:kept])
        assert kept + len(rest) in (len(whole), len(whole) + 1)
    begun = begin(world, "ana", campaign)
    assert parts_of(world, "ana", begun.bundle, had=whole) == []
    assert len(set(whole)) == len(whole)


def test_files_come_with_it() -> None:
    """Goal: attachments arrive, in whatever order. Method: two files over several parts, backwards."""
    world, campaign = apart("ana", "ben")
    data = [some_bytes(1_500_000, 1), some_bytes(300_000, 2)]
    messages = [attach(world, "ana", campaign, one).id for one in data]
    parts = write(world, "ana", campaign)
    assert look(world, "ben", parts).news[0].new_files == 2
    take(world, "ben", parts[::-1])
    take(world, "ben", parts)
    assert [read_back(world, "ben", campaign, one) for one in messages] == data
    assert look(world, "ben", parts).news[0].new_files == 0


def test_a_lost_or_damaged_part_costs_only_itself() -> None:
    """Goal: sticks fail in places. Method: each part in turn is lost, or has one byte changed."""
    world, campaign = apart("ana", "ben")
    attach(world, "ana", campaign, some_bytes(2_500_000, 1))
    for number in range(20):
        post(world, "ana", campaign, f"gate {number}")
    parts = write(world, "ana", campaign)
    assert len(parts) >= 3
    damaged = bytearray(parts[1])
    damaged[500_000] ^= 1
    view = take(world, "ben", [parts[0], bytes(damaged), parts[2]])
    assert view.taken >= 20
    message = [one for one in timeline(world, "ben", campaign) if one.startswith("gate")]
    assert len(message) == 20
    assert take(world, "ben", parts[1:2]).taken == 0
    take(world, "ben", parts)
    assert len(digests(world, campaign, "ana", "ben")) == 1


def test_several_campaigns_travel_in_one() -> None:
    """Goal: one stick for all. Method: two campaigns, one with a third who sees nothing of the other."""
    world, campaign = coalition("ana", "ben")
    other = form_campaign(world, "ana", ("ben",))
    world.run_ms(30_000)
    world.partition({"ana"}, {"ben"})
    world.run_ms(60_000)
    post(world, "ana", campaign, "first")
    post(world, "ana", other, "second")
    view = take(world, "ben", write(world, "ana", campaign, other))
    assert not view.refused
    assert len(view.news) == 2
    assert (timeline(world, "ben", campaign)[-1], timeline(world, "ben", other)[-1]) == ("first", "second")


def test_a_bundle_goes_on_over_links() -> None:
    """Goal: one who has it is enough. Method: Ben takes a bundle in and is linked to Chi, who never was."""
    world, campaign = apart("ana", "ben", "chi")
    world.heal()
    world.partition({"ana"}, {"ben", "chi"})
    world.run_ms(60_000)
    for number in range(20):
        post(world, "ana", campaign, f"gate {number}")
    carry(world, "ana", "ben", campaign)
    world.run_ms(10_000)
    assert len(digests(world, campaign, "ana", "ben", "chi")) == 1


def test_a_little_goes_on_paper() -> None:
    """Goal: paper carries. Method: through codes of which some are lost; several slips; too many."""
    world, campaign = apart("ana", "ben")
    for number in range(6):
        post(world, "ana", campaign, f"gate {number}")
    command = BeginBundle(campaigns=(BundleFor(campaign=campaign),), paper=True)
    begun = world.command("ana", command, BundleView)
    (slip,) = parts_of(world, "ana", begun.bundle)
    assert len(slip) == 2_048
    (read,), _ = slips_in(codes_of(slip)[2:])
    assert read == slip
    assert look(world, "ben", [slip]).news[0].new_operations == 6
    assert take(world, "ben", [slip]).taken == 6
    assert len(digests(world, campaign, "ana", "ben")) == 1
    for number in range(30):
        post(world, "ana", campaign, f"{number} " + "a long letter. " * 250)
    slips = parts_of(world, "ana", world.command("ana", command, BundleView).bundle)
    assert len(slips) == 2
    assert set(map(len, slips)) <= set(SLIP_CLASSES_BYTES)
    codes = [code for slip in slips for code in codes_of(slip)[1:]]
    found, lacking = slips_in(reversed(codes))
    assert (set(found), lacking) == (set(slips), ())
    assert take(world, "ben", found).taken == 30, "in whatever order they are read"
    for number in range(120):
        post(world, "ana", campaign, f"{number} " + "a long letter. " * 250)
    begun = world.command("ana", command, BundleView)
    with pytest.raises(OverLimit):
        parts_of(world, "ana", begun.bundle)

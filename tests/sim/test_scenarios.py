"""Goal: what organisers rely on. Method: short stories with real nodes in a world."""

from __future__ import annotations

import contextlib

import pytest

from meshcoal.api.commands import (
    GetCounters,
    LeaveCampaign,
    ListMessages,
    OpenChannel,
    PostMessage,
    RemoveMember,
    Role,
)
from meshcoal.api.views import CampaignView, CountersView, MemberState, MessagesView, MessageView
from meshcoal.clock import DAY_MS, MINUTE_MS
from meshcoal.errors import LocalError
from meshcoal.group import agreement
from meshcoal.ids import AuthorId, CampaignId
from meshcoal.sim.broken import Broken
from meshcoal.sim.coalition import (
    admit,
    author_of,
    campaign_view,
    form_campaign,
    members,
    post,
    timeline,
)
from meshcoal.sim.convergence import check_converged, open_campaign, settle
from meshcoal.sim.insider import Insider
from meshcoal.sim.invariants import CANARY
from meshcoal.sim.network import Faults
from meshcoal.sim.world import World
from meshcoal.wire.frames import Parted

ROUGH = Faults(loss=0.01, duplicate=0.01, delay_ms=(5, 400))


def agree(world: World) -> None:
    assert settle(world, limit_ms=10 * MINUTE_MS)
    check_converged(world)


@pytest.mark.parametrize("seed", range(3))
def test_a_split_coalition_converges_after_healing(seed: int) -> None:
    """Goal: no message is lost to a partition. Method: write on both sides, heal, wait."""
    world = World(seed, ROUGH)
    world.spawn("ana", "ben", "chi")
    campaign = form_campaign(world, "ana", ("ben", "chi"))
    world.partition(["ana", "ben"], ["chi"])
    post(world, "ana", campaign, "gate 4 at nine")
    post(world, "chi", campaign, "we are an hour late")
    world.run_ms(2 * MINUTE_MS)
    assert timeline(world, "ben", campaign) == ["gate 4 at nine"]
    assert timeline(world, "chi", campaign) == ["we are an hour late"]
    world.heal()
    world.run_ms(3 * MINUTE_MS)
    assert sorted(timeline(world, "ben", campaign)) == ["gate 4 at nine", "we are an hour late"]
    agree(world)


def test_who_joins_late_gets_the_records_and_reads_from_then_on() -> None:
    """Goal: a newcomer catches up without past talk. Method: talk, admit, talk again."""
    world = World(1, ROUGH)
    world.spawn("ana", "ben", "chi")
    campaign = form_campaign(world, "ana", ("ben",))
    for index in range(20):
        post(world, "ana", campaign, f"before {index}")
    admit(world, "ana", "chi", campaign)
    # Who has not heard of a newcomer writes under keys that the newcomer lacks.
    assert world.run_until(lambda: "chi" in members(world, "ben", campaign), 2 * MINUTE_MS)
    post(world, "ben", campaign, "welcome")
    agree(world)
    assert timeline(world, "chi", campaign) == ["welcome"]
    assert len(timeline(world, "ben", campaign)) == 21
    assert members(world, "chi", campaign) == members(world, "ana", campaign)


def test_who_was_off_for_a_week_catches_up() -> None:
    """Goal: absence loses nothing. Method: switch a node off for seven days of talk."""
    world = World(2, ROUGH)
    world.spawn("ana", "ben", "chi")
    campaign = form_campaign(world, "ana", ("ben", "chi"))
    world.crash("chi")
    for day in range(7):
        post(world, "ana", campaign, f"day {day}")
        world.run_ms(DAY_MS)
    world.restart("chi")
    world.run_ms(3 * MINUTE_MS)
    assert timeline(world, "chi", campaign) == [f"day {day}" for day in range(7)]
    agree(world)


def test_nobody_meets_an_offline_node_until_it_returns() -> None:
    """Goal: an offline member writes on and is heard later. Method: cut one off, write there, restore."""
    world = World(3, ROUGH)
    world.spawn("ana", "ben")
    campaign = form_campaign(world, "ana", ("ben",))
    world.offline("ben")
    post(world, "ben", campaign, "from the road")
    world.run_ms(5 * MINUTE_MS)
    assert timeline(world, "ana", campaign) == []
    world.online("ben")
    world.run_ms(3 * MINUTE_MS)
    assert timeline(world, "ana", campaign) == ["from the road"]


@pytest.mark.parametrize("seed", range(3))
def test_a_removed_member_opens_nothing_that_follows(seed: int) -> None:
    """Goal: removal re-keys. Method: remove, talk on, look for keys and talk on the removed one's disk."""
    world = World(seed, ROUGH)
    world.spawn("ana", "ben", "chi", "dov")
    campaign = form_campaign(world, "ana", ("ben", "chi", "dov"), organisers=("ben",))
    post(world, "ana", campaign, "all may read this")
    world.run_ms(MINUTE_MS)
    removed = author_of(world, "dov", campaign)
    world.command("ben", RemoveMember(campaign=campaign, author=removed), CampaignView)
    post(world, "ben", campaign, "not for dov")
    world.run_ms(MINUTE_MS)
    post(world, "ana", campaign, "nor this")
    agree(world)
    assert timeline(world, "dov", campaign) == ["all may read this"]
    assert timeline(world, "chi", campaign) == ["all may read this", "not for dov", "nor this"]
    newest = open_campaign(world.machines["ana"].disk, campaign)
    theirs = open_campaign(world.machines["dov"].disk, campaign).keyring
    ready = agreement.ready(newest.keyring, newest.view())
    assert ready is not None
    assert ready.epoch not in theirs.epochs or not theirs.epochs[ready.epoch].record
    assert ready.epoch not in theirs.chains


def test_a_removed_member_is_not_let_in_and_may_not_write() -> None:
    """Goal: out is out. Method: the removed one's own node and links, once it knows."""
    world = World(4)
    world.spawn("ana", "ben", "chi")
    campaign = form_campaign(world, "ana", ("ben", "chi"))
    removed = author_of(world, "chi", campaign)
    world.command("ana", RemoveMember(campaign=campaign, author=removed), CampaignView)
    world.run_ms(2 * MINUTE_MS)
    before = campaign_view(world, "ana", campaign).operations
    with contextlib.suppress(LocalError):  # its node may know by now, or not
        post(world, "chi", campaign, "let me in")
    world.run_ms(2 * MINUTE_MS)
    assert campaign_view(world, "ana", campaign).operations == before
    assert timeline(world, "ana", campaign) == []


def test_two_organisers_who_remove_each_other_are_both_out() -> None:
    """Goal: concurrent removals have one answer. Method: a partition, a removal on each side."""
    world = World(5)
    world.spawn("ana", "ben", "chi", "dov")
    campaign = form_campaign(world, "ana", ("ben", "chi", "dov"), organisers=("ben", "chi"))
    ana, ben = author_of(world, "ana", campaign), author_of(world, "ben", campaign)
    world.partition(["ana", "chi"], ["ben", "dov"])
    world.command("ana", RemoveMember(campaign=campaign, author=ben), CampaignView)
    world.command("ben", RemoveMember(campaign=campaign, author=ana), CampaignView)
    world.run_ms(MINUTE_MS)
    agree(world)
    assert sorted(members(world, "chi", campaign)) == ["chi", "dov"]


def test_a_campaign_of_two_roles_survives_its_founder() -> None:
    """Goal: no founder's privilege. Method: another organiser removes the founder and admits somebody."""
    world = World(6)
    world.spawn("ana", "ben", "chi", "dov")
    campaign = form_campaign(world, "ana", ("ben", "chi"), organisers=("ben",))
    founder = author_of(world, "ana", campaign)
    world.command("ben", RemoveMember(campaign=campaign, author=founder), CampaignView)
    admit(world, "ben", "dov", campaign, role=Role.ORGANISER)
    post(world, "dov", campaign, "carrying on")
    agree(world)
    assert timeline(world, "chi", campaign) == ["carrying on"]


@pytest.mark.parametrize("seed", range(3))
def test_leaving_is_heard_although_nobody_was_there_to_hear_it(seed: int) -> None:
    """Goal: a leave reaches the others. Method: leave while cut off, crash, come back; then be quiet."""
    world = World(seed, ROUGH)
    world.spawn("ana", "ben", "chi")
    campaign = form_campaign(world, "ana", ("ben", "chi"))
    world.offline("chi")
    world.command("chi", LeaveCampaign(campaign=campaign), CampaignView)
    world.crash("chi")
    world.run_ms(MINUTE_MS)
    world.online("chi")
    world.restart("chi")
    world.run_ms(3 * MINUTE_MS)
    assert sorted(members(world, "ana", campaign)) == ["ana", "ben"]
    agree(world)
    frames = world.network.frames
    world.crash("ana")
    world.crash("ben")
    world.run_ms(10 * MINUTE_MS)
    assert world.network.frames - frames < 20, "who has left and was heard leaves the others alone"


def test_a_removed_member_backs_off() -> None:
    """Goal: who is refused does not knock on and on. Method: count refusals for half an hour."""
    world = World(9)
    world.spawn("ana", "ben", "chi")
    campaign = form_campaign(world, "ana", ("ben", "chi"))
    removed = author_of(world, "chi", campaign)
    world.command("ana", RemoveMember(campaign=campaign, author=removed), CampaignView)
    world.run_ms(30 * MINUTE_MS)
    counters = world.look("ben", GetCounters(), CountersView).counters
    assert {one.code: one.count for one in counters}.get("not-authorized", 0) < 20


def test_a_removed_member_is_told_and_can_be_invited_again() -> None:
    """Goal: nobody stands before a closed door without knowing. Method: remove, wait, look; invite anew."""
    world = World(15)
    world.spawn("ana", "ben", "chi")
    campaign = form_campaign(world, "ana", ("ben", "chi"))
    removed = author_of(world, "chi", campaign)
    world.command("ana", RemoveMember(campaign=campaign, author=removed), CampaignView)
    world.run_ms(3 * MINUTE_MS)
    assert campaign_view(world, "chi", campaign).state is MemberState.REMOVED
    with pytest.raises(LocalError):
        post(world, "chi", campaign, "let me in")
    world.crash("chi")
    world.restart("chi")
    assert campaign_view(world, "chi", campaign).state is MemberState.ACTIVE, "hearsay is not kept"
    world.run_ms(3 * MINUTE_MS)
    assert campaign_view(world, "chi", campaign).state is MemberState.REMOVED
    admit(world, "ana", "chi", campaign)
    post(world, "chi", campaign, "here again")
    agree(world)
    assert timeline(world, "ben", campaign) == ["here again"]


def test_one_liar_removes_nobody() -> None:
    """Goal: one member cannot make another believe to be out. Method: an insider says so again and again."""
    world = World(16)
    world.spawn("ana", "ben", "chi", "dov")
    campaign = form_campaign(world, "ana", ("ben", "chi", "dov"))
    post(world, "dov", campaign, "hello")
    world.run_ms(MINUTE_MS)
    world.crash("dov")
    liar = Insider(world, "dov", campaign)
    for _ in range(5):
        liar.say("chi", [Parted()])
        world.run_ms(10_000)
    assert liar.links_up > 0
    assert campaign_view(world, "chi", campaign).state is MemberState.ACTIVE
    post(world, "chi", campaign, "still here")
    world.run_ms(MINUTE_MS)
    assert timeline(world, "ana", campaign)[-1] == "still here"


def test_a_channel_outlives_the_removal_of_who_opened_it() -> None:
    """Goal: no message goes with its channel. Method: open and talk on one side, remove on the other."""
    world = World(10)
    world.spawn("ana", "ben", "chi", "dov")
    campaign = form_campaign(world, "ana", ("ben", "chi", "dov"))
    removed = author_of(world, "dov", campaign)
    world.partition(["ana", "ben"], ["chi", "dov"])
    world.command("dov", OpenChannel(campaign=campaign, name=f"{CANARY} lawyers"), CampaignView)
    world.command("ana", RemoveMember(campaign=campaign, author=removed), CampaignView)
    world.run_ms(MINUTE_MS)
    channel = campaign_view(world, "chi", campaign).channels[1].id
    said = PostMessage(campaign=campaign, channel=channel, text=f"{CANARY} the hearing is at ten")
    world.command("chi", said, MessageView)
    agree(world)
    for name in ("ana", "ben", "chi"):
        shown = world.look(name, ListMessages(campaign=campaign, channel=channel), MessagesView)
        assert [message.text for message in shown.messages] == [said.text]


def test_who_admits_and_leaves_at_once_is_heard_by_all() -> None:
    """Goal: a newcomer is not left with a leaver's last words. Method: admit and leave while cut off."""
    world = World(13)
    world.spawn("ana", "ben", "chi", "dov")
    campaign = form_campaign(world, "ana", ("ben", "chi"), organisers=("ben",))
    world.partition(["ana", "dov"], ["ben", "chi"])
    admit(world, "ana", "dov", campaign)
    world.command("ana", LeaveCampaign(campaign=campaign), CampaignView)
    world.run_ms(MINUTE_MS)
    agree(world)
    assert sorted(members(world, "ben", campaign)) == ["ben", "chi", "dov"]


def test_who_left_or_was_removed_can_be_admitted_again() -> None:
    """Goal: a new invitation makes a new persona. Method: leave, come back, and talk."""
    world = World(14)
    world.spawn("ana", "ben")
    campaign = form_campaign(world, "ana", ("ben",))
    post(world, "ana", campaign, "before")
    world.run_ms(MINUTE_MS)
    world.command("ben", LeaveCampaign(campaign=campaign), CampaignView)
    world.run_ms(MINUTE_MS)
    first = {one.author for one in campaign_view(world, "ana", campaign).members if one.given_name == "ben"}
    admit(world, "ana", "ben", campaign)
    post(world, "ben", campaign, "here again")
    agree(world)
    assert timeline(world, "ana", campaign) == ["before", "here again"]
    assert members(world, "ana", campaign)["ben"] not in first


def campaign_active(world: World, name: str, campaign: CampaignId) -> list[AuthorId]:
    return list(members(world, name, campaign).values())


def test_a_world_that_cannot_agree_says_so() -> None:
    """Goal: the check for agreement bites. Method: look while the coalition is still split."""
    world = World(7)
    world.spawn("ana", "ben")
    campaign = form_campaign(world, "ana", ("ben",))
    world.partition(["ana"], ["ben"])
    post(world, "ana", campaign, "alone")
    world.run_ms(MINUTE_MS)
    with pytest.raises(Broken, match="heads"):
        check_converged(world)

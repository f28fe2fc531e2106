"""Who holds what: counted from each member's own word, by name, with what shows it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from nodework import coalition, refused

from meshcoal.api import commands as ask
from meshcoal.api import views as show
from meshcoal.api.views import HeldProof
from meshcoal.clock import DAY_MS, MINUTE_MS
from meshcoal.errors import Unknown
from meshcoal.ids import CampaignId
from meshcoal.node.campaign import Campaign
from meshcoal.node.holders import stands_behind
from meshcoal.sim.coalition import admit, author_of, campaign_view, post
from meshcoal.sim.insider import Insider
from meshcoal.sim.world import World
from meshcoal.wire.frames import Frontier, Held


def inside(world: World, name: str, campaign: CampaignId) -> Campaign:
    found = world.core(name)._core.campaigns[campaign]  # type: ignore[attr-defined]
    assert isinstance(found, Campaign)
    return found


def newest(world: World, name: str, campaign: CampaignId) -> show.MessageView:
    channel = campaign_view(world, name, campaign).channels[0].id
    page = world.look(name, ask.ListMessages(campaign=campaign, channel=channel), show.MessagesView)
    return page.messages[-1]


def holders(world: World, name: str, campaign: CampaignId, operation: bytes) -> show.HoldersView:
    return world.look(name, ask.ShowHolders(campaign=campaign, operation=operation), show.HoldersView)


def proofs(view: show.HoldersView) -> dict[str, HeldProof]:
    return {one.name: one.proof for one in view.members}


def test_each_member_is_named_with_what_shows_that_they_hold_it() -> None:
    """Goal: k of n by name, and since when who is away. Method: Chi is off for two days while Ben writes."""
    world, campaign = coalition("ana", "ben", "chi", "dov")
    world.offline("chi")
    world.run_ms(2 * DAY_MS)
    post(world, "ben", campaign, "the hearing is on Tuesday")
    world.run_ms(MINUTE_MS)
    message = newest(world, "ana", campaign)
    view = holders(world, "ana", campaign, message.id)
    assert proofs(view) == {
        "ana": HeldProof.ME,
        "ben": HeldProof.AUTHOR,
        "chi": HeldProof.NONE,
        "dov": HeldProof.SAID,
    }
    assert (view.held_by, view.held_of, view.newcomers) == (3, 4, 0)
    assert (message.held_by, message.held_of) == (3, 4)
    chi = next(one for one in view.members if one.name == "chi")
    now_ms = world.clock_ms(world.machines["ana"])
    assert not chi.connected
    assert chi.lacking == 1
    assert 2 * DAY_MS - MINUTE_MS < now_ms - chi.last_seen_ms < 2 * DAY_MS + 10 * MINUTE_MS
    world.online("chi")
    world.run_ms(5 * MINUTE_MS)
    assert proofs(holders(world, "ana", campaign, message.id))["chi"] is HeldProof.SAID


def test_who_answers_what_was_said_holds_it_without_ever_being_met() -> None:
    """Goal: what is written proves what is held. Method: Ana and Chi are never online at one time."""
    world, campaign = coalition("ana", "ben", "chi")
    world.offline("chi")
    world.run_ms(MINUTE_MS)
    post(world, "ana", campaign, "who can go?")
    asked = newest(world, "ana", campaign)
    world.run_ms(MINUTE_MS)
    world.offline("ana")
    world.online("chi")
    world.run_ms(5 * MINUTE_MS)
    post(world, "chi", campaign, "I can")
    world.run_ms(MINUTE_MS)
    world.offline("chi")
    world.online("ana")
    world.run_ms(5 * MINUTE_MS)
    view = holders(world, "ana", campaign, asked.id)
    assert proofs(view)["chi"] is HeldProof.CITED
    assert view.held_by == 3
    chi = next(one for one in view.members if one.name == "chi")
    assert chi.wrote_ms > chi.last_seen_ms
    world.crash("ana")
    world.restart("ana")
    world.run_ms(MINUTE_MS)
    assert proofs(holders(world, "ana", campaign, asked.id))["chi"] is HeldProof.CITED


def test_what_is_cited_at_second_hand_is_held_too() -> None:
    """Goal: behind what is cited stands the rest. Method: Chi answers Ben, who had answered Ana."""
    world, campaign = coalition("ana", "ben", "chi", "dov")
    for name in ("ana", "ben", "chi"):
        post(world, name, campaign, f"{name} speaks")
        world.run_ms(MINUTE_MS)
    kept = inside(world, "dov", campaign).holders
    kept.said.clear()  # as if no frontier had ever come
    ana, chi = author_of(world, "ana", campaign), author_of(world, "chi", campaign)
    assert kept.upto(chi, ana) == inside(world, "dov", campaign).dag.top(ana)


def test_talk_counts_whom_it_was_sealed_to_and_a_letter_everybody() -> None:
    """Goal: n is those concerned. Method: a message and a draft, then Dov is admitted, then Chi removed."""
    world, campaign = coalition("ana", "ben", "chi")
    world.spawn("dov")
    post(world, "ana", campaign, "before")
    letter = world.command(
        "ana",
        ask.DraftStatement(campaign=campaign, language="en", title="Free her", text="Now."),
        show.StatementView,
    )
    world.run_ms(MINUTE_MS)
    before = newest(world, "ana", campaign)
    admit(world, "ana", "dov", campaign)
    world.run_ms(5 * MINUTE_MS)
    view = holders(world, "ana", campaign, before.id)
    assert (view.held_by, view.held_of, view.newcomers) == (3, 3, 1)
    command = ask.ShowLetterHolders(campaign=campaign, statement=letter.id)
    whole = world.look("ana", command, show.HoldersView)
    assert (whole.held_by, whole.held_of, whole.newcomers) == (4, 4, 0)
    chi = author_of(world, "chi", campaign)
    world.command("ana", ask.RemoveMember(campaign=campaign, author=chi), show.CampaignView)
    world.run_ms(MINUTE_MS)
    view = holders(world, "ana", campaign, before.id)
    assert (view.held_by, view.held_of, view.newcomers) == (2, 2, 1)


def test_a_letter_is_held_by_who_holds_all_of_its_signatures() -> None:
    """Goal: the letter's number is that of its least spread part. Method: Chi is away when Ben signs."""
    world, campaign = coalition("ana", "ben", "chi")
    letter = world.command(
        "ana",
        ask.DraftStatement(campaign=campaign, language="en", title="Free her", text="Now."),
        show.StatementView,
    )
    world.run_ms(MINUTE_MS)
    frozen = world.command(
        "ana",
        ask.FreezeStatement(
            campaign=campaign,
            statement=letter.id,
            revisions=(letter.revisions[0].id,),
            addressees=("The minister",),
            deadline_ms=world.clock_ms(world.machines["ana"]) + DAY_MS,
        ),
        show.StatementView,
    )
    world.run_ms(MINUTE_MS)
    world.offline("chi")
    world.run_ms(MINUTE_MS)
    world.command(
        "ben",
        ask.SignStatement(
            campaign=campaign,
            statement=letter.id,
            digest=frozen.digest,
            capacity=ask.Capacity.INDIVIDUAL,
            name="Ben B",
        ),
        show.StatementView,
    )
    world.run_ms(MINUTE_MS)
    view = world.look("ana", ask.ShowStatement(campaign=campaign, statement=letter.id), show.StatementView)
    assert (view.held_by, view.held_of) == (2, 3)
    assert [one.held_by for one in view.tally.entries] == [2]
    signed = holders(world, "ana", campaign, view.tally.entries[0].id)
    assert (signed.held_by, signed.name) == (2, "ben")
    frozen_held = holders(world, "ana", campaign, letter.id)
    assert (frozen_held.held_by, frozen_held.held_of) == (3, 3)
    whole = world.look("ana", ask.ShowLetterHolders(campaign=campaign, statement=letter.id), show.HoldersView)
    assert {one.name: one.lacking for one in whole.members} == {"ana": 0, "ben": 0, "chi": 1}
    assert whole.operations == 3


def test_what_a_liar_claims_is_said_of_the_liar_alone() -> None:
    """Goal: a false claim harms the truth about its maker only. Method: Ben's keys claim all that exists."""
    world, campaign = coalition("ana", "ben", "chi", "dov")
    world.offline("chi")
    world.offline("ben")
    world.run_ms(2 * MINUTE_MS)
    liar = Insider(world, "ben", campaign, forks=False)
    post(world, "dov", campaign, "not for Ben's device yet")
    world.run_ms(MINUTE_MS)
    message = newest(world, "ana", campaign)
    before = proofs(holders(world, "ana", campaign, message.id))
    assert before["ben"] is before["chi"] is HeldProof.NONE
    dov = author_of(world, "dov", campaign)
    lie = (Held(author=dov, seq=10_000, mark=bytes(16)),)
    liar.say("ana", [Frontier(whole=True, held=lie)])
    world.run_ms(MINUTE_MS)
    after = proofs(holders(world, "ana", campaign, message.id))
    assert after["ben"] is HeldProof.SAID
    assert {name: proof for name, proof in after.items() if name != "ben"} == {
        name: proof for name, proof in before.items() if name != "ben"
    }
    view = campaign_view(world, "ana", campaign)
    assert [(gap.name, gap.said_by) for gap in view.gaps] == [("dov", ("ben",))]
    world.run_ms(20 * MINUTE_MS)
    assert campaign_view(world, "ana", campaign).withheld == (), "the lie ended with its link"


def test_what_is_not_held_here_or_is_another_campaigns_is_unknown() -> None:
    """Goal: no view of what is not here. Method: a made-up id, and the id of another campaign's beginning."""
    world, campaign = coalition("ana", "ben")
    other = world.command(
        "ana",
        ask.FoundCampaign(name="Other", goal="", my_name="", seat=ask.Seat.EXILE, channels=("hall",)),
        show.CampaignView,
    )
    for operation in (b"\x05" * 32, other.id):
        refused(world, "ana", ask.ShowHolders(campaign=campaign, operation=operation), Unknown)
    assert holders(world, "ana", CampaignId(other.id), other.id).held_by == 1


@pytest.mark.parametrize("seed", range(3))
def test_nobody_is_counted_as_holding_what_they_do_not_hold(seed: int) -> None:
    """Goal: with honest nodes the count is a lower bound of the truth. Method: talk with nodes going off."""
    names = ("ana", "ben", "chi", "dov")
    world, campaign = coalition(*names, seed=seed)
    for turn in range(12):
        away = names[(turn * 7 + seed) % 4]
        world.offline(away)
        post(world, names[(turn + 1 + seed) % 4], campaign, f"turn {turn}")
        world.run_ms(20_000)
        world.online(away)
        world.run_ms(7_000 * (turn % 3))
        logs = {name: inside(world, name, campaign) for name in names}
        authors = {name: logs[name].me for name in names}
        for one in names:
            for other in names:
                for author in logs[one].dag.authors():
                    if one != other:
                        known = logs[one].holders.upto(authors[other], author)
                        assert known <= logs[other].dag.top(author)


def test_what_stands_behind_an_operation_can_be_read_from_the_log() -> None:
    """Goal: no more than is true, and bounded. Method: members answer each other; reads of 1 and of many."""
    world, campaign = coalition("ana", "ben", "chi")
    for name in ("ben", "chi", "ana", "ben"):
        post(world, name, campaign, "and so on")
        world.run_ms(MINUTE_MS)
    place = inside(world, "ana", campaign)
    ana, ben, chi = (author_of(world, name, campaign) for name in ("ana", "ben", "chi"))
    last = place.dag.operations_at(ben, place.dag.top(ben))[0]
    near = stands_behind(place.reader, place.dag, last, reads_max=1)
    far = stands_behind(place.reader, place.dag, last, reads_max=1_000)
    assert near[ana] == far[ana] == place.dag.top(ana)
    assert chi not in near
    assert far == {ana: place.dag.top(ana), ben: place.dag.top(ben) - 1, chi: place.dag.top(chi)}
    assert all(seq <= far[author] for author, seq in near.items())

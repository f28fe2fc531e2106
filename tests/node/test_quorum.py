"""Consent before a release, among nodes: refused with a sentence, judged alike by everybody."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from nodework import coalition, refused

from meshcoal.api import commands as ask
from meshcoal.api import views as show
from meshcoal.clock import DAY_MS, MINUTE_MS
from meshcoal.errors import NoQuorum, NotPermitted, Unknown, WrongPhase
from meshcoal.ids import CampaignId
from meshcoal.limits import ATTACHMENT_BYTES_MAX, ATTACHMENTS_CAMPAIGN_BYTES_MAX
from meshcoal.sim.coalition import campaign_view
from meshcoal.sim.world import World
from meshcoal.wire.terms import Capacity, Role, Seat, Stance


def hall() -> tuple[World, CampaignId]:
    """Ana and Ben organise from abroad, Chi is in the country."""
    world, campaign = coalition("ana", "ben", "chi", organisers=("ben",))
    for name, seat, role in (
        ("chi", Seat.IN_COUNTRY, Role.MEMBER),
        ("ben", Seat.INGO, Role.ORGANISER),
        ("ana", Seat.EXILE, Role.ORGANISER),
    ):
        world.command("ana", seated(world, campaign, name, seat, role), show.CampaignView)
    world.run_ms(MINUTE_MS)
    return world, campaign


def seated(world: World, campaign: CampaignId, name: str, seat: Seat, role: Role) -> ask.SetRole:
    author = next(one.author for one in campaign_view(world, name, campaign).members if one.me)
    return ask.SetRole(campaign=campaign, author=author, seat=seat, role=role)


def open_letter(world: World, campaign: CampaignId) -> show.StatementView:
    """Frozen, and signed by Ana alone."""
    draft = ask.DraftStatement(campaign=campaign, language="en", title="Free her", text="Sir,")
    letter = world.command("ana", draft, show.StatementView)
    freeze = ask.FreezeStatement(
        campaign=campaign, statement=letter.id, revisions=(), addressees=(), deadline_ms=world.now_ms + DAY_MS
    )
    frozen = world.command("ana", freeze, show.StatementView)
    sign(world, campaign, "ana", frozen)
    world.run_ms(MINUTE_MS)
    return frozen


def sign(world: World, campaign: CampaignId, name: str, letter: show.StatementView) -> None:
    command = ask.SignStatement(
        campaign=campaign,
        statement=letter.id,
        digest=letter.digest,
        capacity=Capacity.INDIVIDUAL,
        name=f"{name} Khalil",
    )
    world.command(name, command, show.StatementView)


def agree(campaign: CampaignId, letter: show.StatementView, lifts: bytes = b"") -> ask.CommentStatement:
    return ask.CommentStatement(
        campaign=campaign,
        statement=letter.id,
        revision=letter.revisions[0].id,
        paragraph=0,
        text="",
        stance=Stance.AGREE,
        lifts=lifts,
    )


def rules(
    campaign: CampaignId, *, in_country_quorum: int = 1, exile_quorum: int = 0, ingo_quorum: int = 0
) -> ask.SetRules:
    return ask.SetRules(
        campaign=campaign,
        file_bytes_max=ATTACHMENT_BYTES_MAX,
        kept_bytes_max=ATTACHMENTS_CAMPAIGN_BYTES_MAX,
        in_country_quorum=in_country_quorum,
        exile_quorum=exile_quorum,
        ingo_quorum=ingo_quorum,
    )


def looked(world: World, campaign: CampaignId, name: str, letter: bytes) -> show.StatementView:
    return world.look(name, ask.ShowStatement(campaign=campaign, statement=letter), show.StatementView)


def test_no_release_without_the_country_and_all_agree_on_it() -> None:
    """Goal: those who pay the price have the last word, signed or not. Method: Ana alone; Chi agrees, takes
    it back, agrees again without signing; every node shows the letter as released."""
    world, campaign = hall()
    letter = open_letter(world, campaign)
    release = ask.ReleaseStatement(campaign=campaign, statement=letter.id)
    for name in ("ana", "ben", "chi"):
        assert [
            (one.seat, one.needed, one.have) for one in looked(world, campaign, name, letter.id).quorum
        ] == [(Seat.IN_COUNTRY, 1, 0)]
    refused(world, "ana", release, NoQuorum)
    agreed = world.command("chi", agree(campaign, letter), show.StatementView)
    assert agreed.agreed_by_me
    assert agreed.quorum[0].have == 1
    world.run_ms(MINUTE_MS)
    refused(world, "ana", agree(campaign, letter, lifts=agreed.agreed_by_me), Unknown)  # it is not Ana's
    world.command("chi", agree(campaign, letter, lifts=agreed.agreed_by_me), show.StatementView)
    world.run_ms(MINUTE_MS)
    refused(world, "ana", release, NoQuorum)
    world.command("chi", agree(campaign, letter), show.StatementView)
    world.run_ms(MINUTE_MS)
    world.command("ana", release, show.StatementView)
    world.run_ms(MINUTE_MS)
    for name in ("ana", "ben", "chi"):
        view = looked(world, campaign, name, letter.id)
        assert view.phase is show.StatementPhase.RELEASED
        assert [one.name for one in view.tally.entries] == ["ana Khalil"]  # who agrees is on no list
        assert not view.ineffective


def test_a_signature_is_consent() -> None:
    """Goal: whoever signs need not agree as well. Method: Chi signs; rules ask for the other seats too."""
    world, campaign = hall()
    letter = open_letter(world, campaign)
    sign(world, campaign, "chi", letter)
    world.run_ms(MINUTE_MS)
    world.command("ana", rules(campaign, exile_quorum=2, ingo_quorum=1), show.CampaignView)
    world.run_ms(MINUTE_MS)
    release = ask.ReleaseStatement(campaign=campaign, statement=letter.id)
    assert [(one.seat, one.needed, one.have) for one in looked(world, campaign, "chi", letter.id).quorum] == [
        (Seat.IN_COUNTRY, 1, 1),
        (Seat.EXILE, 1, 1),  # never more than there are
        (Seat.INGO, 1, 0),
    ]
    refused(world, "ana", release, NoQuorum)
    world.command("ben", agree(campaign, letter), show.StatementView)
    world.run_ms(MINUTE_MS)
    released = world.command("ana", release, show.StatementView)
    assert released.phase is show.StatementPhase.RELEASED


def test_only_the_country_lowers_what_is_asked_of_it() -> None:
    """Goal: nobody abroad votes the country out. Method: Ana lowers, raises; Chi, made an organiser, lowers;
    with Chi removed the one who ever had the seat is still asked for."""
    world, campaign = hall()
    refused(world, "ana", rules(campaign, in_country_quorum=0), NotPermitted)
    refused(world, "chi", rules(campaign, in_country_quorum=0), NotPermitted)
    world.command("ana", rules(campaign, in_country_quorum=2), show.CampaignView)
    world.command("ana", seated(world, campaign, "chi", Seat.IN_COUNTRY, Role.ORGANISER), show.CampaignView)
    world.run_ms(MINUTE_MS)
    view = world.command("chi", rules(campaign, in_country_quorum=1), show.CampaignView)
    assert view.in_country_quorum == 1
    letter = open_letter(world, campaign)
    removed = next(one.author for one in campaign_view(world, "chi", campaign).members if one.me)
    world.command("ana", ask.RemoveMember(campaign=campaign, author=removed), show.CampaignView)
    world.run_ms(MINUTE_MS)
    refused(world, "ana", ask.ReleaseStatement(campaign=campaign, statement=letter.id), NoQuorum)
    world.command("ana", rules(campaign, in_country_quorum=0), show.CampaignView)  # nobody is left to ask
    world.command("ana", ask.ReleaseStatement(campaign=campaign, statement=letter.id), show.StatementView)


def test_a_draft_has_nothing_to_agree_to() -> None:
    """Goal: consent is for a text that cannot change any more. Method: agree to a draft."""
    world, campaign = hall()
    draft = ask.DraftStatement(campaign=campaign, language="en", title="Free her", text="Sir,")
    letter = world.command("ana", draft, show.StatementView)
    refused(world, "ana", agree(campaign, letter), WrongPhase)

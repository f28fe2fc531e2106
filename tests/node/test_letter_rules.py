"""What a campaign's rules say of letters: who writes them, and how who comments is shown."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from nodework import coalition, refused

from meshcoal.api.commands import (
    AmendStatement,
    CommentStatement,
    DraftStatement,
    SetRole,
    SetRules,
    ShowStatement,
)
from meshcoal.api.views import Action, CampaignView, StatementView
from meshcoal.clock import MINUTE_MS
from meshcoal.errors import NotPermitted
from meshcoal.ids import CampaignId
from meshcoal.sim.coalition import campaign_view
from meshcoal.sim.world import World
from meshcoal.wire.terms import Role, Seat


def seat(world: World, campaign: CampaignId, name: str, where: Seat, role: Role = Role.MEMBER) -> None:
    author = next(one.author for one in campaign_view(world, name, campaign).members if one.me)
    world.command("ana", SetRole(campaign=campaign, author=author, seat=where, role=role), CampaignView)
    world.run_ms(MINUTE_MS)


def test_only_the_seats_of_the_rules_write_letters() -> None:
    """Goal: draft rights by seat, at every node. Method: allow one; the others can comment."""
    world, campaign = coalition("ana", "ben", "chi")
    seat(world, campaign, "ana", Seat.IN_COUNTRY, Role.ORGANISER)
    seat(world, campaign, "ben", Seat.INGO)
    rules = campaign_view(world, "ana", campaign)
    command = SetRules(
        campaign=campaign,
        file_bytes_max=rules.file_bytes_max,
        kept_bytes_max=rules.kept_bytes_max,
        draft_seats=(Seat.IN_COUNTRY,),
    )
    refused(world, "ben", command, NotPermitted)
    world.command("ana", command, CampaignView)
    world.run_ms(MINUTE_MS)
    assert campaign_view(world, "ben", campaign).draft_seats == (Seat.IN_COUNTRY,)
    draft = DraftStatement(campaign=campaign, language="en", title="Free them", text="Set them free.")
    refused(world, "ben", draft, NotPermitted)
    begun = world.command("ana", draft, StatementView)
    world.run_ms(MINUTE_MS)
    seen = world.look("ben", ShowStatement(campaign=campaign, statement=begun.id), StatementView)
    assert Action.AMEND not in seen.actions
    assert Action.COMMENT in seen.actions
    amend = AmendStatement(
        campaign=campaign, statement=begun.id, language="en", title="Free them", text="Free them now."
    )
    refused(world, "ben", amend, NotPermitted)
    seat(world, campaign, "ben", Seat.IN_COUNTRY)
    assert len(world.command("ben", amend, StatementView).revisions) == 2


def test_who_comments_is_shown_by_seat_where_the_rules_say_so() -> None:
    """Goal: what is said counts, not who said it. Method: change the rule; look as others and oneself."""
    world, campaign = coalition("ana", "ben", "chi")
    seat(world, campaign, "ben", Seat.INGO)
    draft = DraftStatement(campaign=campaign, language="en", title="Free them", text="Set them free.")
    begun = world.command("ana", draft, StatementView)
    world.run_ms(MINUTE_MS)
    comment = CommentStatement(
        campaign=campaign,
        statement=begun.id,
        revision=begun.revisions[0].id,
        paragraph=1,
        text="Too soft.",
    )
    said = world.command("ben", comment, StatementView).comments[0].name
    world.run_ms(MINUTE_MS)
    show = ShowStatement(campaign=campaign, statement=begun.id)
    by_name = world.look("chi", show, StatementView).comments[0].name
    assert by_name != Seat.INGO.value
    rules = campaign_view(world, "ana", campaign)
    command = SetRules(
        campaign=campaign,
        file_bytes_max=rules.file_bytes_max,
        kept_bytes_max=rules.kept_bytes_max,
        comments_by_seat=True,
    )
    world.command("ana", command, CampaignView)
    world.run_ms(MINUTE_MS)
    assert world.look("chi", show, StatementView).comments[0].name == Seat.INGO.value
    assert world.look("ben", show, StatementView).comments[0].name == said

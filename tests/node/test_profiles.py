"""Profiles on a device, and letters that are signed with them, through whole nodes."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "export"))

from damage import TEXT_CHUNK, png
from nodework import coalition, refused

from meshcoal.api.commands import (
    Capacity,
    DraftStatement,
    ExportAnnex,
    ExportStatement,
    FreezeStatement,
    ListProfiles,
    NameIn,
    NameMode,
    Need,
    ReleaseStatement,
    RemoveProfile,
    Seat,
    SetProfile,
    SetRole,
    ShowStatement,
    SignStatement,
)
from meshcoal.api.views import CampaignView, EntryState, FilesView, ProfilesView, StatementView
from meshcoal.clock import DAY_MS, MINUTE_MS
from meshcoal.errors import BadArgument, Unknown, WrongPhase
from meshcoal.ids import CampaignId
from meshcoal.sim.coalition import campaign_view
from meshcoal.sim.world import World
from meshcoal.statement.verification import verify
from meshcoal.wire.terms import Role

PERSIAN = NameIn(language="fa", name="مرکز")


def profile(**changes: object) -> SetProfile:
    values: dict[str, object] = {
        "label": "centre",
        "capacity": Capacity.ORGANISATION,
        "name": "  The   Centre ",
        "names": (PERSIAN, NameIn(language="AR", name="المركز")),
        "country": "Bahrain",
        "logo": png(extra=TEXT_CHUNK),
    }
    return SetProfile(**(values | changes))  # type: ignore[arg-type]


def frozen_letter(world: World, campaign: CampaignId, modes: tuple[NameMode, ...]) -> StatementView:
    draft = DraftStatement(campaign=campaign, language="en", title="Free them", text="Set them free.")
    begun = world.command("ana", draft, StatementView)
    freeze = FreezeStatement(
        campaign=campaign,
        statement=begun.id,
        revisions=(),
        addressees=("The Minister",),
        deadline_ms=world.now_ms + DAY_MS,
        modes=modes,
    )
    view = world.command("ana", freeze, StatementView)
    world.run_ms(MINUTE_MS)
    return view


def sign(view: StatementView, **values: object) -> SignStatement:
    given: dict[str, object] = {
        "campaign": view.campaign,
        "statement": view.id,
        "digest": view.digest,
        "capacity": Capacity.ORGANISATION,
        "name": "The Centre",
    }
    return SignStatement(**(given | values))  # type: ignore[arg-type]


def seen(world: World, name: str, view: StatementView) -> StatementView:
    return world.look(name, ShowStatement(campaign=view.campaign, statement=view.id), StatementView)


def test_a_profile_is_entered_once_and_kept_clean() -> None:
    """Goal: what is kept fits a sign-on. Method: keep, restart, replace, remove; bad ones."""
    world, _ = coalition("ana")
    kept = world.command("ana", profile(), ProfilesView).profiles[0]
    assert (kept.name, kept.logo) == ("The Centre", png())
    assert [one.language for one in kept.names] == ["ar", "fa"]
    world.crash("ana")
    world.restart("ana")
    world.run_ms(1_000)
    assert world.look("ana", ListProfiles(), ProfilesView).profiles == (kept,)
    refused(world, "ana", profile(capacity=Capacity.NETWORK), BadArgument)
    refused(world, "ana", profile(affiliation="University"), BadArgument)
    refused(world, "ana", profile(logo=b"GIF89a"), BadArgument)
    refused(world, "ana", profile(label=" \u200b "), BadArgument)
    changed = world.command("ana", profile(country="Iran"), ProfilesView).profiles
    assert [one.country for one in changed] == ["Iran"]
    assert world.command("ana", RemoveProfile(label="centre"), ProfilesView).profiles == ()
    refused(world, "ana", RemoveProfile(label="centre"), Unknown)


def test_a_letter_of_all_ways_of_signing_is_one_letter_at_every_node() -> None:
    """Goal: profiles, roles, hidden names and conditions reach the released file. Method: three sign,
    one waits until a seat is given; release elsewhere, verify, and the annex apart."""
    world, campaign = coalition("ana", "ben", "chi")
    view = frozen_letter(world, campaign, tuple(mode for mode in NameMode if mode is not NameMode.COUNTED))
    kept = world.command("ana", profile(), ProfilesView).profiles[0]
    world.command("ana", sign(view, names=kept.names, logo=kept.logo), StatementView)
    needs = (Need(at_least=1, seat=Seat.IN_COUNTRY),)
    world.command(
        "ben", sign(view, name="House of Women", mode=NameMode.ADDRESSEE, needs=needs), StatementView
    )
    world.run_ms(MINUTE_MS)
    states = {entry.name: entry.state for entry in seen(world, "chi", view).tally.entries}
    expected = {"The Centre": EntryState.COUNTED, "House of Women": EntryState.WAITING}
    members = {one.name: one for one in campaign_view(world, "ana", campaign).members}
    if any(one.seat is Seat.IN_COUNTRY for name, one in members.items() if one.me):
        expected["House of Women"] = EntryState.COUNTED
    assert states == expected
    me = next(one for one in members.values() if one.me)
    world.command(
        "ana",
        SetRole(campaign=campaign, author=me.author, seat=Seat.IN_COUNTRY, role=Role.ORGANISER),
        CampaignView,
    )
    world.command(
        "chi",
        sign(view, name="A lawyer", mode=NameMode.ROLE, capacity=Capacity.INDIVIDUAL),
        StatementView,
    )
    world.run_ms(MINUTE_MS)
    views = [seen(world, name, view) for name in ("ana", "ben", "chi")]
    assert {one.state for one in views[0].tally.entries} == {EntryState.COUNTED}
    assert len({one.tally.digest for one in views}) == 1
    refused(world, "ben", ExportAnnex(campaign=campaign, statement=view.id), WrongPhase)
    world.command("ana", ReleaseStatement(campaign=campaign, statement=view.id), StatementView)
    world.run_ms(MINUTE_MS)
    files = world.look("chi", ExportStatement(campaign=campaign, statement=view.id), FilesView).files
    package = next(file.data for file in files if file.name.endswith("meshcoal.json"))
    report = verify(package)
    assert report.sound
    assert sorted(one.name for one in report.signatories) == ["", "A lawyer", "The Centre"]
    assert [one.logo for one in report.signatories if one.name == "The Centre"] == [True]
    assert not any(b"House of Women" in file.data for file in files)
    annex = world.look("ana", ExportAnnex(campaign=campaign, statement=view.id), FilesView).files
    assert b"House of Women" in annex[0].data

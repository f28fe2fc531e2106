"""Offices and mandates through whole nodes: steps, deputies, mandates revoked while somebody is away."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from nodework import coalition, refused

from meshcoal.api.commands import (
    Capacity,
    DecideRequest,
    DraftStatement,
    FreezeStatement,
    GiveMandate,
    ListOffices,
    MakeOffice,
    MandateScope,
    OfficeStep,
    ReleaseStatement,
    RequestSignature,
    RevokeMandate,
    SetRole,
    ShowStatement,
    SignStatement,
    Verdict,
)
from meshcoal.api.views import CampaignView, EntryState, OfficesView, RequestState, StatementView
from meshcoal.clock import DAY_MS, HOUR_MS, MINUTE_MS
from meshcoal.errors import NotPermitted, Unknown, WrongPhase
from meshcoal.ids import CampaignId
from meshcoal.sim.coalition import campaign_view
from meshcoal.sim.world import World
from meshcoal.wire.terms import Role, Seat

NAMES = ("ana", "ben", "chi", "dov")


def authors(world: World, campaign: CampaignId) -> dict[str, bytes]:
    found = {}
    for name in NAMES:
        found[name] = next(one.author for one in campaign_view(world, name, campaign).members if one.me)
    return found


def hall() -> tuple[World, CampaignId, dict[str, bytes], bytes]:
    """Four members; an office in which chi decides policy, dov stands in, and ana signs."""
    world, campaign = coalition(*NAMES)
    who = authors(world, campaign)
    steps = (
        OfficeStep(name="policy", holders=(who["chi"], who["dov"]), wait_ms=HOUR_MS),
        OfficeStep(name="director", holders=(who["ana"],), wait_ms=0),
    )
    made = world.command("chi", MakeOffice(campaign=campaign, name="The Centre", steps=steps), OfficesView)
    world.run_ms(MINUTE_MS)
    return world, campaign, who, made.offices[0].id


def letter(world: World, campaign: CampaignId) -> StatementView:
    draft = DraftStatement(campaign=campaign, language="en", title="Free them", text="Set them free.")
    begun = world.command("ana", draft, StatementView)
    freeze = FreezeStatement(
        campaign=campaign,
        statement=begun.id,
        revisions=(),
        addressees=("The Minister",),
        deadline_ms=world.now_ms + 3 * DAY_MS,
        topics=("Death penalty",),
        countries=("IR",),
    )
    view = world.command("ana", freeze, StatementView)
    world.run_ms(MINUTE_MS)
    return view


def sign(view: StatementView, **more: bytes) -> SignStatement:
    return SignStatement(
        campaign=view.campaign,
        statement=view.id,
        digest=view.digest,
        capacity=Capacity.ORGANISATION,
        name="The Centre",
        request=more.get("request", b""),
        mandate=more.get("mandate", b""),
    )


def seen(world: World, name: str, view: StatementView) -> StatementView:
    return world.look(name, ShowStatement(campaign=view.campaign, statement=view.id), StatementView)


def mandate(campaign: CampaignId, office: bytes, holder: bytes, world: World) -> GiveMandate:
    scope = MandateScope(
        words="Death-penalty cases.", topics=("death penalty",), countries=("ir",), asks_excluded=()
    )
    return GiveMandate(
        campaign=campaign, office=office, holder=holder, scope=scope, expires_ms=world.now_ms + DAY_MS
    )


def test_an_office_decides_step_by_step_at_every_node() -> None:
    """Goal: one answer everywhere, also after a restart. Method: request, decide, sign, release; who may
    not is told; a deputy's turn comes with time."""
    world, campaign, who, office = hall()
    view = letter(world, campaign)
    ask = RequestSignature(campaign=campaign, statement=view.id, office=office, note="Friday")
    refused(world, "ben", ask, NotPermitted)
    asked = world.command("chi", ask, StatementView).requests[0]
    world.run_ms(MINUTE_MS)
    approve = DecideRequest(campaign=campaign, statement=view.id, request=asked.id, verdict=Verdict.APPROVE)
    refused(world, "dov", approve, NotPermitted)
    refused(world, "ana", sign(view, request=asked.id), WrongPhase)
    world.run_ms(2 * HOUR_MS)  # their clocks differ
    world.command("dov", approve, StatementView)
    world.run_ms(MINUTE_MS)
    world.crash("ana")
    world.restart("ana")
    world.run_ms(MINUTE_MS)
    [shown] = seen(world, "ana", view).requests
    assert (shown.state, shown.my_turn) == (RequestState.TO_SIGN, True)
    assert [one.deputy for one in shown.decisions] == [True]
    world.command("ana", sign(view, request=asked.id), StatementView)
    world.run_ms(MINUTE_MS)
    views = [seen(world, name, view) for name in NAMES]
    assert len({one.tally.digest for one in views}) == 1
    assert {one.requests[0].state for one in views} == {RequestState.SIGNED}
    assert [one.office for one in views[1].tally.entries] == ["The Centre"]
    in_country = SetRole(
        campaign=campaign, author=who["ana"], seat=Seat.IN_COUNTRY, role=Role.ORGANISER
    )  # a release asks for one who signed
    world.command("ana", in_country, CampaignView)
    released = world.command("ana", ReleaseStatement(campaign=campaign, statement=view.id), StatementView)
    assert released.tally.counted == 1


def test_a_mandate_is_used_recorded_and_revoked() -> None:
    """Goal: nobody signs for somebody absent but under it, and not behind its end. Method: give, use, revoke;
    who had not heard of the end signs with effect, whoever had does not."""
    world, campaign, who, office = hall()
    refused(world, "chi", mandate(campaign, office, who["dov"], world), NotPermitted)
    given = world.command("ana", mandate(campaign, office, who["dov"], world), OfficesView).mandates[0]
    world.run_ms(MINUTE_MS)
    first = letter(world, campaign)
    refused(world, "ben", sign(first, mandate=given.id), NotPermitted)
    world.command("dov", sign(first, mandate=given.id), StatementView)
    world.run_ms(MINUTE_MS)
    [entry] = seen(world, "ben", first).tally.entries
    assert (entry.state, entry.office) == (EntryState.COUNTED, "The Centre")
    assert entry.mandate
    [listed] = world.look("chi", ListOffices(campaign=campaign), OfficesView).mandates
    assert [use.title for use in listed.uses] == ["Free them"]
    second = letter(world, campaign)
    world.partition({"dov"}, {"ana", "ben", "chi"})
    refused(world, "ben", RevokeMandate(campaign=campaign, mandate=given.id), NotPermitted)
    world.command("ana", RevokeMandate(campaign=campaign, mandate=given.id), OfficesView)
    world.command("dov", sign(second, mandate=given.id), StatementView)
    world.run_ms(MINUTE_MS)
    world.heal()
    world.run_ms(10 * MINUTE_MS)
    assert [one.state for one in seen(world, "ben", second).tally.entries] == [EntryState.COUNTED]
    third = letter(world, campaign)
    refused(world, "dov", sign(third, mandate=given.id), Unknown)
    [ended] = world.look("chi", ListOffices(campaign=campaign), OfficesView).mandates
    assert ended.revoked
    assert len(ended.uses) == 2


def test_an_office_is_made_by_who_has_a_part_and_replaced_by_them() -> None:
    """Goal: nobody is put in charge of another's organisation. Method: strangers try; one replaces it."""
    world, campaign, who, office = hall()
    steps = (OfficeStep(name="director", holders=(who["chi"],), wait_ms=0),)
    refused(world, "ben", MakeOffice(campaign=campaign, name="Mine", steps=steps), NotPermitted)
    strange = (OfficeStep(name="director", holders=(who["ben"], bytes(32)), wait_ms=0),)
    refused(world, "ben", MakeOffice(campaign=campaign, name="Mine", steps=strange), NotPermitted)
    own = (OfficeStep(name="director", holders=(who["ben"],), wait_ms=0),)
    taken = MakeOffice(campaign=campaign, name="Mine", steps=own, replaces=office)
    refused(world, "ben", taken, NotPermitted)
    replaced = world.command(
        "chi", MakeOffice(campaign=campaign, name="The Centre", steps=steps, replaces=office), OfficesView
    )
    assert [[step.name for step in one.steps] for one in replaced.offices] == [["director"]]
    refused(world, "ana", mandate(campaign, replaced.offices[0].id, who["dov"], world), NotPermitted)

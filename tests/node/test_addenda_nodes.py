"""Late signatories among nodes: they say that they are late, and every node shows the same addenda."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from nodework import coalition, refused
from test_afterwards import open_letter, released

from meshcoal.api import commands as ask
from meshcoal.api import views as show
from meshcoal.clock import DAY_MS, MINUTE_MS
from meshcoal.errors import NotPermitted, PublicityRefused, WrongPhase
from meshcoal.ids import CampaignId
from meshcoal.sim.world import World
from meshcoal.statement.verification import verify
from meshcoal.wire.package import SUFFIX
from meshcoal.wire.terms import Capacity


def sign_late(
    world: World, campaign: CampaignId, letter: bytes, name: str, *, late: bool = True
) -> ask.Command:
    view = seen(world, campaign, letter, name)
    return ask.SignStatement(
        campaign=campaign,
        statement=letter,
        digest=view.digest,
        capacity=Capacity.INDIVIDUAL,
        name=f"The late {name}",
        late=late,
    )


def seen(world: World, campaign: CampaignId, letter: bytes, name: str) -> show.StatementView:
    return world.look(name, ask.ShowStatement(campaign=campaign, statement=letter), show.StatementView)


def package(world: World, campaign: CampaignId, letter: bytes, name: str) -> bytes:
    view = world.look(name, ask.ExportStatement(campaign=campaign, statement=letter), show.FilesView)
    (data,) = [one.data for one in view.files if one.name.endswith(SUFFIX)]
    return data


def test_a_late_sign_on_stands_in_an_addendum_on_every_node() -> None:
    """Goal: late signatories are published without a new letter. Method: sign late, publish, export twice."""
    world, campaign = coalition("ana", "ben", "chi")
    letter = released(world, campaign)
    before = package(world, campaign, letter, "ana")
    refused(world, "ben", sign_late(world, campaign, letter, "ben", late=False), WrongPhase)
    assert show.Action.SIGN_LATE in seen(world, campaign, letter, "ben").actions
    world.command("ben", sign_late(world, campaign, letter, "ben"), show.StatementView)
    world.run_ms(MINUTE_MS)
    publish = ask.PublishAddendum(campaign=campaign, statement=letter)
    refused(world, "ben", publish, NotPermitted)
    waiting = seen(world, campaign, letter, "ana")
    assert waiting.late is not None
    assert [one.name for one in waiting.tally.entries if one.id in waiting.late.sign_ons] == ["The late ben"]
    world.command("ana", publish, show.StatementView)
    world.run_ms(MINUTE_MS)
    refused(world, "ana", publish, WrongPhase)
    views = [seen(world, campaign, letter, name) for name in ("ana", "ben", "chi")]
    assert [[one.number for one in view.addenda] for view in views] == [[1]] * 3
    assert views[1].mine is show.EntryState.ADDED
    files = {package(world, campaign, letter, name) for name in ("ana", "ben", "chi")}
    assert len(files) == 1
    assert files != {before}
    report = verify(files.pop())
    assert report.sound
    assert (report.counts.since, report.counts.addenda) == (1, 1)
    assert views[0].held_by == 3, "who holds the letter holds its addenda"


def test_what_was_signed_behind_the_deadline_waits_through_the_release() -> None:
    """Goal: nobody is lost between deadline and release. Method: sign late while it is open, release, add."""
    world, campaign = coalition("ana", "ben", organisers=("ben",))
    letter = open_letter(world, campaign)
    agree = ask.CommentStatement(
        campaign=campaign, statement=letter, revision=letter, paragraph=0, text="", stance=ask.Stance.AGREE
    )
    world.command("ben", agree, show.StatementView)
    world.run_ms(DAY_MS + MINUTE_MS)
    refused(world, "ben", sign_late(world, campaign, letter, "ben", late=False), WrongPhase)
    world.command("ben", sign_late(world, campaign, letter, "ben"), show.StatementView)
    world.run_ms(MINUTE_MS)
    world.command("ana", ask.ReleaseStatement(campaign=campaign, statement=letter), show.StatementView)
    world.run_ms(MINUTE_MS)
    view = seen(world, campaign, letter, "ben")
    assert (view.mine, view.tally.counted) == (show.EntryState.LATE, 1)
    world.command("ben", ask.PublishAddendum(campaign=campaign, statement=letter), show.StatementView)
    world.run_ms(MINUTE_MS)
    assert seen(world, campaign, letter, "ana").addenda[0].name == "ben"


@pytest.mark.parametrize("seed", range(4))
def test_organisers_in_a_partition_end_with_one_chain(seed: int) -> None:
    """Goal: nodes agree on the addenda. Method: two organisers publish apart, members sign and withdraw on
    both sides; they meet; then one publishes who fell out. Packages are equal bytes, and sound."""
    names = ("ana", "ben", "chi", "dov")
    world, campaign = coalition(*names, seed=seed, organisers=("chi",))
    letter = released(world, campaign)
    publish = ask.PublishAddendum(campaign=campaign, statement=letter)
    world.partition(("ana", "ben"), ("chi", "dov"))
    world.command("ben", sign_late(world, campaign, letter, "ben"), show.StatementView)
    world.command("dov", sign_late(world, campaign, letter, "dov"), show.StatementView)
    if seed % 2:
        world.command("chi", sign_late(world, campaign, letter, "chi"), show.StatementView)
    world.run_ms(MINUTE_MS)
    world.command("ana", publish, show.StatementView)
    world.command("chi", publish, show.StatementView)
    if seed > 1:
        world.command("ana", ask.WithdrawSignature(campaign=campaign, statement=letter), show.StatementView)
        world.command("ana", publish, show.StatementView)
    world.heal()
    world.run_ms(10 * MINUTE_MS)
    views = [seen(world, campaign, letter, name) for name in names]
    assert len({json.dumps([repr(one) for one in view.addenda]) for view in views}) <= 2  # names differ
    assert len({package(world, campaign, letter, name) for name in names}) == 1
    assert views[0].late is not None, "who stood only in what fell waits"
    world.command("ana", publish, show.StatementView)
    world.run_ms(MINUTE_MS)
    (data,) = {package(world, campaign, letter, name) for name in names}
    report = verify(data)
    assert report.sound
    assert report.counts.since == (3 if seed % 2 else 2)
    assert seen(world, campaign, letter, "dov").late is None


def test_where_publicity_is_refused_nothing_is_added() -> None:
    """Goal: those concerned are heard after a release too. Method: refuse publicity behind the release."""
    world, campaign = coalition("ana", "ben")
    case = world.command("ben", ask.OpenCase(campaign=campaign, title="She was taken"), show.CaseView).id
    world.run_ms(MINUTE_MS)
    draft = ask.DraftStatement(campaign=campaign, language="en", title="Free her", text="Sir,", case=case)
    letter = world.command("ana", draft, show.StatementView).id
    freeze = ask.FreezeStatement(
        campaign=campaign,
        statement=letter,
        revisions=(),
        addressees=(),
        deadline_ms=world.now_ms + DAY_MS,
    )
    world.command("ana", freeze, show.StatementView)
    world.run_ms(MINUTE_MS)
    world.command("ben", sign_late(world, campaign, letter, "ben"), show.StatementView)
    world.run_ms(MINUTE_MS)
    world.command("ana", ask.ReleaseStatement(campaign=campaign, statement=letter), show.StatementView)
    world.command("ana", sign_late(world, campaign, letter, "ana"), show.StatementView)
    refuse = ask.EnterCase(
        campaign=campaign,
        case=case,
        entry=ask.CaseKind.CONSENT,
        consent=ask.Consent.REFUSED,
        consenter=ask.Consenter.FAMILY,
    )
    world.command("ana", refuse, show.CaseView)
    refused(world, "ana", ask.PublishAddendum(campaign=campaign, statement=letter), PublicityRefused)

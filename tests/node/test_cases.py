"""Cases among nodes: all see the same, observers add nothing, what leads to a letter is linked with it."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from nodework import coalition, refused

from meshcoal.api import commands as ask
from meshcoal.api import views as show
from meshcoal.clock import DAY_MS, MINUTE_MS
from meshcoal.errors import BadArgument, NotPermitted, PublicityRefused, Unknown
from meshcoal.ids import CampaignId
from meshcoal.sim.world import World
from meshcoal.wire.terms import CaseKind, Consent, Consenter, Role, Seat


def alert(world: World, campaign: CampaignId, name: str = "ana") -> bytes:
    """An alert by one member, known to all."""
    command = ask.OpenCase(campaign=campaign, title="Dr. Haddad was taken", text="At dawn.", country="Iran")
    case = world.command(name, command, show.CaseView).id
    world.run_ms(MINUTE_MS)
    return case


def seen_by(world: World, name: str, campaign: CampaignId, case: bytes) -> show.CaseView:
    return world.look(name, ask.ShowCase(campaign=campaign, case=case), show.CaseView)


def summary(world: World, name: str) -> show.CampaignSummaryView:
    return world.look(name, ask.ListCampaigns(), show.CampaignsView).campaigns[0]


def test_an_alert_reaches_all_and_waits_until_each_has_answered() -> None:
    """Goal: no alert meets silence unseen. Method: one answers, one restarts; what each is told."""
    world, campaign = coalition("ana", "ben", "chi")
    case = alert(world, campaign)
    assert [summary(world, name).alerts for name in ("ana", "ben", "chi")] == [0, 1, 1]
    assert (seen_by(world, "ben", campaign, case).answered, summary(world, "ben").alerts) == (1, 1)
    answer = ask.EnterCase(campaign=campaign, case=case, entry=CaseKind.ANSWER, text="I call her brother.")
    world.command("ben", answer, show.CaseView)
    fact = ask.EnterCase(campaign=campaign, case=case, entry=CaseKind.FACT, text="She is in Evin.")
    view = world.command("ben", fact, show.CaseView)
    assert [(one.entry, one.mine) for one in view.entries] == [(CaseKind.ANSWER, True), (CaseKind.FACT, True)]
    world.run_ms(MINUTE_MS)
    world.crash("chi")
    world.restart("chi")
    world.run_ms(MINUTE_MS)
    logs = [[one.id for one in seen_by(world, n, campaign, case).entries] for n in ("ana", "ben", "chi")]
    assert logs == [logs[0]] * 3
    assert len(logs[0]) == 2
    assert [summary(world, name).alerts for name in ("ana", "ben", "chi")] == [0, 0, 1]
    close = ask.EnterCase(campaign=campaign, case=case, entry=CaseKind.CLOSE)
    world.command("ana", close, show.CaseView)
    world.run_ms(MINUTE_MS)
    assert summary(world, "chi").alerts == 0
    listed = world.look("chi", ask.ShowCampaign(campaign=campaign), show.CampaignView).cases
    assert [(one.id, one.closed, one.answered_by_me) for one in listed] == [(case, True, False)]


def test_a_letter_names_its_case_and_its_course_begins_there() -> None:
    """Goal: one way from the alert to the letter. Method: draft about a case; look from both sides."""
    world, campaign = coalition("ana", "ben", "chi")
    case = alert(world, campaign)
    steps = [one.step for one in seen_by(world, "ben", campaign, case).course]
    usual = [step for step in show.CourseStep if step is not show.CourseStep.ADDENDUM]
    assert steps == usual
    draft = ask.DraftStatement(campaign=campaign, language="en", title="Free her", text="Sir,", case=case)
    letter = world.command("ben", draft, show.StatementView)
    assert letter.case == case
    assert [one.step for one in letter.course] == usual
    world.run_ms(MINUTE_MS)
    view = seen_by(world, "chi", campaign, case)
    assert ([one.id for one in view.letters], view.course) == ([letter.id], ())
    freeze = next(one for one in view.letters[0].course if one.step is show.CourseStep.FREEZE)
    assert (freeze.state, freeze.waits_for, freeze.waits_for_me) == (show.StepState.NOW, ("ana",), False)
    alone = ask.DraftStatement(campaign=campaign, language="en", title="Another", text="Sir,")
    course = world.command("chi", alone, show.StatementView).course
    assert course[0].step is show.CourseStep.DRAFT
    unknown = ask.DraftStatement(campaign=campaign, language="en", title="x", text="x", case=b"\7" * 32)
    refused(world, "chi", unknown, Unknown)


def test_what_the_family_refuses_is_not_released() -> None:
    """Goal: no name against their will. Method: refuse behind the signatures; release; agree; release."""
    world, campaign = coalition("ana", "ben", "chi")
    case = alert(world, campaign)
    draft = ask.DraftStatement(campaign=campaign, language="en", title="Free her", text="Sir,", case=case)
    letter = world.command("ana", draft, show.StatementView).id
    freeze = ask.FreezeStatement(
        campaign=campaign,
        statement=letter,
        revisions=(),
        addressees=("The Minister",),
        deadline_ms=world.now_ms + DAY_MS,
    )
    frozen = world.command("ana", freeze, show.StatementView)
    world.run_ms(MINUTE_MS)
    sign = ask.SignStatement(
        campaign=campaign,
        statement=letter,
        digest=frozen.digest,
        capacity=ask.Capacity.INDIVIDUAL,
        name="Ana Khalil",
    )
    members = world.look("ana", ask.ShowCampaign(campaign=campaign), show.CampaignView).members
    local = next(one.name for one in members if one.seat is Seat.IN_COUNTRY)
    world.command(local, sign, show.StatementView)  # whom a release needs

    def say(consent: Consent) -> None:
        entry = ask.EnterCase(
            campaign=campaign,
            case=case,
            entry=CaseKind.CONSENT,
            consent=consent,
            consenter=Consenter.FAMILY,
        )
        world.command("chi", entry, show.CaseView)
        world.run_ms(MINUTE_MS)

    say(Consent.REFUSED)
    assert seen_by(world, "ana", campaign, case).publicity is show.Publicity.REFUSED
    release = ask.ReleaseStatement(campaign=campaign, statement=letter)
    refused(world, "ana", release, PublicityRefused)
    say(Consent.GIVEN)
    assert world.command("ana", release, show.StatementView).phase is show.StatementPhase.RELEASED


def test_observers_read_cases_and_write_nothing_in_them() -> None:
    """Goal: who may write. Method: make one an observer; unknown cases; half entries; pages."""
    world, campaign = coalition("ana", "ben", "chi")
    first, second = alert(world, campaign), alert(world, campaign, "ben")
    members = world.look("ana", ask.ShowCampaign(campaign=campaign), show.CampaignView).members
    chi = next(one.author for one in members if one.name == "chi")
    role = ask.SetRole(campaign=campaign, author=chi, seat=Seat.OBSERVER, role=Role.MEMBER)
    world.command("ana", role, show.CampaignView)
    world.run_ms(MINUTE_MS)
    refused(world, "chi", ask.OpenCase(campaign=campaign, title="x"), NotPermitted)
    entry = ask.EnterCase(campaign=campaign, case=first, entry=CaseKind.ANSWER)
    refused(world, "chi", entry, NotPermitted)
    assert seen_by(world, "chi", campaign, first).title == "Dr. Haddad was taken"
    half = ask.EnterCase(campaign=campaign, case=first, entry=CaseKind.FACT)
    refused(world, "ben", half, BadArgument)
    refused(world, "ben", ask.EnterCase(campaign=campaign, case=b"\7" * 32, entry=CaseKind.ANSWER), Unknown)
    newest = world.look("chi", ask.ListCases(campaign=campaign, limit=1), show.CasesView)
    assert ([one.id for one in newest.cases], newest.more) == ([second], True)
    before = world.look("chi", ask.ListCases(campaign=campaign, before=second), show.CasesView)
    assert ([one.id for one in before.cases], before.more) == ([first], False)
    refused(world, "chi", ask.ListCases(campaign=campaign, before=b"\7" * 32), Unknown)

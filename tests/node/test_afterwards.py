"""The log behind a release, among nodes: all see it, observers and former members add nothing."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from nodework import coalition, refused

from meshcoal.api import commands as ask
from meshcoal.api import views as show
from meshcoal.clock import DAY_MS, HOUR_MS, MINUTE_MS
from meshcoal.errors import BadArgument, NotPermitted, Unknown, WrongPhase
from meshcoal.ids import CampaignId
from meshcoal.node.shelf import OUTLINE_TIMER
from meshcoal.node.step import Step
from meshcoal.node.upkeep import DUE_TIMER
from meshcoal.sim.invariants import Watch
from meshcoal.sim.machine import Machine
from meshcoal.sim.world import World
from meshcoal.wire.terms import AftermathKind, Capacity, Means, Role, Seat, Stance


def released(world: World, campaign: CampaignId) -> bytes:
    """A letter that Ana signed and released, known to all; Ben, in the country, agrees that it goes out."""
    letter = open_letter(world, campaign)
    world.command(
        "ben",
        ask.CommentStatement(
            campaign=campaign,
            statement=letter,
            revision=letter,
            paragraph=0,
            text="",
            stance=Stance.AGREE,
        ),
        show.StatementView,
    )
    world.run_ms(MINUTE_MS)
    world.command("ana", ask.ReleaseStatement(campaign=campaign, statement=letter), show.StatementView)
    world.run_ms(MINUTE_MS)
    return letter


def open_letter(world: World, campaign: CampaignId) -> bytes:
    draft = ask.DraftStatement(campaign=campaign, language="en", title="Free her", text="Sir,")
    letter = world.command("ana", draft, show.StatementView).id
    freeze = ask.FreezeStatement(
        campaign=campaign,
        statement=letter,
        revisions=(),
        addressees=("The Minister",),
        deadline_ms=world.now_ms + DAY_MS,
    )
    frozen = world.command("ana", freeze, show.StatementView)
    sign = ask.SignStatement(
        campaign=campaign,
        statement=letter,
        digest=frozen.digest,
        capacity=Capacity.INDIVIDUAL,
        name="Ana Khalil",
    )
    world.command("ana", sign, show.StatementView)
    world.run_ms(MINUTE_MS)
    return letter


def delivery(world: World, campaign: CampaignId, letter: bytes) -> ask.EnterAftermath:
    return ask.EnterAftermath(
        campaign=campaign,
        statement=letter,
        entry=AftermathKind.DELIVERY,
        addressee="The Minister",
        means=Means.BY_HAND,
        follow_up_ms=world.now_ms + 2 * DAY_MS,
    )


def seen_by(world: World, name: str, campaign: CampaignId, letter: bytes) -> show.StatementView:
    return world.look(name, ask.ShowStatement(campaign=campaign, statement=letter), show.StatementView)


def test_what_one_enters_all_see_and_answer() -> None:
    """Goal: one log for all. Method: one delivers, another enters the reply, a third crashes; compare."""
    world, campaign = coalition("ana", "ben", "chi")
    early = open_letter(world, campaign)
    refused(world, "ben", delivery(world, campaign, early), WrongPhase)
    letter = released(world, campaign)
    command = delivery(world, campaign, letter)
    entered = world.command("ben", command, show.StatementView).aftermath[0]
    assert (entered.mine, entered.deliverer, entered.name) == (True, "ben", "ben")
    world.run_ms(MINUTE_MS)
    listed = world.look("chi", ask.ListStatements(campaign=campaign), show.StatementsView).statements
    assert [one.follow_ups_ms for one in listed] == [(), (command.follow_up_ms,)]
    reply = ask.EnterAftermath(
        campaign=campaign,
        statement=letter,
        entry=AftermathKind.REPLY,
        about=entered.id,
        text="They will look into it.",
    )
    world.command("chi", reply, show.StatementView)
    world.run_ms(MINUTE_MS)
    world.crash("ben")
    world.restart("ben")
    world.run_ms(MINUTE_MS)
    logs = [seen_by(world, name, campaign, letter).aftermath for name in ("ana", "ben", "chi")]
    assert [[(one.id, one.text, one.due_ms) for one in log] for log in logs[1:]] == [
        [(one.id, one.text, one.due_ms) for one in logs[0]]
    ] * 2
    assert [one.entry for one in logs[0]] == [AftermathKind.DELIVERY, AftermathKind.REPLY]
    listed = world.look("ana", ask.ListStatements(campaign=campaign), show.StatementsView).statements
    assert [one.follow_ups_ms for one in listed] == [(), ()]


def test_observers_read_it_and_correct_nothing() -> None:
    """Goal: who may write. Method: make one an observer; another's entry; something half."""
    world, campaign = coalition("ana", "ben", "chi")
    letter = released(world, campaign)
    entered = world.command("ana", delivery(world, campaign, letter), show.StatementView).aftermath[0]
    chi = author_of(world, campaign, "chi")
    role = ask.SetRole(campaign=campaign, author=chi, seat=Seat.OBSERVER, role=Role.MEMBER)
    world.command("ana", role, show.CampaignView)
    world.run_ms(MINUTE_MS)
    refused(world, "chi", delivery(world, campaign, letter), NotPermitted)
    view = seen_by(world, "chi", campaign, letter)
    assert [one.id for one in view.aftermath] == [entered.id]
    assert show.Action.ENTER not in view.actions
    assert show.Action.ENTER in seen_by(world, "ben", campaign, letter).actions
    place: dict[str, Any] = {"campaign": campaign, "statement": letter}
    lesson = ask.EnterAftermath(**place, entry=AftermathKind.LESSON, text="x", corrects=entered.id)
    refused(world, "ana", lesson, Unknown)
    empty = ask.EnterAftermath(**place, entry=AftermathKind.LESSON)
    refused(world, "ana", empty, BadArgument)


def test_who_has_not_signed_is_listed_with_what_is_known() -> None:
    """Goal: nobody is forgotten. Method: one signs, one is away since before the freeze, one is there."""
    world, campaign = coalition("ana", "ben", "chi")
    world.offline("chi")
    letter = open_letter(world, campaign)
    ask_for = ask.ShowChase(campaign=campaign, statement=letter)
    view = world.look("ana", ask_for, show.ChaseView)
    assert [(one.name, one.state) for one in view.asked] == [
        ("ben", show.AskedState.REACHED),
        ("chi", show.AskedState.UNKNOWN),
    ]
    assert view.counted == 1
    world.online("chi")
    world.run_ms(2 * MINUTE_MS)
    assert {one.state for one in world.look("ana", ask_for, show.ChaseView).asked} == {
        show.AskedState.REACHED
    }
    signed = released(world, campaign)
    refused(world, "ben", ask.ShowChase(campaign=campaign, statement=signed), WrongPhase)


def test_a_date_to_ask_again_is_told_when_it_comes() -> None:
    """Goal: no reply is forgotten. Method: a date in two days; restart one node; what each is told."""
    world, campaign = coalition("ana", "ben", "chi")
    letter = released(world, campaign)
    command = delivery(world, campaign, letter)
    world.command("ben", command, show.StatementView)
    world.run_ms(MINUTE_MS)
    world.crash("chi")
    world.restart("chi")
    told: list[str] = []

    class Listening(Watch):
        def published(self, world: World, machine: Machine, notice: show.Notice) -> None:
            super().published(world, machine, notice)
            if notice.kind is show.NoticeKind.DUE and notice.subject == letter:
                told.append(machine.name)

    world.watch = Listening()
    everybody = ("ana", "ben", "chi")
    world.run_ms(command.follow_up_ms - world.now_ms - HOUR_MS)
    assert told == []
    summaries = [world.look(name, ask.ListCampaigns(), show.CampaignsView).campaigns[0] for name in everybody]
    assert [one.due for one in summaries] == [0, 0, 0]
    world.run_ms(2 * HOUR_MS)
    assert sorted(told) == sorted(everybody)
    summaries = [world.look(name, ask.ListCampaigns(), show.CampaignsView).campaigns[0] for name in everybody]
    assert [one.due for one in summaries] == [1, 1, 1]


def test_reminders_do_not_fold_all_letters_at_once() -> None:
    """Goal: a step stays short. Method: nine letters whose outlines are gone; one turn of each timer."""
    world, campaign = coalition("ana", "ben")
    for number in range(9):
        draft = ask.DraftStatement(campaign=campaign, language="en", title=f"Letter {number}", text="Sir,")
        world.command("ana", draft, show.StatementView)
    core = world.core("ana")._core  # type: ignore[attr-defined]
    held = core.campaigns[campaign]
    shelf = held.statements
    shelf._outlines.clear()
    core.upkeep.timer(Step(world.now_ms), DUE_TIMER, held)
    assert not shelf._outlines
    core.upkeep.timer(Step(world.now_ms), OUTLINE_TIMER, held)
    assert len(shelf._outlines) == 4


def author_of(world: World, campaign: CampaignId, name: str) -> bytes:
    view = world.look("ana", ask.ShowCampaign(campaign=campaign), show.CampaignView)
    return next(one.author for one in view.members if one.name == name)

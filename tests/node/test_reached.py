"""Over which paths people were reached: what is shown of it, and how little of it is written down."""

from __future__ import annotations

import sys
from pathlib import Path

from meshcoal.api.commands import (
    AcceptInvitation,
    ForgetContact,
    LeaveCampaign,
    ListContacts,
    ListReach,
    MakeInvitation,
    Seat,
    SetWays,
)
from meshcoal.api.views import (
    CampaignView,
    ContactsView,
    IntroductionView,
    InvitationView,
    NextStep,
    PathKind,
    PathView,
    ReachesView,
    ReachView,
    WaysView,
)
from meshcoal.clock import DAY_MS, HOUR_MS, MINUTE_MS
from meshcoal.log.changes import PutDocument
from meshcoal.node.effects import Persist, SetTimer
from meshcoal.node.reached import KEPT_DAYS, REACHED, REACHED_TIMER, Reached
from meshcoal.node.step import Step
from meshcoal.sim.coalition import post
from meshcoal.sim.world import World
from meshcoal.wire.record import Record

sys.path.insert(0, str(Path(__file__).parent))

from nodework import coalition, world_of

WHOM = (b"c" * 32, b"l" * 32)


def reach(world: World, name: str, other: str, campaign: bytes = b"") -> ReachView:
    view = world.look(name, ListReach(campaign=campaign), ReachesView)
    return next(one for one in view.reaches if one.name == other)


def path(view: ReachView, kind: PathKind) -> PathView:
    return next(one for one in view.paths if one.kind is kind)


def written(step: Step) -> list[PutDocument]:
    return [
        change
        for effect in step.effects()
        if isinstance(effect, Persist)
        for change in effect.changes
        if isinstance(change, PutDocument)
    ]


def test_a_member_who_goes_offline_is_shown_with_when_why_and_what_to_try() -> None:
    """Goal: the whole chain, from links to words. Method: two members; one goes away; look at both lists."""
    world, campaign = coalition("ana", "ben")
    now = reach(world, "ana", "ben", campaign)
    assert now.connected
    assert path(now, PathKind.PLAIN).up
    assert now.steps == ()
    world.offline("ben")
    world.run_ms(10 * MINUTE_MS)
    gone = reach(world, "ana", "ben", campaign)
    plain = path(gone, PathKind.PLAIN)
    clock = world.clock_ms(world.machines["ana"])
    assert not gone.connected
    assert not plain.up
    assert not plain.by_day
    assert 5 * MINUTE_MS < clock - plain.worked_ms < 12 * MINUTE_MS
    assert plain.failed_ms > plain.worked_ms
    assert plain.code
    assert gone.next_try_ms >= 0
    assert gone.steps == (NextStep.WAIT, NextStep.ADD_RELAY, NextStep.NEARBY, NextStep.STICK)
    assert path(gone, PathKind.ONION).worked_ms == -1
    as_contact = reach(world, "ana", "ben")
    assert path(as_contact, PathKind.PLAIN).worked_ms == plain.worked_ms, "one device, one story"
    world.online("ben")
    world.run_ms(5 * MINUTE_MS)
    assert path(reach(world, "ana", "ben", campaign), PathKind.PLAIN).up


def test_what_is_closed_is_said_and_what_to_do_about_it() -> None:
    """Goal: a choice of one's own is named as the reason. Method: nothing but Tor, where nobody has it."""
    world, campaign = coalition("ana", "ben")
    world.command("ana", SetWays(campaign=campaign, only_tor=True, nearby=False), WaysView)
    world.run_ms(MINUTE_MS)
    view = reach(world, "ana", "ben", campaign)
    assert not path(view, PathKind.PLAIN).open
    assert view.steps == (NextStep.OPEN, NextStep.ADD_RELAY, NextStep.STICK)


def test_after_a_restart_the_day_is_known_and_no_time() -> None:
    """Goal: no movement profile. Method: restart while the other is away; and look at what is on disk."""
    world, campaign = coalition("ana", "ben")
    post(world, "ben", campaign, "here")
    world.run_ms(MINUTE_MS)
    worked_ms = world.clock_ms(world.machines["ana"])
    world.offline("ben")
    world.crash("ana")
    world.restart("ana")
    plain = path(reach(world, "ana", "ben", campaign), PathKind.PLAIN)
    assert plain.by_day
    assert plain.worked_ms == worked_ms // DAY_MS * DAY_MS
    kept = world.machines["ana"].disk._spaces[REACHED]
    assert kept
    exact = [at_ms.to_bytes(8, "big")[2:] for at_ms in range(worked_ms - MINUTE_MS, worked_ms + 1)]
    assert not [value for value in kept.values() if any(one in value for one in exact)]


def test_one_day_is_written_once_and_meetings_on_a_network_never() -> None:
    """Goal: sparing of disk and of traces. Method: many signs of life, over each path, over three days."""
    reached = Reached()
    puts: dict[PathKind, int] = {}
    for kind in PathKind:
        for hour in range(72):
            step = Step(hour * DAY_MS // 24)
            reached.worked(step, WHOM, kind, step.now_ms)
            puts[kind] = puts.get(kind, 0) + len(written(step))
    assert puts == {
        PathKind.PLAIN: 3,
        PathKind.ONION: 3,
        PathKind.RELAY: 3,
        PathKind.NEARBY: 0,
        PathKind.CARRIED: 0,
    }


def test_old_days_and_those_of_strangers_are_erased() -> None:
    """Goal: what is not needed goes. Method: tidy at the bound, past it, and for somebody unknown."""
    reached = Reached()
    reached.worked(Step(0), WHOM, PathKind.ONION, 5 * DAY_MS + 7)
    step = Step((5 + KEPT_DAYS) * DAY_MS)
    reached.tidy(step, lambda _whom: True)
    assert not written(step)
    assert reached.of(WHOM, PathKind.ONION).worked_ms == 5 * DAY_MS + 7
    reached.tidy(Step((6 + KEPT_DAYS) * DAY_MS), lambda _whom: True)
    assert reached.of(WHOM, PathKind.ONION).worked_ms == -1
    reached.worked(Step(0), WHOM, PathKind.ONION, 50 * DAY_MS)
    reached.tidy(Step(50 * DAY_MS), lambda _whom: False)
    assert reached.of(WHOM, PathKind.ONION).worked_ms == -1


def test_a_contact_who_is_forgotten_and_a_campaign_that_is_left_leave_no_day() -> None:
    """Goal: forgetting is forgetting. Method: forget and leave, a day later look at the disk."""
    world, campaign = coalition("ana", "ben")
    assert world.machines["ana"].disk._spaces[REACHED]
    for one in world.look("ana", ListContacts(), ContactsView).contacts:
        world.command("ana", ForgetContact(person=one.person), Record)
    world.command("ana", LeaveCampaign(campaign=campaign), CampaignView)
    world.run_ms(MINUTE_MS)
    world.crash("ana")
    world.restart("ana")
    world.run_ms(DAY_MS + MINUTE_MS)
    assert not world.machines["ana"].disk._spaces.get(REACHED)


def test_the_hourly_look_goes_on_while_somebody_is_known_and_ends_with_the_last() -> None:
    """Goal: days are erased in time, and nobody is woken for nobody. Method: two become contacts, some
    hours, more than a month without each other, a restart; then the only contact is forgotten."""
    world = world_of("ana", "ben")
    timers = world.machines["ana"].timers
    assert REACHED_TIMER not in timers
    command = MakeInvitation(campaign=b"", seat=Seat.EXILE, lifetime_ms=DAY_MS)
    text = world.command("ana", command, InvitationView).text
    world.command("ben", AcceptInvitation(text=text), IntroductionView)
    world.run_ms(MINUTE_MS)
    (ben,) = world.look("ana", ListContacts(), ContactsView).contacts
    assert REACHED_TIMER in timers
    world.run_ms(3 * HOUR_MS)
    assert REACHED_TIMER in timers
    world.offline("ben")
    world.run_ms((KEPT_DAYS + 2) * DAY_MS)
    world.command("ana", command, InvitationView)  # its answer waits for the disk
    world.crash("ana")
    assert not world.machines["ana"].disk._spaces.get(REACHED)
    world.restart("ana")
    timers = world.machines["ana"].timers
    assert REACHED_TIMER in timers
    world.command("ana", ForgetContact(person=ben.person), Record)
    world.run_ms(2 * HOUR_MS)
    assert REACHED_TIMER not in timers


def test_the_look_keeps_its_time_however_often_somebody_is_met() -> None:
    """Goal: meeting people all the time puts nothing off. Method: signs of life, failures, looks."""
    reached = Reached()
    step = Step(0)
    for minute in range(30):
        reached.worked(step, WHOM, PathKind.ONION, minute * MINUTE_MS)
        reached.failed(step, ("contact", *WHOM), "198.51.100.7:1", "dial-failed")
        reached.look_hourly(step)
    due = [one.at_ms for one in step.effects() if isinstance(one, SetTimer)]
    assert due == [HOUR_MS]
    step = Step(HOUR_MS)
    reached.tidy(step, lambda _whom: True)
    assert [one.at_ms for one in step.effects() if isinstance(one, SetTimer)] == [2 * HOUR_MS]
    step = Step(2 * HOUR_MS)
    reached.tidy(step, lambda _whom: False)
    assert not [one for one in step.effects() if isinstance(one, SetTimer)]


def test_failures_are_forgotten_on_another_network() -> None:
    """Goal: what failed elsewhere says nothing here. Method: fail, move, look."""
    reached = Reached()
    reached.worked(Step(0), WHOM, PathKind.PLAIN, 1_000)
    reached.failed(Step(2_000), ("campaign", *WHOM), "198.51.100.7:1", "dial-failed")
    assert reached.of(WHOM, PathKind.PLAIN).code == "dial-failed"
    reached.forget_failures()
    seen = reached.of(WHOM, PathKind.PLAIN)
    assert (seen.worked_ms, seen.failed_ms, seen.code) == (1_000, -1, "")


def test_relays_are_no_people() -> None:
    """Goal: a relay's address is not kept as somebody's. Method: a dial to one fails."""
    reached = Reached()
    reached.failed(Step(0), ("relay", *WHOM), "198.51.100.7:1", "dial-failed")
    assert reached.of(WHOM, PathKind.PLAIN).failed_ms == -1

"""Introductions by a mutual contact: nothing without a yes of both, whatever is lost or said twice."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import pytest

from meshcoal.api import commands as ask
from meshcoal.api import views as show
from meshcoal.api.commands import Seat, WordList
from meshcoal.api.views import AcquaintanceState, spelled
from meshcoal.clock import DAY_MS, MINUTE_MS
from meshcoal.crypto.agreement import AgreementKey
from meshcoal.errors import BadArgument, BadKey, NotAuthorized, Unknown, WrongPhase
from meshcoal.ids import PersonId
from meshcoal.limits import (
    ACQUAINTANCE_LIFETIME_MS,
    ACQUAINTANCES_UNDECIDED_BY_ONE_MAX,
    BROKERED_MAX,
)
from meshcoal.node.core import Core
from meshcoal.node.step import Step
from meshcoal.sim.network import Faults
from meshcoal.sim.world import SKEW_MS, World
from meshcoal.wire.frames import Introduction

sys.path.insert(0, str(Path(__file__).parent))

from nodework import coalition, counted, refused, world_of

OFFERED, ACCEPTED, MET = AcquaintanceState.OFFERED, AcquaintanceState.ACCEPTED, AcquaintanceState.MET


def befriend(world: World, one: str, other: str) -> None:
    """Two who met through an invitation."""
    made = world.command(
        one, ask.MakeInvitation(campaign=b"", seat=Seat.EXILE, lifetime_ms=DAY_MS), show.InvitationView
    )
    world.command(other, ask.AcceptInvitation(text=made.text), show.IntroductionView)
    world.run_ms(20_000)
    assert contact(world, one, other)
    assert contact(world, other, one)


def three(seed: int = 5) -> World:
    """Ana knows Ben and Dov, who do not know each other."""
    world = world_of("ana", "ben", "dov", seed=seed)
    befriend(world, "ana", "ben")
    befriend(world, "ana", "dov")
    return world


def inside(world: World, name: str) -> Core:
    """The node's own state, for what no command shows."""
    core: Core = world.core(name)._core  # type: ignore[attr-defined]
    return core


def person(world: World, name: str) -> bytes:
    return world.look(name, ask.ShowIdentity(), show.IdentityView).person


def contact(world: World, name: str, other: str) -> show.ContactView | None:
    wanted = person(world, other)
    listed = world.look(name, ask.ListContacts(), show.ContactsView).contacts
    return next((one for one in listed if one.person == wanted), None)


def introduce(world: World, note: str = "", *, first: str = "ben", second: str = "dov") -> show.BrokeredView:
    command = ask.Introduce(first=person(world, first), second=person(world, second), note=note)
    return world.command("ana", command, show.BrokeredView)


def acquaintances(world: World, name: str) -> show.AcquaintancesView:
    return world.look(name, ask.ListAcquaintances(), show.AcquaintancesView)


def states(world: World, name: str) -> list[AcquaintanceState]:
    return [one.state for one in acquaintances(world, name).offered]


def answer(world: World, name: str, *, accept: bool = True) -> None:
    (one,) = acquaintances(world, name).offered
    command = ask.AnswerAcquaintance(acquaintance=one.id, accept=accept)
    world.command(name, command, show.AcquaintancesView)


def pairs(world: World, one: str, other: str) -> list[bytes]:
    """The secret of two as each of them keeps it."""
    found = []
    for name, known in ((one, other), (other, one)):
        contacts = inside(world, name).people.contacts
        found.append(contacts[PersonId(person(world, known))].pair)
    return found


def test_two_who_both_accept_become_contacts_who_have_compared_nothing() -> None:
    """Goal: the whole way. Method: introduce, accept on both sides, look at what each shows and keeps."""
    world = three()
    introduce(world, "Dov is the lawyer")
    world.run_ms(20_000)
    (offered,) = acquaintances(world, "ben").offered
    assert (offered.name, offered.introducer_name, offered.note) == ("dov", "ana", "Dov is the lawyer")
    assert (offered.state, offered.known) == (OFFERED, False)
    assert contact(world, "ben", "dov") is None
    (made,) = acquaintances(world, "ana").made
    assert (made.first_told, made.second_told) == (True, True)
    answer(world, "ben")
    world.run_ms(MINUTE_MS)
    assert states(world, "ben") == [ACCEPTED]
    assert contact(world, "ben", "dov") is None, "one yes is not enough"
    answer(world, "dov")
    world.run_ms(2 * MINUTE_MS)
    assert (states(world, "ben"), states(world, "dov")) == ([MET], [MET])
    for name, other in (("ben", "dov"), ("dov", "ben")):
        view = contact(world, name, other)
        assert view is not None
        assert (view.introduced_by, view.verified, view.warned) == ("ana", False, False)
        assert view.introduced_ms > 0
    mine, theirs = pairs(world, "ben", "dov")
    assert mine == theirs
    secret = next(iter(inside(world, "ana").introducing.made.values())).secret
    assert mine != secret, "the introducer does not know what the two go on with"


def test_words_after_an_introduction_are_the_same_on_both_sides_in_each_script() -> None:
    """Goal: comparing afterwards verifies. Method: read from both screens in both lists, confirm."""
    world = three()
    introduce(world)
    world.run_ms(20_000)
    answer(world, "ben")
    answer(world, "dov")
    world.run_ms(2 * MINUTE_MS)
    here, there = contact(world, "ben", "dov"), contact(world, "dov", "ben")
    assert here is not None
    assert there is not None
    for word_list in WordList:
        assert spelled(here.words, word_list) == spelled(there.words, word_list)
        assert len(spelled(here.words, word_list)) == 12
    assert spelled(here.words, WordList.ENGLISH) != spelled(here.words, WordList.RUSSIAN)
    view = world.command("ben", ask.ConfirmWords(person=here.person, match=True), show.ContactView)
    assert (view.verified, view.introduced_by) == (True, "ana")
    assert view.verified_ms > 0


def test_a_no_is_not_told_to_anybody() -> None:
    """Goal: a refusal looks like no answer yet. Method: compare a Ben who declines with one who is silent."""
    shown = []
    for declines in (True, False):
        world = three()
        introduce(world)
        world.run_ms(20_000)
        answer(world, "dov")
        if declines:
            answer(world, "ben", accept=False)
            assert acquaintances(world, "ben").offered == ()
        world.run_ms(5 * MINUTE_MS)
        shown.append((acquaintances(world, "ana").made, states(world, "dov")))
        assert contact(world, "dov", "ben") is None
    assert shown[0] == shown[1]
    assert shown[0][1] == [ACCEPTED]


def test_who_is_declined_is_not_proposed_again_by_the_same_contact() -> None:
    """Goal: insisting does not help. Method: decline, then Ana's node begins anew with another number."""
    world = three()
    introduce(world)
    world.run_ms(20_000)
    answer(world, "ben", accept=False)
    ana = inside(world, "ana")
    for key in list(ana.introducing.made):
        del ana.introducing.made[key]
    introduce(world)
    world.run_ms(MINUTE_MS)
    assert acquaintances(world, "ben").offered == ()
    assert acquaintances(world, "ana").made[0].first_told


def test_an_introduction_waits_for_who_is_away() -> None:
    """Goal: it is repeated until it arrives. Method: Dov is offline for an hour, Ana restarts meanwhile."""
    world = three()
    world.offline("dov")
    world.run_ms(5_000)
    introduce(world)
    world.run_ms(MINUTE_MS)
    (made,) = acquaintances(world, "ana").made
    assert (made.first_told, made.second_told) == (True, False)
    world.crash("ana")
    world.restart("ana")
    world.run_ms(60 * MINUTE_MS)
    world.online("dov")
    world.run_ms(3 * MINUTE_MS)
    assert states(world, "dov") == [OFFERED]
    assert acquaintances(world, "ana").made[0].second_told


def test_introducing_the_same_two_again_is_the_same_introduction() -> None:
    """Goal: idempotence. Method: introduce twice, in both orders, and look at both ends."""
    world = three()
    first = introduce(world)
    assert introduce(world, first="dov", second="ben").id == first.id
    world.run_ms(20_000)
    assert len(acquaintances(world, "ana").made) == 1
    assert states(world, "ben") == [OFFERED]


def test_after_its_time_it_is_gone() -> None:
    """Goal: nothing waits for ever. Method: both told, one accepts, two weeks pass on each of the
    clocks, which are apart: one sets the date, the others keep to it."""
    world = three()
    introduce(world)
    world.run_ms(20_000)
    answer(world, "dov")
    for name in ("ana", "ben", "dov"):
        world.offline(name)
    world.run_ms(ACQUAINTANCE_LIFETIME_MS + 2 * SKEW_MS)
    for name in ("ana", "ben", "dov"):
        view = acquaintances(world, name)
        assert (view.offered, view.made) == ((), ())
    assert inside(world, "dov").introducing.doors(world.clock_ms(world.machines["dov"])) == []


@pytest.mark.parametrize("who", ["ben", "dov", "ana", "all"])
@pytest.mark.parametrize("when", range(0, 40, 4))
def test_an_introduction_survives_a_restart_at_any_step(who: str, when: int) -> None:
    """Goal: nothing hangs on memory. Method: nodes die after some events of telling, and of meeting."""
    world = three(seed=when)

    def interrupt() -> None:
        passed = 0

        def reached() -> bool:
            nonlocal passed
            passed += 1
            return passed > when

        world.run_until(reached, 5_000)
        for name in ("ana", "ben", "dov") if who == "all" else (who,):
            world.crash(name)
            world.restart(name)

    command = ask.Introduce(first=person(world, "ben"), second=person(world, "dov"), note="")
    world.submit("ana", command)
    interrupt()
    if not acquaintances(world, "ana").made:  # died before the step was on disk: the user tries again
        introduce(world)
    world.run_ms(3 * MINUTE_MS)
    for name in ("ben", "dov"):
        (one,) = acquaintances(world, name).offered
        world.submit(name, ask.AnswerAcquaintance(acquaintance=one.id, accept=True))
    interrupt()
    for name in ("ben", "dov"):
        if states(world, name) == [OFFERED]:
            answer(world, name)
    world.run_ms(5 * MINUTE_MS)
    assert (states(world, "ben"), states(world, "dov")) == ([MET], [MET])
    mine, theirs = pairs(world, "ben", "dov")
    assert mine == theirs


@pytest.mark.parametrize("seed", range(6))
def test_two_introducers_and_a_bad_line_end_in_one_secret(seed: int) -> None:
    """Goal: crossing introductions settle. Method: Ana and Chi introduce the same two, on a line that loses
    links; afterwards the two reach each other as contacts."""
    world = world_of("ana", "ben", "chi", "dov", seed=seed)
    for introducer in ("ana", "chi"):
        befriend(world, introducer, "ben")
        befriend(world, introducer, "dov")
    world.set_faults(Faults(loss=0.08, delay_ms=(5, 900)))
    for introducer in ("ana", "chi"):
        command = ask.Introduce(first=person(world, "ben"), second=person(world, "dov"), note="")
        world.command(introducer, command, show.BrokeredView)
    world.run_ms(10 * MINUTE_MS)
    for name in ("ben", "dov"):
        for one in acquaintances(world, name).offered:
            accept = ask.AnswerAcquaintance(acquaintance=one.id, accept=True)
            world.command(name, accept, show.AcquaintancesView)
    world.calm()
    world.run_ms(10 * MINUTE_MS)
    assert (states(world, "ben"), states(world, "dov")) == ([MET, MET], [MET, MET])
    mine, theirs = pairs(world, "ben", "dov")
    assert mine == theirs


def test_the_first_introducer_stays_on_record() -> None:
    """Goal: who introduced whom is not rewritten. Method: a second introducer comes later; the name of
    the first is kept even when that contact is forgotten."""
    world = world_of("ana", "ben", "chi", "dov")
    for introducer in ("ana", "chi"):
        befriend(world, introducer, "ben")
        befriend(world, introducer, "dov")
    for introducer in ("ana", "chi"):
        command = ask.Introduce(first=person(world, "ben"), second=person(world, "dov"), note="")
        world.command(introducer, command, show.BrokeredView)
        world.run_ms(20_000)
        for name in ("ben", "dov"):
            one = next(one for one in acquaintances(world, name).offered if one.state is OFFERED)
            answered = ask.AnswerAcquaintance(acquaintance=one.id, accept=True)
            world.command(name, answered, show.AcquaintancesView)
        world.run_ms(2 * MINUTE_MS)
    view = contact(world, "ben", "dov")
    assert view is not None
    assert view.introduced_by == "ana"
    world.command("ben", ask.ForgetContact(person=person(world, "ana")), show.Done)
    view = contact(world, "ben", "dov")
    assert view is not None
    assert view.introduced_by == "ana"


def test_what_makes_no_sense_is_refused() -> None:
    """Goal: each wrong introduction has its answer. Method: nobody, one twice, one cut off, too many."""
    world = three()
    ben, dov = person(world, "ben"), person(world, "dov")
    refused(world, "ana", ask.Introduce(first=ben, second=ben), BadArgument)
    refused(world, "ana", ask.Introduce(first=ben, second=bytes(32)), Unknown)
    refused(world, "ben", ask.AnswerAcquaintance(acquaintance=bytes(16), accept=True), Unknown)
    introducing = inside(world, "ana").introducing
    view = introduce(world)
    kept = introducing.made[view.id]
    introducing.made.clear()
    for n in range(BROKERED_MAX):
        others = dataclasses.replace(kept, first=_key(n + 1), second=_key(n + 100))
        introducing.made[bytes([n]) * 16] = others
    refused(world, "ana", ask.Introduce(first=ben, second=dov), WrongPhase)
    introducing.made.clear()
    world.command("ana", ask.ConfirmWords(person=ben, match=False), show.ContactView)
    refused(world, "ana", ask.Introduce(first=ben, second=dov), WrongPhase)


def _key(number: int) -> bytes:
    return AgreementKey.from_private(bytes([number]) * 32).public


def _introduction(number: int, *, person: bytes = b"") -> Introduction:
    return Introduction(
        reference=bytes([number]) * 16,
        person=person or _key(number),
        name=f"somebody {number}",
        hints=(),
        secret=bytes([number]) * 32,
        note="",
        expires_ms=10**13,
    )


def test_a_flood_is_turned_away_and_what_was_there_stays() -> None:
    """Goal: bounded. Method: Ana's node sends a hundred; Ben has as many as one contact may have waiting,
    and those that found no room were not acknowledged, so that an honest node would try again."""
    world = three()
    ben = inside(world, "ben")
    now_ms = world.clock_ms(world.machines["ben"])
    ana = PersonId(person(world, "ana"))
    answers = [ben.introducing.on_introduction(Step(now_ms), ana, _introduction(n)) for n in range(1, 101)]
    assert len(ben.introducing.offered) == ACQUAINTANCES_UNDECIDED_BY_ONE_MAX
    told = [answer is not None for answer in answers]
    assert told == [True] * ACQUAINTANCES_UNDECIDED_BY_ONE_MAX + [False] * (100 - sum(told))
    again = ben.introducing.on_introduction(Step(now_ms), ana, _introduction(1))
    assert again is not None, "what is known is acknowledged, however full it is"


def test_only_contacts_introduce_and_only_third_persons() -> None:
    """Goal: no way in for others. Method: a stranger, one cut off, oneself, the introducer, a bad key."""
    world = three()
    ben = inside(world, "ben")
    step = Step(world.clock_ms(world.machines["ben"]))
    ana = PersonId(person(world, "ana"))
    offer = ben.introducing.on_introduction
    for by, message, error in (
        (PersonId(_key(9)), _introduction(1), NotAuthorized),
        (ana, _introduction(1, person=ana), NotAuthorized),
        (ana, _introduction(1, person=person(world, "ben")), NotAuthorized),
        (ana, _introduction(1, person=bytes(32)), BadKey),
    ):
        with pytest.raises(error):
            offer(step, by, message)
    world.command("ben", ask.ConfirmWords(person=ana, match=False), show.ContactView)
    with pytest.raises(NotAuthorized):
        offer(step, ana, _introduction(1))
    assert ben.introducing.offered == {}


def test_somebody_who_was_cut_off_is_not_brought_back() -> None:
    """Goal: no way back in for a refused contact. Method: Ben cut Dov off; Ana introduces them."""
    world = three()
    befriend(world, "ben", "dov")
    world.command("ben", ask.ConfirmWords(person=person(world, "dov"), match=False), show.ContactView)
    introduce(world)
    world.run_ms(MINUTE_MS)
    assert acquaintances(world, "ben").offered == ()
    assert acquaintances(world, "ana").made[0].first_told


def test_the_introducer_who_knows_the_secret_is_not_let_in_by_it() -> None:
    """Goal: the secret alone opens nothing. Method: Ana dials Ben's door for Dov with Ana's own key."""
    world = three()
    introduce(world)
    world.run_ms(20_000)
    answer(world, "ben")
    introducing = inside(world, "ben").introducing
    (key,) = introducing.offered
    ana = person(world, "ana")
    with pytest.raises(NotAuthorized):
        introducing.greeting(Step(0), key, ana)


def test_contacts_already_may_be_introduced_and_stay_what_they_were() -> None:
    """Goal: nothing is lost by a second meeting. Method: Ben and Dov have compared words; Ana introduces
    them; they still count as compared, met without anybody, and share one secret."""
    world = three()
    befriend(world, "ben", "dov")
    world.command("ben", ask.ConfirmWords(person=person(world, "dov"), match=True), show.ContactView)
    introduce(world)
    world.run_ms(20_000)
    assert acquaintances(world, "ben").offered[0].known
    answer(world, "ben")
    answer(world, "dov")
    world.run_ms(2 * MINUTE_MS)
    view = contact(world, "ben", "dov")
    assert view is not None
    assert (view.verified, view.introduced_by) == (True, "")
    mine, theirs = pairs(world, "ben", "dov")
    assert mine == theirs


def test_who_forgot_a_contact_can_be_introduced_again() -> None:
    """Goal: an introduction mends a one-sided forgetting. Method: Dov forgets Ben, Ana introduces them."""
    world = three()
    befriend(world, "ben", "dov")
    world.command("dov", ask.ForgetContact(person=person(world, "ben")), show.Done)
    introduce(world)
    world.run_ms(20_000)
    answer(world, "ben")
    answer(world, "dov")
    world.run_ms(2 * MINUTE_MS)
    mine, theirs = pairs(world, "ben", "dov")
    assert mine == theirs


def test_an_introduction_is_not_said_inside_a_campaign() -> None:
    """Goal: who is a contact of whom is not for members. Method: count what a member's link refuses."""
    world, campaign = coalition("ana", "ben")
    ana = inside(world, "ana")
    link = next(one for one in ana.links.by_number.values() if one.campaign == campaign)
    step = Step(world.clock_ms(world.machines["ana"]))
    with pytest.raises(NotAuthorized):
        ana.hear(step, link, _introduction(1))
    assert counted(world, "ana").get("not-authorized", 0) == 0, "raised to the door, which counts it"

"""Meeting through an invitation: once, by one person, and whatever is lost or restarted on the way."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from meshcoal.api import commands as ask
from meshcoal.api import views as show
from meshcoal.api.commands import Role, Seat
from meshcoal.api.views import IntroductionState
from meshcoal.clock import DAY_MS, MINUTE_MS
from meshcoal.ids import CampaignId
from meshcoal.sim.coalition import admit, found, members, post, timeline
from meshcoal.sim.world import SKEW_MS, World

sys.path.insert(0, str(Path(__file__).parent))

from nodework import counted, introductions, states, world_of


def invite(world: World, campaign: bytes = b"", *, name: str = "ana") -> show.InvitationView:
    command = ask.MakeInvitation(campaign=campaign, seat=Seat.EXILE, lifetime_ms=DAY_MS)
    return world.command(name, command, show.InvitationView)


def accept(world: World, name: str, text: str) -> bytes:
    return world.command(name, ask.AcceptInvitation(text=text), show.IntroductionView).id


def contacts(world: World, name: str) -> list[str]:
    return [one.given_name for one in world.look(name, ask.ListContacts(), show.ContactsView).contacts]


def test_an_invitation_without_a_campaign_makes_contacts_of_two() -> None:
    """Goal: meeting is not admission. Method: invite, accept, compare words on both screens, confirm."""
    world = world_of("ana", "ben")
    accept(world, "ben", invite(world).text)
    world.run_ms(20_000)
    (theirs,), (mine,) = introductions(world, "ana"), introductions(world, "ben")
    assert (theirs.state, mine.state) == (IntroductionState.CONTACT, IntroductionState.CONTACT)
    assert theirs.words == mine.words
    assert [len(one.words) for one in theirs.words] == [6, 6]
    assert (contacts(world, "ana"), contacts(world, "ben")) == (["ben"], ["ana"])
    assert not theirs.verified
    confirm = ask.ConfirmWords(person=theirs.person, match=True)
    assert world.command("ana", confirm, show.ContactView).verified
    assert world.look("ana", ask.ListInvitations(), show.InvitationsView).invitations == ()


def test_an_invitation_serves_one_person() -> None:
    """Goal: one-time. Method: Ben and Mallory hold the same text; Ben comes first, then both at once."""
    world = world_of("ana", "ben", "mallory")
    text = invite(world).text
    accept(world, "ben", text)
    world.run_ms(20_000)
    accept(world, "mallory", text)
    world.run_ms(MINUTE_MS)
    assert states(world, "mallory") == [IntroductionState.DIALLING]
    assert contacts(world, "ana") == ["ben"]
    assert counted(world, "ana")["knock-unknown"] > 0, "a stranger knocked, and got no answer"
    world.run_ms(DAY_MS + 2 * SKEW_MS)  # Mallory's clock may be behind Ana's, who set the date
    listed = world.command("mallory", ask.ListIntroductions(), show.IntroductionsView).introductions
    assert [one.state for one in listed] == [IntroductionState.EXPIRED]
    again = world_of("ana", "ben", "mallory", seed=6)
    text = invite(again).text
    again.submit("ben", ask.AcceptInvitation(text=text))
    again.submit("mallory", ask.AcceptInvitation(text=text))
    again.run_ms(MINUTE_MS)
    assert len(contacts(again, "ana")) == 1
    reached = [name for name in ("ben", "mallory") if states(again, name) == [IntroductionState.CONTACT]]
    assert reached == contacts(again, "ana")


def test_a_revoked_invitation_opens_nothing() -> None:
    """Goal: revoking. Method: revoke before it is used."""
    world = world_of("ana", "ben")
    made = invite(world)
    world.command("ana", ask.RevokeInvitation(invitation=made.id), show.Done)
    accept(world, "ben", made.text)
    world.run_ms(MINUTE_MS)
    assert states(world, "ben") == [IntroductionState.DIALLING]
    assert contacts(world, "ana") == []


def test_words_that_differ_end_it() -> None:
    """Goal: a refused contact is talked to no more. Method: Ana says that the words do not match."""
    world = world_of("ana", "ben")
    campaign = found(world, "ana")
    accept(world, "ben", invite(world, campaign).text)
    world.run_ms(20_000)
    (theirs,) = introductions(world, "ana")
    world.command("ana", ask.ConfirmWords(person=theirs.person, match=False), show.ContactView)
    world.run_ms(MINUTE_MS)
    assert states(world, "ana") == [IntroductionState.REFUSED]
    assert not any(one.connected for one in world.look("ana", ask.ListContacts(), show.ContactsView).contacts)


def test_who_is_forgotten_is_gone() -> None:
    """Goal: ForgetContact. Method: forget, then restart; nothing of the person is listed."""
    world = world_of("ana", "ben")
    accept(world, "ben", invite(world).text)
    world.run_ms(20_000)
    (theirs,) = introductions(world, "ana")
    world.command("ana", ask.ForgetContact(person=theirs.person), show.Done)
    world.crash("ana")
    world.restart("ana")
    assert contacts(world, "ana") == []
    assert introductions(world, "ana") == []


@pytest.mark.parametrize("who", ["ana", "ben", "both"])
@pytest.mark.parametrize("when", range(0, 36, 3))
def test_an_admission_survives_a_restart_at_any_step(who: str, when: int) -> None:
    """Goal: nothing hangs on memory. Method: one or both die after some events of meeting and of deciding."""
    world = world_of("ana", "ben", seed=when)
    campaign = found(world, "ana")
    text = invite(world, campaign).text
    world.submit("ben", ask.AcceptInvitation(text=text))

    def interrupt() -> None:
        passed = 0

        def reached() -> bool:
            nonlocal passed
            passed += 1
            return passed > when

        world.run_until(reached, 5_000)
        for name in ("ana", "ben") if who == "both" else (who,):
            world.crash(name)
            world.restart(name)

    interrupt()
    if not introductions(world, "ben"):  # died before the step was on disk: the user tries again
        accept(world, "ben", text)
    world.run_ms(2 * MINUTE_MS)
    assert states(world, "ana") == [IntroductionState.ASKING]
    assert states(world, "ben") == [IntroductionState.WAITING]
    theirs = introductions(world, "ana")[0].id
    world.submit("ana", ask.Admit(introduction=theirs, seat=Seat.EXILE, role=Role.MEMBER))
    interrupt()
    if states(world, "ana") == [IntroductionState.ASKING]:
        command = ask.Admit(introduction=theirs, seat=Seat.EXILE, role=Role.MEMBER)
        world.command("ana", command, show.CampaignView)
    world.run_ms(3 * MINUTE_MS)
    assert states(world, "ben") == [IntroductionState.ADMITTED]
    assert set(members(world, "ben", campaign)) == {"ana", "ben"}
    post(world, "ana", campaign, "welcome")
    world.run_ms(MINUTE_MS)
    assert timeline(world, "ben", campaign) == ["welcome"]


def test_the_same_two_meet_again_for_a_second_campaign() -> None:
    """Goal: an open link between contacts is not in the way. Method: three campaigns, one after another."""
    world = world_of("ana", "ben")
    first = found(world, "ana", name="first")
    admit(world, "ana", "ben", first)
    second = found(world, "ana", name="second")
    admit(world, "ana", "ben", second)
    third = CampaignId(found(world, "ben", name="third"))
    admit(world, "ben", "ana", third)
    for campaign in (first, second, third):
        assert set(members(world, "ana", campaign)) == {"ana", "ben"}
        assert set(members(world, "ben", campaign)) == {"ana", "ben"}


def test_two_who_invite_each_other_at_once_both_hear_the_decisions() -> None:
    """Goal: one answer is not taken for another. Method: cross invitations, both admitted in one moment."""
    world = world_of("ana", "ben")
    campaigns = {name: found(world, name, name=f"of {name}") for name in ("ana", "ben")}
    texts = {name: invite(world, campaigns[name], name=name).text for name in ("ana", "ben")}
    world.submit("ana", ask.AcceptInvitation(text=texts["ben"]))
    world.submit("ben", ask.AcceptInvitation(text=texts["ana"]))
    world.run_ms(MINUTE_MS)
    for name in ("ana", "ben"):
        (theirs,) = [one for one in introductions(world, name) if not one.mine]
        world.submit(name, ask.Admit(introduction=theirs.id, seat=Seat.EXILE, role=Role.MEMBER))
    world.run_ms(2 * MINUTE_MS)
    for name in ("ana", "ben"):
        assert set(members(world, "ana", campaigns[name])) == {"ana", "ben"}
        assert set(members(world, "ben", campaigns[name])) == {"ana", "ben"}

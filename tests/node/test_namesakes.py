"""A name under another key is loud until the user acts, and takes nothing over from the old key."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from meshcoal.api import commands as ask
from meshcoal.api import views as show
from meshcoal.api.commands import Seat
from meshcoal.api.views import Comparison, WarningKind
from meshcoal.clock import DAY_MS, MINUTE_MS
from meshcoal.errors import BadKeyText, Unknown, WrongPhase
from meshcoal.ids import CampaignId
from meshcoal.sim.coalition import admit, campaign_view, form_campaign, found, members
from meshcoal.sim.world import World

sys.path.insert(0, str(Path(__file__).parent))

from nodework import refused, world_of


def befriend(world: World, one: str, other: str) -> None:
    made = world.command(
        one, ask.MakeInvitation(campaign=b"", seat=Seat.EXILE, lifetime_ms=DAY_MS), show.InvitationView
    )
    world.command(other, ask.AcceptInvitation(text=made.text), show.IntroductionView)
    world.run_ms(20_000)


def warnings(world: World, name: str = "ana") -> tuple[show.WarningView, ...]:
    return world.look(name, ask.ListWarnings(), show.WarningsView).warnings


def identity(world: World, name: str) -> show.IdentityView:
    return world.look(name, ask.ShowIdentity(), show.IdentityView)


def contact(world: World, other: str, *, name: str = "ana") -> show.ContactView:
    wanted = identity(world, other).person
    listed = world.look(name, ask.ListContacts(), show.ContactsView).contacts
    return next(one for one in listed if one.person == wanted)


def confirm(world: World, other: str, *, match: bool = True) -> None:
    command = ask.ConfirmWords(person=identity(world, other).person, match=match)
    world.command("ana", command, show.ContactView)


@pytest.mark.parametrize("false_name", ["ben", "Ben", "BEN ", "b\u0435n", "b\u200ben", "Bén", "𝐛𝐞𝐧"])
def test_a_new_contact_with_a_known_name_is_loud(false_name: str) -> None:
    """Goal: nobody slips in under a name. Method: Ben is compared; Mallory comes with his name, or one that
    looks like it, through an invitation."""
    world = world_of("ana", "ben", "mallory")
    befriend(world, "ana", "ben")
    confirm(world, "ben")
    world.command("mallory", ask.SetName(name=false_name), show.IdentityView)
    assert warnings(world) == ()
    befriend(world, "ana", "mallory")
    (one,) = warnings(world)
    assert one.kind is WarningKind.CONTACT
    assert (one.subject, one.known) == (identity(world, "mallory").person, identity(world, "ben").person)
    assert (one.name, one.known_name) == (false_name, "ben")
    assert one.known_verified_ms == contact(world, "ben").verified_ms > 0
    assert not contact(world, "mallory").verified
    assert contact(world, "mallory").warned
    assert contact(world, "ben").warned
    met = world.look("ana", ask.ListIntroductions(), show.IntroductionsView).introductions
    assert [one.warned for one in met] == [True, True]


def test_a_petname_counts_as_a_known_name() -> None:
    """Goal: what I call somebody is what I trust. Method: Ben is "Cousin" to Ana; Mallory says "cousin"."""
    world = world_of("ana", "ben", "mallory")
    befriend(world, "ana", "ben")
    command = ask.SetPetname(person=identity(world, "ben").person, petname="Cousin")
    world.command("ana", command, show.ContactView)
    world.command("mallory", ask.SetName(name="cousin"), show.IdentityView)
    befriend(world, "ana", "mallory")
    (one,) = warnings(world)
    assert (one.name, one.known_name) == ("cousin", "Cousin")


def test_it_stays_over_a_restart_until_it_is_dismissed_and_returns_with_another_name() -> None:
    """Goal: it stays until the user acts. Method: restart, dismiss, restart; then a further name."""
    world = world_of("ana", "ben", "chi", "mallory")
    befriend(world, "ana", "ben")
    befriend(world, "ana", "chi")
    world.command("mallory", ask.SetName(name="BEN"), show.IdentityView)
    befriend(world, "ana", "mallory")
    world.crash("ana")
    world.restart("ana")
    (one,) = warnings(world)
    left = world.command("ana", ask.DismissWarning(warning=one.id), show.WarningsView)
    assert left.warnings == ()
    world.crash("ana")
    world.restart("ana")
    assert warnings(world) == ()
    assert not contact(world, "mallory").warned
    refused(world, "ana", ask.DismissWarning(warning=one.id), Unknown)
    world.command("mallory", ask.SetName(name="Chi"), show.IdentityView)
    befriend(world, "ana", "mallory")
    (other,) = warnings(world)
    assert (other.name, other.known_name) == ("Chi", "chi")


def test_cutting_off_or_forgetting_answers_a_warning() -> None:
    """Goal: acting is enough. Method: the impostor is cut off; in another world, forgotten."""
    for cut_off in (True, False):
        world = world_of("ana", "ben", "mallory")
        befriend(world, "ana", "ben")
        world.command("mallory", ask.SetName(name="ben"), show.IdentityView)
        befriend(world, "ana", "mallory")
        assert len(warnings(world)) == 1
        if cut_off:
            confirm(world, "mallory", match=False)
        else:
            forget = ask.ForgetContact(person=identity(world, "mallory").person)
            world.command("ana", forget, show.Done)
        assert warnings(world) == ()


def test_a_contact_that_was_cut_off_and_comes_back_with_a_new_key_is_told() -> None:
    """Goal: a replaced contact is told from the old one. Method: Ben's words differ; a new Ben is met."""
    world = world_of("ana", "ben", "mallory")
    befriend(world, "ana", "ben")
    confirm(world, "ben", match=False)
    world.command("mallory", ask.SetName(name="ben"), show.IdentityView)
    befriend(world, "ana", "mallory")
    (one,) = warnings(world)
    assert (one.subject, one.known_refused) == (identity(world, "mallory").person, True)
    assert not contact(world, "mallory").verified


def test_a_name_in_an_introduction_is_told_before_it_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: the warning comes in time. Method: Chi introduces to Ana somebody with the name of Ana's Ben."""
    world = world_of("ana", "ben", "chi", "mallory")
    befriend(world, "ana", "ben")
    befriend(world, "ana", "chi")
    world.command("mallory", ask.SetName(name="Ben"), show.IdentityView)
    befriend(world, "chi", "mallory")
    told: list[tuple[str, show.NoticeKind]] = []
    monkeypatch.setattr(
        world.watch, "published", lambda _world, machine, notice: told.append((machine.name, notice.kind))
    )
    command = ask.Introduce(
        first=identity(world, "ana").person, second=identity(world, "mallory").person, note=""
    )
    world.command("chi", command, show.BrokeredView)
    world.run_ms(20_000)
    (one,) = warnings(world)
    assert (one.kind, one.known) == (WarningKind.CONTACT, identity(world, "ben").person)
    (offered,) = world.look("ana", ask.ListAcquaintances(), show.AcquaintancesView).offered
    assert offered.warned
    assert told.count(("ana", show.NoticeKind.WARNINGS)) == 1


def test_two_members_of_one_name_are_told_to_everybody() -> None:
    """Goal: a second Ben in a campaign is seen. Method: Ana admits Ben and Mallory, who is called Ben; Chi,
    who knows neither, is told as well, and the admitter is not told anything about members who differ."""
    world = world_of("ana", "ben", "chi", "mallory")
    campaign = form_campaign(world, "ana", ("ben", "chi"))
    assert warnings(world) == ()
    world.command("mallory", ask.SetName(name="Ben"), show.IdentityView)
    join(world, "mallory", campaign)
    for name in ("ana", "chi"):
        (one,) = [one for one in warnings(world, name) if one.kind is WarningKind.MEMBER]
        assert (one.name, one.known_name, one.campaign) == ("Ben", "ben", campaign)
    view = campaign_view(world, "chi", campaign)
    assert [one.given_name for one in view.members if one.warned] == ["Ben"]


def join(world: World, guest: str, campaign: CampaignId) -> None:
    """Ana invites and admits, without comparing words."""
    made = world.command(
        "ana",
        ask.MakeInvitation(campaign=campaign, seat=Seat.EXILE, lifetime_ms=DAY_MS),
        show.InvitationView,
    )
    world.command(guest, ask.AcceptInvitation(text=made.text), show.IntroductionView)
    world.run_ms(20_000)
    met = world.look("ana", ask.ListIntroductions(), show.IntroductionsView).introductions
    asking = next(one for one in met if one.state is show.IntroductionState.ASKING)
    command = ask.Admit(introduction=asking.id, seat=Seat.EXILE, role=ask.Role.MEMBER)
    world.command("ana", command, show.CampaignView)
    world.run_ms(MINUTE_MS)


def test_my_own_name_on_somebody_else_is_told() -> None:
    """Goal: nobody speaks as me unseen. Method: Mallory joins under Ana's name."""
    world = world_of("ana", "ben", "mallory")
    campaign = form_campaign(world, "ana", ("ben",))
    world.command("mallory", ask.SetName(name="Ana"), show.IdentityView)
    join(world, "mallory", campaign)
    (one,) = warnings(world)
    assert (one.kind, one.known_me, one.name) == (WarningKind.MEMBER, True, "Ana")


def test_a_member_who_returns_under_new_keys_is_told_and_not_taken_for_compared() -> None:
    """Goal: a verification does not go over to new keys. Method: Ben, compared, leaves; somebody called Ben
    is admitted by Chi; in another world it is Ben again, through the same contact, and nothing is said."""
    world = world_of("ana", "ben", "chi", "mallory")
    campaign = form_campaign(world, "ana", ("ben", "chi"), organisers=("chi",))
    world.command("ben", ask.LeaveCampaign(campaign=campaign), show.CampaignView)
    world.run_ms(MINUTE_MS)
    world.command("mallory", ask.SetName(name="ben"), show.IdentityView)
    befriend_and_admit(world, campaign)
    (one,) = [one for one in warnings(world) if one.kind is WarningKind.RETURNED]
    assert one.known_verified_ms > 0
    new = next(m for m in campaign_view(world, "ana", campaign).members if m.author == one.subject)
    assert (new.state, new.verified, new.warned) == (show.MemberState.ACTIVE, False, True)
    assert new.namesake == "ben"


def befriend_and_admit(world: World, campaign: CampaignId) -> None:
    made = world.command(
        "chi",
        ask.MakeInvitation(campaign=campaign, seat=Seat.EXILE, lifetime_ms=DAY_MS),
        show.InvitationView,
    )
    world.command("mallory", ask.AcceptInvitation(text=made.text), show.IntroductionView)
    world.run_ms(20_000)
    met = world.look("chi", ask.ListIntroductions(), show.IntroductionsView).introductions
    asking = next(one for one in met if one.state is show.IntroductionState.ASKING)
    command = ask.Admit(introduction=asking.id, seat=Seat.EXILE, role=ask.Role.MEMBER)
    world.command("chi", command, show.CampaignView)
    world.run_ms(MINUTE_MS)


def test_who_comes_back_through_the_same_contact_is_no_news() -> None:
    """Goal: no false alarm where the contact proves it. Method: Ben leaves and is admitted by Ana again."""
    world = world_of("ana", "ben", "chi")
    campaign = found(world, "ana")
    admit(world, "ana", "ben", campaign)
    world.command("ben", ask.LeaveCampaign(campaign=campaign), show.CampaignView)
    world.run_ms(MINUTE_MS)
    admit(world, "ana", "ben", campaign)
    assert set(members(world, "ana", campaign)) == {"ana", "ben"}
    assert warnings(world) == ()


def test_comparing_the_text_of_a_key() -> None:
    """Goal: the QR code compares. Method: Ben's own text, damaged, Ana's own, another contact's; a
    stranger's, which leaves a warning that nothing but acting puts away."""
    world = world_of("ana", "ben", "chi", "dov")
    befriend(world, "ana", "ben")
    befriend(world, "ana", "chi")
    ben = identity(world, "ben").person
    text = identity(world, "ben").link_text
    assert contact(world, "ben").link_text == text

    def compare(text: str) -> show.ComparedView:
        return world.command("ana", ask.CompareKey(person=ben, text=text), show.ComparedView)

    for broken in ("", text[:-1], text[:-1] + ("A" if text[-1] != "A" else "B"), "hello", text[12:]):
        if broken:
            refused(world, "ana", ask.CompareKey(person=ben, text=broken), BadKeyText)
    assert compare(identity(world, "ana").link_text).outcome is Comparison.MINE
    other = compare(identity(world, "chi").link_text)
    assert (other.outcome, other.other_name) == (Comparison.OTHER_CONTACT, "chi")
    assert not contact(world, "ben").verified
    same = compare(f" {text[:20].lower()}\n{text[20:]} ")
    assert (same.outcome, same.contact.verified) == (Comparison.SAME, True)
    different = compare(identity(world, "dov").link_text)
    assert (different.outcome, different.contact.verified) == (Comparison.DIFFERENT, False)
    (one,) = warnings(world)
    assert (one.kind, one.subject) == (WarningKind.DIFFERED, ben)
    refused(world, "ana", ask.DismissWarning(warning=one.id), WrongPhase)
    compare(text)
    assert warnings(world) == ()
    confirm(world, "ben", match=False)
    refused(world, "ana", ask.CompareKey(person=ben, text=text), WrongPhase)


def test_words_are_shown_in_the_list_that_was_chosen_and_carry_both() -> None:
    """Goal: two scripts. Method: choose Russian, restart, and read both lists off the views."""
    world = world_of("ana", "ben")
    befriend(world, "ana", "ben")
    command = ask.SetWordList(word_list=ask.WordList.RUSSIAN)
    assert world.command("ana", command, show.IdentityView).word_list is ask.WordList.RUSSIAN
    world.crash("ana")
    world.restart("ana")
    assert identity(world, "ana").word_list is ask.WordList.RUSSIAN
    (mine,) = world.look("ana", ask.ListIntroductions(), show.IntroductionsView).introductions
    (theirs,) = world.look("ben", ask.ListIntroductions(), show.IntroductionsView).introductions
    assert mine.words == theirs.words
    assert [one.word_list for one in mine.words] == list(ask.WordList)
    russian = show.spelled(mine.words, ask.WordList.RUSSIAN)
    assert len(russian) == 6
    assert all("а" <= letter <= "я" for word in russian for letter in word)

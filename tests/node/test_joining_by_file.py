"""Joining without a link: a request and an answer that are carried do what a link would, and no more."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from bundlework import begin, look, parts_of, take, write
from nodework import introductions, refused, states, world_of

from meshcoal.api import commands as ask
from meshcoal.api import views as show
from meshcoal.api.commands import Role, Seat
from meshcoal.api.views import IntroductionState
from meshcoal.clock import DAY_MS
from meshcoal.crypto.agreement import AgreementKey
from meshcoal.crypto.deterministic import DeterministicSealer
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.crypto.joining import answer_room, open_answer, proof, request_room, seal_answer, seal_request
from meshcoal.errors import BadInvitation, InvitationExpired, Unknown, WrongPhase
from meshcoal.ids import CampaignId
from meshcoal.limits import BUNDLE_PART_BYTES
from meshcoal.sim.coalition import campaign_view, found, members, post, timeline
from meshcoal.sim.world import World
from meshcoal.wire.invitation import decode_invitation
from meshcoal.wire.joining import PROOF_BYTES, Answer, Request, decode_carried, encode_carried, proven_bytes

CHANCE = SeededEntropy(b"joining by file")
SEALER = DeterministicSealer(CHANCE)


def apart(*names: str) -> World:
    """People of whom no two can ever reach each other."""
    world = world_of(*names)
    world.partition(*[{name} for name in names])
    return world


def invite(world: World, campaign: bytes = b"", *, days: int = 14) -> show.InvitationView:
    command = ask.MakeInvitation(campaign=campaign, seat=Seat.EXILE, lifetime_ms=days * DAY_MS, by_file=True)
    return world.command("ana", command, show.InvitationView)


def request(world: World, name: str, text: str, *, paper: bool = False) -> bytes:
    view = world.command(name, ask.AnswerInvitation(text=text, paper=paper), show.CarriedRequestView)
    assert view.introduction.state is IntroductionState.CARRIED
    return view.data


def admit(world: World, *, name: str = "ana") -> None:
    one = next(one for one in introductions(world, name) if one.state is IntroductionState.ASKING)
    world.command(name, ask.Admit(introduction=one.id, seat=one.seat, role=Role.MEMBER), show.CampaignView)


def reply(world: World, *, paper: bool = False) -> list[bytes]:
    """Ana's answer to whoever asked last, alone."""
    key = introductions(world, "ana")[-1].id
    view = world.command("ana", ask.BeginBundle(campaigns=(), answers=(key,), paper=paper), show.BundleView)
    return parts_of(world, "ana", view.bundle)


def joined(world: World) -> CampaignId:
    """Ben is in Ana's campaign; all that was carried is three files."""
    campaign = found(world, "ana")
    take(world, "ana", [request(world, "ben", invite(world, campaign).text)])
    admit(world)
    parts = write(world, "ana", campaign)
    take(world, "ben", parts)  # the answer; the rest he cannot read yet
    take(world, "ben", parts)
    return campaign


def test_a_newcomer_who_is_never_connected_comes_in_and_talks() -> None:
    """Goal: no link at all. Method: carry invitation, request, answer; then messages both ways; compare."""
    world = apart("ana", "ben")
    campaign = joined(world)
    assert states(world, "ben") == [IntroductionState.ADMITTED]
    assert set(members(world, "ben", campaign)) == {"ana", "ben"}
    post(world, "ben", campaign, "here I am")
    take(world, "ana", write(world, "ben", campaign))
    post(world, "ana", campaign, "welcome")
    parts = write(world, "ana", campaign)
    assert len(parts) == 1, "no answer goes along any more: Ben was heard of"
    take(world, "ben", parts)
    assert timeline(world, "ana", campaign) == timeline(world, "ben", campaign) == ["here I am", "welcome"]
    (ana,), (ben,) = introductions(world, "ana"), introductions(world, "ben")
    assert ana.words == ben.words
    assert [len(one.words) for one in ana.words] == [12, 12]
    digests = {campaign_view(world, name, campaign).heads_digest for name in ("ana", "ben")}
    assert len(digests) == 1
    world.heal()
    world.run_ms(60_000)
    post(world, "ana", campaign, "at last")
    world.run_ms(20_000)
    assert timeline(world, "ben", campaign)[-1] == "at last", "and any link serves afterwards"


def test_looking_changes_nothing_and_says_who_asks() -> None:
    """Goal: nobody is taken in unseen. Method: look at request and answer; what is shown, and what is not."""
    world = apart("ana", "ben")
    campaign = found(world, "ana")
    part = request(world, "ben", invite(world, campaign).text)
    view = look(world, "ana", [part])
    (asked,) = view.requests
    assert (asked.name, asked.campaign_name, asked.known, asked.new) == (
        "ben",
        "kanarie coalition",
        False,
        True,
    )
    assert introductions(world, "ana") == []
    take(world, "ana", [part])
    admit(world)
    (answer,) = look(world, "ben", reply(world)).answers
    assert (answer.name, answer.verdict, answer.new) == ("ana", show.Answered.ADMITTED, True)
    assert answer.campaign_name == "kanarie coalition"
    assert states(world, "ben") == [IntroductionState.CARRIED]


def test_without_a_campaign_two_become_contacts() -> None:
    """Goal: a contact-only invitation by file. Method: carry both ways on paper; compare words; link."""
    world = apart("ana", "ben")
    part = request(world, "ben", invite(world).text, paper=True)
    assert len(part) <= 8_192
    take(world, "ana", [part])
    (answer,) = reply(world, paper=True)
    assert len(answer) == 2_048
    take(world, "ben", [answer])
    assert states(world, "ana") == states(world, "ben") == [IntroductionState.CONTACT]
    (ana,), (ben,) = introductions(world, "ana"), introductions(world, "ben")
    assert ana.words == ben.words
    for name, other in (("ana", ana), ("ben", ben)):
        confirm = ask.ConfirmWords(person=other.person, match=True)
        assert world.command(name, confirm, show.ContactView).verified
    world.heal()
    world.run_ms(20_000)
    peers = world.look("ana", ask.ListContacts(), show.ContactsView).contacts
    assert [one.given_name for one in peers] == ["ben"]


def test_an_invitation_serves_once() -> None:
    """Goal: single use. Method: a second person's request; the first once more, as it was and anew."""
    world = apart("ana", "ben", "mallory")
    text = invite(world, found(world, "ana")).text
    first, second = request(world, "ben", text), request(world, "mallory", text)
    take(world, "ana", [first])
    view = look(world, "ana", [second])
    assert [(one.code, one.count) for one in view.refused] == [("invitation-served", 1)]
    assert not view.opened
    take(world, "ana", [second])
    assert [one.name for one in introductions(world, "ana")] == ["ben"]
    for again in (first, request(world, "ben", text)):
        (asked,) = look(world, "ana", [again]).requests
        assert not asked.new
        take(world, "ana", [again])
    assert len(introductions(world, "ana")) == 1


def test_an_invitation_past_its_date_or_taken_back_serves_nobody() -> None:
    """Goal: expiry and revocation as over a link. Method: requests that come too late, with their codes."""
    world = apart("ana", "ben")
    late, revoked = invite(world, days=1), invite(world)
    parts = [request(world, "ben", one.text) for one in (late, revoked)]
    world.command("ana", ask.RevokeInvitation(invitation=revoked.id), show.Done)
    world.run_ms(DAY_MS + 1)
    view = look(world, "ana", parts)
    assert {one.code for one in view.refused} == {"invitation-expired", "invitation-revoked"}
    take(world, "ana", parts)
    world.command("ana", ask.ListInvitations(), show.InvitationsView)  # erases what is past its date
    assert introductions(world, "ana") == []
    assert {one.code for one in look(world, "ana", parts).refused} == {
        "invitation-expired",
        "invitation-revoked",
    }
    refused(world, "ben", ask.AnswerInvitation(text=late.text), InvitationExpired)


def test_a_restart_at_any_point_changes_nothing() -> None:
    """Goal: what is carried is on disk first. Method: both nodes die after each step of joining."""
    world = apart("ana", "ben")
    campaign = found(world, "ana")

    def again() -> None:
        for name in ("ana", "ben"):
            world.crash(name)
            world.restart(name)
        world.run_ms(1_000)

    text = invite(world, campaign).text
    again()
    part = request(world, "ben", text)
    again()
    assert request(world, "ben", text) != part, "sealed anew, the same request"
    take(world, "ana", [part])
    again()
    admit(world)
    again()
    parts = write(world, "ana", campaign)
    take(world, "ben", parts)
    again()
    take(world, "ben", parts)
    assert set(members(world, "ben", campaign)) == {"ana", "ben"}


def test_a_refusal_is_carried_too() -> None:
    """Goal: somebody waits no longer. Method: refuse, carry the answer; a later one changes nothing."""
    world = apart("ana", "ben")
    campaign = found(world, "ana")
    take(world, "ana", [request(world, "ben", invite(world, campaign).text)])
    key = introductions(world, "ana")[0].id
    refused(world, "ana", ask.BeginBundle(campaigns=(), answers=(key,)), WrongPhase)  # decide first
    world.command("ana", ask.Refuse(introduction=key), show.Done)
    answer = reply(world)
    take(world, "ben", answer)
    assert states(world, "ben") == [IntroductionState.REFUSED]
    (once_more,) = look(world, "ben", answer).answers
    assert not once_more.new


def test_what_cannot_be_answered_by_a_file_says_so() -> None:
    """Goal: clear refusals. Method: a short invitation, one's own, no invitation, where one is already."""
    world = apart("ana", "ben")
    campaign = joined(world)
    short = ask.MakeInvitation(campaign=campaign, seat=Seat.EXILE, lifetime_ms=DAY_MS)
    text = world.command("ana", short, show.InvitationView).text
    assert len(text) < 600 < len(invite(world).text)
    refused(world, "ben", ask.AnswerInvitation(text=text), WrongPhase)
    refused(world, "ana", ask.AnswerInvitation(text=invite(world).text), WrongPhase)
    refused(world, "ben", ask.AnswerInvitation(text="MESHCOAL1ABC"), BadInvitation)
    refused(world, "ben", ask.AnswerInvitation(text=invite(world, campaign).text), WrongPhase)
    refused(world, "ana", ask.BeginBundle(campaigns=(), answers=(bytes(16),)), Unknown)


def test_what_was_written_by_file_goes_on_over_a_link() -> None:
    """Goal: whichever way comes first. Method: write a request, then accept the same over a link."""
    world = apart("ana", "ben")
    campaign = found(world, "ana")
    text = invite(world, campaign).text
    part = request(world, "ben", text)
    world.heal()
    world.command("ben", ask.AcceptInvitation(text=text), show.IntroductionView)
    world.run_ms(20_000)
    assert states(world, "ana") == [IntroductionState.ASKING]
    assert [one.code for one in look(world, "ana", [part]).refused] == ["invitation-served"]
    admit(world)
    world.run_ms(20_000)
    assert set(members(world, "ben", campaign)) == {"ana", "ben"}


# --- By somebody who wishes harm and has the invitation


class Stage:
    """Ana's invitation, Ben's request, and all that Mallory needs to make another of it."""

    def __init__(self) -> None:
        self.world = apart("ana", "ben")
        self.campaign = found(self.world, "ana")
        self.text = invite(self.world, self.campaign).text
        self.part = request(self.world, "ben", self.text)
        ben = self.world.core("ben")._core  # type: ignore[attr-defined]
        self.people = ben.people
        self.met = next(iter(ben.people.introductions.values()))

    def request(self, **changed: object) -> bytes:
        """A request as Mallory seals it, with her own link key unless another is claimed."""
        mallory = AgreementKey(bytes([7]) * 32)
        invitation = decode_invitation(self.text)
        fields = {
            "proof": bytes(PROOF_BYTES),
            "person": mallory.public,
            "name": "mallory",
            "hints": (),
            "pair": bytes(32),
            "answer": bytes([9]) * 32,
            "card": self.met.card,
            "prekey": b"",
            **changed,
        }
        made = Request(**fields)
        about = proven_bytes(made, invitation.digest)
        if made.proof == bytes(PROOF_BYTES):
            made = replace(made, proof=proof(mallory, invitation.person, answers=False, about=about))
        return self.sealed(encode_carried(made, request_room(4_096)))

    def sealed(self, content: bytes) -> bytes:
        invitation = decode_invitation(self.text)
        return seal_request(
            content, code=invitation.code, invitation=invitation.digest, public=invitation.seal,
            name=bytes(16), sealer=SEALER, entropy=CHANCE,
        )  # fmt: skip


def flipped(part: bytes, at: int) -> bytes:
    return part[:at] + bytes([part[at] ^ 1]) + part[at + 1 :]


REQUESTS: dict[str, tuple[Callable[[Stage], bytes], str]] = {
    "body changed": (lambda stage: flipped(stage.part, 5_000), "bad-seal"),
    "last byte changed": (lambda stage: flipped(stage.part, len(stage.part) - 1), "bad-seal"),
    "another's link key": (
        lambda stage: stage.request(person=stage.people.link.public),
        "bad-signature",
    ),
    "a made-up proof": (lambda stage: stage.request(proof=bytes([1]) * 32), "bad-signature"),
    "the inviter's own key": (
        lambda stage: stage.request(person=decode_invitation(stage.text).person),
        "not-authorized",
    ),
    "a weak link key": (lambda stage: stage.request(person=bytes(32)), "bad-key"),
    "a weak key on the card": (
        lambda stage: stage.request(card=replace(stage.met.card, link=bytes(32))),
        "bad-key",
    ),
    "a weak prekey": (lambda stage: stage.request(prekey=b"\xff" * 1_216), "bad-key"),
    "no request": (
        lambda stage: stage.sealed(bytes([0x80]).ljust(request_room(4_096), b"\x00")),
        "malformed-request",
    ),
    "other padding": (lambda stage: stage.sealed(b"\x81" * request_room(4_096)), "malformed-request"),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_a_bad_request_is_refused_by_its_code(name: str) -> None:
    """Goal: nothing false comes in. Method: each forgery is looked at and taken; the true one serves."""
    forge, code = REQUESTS[name]
    stage = Stage()
    part = forge(stage)
    view = look(stage.world, "ana", [part])
    assert [one.code for one in view.refused] == [code]
    take(stage.world, "ana", [part])
    assert introductions(stage.world, "ana") == []
    take(stage.world, "ana", [stage.part])
    assert [one.name for one in introductions(stage.world, "ana")] == ["ben"]


def test_a_request_with_a_changed_head_or_of_strangers_is_noise() -> None:
    """Goal: no mark without the invitation. Method: change salt and head; a request to another."""
    stage = Stage()
    for at in (0, 40, 1_200):
        view = look(stage.world, "ana", [flipped(stage.part, at)])
        assert (view.strange, view.refused, view.requests) == (1, (), ())
    assert look(stage.world, "ben", [stage.part]).strange == 1


def test_an_answer_by_somebody_else_is_refused() -> None:
    """Goal: only who invited answers. Method: Mallory has the answer's key; other keys, personas, bytes."""
    stage = Stage()
    take(stage.world, "ana", [stage.part])
    admit(stage.world)
    (true,) = reply(stage.world)
    key = stage.met.answer
    content = open_answer(true, key)
    assert content is not None
    answer = decode_carried(Answer, content)

    def sealed(made: Answer) -> bytes:
        return seal_answer(encode_carried(made, answer_room(4_096)), key=key, entropy=CHANCE)

    ana = stage.world.core("ana")._core.people.link  # type: ignore[attr-defined]
    other = replace(answer, author=bytes(32))
    about = proven_bytes(other, key)
    proven = replace(other, proof=proof(ana, stage.people.link.public, answers=True, about=about))
    for part, code in (
        (sealed(replace(answer, name="mallory")), "bad-signature"),
        (sealed(proven), "wrong-recipient"),
        (flipped(true, BUNDLE_PART_BYTES - 1), "bad-seal"),
    ):
        assert [one.code for one in look(stage.world, "ben", [part]).refused] == [code]
        take(stage.world, "ben", [part])
    assert states(stage.world, "ben") == [IntroductionState.CARRIED]
    take(stage.world, "ben", [true])
    assert states(stage.world, "ben") == [IntroductionState.ADMITTED]


def test_a_bundle_for_others_takes_no_answer_along() -> None:
    """Goal: an answer goes to whom it is for. Method: bundles for one member, for all; cut off."""
    world = apart("ana", "ben", "chi")
    campaign = joined(world)
    take(world, "ana", [request(world, "chi", invite(world, campaign).text)])
    admit(world)
    names = members(world, "ana", campaign)
    post(world, "ben", campaign, "here")
    take(world, "ana", write(world, "ben", campaign))
    assert begin(world, "ana", campaign, members=(names["ben"],)).answers == ()
    assert begin(world, "ana", campaign, members=(names["chi"],)).answers == ("chi",)
    parts = write(world, "ana", campaign)
    assert begin(world, "ana", campaign).answers == ("chi",)
    assert parts_of(world, "ana", begin(world, "ana", campaign).bundle, had=parts) == []

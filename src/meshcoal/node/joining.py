"""Joining without a link: a request that is carried to the inviter, and the answer that is carried back.

Law: what is carried has the effect of what would have been said on a link, and no other: an invitation
serves once, meeting makes contacts, an organiser admits. Looking at a request or an answer changes nothing;
taking it twice changes nothing more. Ours, unreviewed: docs/protocol/joining.md.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, replace
from typing import Final, Protocol

from meshcoal.api.views import IntroductionState, MemberState, NoticeKind
from meshcoal.crypto.agreement import Sealer, check_agreement_public
from meshcoal.crypto.entropy import Entropy
from meshcoal.crypto.joining import (
    answer_room,
    campaign_mark,
    open_answer,
    open_request,
    proof,
    request_door,
    request_head,
    request_name,
    request_room,
    seal_answer,
    seal_request,
)
from meshcoal.errors import (
    BadInvitation,
    BadSignature,
    InvitationExpired,
    InvitationRevoked,
    InvitationServed,
    NotAuthorized,
    RemoteError,
    Unknown,
    WrongPhase,
    WrongRecipient,
)
from meshcoal.ids import AuthorId, CampaignId, PersonId
from meshcoal.limits import BUNDLE_PART_BYTES, SLIP_CLASSES_BYTES
from meshcoal.node.campaign import Campaign
from meshcoal.node.inserting import check_card
from meshcoal.node.people import People
from meshcoal.node.persona import Persona
from meshcoal.node.records import IntroductionRecord, ServedWhy
from meshcoal.node.returning import Parts, enter
from meshcoal.node.shows import campaign_name
from meshcoal.node.step import Step
from meshcoal.node.telling import peers_to_tell, told_peers
from meshcoal.sync.knock import KEY_BYTES
from meshcoal.wire.frames import Ask, Decided
from meshcoal.wire.invitation import Invitation, decode_invitation
from meshcoal.wire.joining import (
    PROOF_BYTES,
    Answer,
    Answered,
    Proven,
    Request,
    carried_bytes,
    decode_carried,
    encode_carried,
    proven_bytes,
)

_UNDECIDED: Final = (IntroductionState.CARRIED, IntroductionState.DIALLING, IntroductionState.WAITING)
_WHY: Final[dict[ServedWhy, str]] = {
    ServedWhy.USED: InvitationServed.code,
    ServedWhy.REVOKED: InvitationRevoked.code,
    ServedWhy.EXPIRED: InvitationExpired.code,
}
_ANSWERED: Final = {
    IntroductionState.CONTACT: Answered.CONTACT,
    IntroductionState.ADMITTED: Answered.ADMITTED,
    IntroductionState.REFUSED: Answered.REFUSED,
}


class Whole(Parts, Protocol):
    """What it takes of a node."""

    entropy: Entropy


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundRequest:
    """A request to an invitation of mine. `request` is None where it was taken in before."""

    invitation: bytes  # the id of it here
    name: bytes
    request: Request | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundAnswer:
    """An answer to a request of mine."""

    introduction: bytes
    answer: Answer
    new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A request or an answer that is not taken in."""

    code: str


Found = FoundRequest | FoundAnswer | Refused


class Joining:
    """Writes and reads what is carried between who invites and who is invited."""

    def __init__(self, core: Whole) -> None:
        self._core = core

    @property
    def _people(self) -> People:
        return self._core.people

    @property
    def _sealer(self) -> Sealer:
        return self._core.sealer

    # --- Asking

    def ask(self, step: Step, text: str, *, paper: bool) -> tuple[bytes, bytes]:
        """Accept an invitation by a file. Written again it is the same request.

        Returns:
            The introduction's id, and the part to carry.

        Raises:
            BadInvitation, InvitationExpired, OverLimit: as over a link.
            WrongPhase: it can be used over a link only, leads where I am already, or was answered.
        """
        people = self._people
        invitation = people.read_invitation(step, text)
        if not invitation.by_file:
            raise WrongPhase(
                "This invitation can be accepted over a connection only. Ask for one that is answered by "
                "a file: `meshcoal invite make --by-file`."
            )
        try:
            self._sealer.check_public(invitation.seal)
        except RemoteError as exc:
            raise BadInvitation("The key in this invitation is not sound. Ask for a new one.") from exc
        self._check_not_there(invitation)
        key, met = people.accepted(step, invitation, IntroductionState.CARRIED)
        if met.state not in (IntroductionState.CARRIED, IntroductionState.DIALLING):
            raise WrongPhase("This invitation has served: see `meshcoal invite pending`.")
        known = people.contacts.get(PersonId(met.person))
        carried = replace(
            met,
            answer=met.answer or self._core.entropy.take(KEY_BYTES),
            pair=met.pair or (known.pair if known else self._core.entropy.take(KEY_BYTES)),
        )
        if invitation.mark and carried.persona is None:
            persona = people.persona_for(met, b"")
            # Where its owner can be reached, members are told from inside the campaign.
            carried = replace(carried, persona=persona, card=Persona(persona, self._sealer).card(()))
        people.put(step, key, carried)
        return key, self._sealed_request(step, invitation, carried, paper=paper)

    def _check_not_there(self, invitation: Invitation) -> None:
        for campaign in self._core.campaigns.values():
            there = campaign.my_state is MemberState.ACTIVE and not campaign.seeds.lost
            if there and invitation.mark == campaign_mark(invitation.code, campaign.id):
                raise WrongPhase("This invitation leads into a campaign in which you are already.")

    def _sealed_request(
        self, step: Step, invitation: Invitation, met: IntroductionRecord, *, paper: bool
    ) -> bytes:
        people = self._people
        request = Request(
            proof=bytes(PROOF_BYTES),
            person=people.link.public,
            name=people.identity.name,
            hints=people.hints_for(step, met.person),
            pair=met.pair,
            answer=met.answer,
            card=met.card,
            prekey=Persona(met.persona, self._sealer).prekey_public() if met.persona else b"",
        )
        about = proven_bytes(request, invitation.digest)
        request = replace(request, proof=proof(people.link, met.person, answers=False, about=about))
        size = _size(request, request_room(0), paper=paper)
        return seal_request(
            encode_carried(request, request_room(size)),
            code=invitation.code,
            invitation=invitation.digest,
            public=invitation.seal,
            name=request_name(met.answer),
            sealer=self._sealer,
            entropy=self._core.entropy,
        )

    # --- Answering

    def answer(self, step: Step, key: bytes, *, paper: bool) -> bytes:
        """The part that tells somebody who asked by a file who I am, and what was decided.

        Raises:
            Unknown: no such introduction, or the contact was forgotten.
            WrongPhase: it is not mine to answer, not decided, or they know it.
        """
        met = self._people.introductions.get(key)
        if met is None:
            raise Unknown("There is no such introduction.")
        if met.mine or not met.answer:
            raise WrongPhase("Nobody asked for an answer by a file here.")
        verdict = _ANSWERED.get(met.state)
        if verdict is None:
            raise WrongPhase("Decide first: `meshcoal admit` or `meshcoal refuse`.")
        if met.told:
            raise WrongPhase("They know already, or their words differed and they are told nothing.")
        contact = self._people.contact(met.person)
        campaign = self._core.campaigns.get(CampaignId(met.campaign))
        own = met.card.link if met.card else b""
        admitted = verdict is Answered.ADMITTED and campaign is not None
        peers = peers_to_tell(step, self._people, campaign) if admitted and campaign else []
        answer = Answer(
            proof=bytes(PROOF_BYTES),
            verdict=verdict,
            name=self._people.identity.name,
            hints=self._people.hints_for(step, met.person, met.campaign),
            pair=contact.pair,
            campaign=met.campaign,
            campaign_name=campaign_name(self._core.campaigns, met.campaign),
            seat=met.seat,
            author=met.card.author if met.card else b"",
            peers=told_peers([peer for peer in peers if peer[0] != own]),
        )
        about = proven_bytes(answer, met.answer)
        made = proof(self._people.link, met.person, answers=True, about=about)
        answer = replace(answer, proof=made)
        size = _size(answer, answer_room(0), paper=paper)
        content = encode_carried(answer, answer_room(size))
        return seal_answer(content, key=met.answer, entropy=self._core.entropy)

    def unheard(self, campaign: Campaign, members: tuple[bytes, ...]) -> list[bytes]:
        """Whose answer is to go along with a bundle: of whom nothing was heard since they were let in.

        `members`: for whom the bundle is; empty: all.
        """
        return [
            key
            for key, met in self._people.introductions.items()
            if not met.mine
            and met.answer
            and not met.told
            and met.state is IntroductionState.ADMITTED
            and met.campaign == campaign.id
            and met.card is not None
            and campaign.dag.top(AuthorId(met.card.author)) < 0
            and PersonId(met.person) in self._people.contacts
            and (not members or met.card.author in members)
        ]

    def has(self, key: bytes, part: bytes) -> bool:
        """Whether a part is an answer to this introduction that says what one would say now."""
        met = self._people.introductions.get(key)
        if met is None or not met.answer:
            return False
        try:
            content = open_answer(part, met.answer)
            found = decode_carried(Answer, content) if content is not None else None
        except RemoteError:
            return False
        return found is not None and found.verdict is _ANSWERED.get(met.state)

    # --- Reading

    def look(self, part: bytes, now_ms: int) -> Found | None:
        """What a part is to me; None: no request and no answer of mine. Changes nothing."""
        try:
            return self._request(part, now_ms) or self._answer(part)
        except RemoteError as refusal:
            return Refused(code=refusal.code)

    def _request(self, part: bytes, now_ms: int) -> Found | None:
        for key, kept in self._people.invitations.items():
            head = request_head(part, request_door(kept.code)) if kept.seed else None
            if head is None:
                continue
            if kept.expires_ms <= now_ms:
                return Refused(code=InvitationExpired.code)
            invitation = decode_invitation(kept.text)
            content = open_request(
                part, head, seed=kept.seed, invitation=invitation.digest, sealer=self._sealer
            )
            request = decode_carried(Request, content)
            self._check_request(request, invitation)
            return FoundRequest(invitation=key, name=head.name, request=request)
        for key, served in self._people.served.items():
            head = request_head(part, served.door)
            if head is not None:
                if served.why is ServedWhy.USED and head.name == served.request:
                    return FoundRequest(invitation=key, name=head.name, request=None)
                return Refused(code=_WHY[served.why])
        return None

    def _check_request(self, request: Request, invitation: Invitation) -> None:
        """Raises `BadKey`, `BadSignature`, `NotAuthorized`."""
        if request.card is not None:
            check_card(request.card, self._sealer)
        if request.prekey:
            self._sealer.check_public(request.prekey)
        self._check_proof(request, request.person, invitation.digest, answers=False)

    def _check_proof(self, carried: Proven, person: bytes, bound_to: bytes, *, answers: bool) -> None:
        check_agreement_public(person)
        known = self._people.contacts.get(PersonId(person))
        if person == self._people.link.public or (known is not None and known.refused):
            raise NotAuthorized("by oneself, or by a contact whose words did not match")
        about = proven_bytes(carried, bound_to)
        made = proof(self._people.link, person, answers=answers, about=about)
        if not hmac.compare_digest(made, carried.proof):
            raise BadSignature("the proof is not by the key that it names")

    def _answer(self, part: bytes) -> Found | None:
        for key, met in self._people.introductions.items():
            content = open_answer(part, met.answer) if met.mine and met.answer else None
            if content is None:
                continue
            answer = decode_carried(Answer, content)
            self._check_proof(answer, met.person, met.answer, answers=True)
            for peer in answer.peers:
                check_agreement_public(peer.link)
            new = met.state in _UNDECIDED
            mine = met.card.author if met.card else b""
            if new and answer.verdict is not Answered.CONTACT and answer.author != mine:
                return Refused(code=WrongRecipient.code)
            return FoundAnswer(introduction=key, answer=answer, new=new)
        return None

    # --- Taking in

    def take(self, step: Step, found: Found) -> None:
        """Act on what was looked at; on what is refused, or known, nothing is done.

        Raises:
            OverLimit: too many contacts.
        """
        match found:
            case FoundRequest(invitation=key, name=name, request=Request() as request):
                ask = Ask(
                    name=request.name,
                    hints=request.hints,
                    card=request.card,
                    pair=request.pair,
                    prekey=request.prekey,
                )
                person = PersonId(request.person)
                self._people.take_ask(step, key, person, ask, answer=request.answer, request=name)
                self._core.refresh_targets(step)
            case FoundAnswer(introduction=key, answer=answer, new=True):
                self._take_answer(step, key, answer)
                self._core.refresh_targets(step)
            case _:
                pass

    def _take_answer(self, step: Step, key: bytes, answer: Answer) -> None:
        people = self._people
        met = replace(
            people.introductions[key],
            name=answer.name,
            hints=answer.hints or people.introductions[key].hints,
            handshake=b"",  # the words are those of the two keys
            campaign=answer.campaign,
            campaign_name=answer.campaign_name,
            seat=answer.seat,
            code=b"",
            pair=b"",
        )
        people.meet(step, PersonId(met.person), name=answer.name, hints=met.hints, pair=answer.pair)
        if answer.verdict is Answered.CONTACT:
            contact = replace(met, state=IntroductionState.CONTACT, campaign=b"", persona=None, card=None)
            people.put(step, key, contact)
            return
        people.put(step, key, replace(met, state=IntroductionState.WAITING))
        admitted = answer.verdict is Answered.ADMITTED
        peers = answer.peers if admitted else ()
        decided = Decided(admitted=admitted, campaign=answer.campaign, peers=peers, author=answer.author)
        asked = people.decided(step, met.person, decided)
        if asked is not None:
            enter(self._core, step, asked, decided)
        step.notice(NoticeKind.INTRODUCTIONS)


def _size(carried: Proven, less: int, *, paper: bool) -> int:
    """The size of the part: on a stick that of all parts, on paper the smallest that holds it.

    `less`: what the room is less than the size, as a negative number.
    """
    if not paper:
        return BUNDLE_PART_BYTES
    return next(size for size in SLIP_CLASSES_BYTES if size + less >= carried_bytes(carried))

"""Invitations and introductions: how two people come to know each other.

Law: an invitation serves once. Meeting makes contacts, not members: admission is a separate act of an
organiser, who sees whether the words were compared. A request and a decision are repeated until they are
known to have arrived, and repeating them changes nothing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Final

from meshcoal.api.commands import AcceptInvitation
from meshcoal.api.views import (
    IntroductionState,
    IntroductionView,
    NoticeKind,
    SpellingView,
)
from meshcoal.crypto.agreement import Sealer, check_agreement_public
from meshcoal.crypto.entropy import Entropy
from meshcoal.crypto.fingerprint import comparison_words
from meshcoal.errors import (
    BadInvitation,
    BadKey,
    InvitationExpired,
    InvitationServed,
    MalformedInvitation,
    NotAuthorized,
    OverLimit,
    Unknown,
    WrongPhase,
)
from meshcoal.ids import CampaignId, PersonId
from meshcoal.limits import CONTACTS_MAX, INVITATION_LIFETIME_MS_MAX
from meshcoal.log.reader import LogReader
from meshcoal.node.inserting import check_card
from meshcoal.node.invitations import INTRODUCTION_ID_BYTES, Invitations
from meshcoal.node.links import CONTACT, INVITATION, Link, Target
from meshcoal.node.persona import Persona, new_persona
from meshcoal.node.records import (
    CONTACTS,
    INTRODUCTIONS,
    IntroductionRecord,
    PersonaRecord,
    ServedWhy,
    load_all,
)
from meshcoal.node.step import Step
from meshcoal.sync.knock import KEY_BYTES, Door, Pattern, contact_psk, invitation_psk
from meshcoal.wire.frames import Ask, Decided, Offer
from meshcoal.wire.invitation import Invitation, decode_invitation
from meshcoal.wire.terms import Seat, WordList

_OPEN: Final = (IntroductionState.DIALLING, IntroductionState.CARRIED, IntroductionState.WAITING)


class People(Invitations):
    """Everyone this person knows, or is about to."""

    def __init__(
        self,
        *,
        reader: LogReader,
        entropy: Entropy,
        sealer: Sealer,
        persona_in: Callable[[CampaignId], PersonaRecord | None],
    ) -> None:
        """`persona_in`: who I am in a campaign I belong to."""
        self.persona_in = persona_in
        super().__init__(reader=reader, entropy=entropy, sealer=sealer)
        self.introductions = dict(load_all(reader, IntroductionRecord, INTRODUCTIONS))

    # --- Doors and targets

    def doors(self, now_ms: int) -> list[Door]:
        """What one may knock at: my contacts, and whoever holds an invitation of mine."""
        return self.contact_doors() + self.invitation_doors(now_ms)

    def targets(self, now_ms: int) -> list[Target]:
        """Whom to dial about introductions."""
        found = []
        for key, met in self.introductions.items():
            waits = met.state in (IntroductionState.DIALLING, IntroductionState.WAITING)
            undecided = met.mine and waits and met.expires_ms > now_ms
            untold = (
                not met.mine
                and not met.told
                and met.state in (IntroductionState.ADMITTED, IntroductionState.REFUSED)
            )
            if not (undecided or untold) or not met.person:
                continue
            if met.mine and met.state is IntroductionState.DIALLING:
                psk = invitation_psk(met.code)
                found.append(self._target(INVITATION, Pattern.INVITATION, key, met, psk))
            contact = self.contacts.get(PersonId(met.person))
            if contact is not None and (not met.mine or met.name):
                # Once they told their name they may know me already, and the invitation may have served.
                found.append(self._target(CONTACT, Pattern.KNOWN, key, met, contact_psk(contact.pair)))
        return found

    def _target(self, kind: str, pattern: Pattern, key: bytes, met: IntroductionRecord, psk: bytes) -> Target:
        return Target(
            key=(kind, key, met.person),
            pattern=pattern,
            static=self.link,
            remote=met.person,
            psk=psk,
            hints=met.hints,
            delay_ms=0,
        )

    # --- Accepting

    def expire(self, step: Step) -> None:
        """Erase invitations that are past their date, and mark acceptances that came to nothing."""
        self.expire_invitations(step)
        for key, met in self.introductions.items():
            # A request that is carried is read by its date, but the answer takes its time.
            carried_ms = INVITATION_LIFETIME_MS_MAX if met.answer else 0
            undecided = met.state in (IntroductionState.DIALLING, IntroductionState.CARRIED)
            if met.mine and undecided and met.expires_ms + carried_ms <= step.now_ms:
                expired = IntroductionState.EXPIRED
                self.put(step, key, dataclasses.replace(met, state=expired, code=b"", answer=b"", pair=b""))

    def accept(self, step: Step, command: AcceptInvitation) -> IntroductionView:
        """Raises `BadInvitation`, `InvitationExpired`, `WrongPhase`, `OverLimit`."""
        invitation = self.read_invitation(step, command.text)
        key, met = self.accepted(step, invitation, IntroductionState.DIALLING)
        if met.state is IntroductionState.CARRIED:  # a link serves as well
            self.put(step, key, dataclasses.replace(met, state=IntroductionState.DIALLING))
        return self.introduction_view(key)

    def read_invitation(self, step: Step, text: str) -> Invitation:
        """An invitation of somebody else's that is not past its date. Raises as `accept`."""
        try:
            invitation = decode_invitation(text)
        except MalformedInvitation as exc:
            raise BadInvitation(f"The invitation cannot be read: {exc}.") from exc
        try:
            check_agreement_public(invitation.person)
        except BadKey as exc:
            raise BadInvitation("The key in this invitation is not sound. Ask for a new one.") from exc
        if invitation.expires_ms <= step.now_ms:
            raise InvitationExpired("This invitation is past its date. Ask for a new one.")
        if invitation.person == self.link.public:
            raise WrongPhase("This is an invitation of your own: send it to somebody else.")
        return invitation

    def accepted(
        self, step: Step, invitation: Invitation, state: IntroductionState
    ) -> tuple[bytes, IntroductionRecord]:
        """What has become of it here, where it was accepted before; else begin so. Raises `OverLimit`."""
        for key, met in self.introductions.items():
            if met.mine and met.code == invitation.code:
                return key, met
        if len(self.introductions) >= CONTACTS_MAX:
            raise OverLimit("There are too many introductions.")
        key = self._entropy.take(INTRODUCTION_ID_BYTES)
        met = IntroductionRecord(
            mine=True,
            code=invitation.code,
            person=invitation.person,
            name="",
            hints=invitation.hints,
            handshake=b"",
            campaign=b"",
            campaign_name="",
            seat=Seat.OBSERVER,
            state=state,
            since_ms=step.now_ms,
            expires_ms=invitation.expires_ms,
            card=None,
            prekey=b"",
            persona=None,
            told=False,
            answer=b"",
            pair=b"",
        )
        self.put(step, key, met)
        return key, met

    # --- Conversations

    def offer(self, step: Step, invitation: bytes, person: bytes, campaign_name: str) -> Offer:
        """First words to somebody who came with an invitation of mine."""
        kept = self.invitations[invitation]
        known = self.contacts.get(PersonId(person))
        return Offer(
            name=self.identity.name,
            hints=self.hints_for(step, person, kept.campaign),
            campaign=kept.campaign,
            campaign_name=campaign_name,
            seat=kept.seat,
            pair=known.pair if known else self._entropy.take(KEY_BYTES),
        )

    def on_offer(self, step: Step, link: Link, offer: Offer) -> Ask:
        """The inviter says who they are: become contacts, and ask to be admitted if there is a campaign.

        Raises:
            NotAuthorized: nobody invited me on this link.
        """
        assert link.session is not None
        met = self.introductions.get(link.introduction)
        if met is None or not met.mine or met.state not in _OPEN:
            raise NotAuthorized("an offer that was not asked for")
        persona = self.persona_for(met, offer.campaign) if offer.campaign else None
        hints = self.hints_in(step, offer.campaign) if offer.campaign else ()
        met = dataclasses.replace(
            met,
            name=offer.name,
            hints=offer.hints or met.hints,
            handshake=link.session.handshake_hash,
            campaign=offer.campaign,
            campaign_name=offer.campaign_name,
            seat=offer.seat,
            persona=persona,
            card=Persona(persona, self._sealer).card(hints) if persona else None,
            # The code stays until the inviter is known to have heard.
            state=IntroductionState.DIALLING,
        )
        self.put(step, link.introduction, met)
        person = PersonId(met.person)
        known = self.contacts.get(person)
        # What is known is kept: an older link of ours may have told it to the inviter already.
        pair = known.pair if known else offer.pair
        self.meet(step, person, name=offer.name, hints=met.hints, pair=pair)
        return self._ask(step, met, pair)

    def persona_for(self, met: IntroductionRecord, campaign: bytes) -> PersonaRecord:
        """One persona a campaign, however many members invite me: two would be two members.

        `campaign`: empty where it is not known yet, because the request goes as a file.
        """
        others = [one.persona for one in self.introductions.values() if campaign and one.campaign == campaign]
        for known in (met.persona, self.persona_in(CampaignId(campaign)), *others):
            if known is not None:
                return known
        return new_persona(name=self.identity.name, entropy=self._entropy, sealer=self._sealer)

    def _ask(self, step: Step, met: IntroductionRecord, pair: bytes) -> Ask:
        prekey = Persona(met.persona, self._sealer).prekey_public() if met.persona else b""
        hints = self.hints_for(step, met.person, met.campaign)
        return Ask(name=self.identity.name, hints=hints, card=met.card, pair=pair, prekey=prekey)

    def on_heard(self, step: Step, link: Link) -> None:
        """The inviter has stored the request: the code has served."""
        met = self.introductions.get(link.introduction)
        if met is None or not met.mine or met.state is not IntroductionState.DIALLING or not met.name:
            return
        state = IntroductionState.WAITING if met.campaign else IntroductionState.CONTACT
        self.put(step, link.introduction, dataclasses.replace(met, state=state, code=b""))

    def asks_again(self, step: Step, link: Link) -> Ask | None:
        """What to say first on a link that I dialled to an inviter who knows me already."""
        met = self.introductions.get(link.introduction)
        if met is None or not met.mine or met.state not in _OPEN or not met.name:
            return None
        contact = self.contacts.get(PersonId(met.person))
        return self._ask(step, met, contact.pair) if contact else None

    def on_ask(self, step: Step, link: Link, ask: Ask) -> bool:
        """Somebody who came with an invitation says who they are. The invitation has served.

        Returns:
            Whether the request is on record. Repeated on a link between contacts it may not be: then they
            have to come with the invitation.

        Raises:
            BadKey: a key on the card is not sound.
            InvitationServed: somebody else came with it before.
        """
        assert link.session is not None
        if ask.card is not None:
            check_card(ask.card, self._sealer)
        if ask.prekey:
            self._sealer.check_public(ask.prekey)
        person = PersonId(link.session.remote_static)
        kind, key = link.session.name
        if kind != INVITATION:
            return self._asked(person, ask)
        if key not in self.invitations:
            raise InvitationServed("the invitation has served")
        self.take_ask(step, key, person, ask, handshake=link.session.handshake_hash)
        return True

    def take_ask(
        self,
        step: Step,
        key: bytes,
        person: PersonId,
        ask: Ask,
        *,
        handshake: bytes = b"",
        answer: bytes = b"",
        request: bytes = b"",
    ) -> None:
        """Somebody uses an open invitation: over a link, or by a file with a key for its answer.

        Raises:
            OverLimit: too many contacts.
        """
        kept = self.invitations[key]
        self.end_invitation(step, key, ServedWhy.USED, request)
        known = self.contacts.get(person)
        # Where each invited the other at the same moment, both settle on the smaller of two secrets.
        pair = min(known.pair, ask.pair) if known else ask.pair
        self.meet(step, person, name=ask.name, hints=ask.hints, pair=pair)
        asking = bool(kept.campaign) and ask.card is not None
        met = IntroductionRecord(
            mine=False,
            code=b"",
            person=person,
            name=ask.name,
            hints=ask.hints,
            handshake=handshake,
            campaign=kept.campaign if asking else b"",
            campaign_name="",
            seat=kept.seat,
            state=IntroductionState.ASKING if asking else IntroductionState.CONTACT,
            since_ms=step.now_ms,
            expires_ms=kept.expires_ms,
            card=ask.card,
            prekey=ask.prekey,
            persona=None,
            told=False,
            answer=answer,
            pair=b"",
        )
        self.put(step, key, met)

    def _asked(self, person: PersonId, ask: Ask) -> bool:
        """Whether this person has asked this before: with this persona, or to be a contact."""
        known = self.contacts.get(person)
        if ask.card is None:
            return known is not None
        author = ask.card.author
        return any(
            not met.mine and met.person == person and met.card is not None and met.card.author == author
            for met in self.introductions.values()
        )

    def decisions_for(self, person: bytes) -> list[tuple[bytes, IntroductionRecord]]:
        """Decisions that somebody has not been told yet."""
        return [
            (key, met)
            for key, met in self.introductions.items()
            if not met.mine
            and met.person == person
            and not met.told
            and met.state in (IntroductionState.ADMITTED, IntroductionState.REFUSED)
        ]

    def decide(self, step: Step, key: bytes, *, admitted: bool) -> IntroductionRecord:
        """Record a decision. Raises `Unknown`, `WrongPhase`."""
        met = self.introductions.get(key)
        if met is None:
            raise Unknown("There is no such introduction.")
        if met.mine:
            if admitted:
                raise WrongPhase("You asked to be admitted: the inviter decides.")
            self.introductions.pop(key)
            step.erase(INTRODUCTIONS, key)
            step.notice(NoticeKind.INTRODUCTIONS)
            return met
        if met.state is not IntroductionState.ASKING:
            raise WrongPhase("This request was decided already, or asks for nothing.")
        state = IntroductionState.ADMITTED if admitted else IntroductionState.REFUSED
        met = dataclasses.replace(met, state=state)
        self.put(step, key, met)
        return met

    def on_decided(self, step: Step, link: Link, decided: Decided) -> IntroductionRecord | None:
        """The inviter decided. Returns the introduction where it has just led into a campaign.

        A decision on what was decided or given up before changes nothing.

        Raises:
            BadKey: a key of somebody to turn to is not sound.
        """
        assert link.session is not None
        return self.decided(step, link.session.remote_static, decided)

    def decided(self, step: Step, person: bytes, decided: Decided) -> IntroductionRecord | None:
        """As `on_decided`, however it came."""
        for peer in decided.peers:
            check_agreement_public(peer.link)
        asked = [
            (key, met)
            for key, met in self.introductions.items()
            if met.mine and met.person == person and met.campaign == decided.campaign
            if met.card is not None and met.card.author == decided.author
        ]
        if decided.admitted:
            for key, met in asked:
                admitted = dataclasses.replace(met, state=IntroductionState.ADMITTED, code=b"")
                self.put(step, key, dataclasses.replace(admitted, persona=None, card=None))
            return asked[0][1] if asked else None
        for key, met in asked:
            if met.state in _OPEN:
                # The persona is kept: who asked twice with it may be refused once and admitted once.
                self.put(step, key, dataclasses.replace(met, state=IntroductionState.REFUSED, code=b""))
                break
        return None

    def on_noted(self, step: Step, person: bytes, author: bytes) -> None:
        """Somebody has heard my decision on this persona of theirs."""
        for key, met in self.decisions_for(person):
            if met.card is not None and met.card.author == author:
                self.put(step, key, dataclasses.replace(met, told=True, card=None))

    # --- Contacts

    def confirm(self, step: Step, person: PersonId, *, match: bool) -> None:
        """The words were compared. Raises `Unknown`."""
        contact = self.contact(person)
        verified_ms = max(step.now_ms, 1) if match else 0
        judged = dataclasses.replace(contact, verified_ms=verified_ms, refused=not match, differed_ms=0)
        self.put_contact(step, person, judged)
        if not match:
            self.onions.take_back(step, person, now=True)
            for key, met in list(self.introductions.items()):
                if met.person == person and met.state in (*_OPEN, IntroductionState.ASKING):
                    self.put(step, key, dataclasses.replace(met, state=IntroductionState.REFUSED, told=True))

    def forget(self, step: Step, person: PersonId) -> None:
        """Raises `Unknown`."""
        self.contact(person)
        del self.contacts[person]
        step.erase(CONTACTS, person)
        self.onions.take_back(step, person, now=True)
        self.ways.forget(step, b"", person)
        for key in [key for key, met in self.introductions.items() if met.person == person]:
            del self.introductions[key]
            step.erase(INTRODUCTIONS, key)
        step.notice(NoticeKind.CONTACTS)
        step.notice(NoticeKind.INTRODUCTIONS)

    # --- Views

    def introduction_view(
        self, key: bytes, campaign_name: str = "", *, warned: bool = False
    ) -> IntroductionView:
        """What is shown of an introduction that is here. `campaign_name`: where theirs does not say it."""
        met = self.introductions[key]
        contact = self.contacts.get(PersonId(met.person))
        return IntroductionView(
            id=key,
            mine=met.mine,
            person=met.person if met.name else b"",
            name=(contact.petname if contact and contact.petname else met.name),
            words=self._words(met),
            verified=bool(contact and contact.verified),
            campaign=met.campaign,
            campaign_name=met.campaign_name or campaign_name,
            seat=met.seat,
            state=met.state,
            since_ms=met.since_ms,
            warned=warned,
            by_file=bool(met.answer),
            author=met.card.author if met.card and not met.mine else b"",
        )

    # ---

    def _words(self, met: IntroductionRecord) -> tuple[SpellingView, ...]:
        if not met.handshake:
            return self.words_with(met.person) if met.answer else ()
        ends = (met.handshake, self.link.public, met.person)
        return tuple(
            [SpellingView(word_list=one, words=comparison_words(*ends, one.value)) for one in WordList]
        )

    def put(self, step: Step, key: bytes, met: IntroductionRecord) -> None:
        self.introductions[key] = met
        step.put(INTRODUCTIONS, key, met)
        step.notice(NoticeKind.INTRODUCTIONS)

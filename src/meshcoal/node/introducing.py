"""Introductions by a mutual contact: making two people known to each other, and being made known.

Law: nothing happens without the person. What a contact sends waits for a yes; a no is told to nobody, and
looks like no answer yet. Only two who both said yes find each other: both hold a secret that the introducer
sent them, knock with it at each other's door, and prove the very keys that were named. An introduction
compares nothing: the introducer may have named a key of their own.

Ours, unreviewed. docs/protocol/introduction.md.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Final

from meshcoal.api.commands import Introduce
from meshcoal.api.views import (
    AcquaintanceState,
    AcquaintancesView,
    AcquaintanceView,
    BrokeredView,
    NoticeKind,
)
from meshcoal.crypto.agreement import check_agreement_public
from meshcoal.crypto.entropy import Entropy
from meshcoal.errors import BadArgument, NotAuthorized, Unknown, WrongLink, WrongPhase
from meshcoal.ids import PersonId
from meshcoal.limits import (
    ACQUAINTANCE_LIFETIME_MS,
    ACQUAINTANCES_MAX,
    ACQUAINTANCES_UNDECIDED_BY_ONE_MAX,
    ACQUAINTANCES_UNDECIDED_MAX,
    BROKERED_MAX,
)
from meshcoal.log.reader import LogReader
from meshcoal.node.links import CONTACT, INTRODUCED, Link, Target
from meshcoal.node.people import People
from meshcoal.node.records import ACQUAINTANCES, BROKERED, AcquaintanceRecord, BrokeredRecord, load_all
from meshcoal.node.step import Step
from meshcoal.sync.knock import KEY_BYTES, Door, Pattern, contact_psk, introduced_psk
from meshcoal.wire.frames import Greeting, Introduction, Remembered

_ID_BYTES: Final = 16
_SECOND_DIALLER_WAITS_MS: Final = 3_000
# An introducer's clock may be ahead; nobody's introduction waits for ever.
_LIFETIME_MAX_MS: Final = 2 * ACQUAINTANCE_LIFETIME_MS


class Introducing:
    """Introductions that I make, and those that contacts make for me."""

    def __init__(self, *, reader: LogReader, entropy: Entropy, people: People) -> None:
        self._entropy = entropy
        self._people = people
        self.offered = dict(load_all(reader, AcquaintanceRecord, ACQUAINTANCES))
        self.made = dict(load_all(reader, BrokeredRecord, BROKERED))

    # --- Doors and targets

    def doors(self, now_ms: int) -> list[Door]:
        """Whom I accepted may knock with the introduction's secret, until its date."""
        return [
            Door(
                name=(INTRODUCED, key),
                pattern=Pattern.KNOWN,
                static=self._people.link,
                psk=introduced_psk(one.secret),
            )
            for key, one in self.offered.items()
            if one.secret and one.state is not AcquaintanceState.OFFERED and one.expires_ms > now_ms
        ]

    def targets(self, now_ms: int) -> list[Target]:
        """Whom to dial: contacts who have not been told of an introduction, and people I said yes to."""
        found = []
        for key, made in self.made.items():
            for person, told in ((made.first, made.first_told), (made.second, made.second_told)):
                contact = self._people.contacts.get(PersonId(person))
                if not told and contact is not None and made.expires_ms > now_ms:
                    psk = contact_psk(contact.pair)
                    found.append(self._target(CONTACT, key, person, psk, contact.hints, 0))
        for key, one in self.offered.items():
            if one.state is AcquaintanceState.ACCEPTED and one.expires_ms > now_ms:
                # The smaller key dials first, so that mostly one link is made and not two.
                wait_ms = 0 if self._people.link.public < one.person else _SECOND_DIALLER_WAITS_MS
                psk = introduced_psk(one.secret)
                found.append(self._target(INTRODUCED, key, one.person, psk, one.hints, wait_ms))
        return found

    def _target(
        self, kind: str, key: bytes, person: bytes, psk: bytes, hints: tuple[str, ...], delay_ms: int
    ) -> Target:
        return Target(
            key=(kind, key, person),
            pattern=Pattern.KNOWN,
            static=self._people.link,
            remote=person,
            psk=psk,
            hints=hints,
            delay_ms=delay_ms,
        )

    # --- Introducing two others

    def introduce(self, step: Step, command: Introduce) -> BrokeredView:
        """Begin an introduction; the same two again, while one is under way, is the same introduction.

        Raises:
            BadArgument: one person twice.
            Unknown: not a contact.
            WrongPhase: a contact is cut off, nobody could find the other, or too many are under way.
        """
        self.expire(step)
        first, second = command.first, command.second
        if first == second:
            raise BadArgument("An introduction is of two different people.")
        contacts = [self._people.contact(person) for person in (first, second)]
        if any(contact.refused for contact in contacts):
            raise WrongPhase("You cut one of the two off, because words differed. Introduce nobody to them.")
        if not any(contact.hints for contact in contacts):
            raise WrongPhase("No address is known of either of the two, so that they could not meet.")
        for key, made in self.made.items():
            if {made.first, made.second} == {first, second}:
                return self.brokered_view(key)
        if len(self.made) >= BROKERED_MAX:
            raise WrongPhase("Too many introductions are under way. Each ends by itself after two weeks.")
        key = self._entropy.take(_ID_BYTES)
        self._put_made(
            step,
            key,
            BrokeredRecord(
                first=first,
                second=second,
                note=command.note,
                secret=self._entropy.take(KEY_BYTES),
                first_told=False,
                second_told=False,
                since_ms=step.now_ms,
                # Whole minutes: no clock is told to the millisecond.
                expires_ms=(step.now_ms + ACQUAINTANCE_LIFETIME_MS) // 60_000 * 60_000,
            ),
        )
        return self.brokered_view(key)

    def to_tell(self, person: bytes, now_ms: int) -> list[Introduction]:
        """What this contact has not been told yet."""
        found = []
        for key, made in self.made.items():
            if made.expires_ms <= now_ms:
                continue
            for one, other, told in (
                (made.first, made.second, made.first_told),
                (made.second, made.first, made.second_told),
            ):
                contact = self._people.contacts.get(PersonId(other))
                if one != person or told or contact is None or contact.refused:
                    continue
                # The name they gave, never mine for them: a petname is told to nobody.
                message = Introduction(
                    reference=key,
                    person=other,
                    name=contact.given_name,
                    hints=contact.hints,
                    secret=made.secret,
                    note=made.note,
                    expires_ms=made.expires_ms,
                )
                found.append(message)
        return found

    def on_remembered(self, step: Step, person: bytes, reference: bytes) -> None:
        """A contact has an introduction of mine on disk. Hearing it twice changes nothing."""
        made = self.made.get(reference)
        if made is None:
            return
        told = dataclasses.replace(
            made,
            first_told=made.first_told or made.first == person,
            second_told=made.second_told or made.second == person,
        )
        if told != made:
            self._put_made(step, reference, told)

    # --- Being introduced

    def on_introduction(self, step: Step, introducer: PersonId, message: Introduction) -> Remembered | None:
        """A contact wants me to know somebody.

        Returns:
            What to answer; nothing where there is no room, so that it is sent again later.

        Raises:
            BadKey: the key is not sound.
            NotAuthorized: not by a contact, or not of a third person.
        """
        self.expire(step)
        contact = self._people.contacts.get(introducer)
        if contact is None or contact.refused:
            raise NotAuthorized("an introduction by nobody I know")
        check_agreement_public(message.person)
        if message.person in (self._people.link.public, introducer):
            raise NotAuthorized("an introduction to myself, or of the introducer")
        answer = Remembered(reference=message.reference)
        known = self._people.contacts.get(PersonId(message.person))
        if message.expires_ms <= step.now_ms or (known is not None and known.refused):
            return answer  # nothing to decide: past its date, or somebody I have cut off
        for one in self.offered.values():
            same = one.introducer == introducer and one.person == message.person
            if same and (one.reference == message.reference or one.declined):
                return answer  # heard before, or declined: whoever insists is not heard either
        if not self._has_room(introducer):
            return None
        self._put_offered(
            step,
            self._entropy.take(_ID_BYTES),
            AcquaintanceRecord(
                introducer=introducer,
                reference=message.reference,
                person=message.person,
                name=message.name,
                hints=message.hints,
                note=message.note,
                secret=message.secret,
                pair=b"",
                state=AcquaintanceState.OFFERED,
                declined=False,
                since_ms=step.now_ms,
                expires_ms=min(message.expires_ms, step.now_ms + _LIFETIME_MAX_MS),
            ),
        )
        return answer

    def _has_room(self, introducer: PersonId) -> bool:
        undecided = [one for one in self.offered.values() if self._undecided(one)]
        by_one = sum(one.introducer == introducer for one in undecided)
        return (
            len(self.offered) < ACQUAINTANCES_MAX
            and len(undecided) < ACQUAINTANCES_UNDECIDED_MAX
            and by_one < ACQUAINTANCES_UNDECIDED_BY_ONE_MAX
        )

    @staticmethod
    def _undecided(one: AcquaintanceRecord) -> bool:
        return one.state is AcquaintanceState.OFFERED and not one.declined

    def answer(self, step: Step, key: bytes, *, accept: bool) -> None:
        """The user's word on an introduction. Raises `Unknown`, `WrongPhase`."""
        self.expire(step)
        one = self.offered.get(key)
        if one is None or one.declined:
            raise Unknown("There is no such introduction, or its time is over.")
        if one.state is AcquaintanceState.MET:
            raise WrongPhase("You know each other already. Forget the contact if you do not want it.")
        if not accept:
            # What is left tells a repetition from news; without the secret there is no door any more.
            declined = dataclasses.replace(
                one, state=AcquaintanceState.OFFERED, declined=True, secret=b"", pair=b"", note="", hints=()
            )
            self._put_offered(step, key, declined)
            return
        if one.state is AcquaintanceState.OFFERED:
            accepted = dataclasses.replace(one, state=AcquaintanceState.ACCEPTED, pair=self._pair_for(one))
            self._put_offered(step, key, accepted)

    def _pair_for(self, one: AcquaintanceRecord) -> bytes:
        """One secret of mine a person, however many introduce us: else two links would agree on two."""
        known = self._people.contacts.get(PersonId(one.person))
        others = [other.pair for other in self.offered.values() if other.person == one.person and other.pair]
        return known.pair if known else others[0] if others else self._entropy.take(KEY_BYTES)

    # --- Meeting

    def greeting(self, step: Step, key: bytes, remote: bytes) -> Greeting:
        """First words to somebody who came by an introduction that I accepted, or to whom I came.

        Raises:
            NotAuthorized: not the person that was introduced, or one I have cut off.
        """
        one = self.offered.get(key)
        if one is None or not one.pair or one.person != remote:
            raise NotAuthorized("nobody who was introduced to me")
        known = self._people.contacts.get(PersonId(remote))
        return Greeting(
            name=self._people.identity.name,
            hints=self._people.hints_for(step, remote),
            pair=known.pair if known else one.pair,
        )

    def on_greeting(self, step: Step, link: Link, greeting: Greeting) -> None:
        """They have accepted too: we are contacts. Both settle on the smaller of the two secrets.

        Raises:
            WrongLink: said on another link than one of an introduction.
            NotAuthorized: by nobody who was introduced, or by somebody declined meanwhile.
            OverLimit: too many contacts.
        """
        assert link.session is not None
        kind, key = link.session.name
        if kind != INTRODUCED:
            raise WrongLink("a greeting outside of an introduction")
        one = self.offered.get(key)
        if one is None or not one.pair or one.person != link.session.remote_static:
            raise NotAuthorized("a greeting by nobody whom I accepted")
        person = PersonId(one.person)
        known = self._people.contacts.get(person)
        self._people.meet(
            step,
            person,
            name=greeting.name,
            hints=greeting.hints or one.hints,
            pair=min(known.pair if known else one.pair, greeting.pair),
            introducer=PersonId(one.introducer),
        )
        if one.state is not AcquaintanceState.MET:
            # The secret stays until its date: they may not have heard my greeting, and come again.
            self._put_offered(step, key, dataclasses.replace(one, state=AcquaintanceState.MET))

    # --- Endings

    def expire(self, step: Step) -> None:
        """Erase what is past its date."""
        for key in [key for key, one in self.offered.items() if one.expires_ms <= step.now_ms]:
            self._drop_offered(step, key)
        for key in [key for key, made in self.made.items() if made.expires_ms <= step.now_ms]:
            self._drop_made(step, key)

    def forget(self, step: Step, person: bytes) -> None:
        """Somebody is forgotten or cut off: nothing of, to or by them is under way any more."""
        for key, one in list(self.offered.items()):
            if one.person == person or (one.introducer == person and one.state is not AcquaintanceState.MET):
                self._drop_offered(step, key)
        for key, made in list(self.made.items()):
            if person in (made.first, made.second):
                self._drop_made(step, key)

    # --- Views

    def name_of(self, person: bytes) -> str:
        """What the introducer calls somebody who is not a contact yet."""
        return next((one.name for one in self.offered.values() if one.person == person), "")

    def view(self, now_ms: int, warned: Callable[[bytes], bool]) -> AcquaintancesView:
        """Both kinds, oldest first; `warned` says whether a person's key stands in a warning."""
        offered = sorted(self.offered.items(), key=lambda item: (item[1].since_ms, item[0]))
        made = sorted(self.made.items(), key=lambda item: (item[1].since_ms, item[0]))
        return AcquaintancesView(
            offered=tuple(
                [
                    self._acquaintance_view(key, one, warned=warned(one.person))
                    for key, one in offered
                    if not one.declined and one.expires_ms > now_ms
                ]
            ),
            made=tuple([self.brokered_view(key) for key, one in made if one.expires_ms > now_ms]),
        )

    def _acquaintance_view(self, key: bytes, one: AcquaintanceRecord, *, warned: bool) -> AcquaintanceView:
        introducer = self._people.contacts.get(PersonId(one.introducer))
        return AcquaintanceView(
            id=key,
            introducer=one.introducer,
            introducer_name=self._people.name_of(one.introducer),
            introducer_verified=bool(introducer and introducer.verified),
            person=one.person,
            name=one.name,
            note=one.note,
            known=PersonId(one.person) in self._people.contacts,
            state=one.state,
            since_ms=one.since_ms,
            expires_ms=one.expires_ms,
            warned=warned,
        )

    def brokered_view(self, key: bytes) -> BrokeredView:
        made = self.made[key]
        return BrokeredView(
            id=key,
            first=made.first,
            first_name=self._people.name_of(made.first),
            first_told=made.first_told,
            second=made.second,
            second_name=self._people.name_of(made.second),
            second_told=made.second_told,
            since_ms=made.since_ms,
            expires_ms=made.expires_ms,
        )

    # ---

    def _put_offered(self, step: Step, key: bytes, one: AcquaintanceRecord) -> None:
        self.offered[key] = one
        step.put(ACQUAINTANCES, key, one)
        step.notice(NoticeKind.INTRODUCTIONS)

    def _drop_offered(self, step: Step, key: bytes) -> None:
        del self.offered[key]
        step.erase(ACQUAINTANCES, key)
        step.notice(NoticeKind.INTRODUCTIONS)

    def _put_made(self, step: Step, key: bytes, made: BrokeredRecord) -> None:
        self.made[key] = made
        step.put(BROKERED, key, made)
        step.notice(NoticeKind.INTRODUCTIONS)

    def _drop_made(self, step: Step, key: bytes) -> None:
        del self.made[key]
        step.erase(BROKERED, key)
        step.notice(NoticeKind.INTRODUCTIONS)

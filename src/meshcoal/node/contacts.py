"""Who I am, and whom I know.

Law: a contact is a key that was met through an invitation or an introduction, never a name. That words were
compared is said of a key, and of no other key that takes the name. What I call somebody is mine alone.
"""

from __future__ import annotations

import dataclasses

from meshcoal.api.views import (
    Comparison,
    ContactView,
    IdentityView,
    NoticeKind,
    SpellingView,
)
from meshcoal.crypto.agreement import AgreementKey
from meshcoal.crypto.entropy import Entropy
from meshcoal.crypto.fingerprint import fingerprint, pair_words
from meshcoal.errors import BadKeyText, MalformedKeyText, OverLimit, Unknown, WrongPhase
from meshcoal.ids import ID_BYTES, PersonId
from meshcoal.limits import CONTACTS_MAX, HINTS_MAX
from meshcoal.log.changes import Change, PutDocument
from meshcoal.log.reader import LogReader
from meshcoal.node.links import CONTACT
from meshcoal.node.onions import Onions
from meshcoal.node.records import CONTACTS, IDENTITY, ContactRecord, IdentityRecord, load, load_all
from meshcoal.node.step import Step
from meshcoal.node.ways import Ways
from meshcoal.sync.knock import Door, Pattern, contact_psk
from meshcoal.wire import record
from meshcoal.wire.key_text import decode_key_text, encode_key_text
from meshcoal.wire.terms import WordList


def first_changes(*, name: str, entropy: Entropy, now_ms: int) -> tuple[Change, ...]:
    """What a fresh vault holds: a person with a link key."""
    del now_ms  # a new identity holds no date: it would tell when somebody began
    identity = IdentityRecord(name=name, link=entropy.take(ID_BYTES), hints=())
    return (PutDocument(space=IDENTITY, key=b"", value=record.encode(identity)),)


class Contacts:
    """My identity, and the people I have met."""

    def __init__(self, *, reader: LogReader, entropy: Entropy) -> None:
        identity = load(reader, IdentityRecord, IDENTITY, b"")
        assert identity is not None, "a vault without an identity"
        self.identity = identity
        self.link = AgreementKey.from_private(identity.link)
        self.listening: tuple[str, ...] = ()
        self.direct = True  # others may be told other addresses than those in Tor
        self.onions = Onions(reader=reader, entropy=entropy)
        self.ways = Ways(reader)
        self.contacts = {PersonId(key): contact for key, contact in load_all(reader, ContactRecord, CONTACTS)}

    @property
    def hints(self) -> tuple[str, ...]:
        """Where others are told that this node can be reached, beside its addresses in Tor."""
        return (self.identity.hints or self.listening) if self.direct else ()

    def hints_in(self, step: Step, campaign: bytes) -> tuple[str, ...]:
        """Where the members of a campaign are told that this node can be reached."""
        onion = self.onions.for_campaign(step, campaign)
        return (*self.ways.told(campaign, self.hints)[: HINTS_MAX - len(onion)], *onion)

    def hints_for(self, step: Step, who: bytes, campaign: bytes = b"") -> tuple[str, ...]:
        """Where one person, or whoever comes by one invitation, is told that it can be reached.

        `campaign`: the one that they are, or may be, admitted to.
        """
        onion = self.onions.for_person(step, who)
        plain = self.ways.told_person(who, campaign, self.hints)
        return (*plain[: HINTS_MAX - len(onion)], *onion)

    # --- Contacts

    def contact_doors(self) -> list[Door]:
        """A door for each contact, so that nobody else gets an answer; none for those who were refused."""
        return [
            Door(
                name=(CONTACT, person),
                pattern=Pattern.KNOWN,
                static=self.link,
                psk=contact_psk(contact.pair),
            )
            for person, contact in self.contacts.items()
            if not contact.refused
        ]

    def meet(
        self,
        step: Step,
        person: PersonId,
        *,
        name: str,
        hints: tuple[str, ...],
        pair: bytes,
        introducer: PersonId | None = None,
    ) -> None:
        """Make somebody a contact, or renew what is known of them. Raises `OverLimit`.

        `pair` is the secret of the two; what I called them, how we first met, and whether words were compared
        with this key, stays.
        """
        known = self.contacts.get(person)
        if known is not None:
            renewed = dataclasses.replace(
                known,
                given_name=name,
                hints=hints,
                last_seen_ms=step.now_ms,
                pair=pair,
                told_onion=known.told_onion or self.onions.on,
            )
            self.put_contact(step, person, renewed)
            return
        if len(self.contacts) >= CONTACTS_MAX:
            raise OverLimit("There are too many contacts.")
        self.put_contact(
            step,
            person,
            ContactRecord(
                given_name=name,
                petname="",
                verified_ms=0,
                refused=False,
                differed_ms=0,
                hints=hints,
                met_ms=step.now_ms,
                last_seen_ms=step.now_ms,
                pair=pair,
                introduced_by=introducer or b"",
                introducer_name=self.name_of(introducer) if introducer else "",
                introduced_ms=step.now_ms if introducer else 0,
                told_onion=self.onions.on,  # whoever meets says where they can be reached
            ),
        )

    def put_contact(self, step: Step, person: PersonId, contact: ContactRecord) -> None:
        self.contacts[person] = contact
        step.put(CONTACTS, person, contact)
        step.notice(NoticeKind.CONTACTS)

    def contact(self, person: bytes) -> ContactRecord:
        """Raises `Unknown`."""
        found = self.contacts.get(PersonId(person))
        if found is None:
            raise Unknown("There is no such contact.")
        return found

    def compare(self, step: Step, person: PersonId, text: str) -> Comparison:
        """Hold the key that is kept for a contact against a text that should be theirs.

        Equal: it counts as compared. Another key that nobody here has: the contact stands under a warning
        until it is cleared up, and does not count as compared any more.

        Raises:
            Unknown: no such contact.
            BadKeyText: the text cannot be read; nothing was compared.
            WrongPhase: the contact is cut off.
        """
        contact = self.contact(person)
        if contact.refused:
            raise WrongPhase("This contact is cut off, because words differed. Invite each other afresh.")
        try:
            shown = decode_key_text(text)
        except MalformedKeyText as exc:
            raise BadKeyText(f"Nothing was compared, because the text cannot be read: {exc}.") from exc
        if shown == person:
            agreed = dataclasses.replace(contact, verified_ms=max(step.now_ms, 1), differed_ms=0)
            self.put_contact(step, person, agreed)
            return Comparison.SAME
        if shown == self.link.public:
            return Comparison.MINE
        if shown in self.contacts:
            return Comparison.OTHER_CONTACT
        differed = dataclasses.replace(contact, verified_ms=0, differed_ms=max(step.now_ms, 1))
        self.put_contact(step, person, differed)
        return Comparison.DIFFERENT

    def other_name(self, text: str) -> str:
        """My name for the contact whose key a readable text holds."""
        return self.name_of(decode_key_text(text))

    def introducer_of(self, contact: ContactRecord) -> str:
        """Who introduced us, by the name I have for them now, else then."""
        return self.name_of(contact.introduced_by) or contact.introducer_name

    def name_of(self, person: bytes) -> str:
        """My name for somebody, else the name they gave, else nothing."""
        contact = self.contacts.get(PersonId(person))
        return (contact.petname or contact.given_name) if contact else ""

    # --- Views

    def words_with(self, person: bytes) -> tuple[SpellingView, ...]:
        """Twelve words of my key and theirs, in each list."""
        mine = self.link.public
        return tuple(
            [SpellingView(word_list=one, words=pair_words(mine, person, one.value)) for one in WordList]
        )

    def identity_view(self) -> IdentityView:
        return IdentityView(
            person=self.link.public,
            name=self.identity.name,
            fingerprint=fingerprints(self.link.public),
            hints=self.hints,
            link_text=encode_key_text(self.link.public),
            word_list=self.identity.word_list,
        )

    def contact_view(self, person: PersonId, *, connected: bool, warned: bool) -> ContactView:
        """What is shown of a contact; whether they are connected, or warned of, others know."""
        contact = self.contacts[person]
        return ContactView(
            person=person,
            petname=contact.petname,
            given_name=contact.given_name,
            fingerprint=fingerprints(person),
            words=self.words_with(person),
            link_text=encode_key_text(person),
            verified=contact.verified,
            verified_ms=contact.verified_ms or -1,
            connected=connected,
            last_seen_ms=contact.last_seen_ms,
            introduced_by=self.introducer_of(contact),
            introduced_ms=contact.introduced_ms or -1,
            warned=warned,
        )


def fingerprints(person: bytes) -> tuple[SpellingView, ...]:
    """The words of a key in each list."""
    return tuple([SpellingView(word_list=one, words=fingerprint(person, one.value)) for one in WordList])

"""Who I am, and whom I know.

Law: a contact is a key that was met through an invitation, never a name. What I call somebody is mine alone.
"""

from __future__ import annotations

from meshcoal.api.views import ContactView, IdentityView, NoticeKind
from meshcoal.crypto.agreement import AgreementKey
from meshcoal.crypto.entropy import Entropy
from meshcoal.crypto.fingerprint import fingerprint
from meshcoal.errors import OverLimit, Unknown
from meshcoal.ids import ID_BYTES, PersonId
from meshcoal.limits import CONTACTS_MAX
from meshcoal.log.changes import Change, PutDocument
from meshcoal.log.reader import LogReader
from meshcoal.node.links import CONTACT
from meshcoal.node.records import CONTACTS, IDENTITY, ContactRecord, IdentityRecord, load, load_all
from meshcoal.node.step import Step
from meshcoal.sync.knock import Door, Pattern, contact_psk
from meshcoal.wire import record


def first_changes(*, name: str, entropy: Entropy, now_ms: int) -> tuple[Change, ...]:
    """What a fresh vault holds: a person with a link key."""
    del now_ms  # a new identity holds no date: it would tell when somebody began
    identity = IdentityRecord(name=name, link=entropy.take(ID_BYTES), hints=())
    return (PutDocument(space=IDENTITY, key=b"", value=record.encode(identity)),)


class Contacts:
    """My identity, and the people I have met."""

    def __init__(self, *, reader: LogReader) -> None:
        identity = load(reader, IdentityRecord, IDENTITY, b"")
        assert identity is not None, "a vault without an identity"
        self.identity = identity
        self.link = AgreementKey.from_private(identity.link)
        self.listening: tuple[str, ...] = ()
        self.contacts = {PersonId(key): contact for key, contact in load_all(reader, ContactRecord, CONTACTS)}

    @property
    def hints(self) -> tuple[str, ...]:
        """Where others are told that this node can be reached."""
        return self.identity.hints or self.listening

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
        words: tuple[str, ...],
        pair: bytes,
    ) -> None:
        """Make somebody a contact, or renew what is known of them. Raises `OverLimit`.

        `pair` is the secret of the two; what I called them, and whether words were compared, stays.
        """
        known = self.contacts.get(person)
        if known is None and len(self.contacts) >= CONTACTS_MAX:
            raise OverLimit("There are too many contacts.")
        self.put_contact(
            step,
            person,
            ContactRecord(
                given_name=name,
                petname=known.petname if known else "",
                words=words,
                verified=known.verified if known else False,
                refused=known.refused if known else False,
                hints=hints,
                last_seen_ms=step.now_ms,
                pair=pair,
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

    def name_of(self, person: bytes) -> str:
        """My name for somebody, else the name they gave, else nothing."""
        contact = self.contacts.get(PersonId(person))
        return (contact.petname or contact.given_name) if contact else ""

    # --- Views

    def identity_view(self) -> IdentityView:
        return IdentityView(
            person=self.link.public,
            name=self.identity.name,
            fingerprint=fingerprint(self.link.public),
            hints=self.hints,
            link_text=self.link.public.hex().upper(),
        )

    def contact_view(self, person: PersonId, *, connected: bool) -> ContactView:
        contact = self.contacts[person]
        return ContactView(
            person=person,
            petname=contact.petname,
            given_name=contact.given_name,
            fingerprint=fingerprint(person),
            verified=contact.verified,
            connected=connected,
            last_seen_ms=contact.last_seen_ms,
        )

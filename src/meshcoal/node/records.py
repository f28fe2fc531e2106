"""What a node keeps besides the log: small records, one space of documents each.

Law: everything here is under the vault. A record whose secret has served is erased, not marked.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from typing import Annotated, ClassVar, Final, TypeVar

from meshcoal.api.views import AcquaintanceState, IntroductionState, MemberState, ShownBy
from meshcoal.errors import Corrupt, MeshcoalError
from meshcoal.limits import (
    ATTACHMENT_BYTES_MAX,
    AUTHORS_MAX,
    DRAFT_BYTES_MAX,
    DRAFT_SLOT_CHARS_MAX,
    HINT_CHARS_MAX,
    HINTS_MAX,
    INVITATION_LONG_CHARS_MAX,
    LOGO_BYTES_MAX,
    MEMBERS_MAX,
    NAME_CHARS_MAX,
    NETWORK_MEMBERS_MAX,
    NOTE_CHARS_MAX,
    SEQ_MAX,
)
from meshcoal.log.reader import LogReader
from meshcoal.wire import record
from meshcoal.wire.bodies import Card, OptionalId32, OptionalSealPublic, SealPublic
from meshcoal.wire.frames import ToldPeer
from meshcoal.wire.naming import Names
from meshcoal.wire.record import Chars, Count, Id32, Items, Range, Record, Size
from meshcoal.wire.shape import dataclass
from meshcoal.wire.terms import Capacity, Seat, WordList

IDENTITY: Final = "identity"
CONTACTS: Final = "contacts"
INVITATIONS: Final = "invitations"
SERVED: Final = "served"
INTRODUCTIONS: Final = "introductions"
ACQUAINTANCES: Final = "acquaintances"
BROKERED: Final = "brokered"
DISMISSED: Final = "dismissed"
CAMPAIGNS: Final = "campaigns"
HOLDERS: Final = "holders"
WITHHELD: Final = "withheld"
NAMED: Final = "named"
READS: Final = "reads"
FORK_NOTICES: Final = "fork-notices"
SEEDS: Final = "seeds"
FILES: Final = "files"
HINTS: Final = "hints"
PROFILES: Final = "profiles"
ONIONS: Final = "onions"
DRAFTS: Final = "drafts"

CLIENTS_PER_ADDRESS: Final = 32  # tor stops publishing somewhere above 330, without a word

Hints = Annotated[tuple[Annotated[str, Chars(1, HINT_CHARS_MAX)], ...], Items(0, HINTS_MAX)]
Name = Annotated[str, Chars(1, NAME_CHARS_MAX)]
OptionalName = Annotated[str, Chars(0, NAME_CHARS_MAX)]
Id16 = Annotated[bytes, Size(16)]

D = TypeVar("D", bound="Document")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document(Record):
    """Base of what is kept. A stored record that does not decode means the store is damaged."""

    error: ClassVar[type[MeshcoalError]] = Corrupt


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityRecord(Document):
    """The person: one link key for contacts, never used inside a campaign."""

    name: Name
    link: Id32  # X25519 private key
    hints: Hints  # as the user set them; empty: where the daemon listens
    word_list: WordList = WordList.ENGLISH  # in which words to compare are shown


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileRecord(Document):
    """How the user signs letters; the key is the label."""

    label: Name
    capacity: Capacity
    name: Name
    names: Names
    title: OptionalName
    affiliation: OptionalName
    country: OptionalName
    members: Annotated[int, Range(0, NETWORK_MEMBERS_MAX)]
    role: OptionalName
    logo: Annotated[bytes, Size(0, LOGO_BYTES_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRecord(Document):
    """What a program of the user's keeps of something being written; the key is the slot."""

    slot: Annotated[str, Chars(1, DRAFT_SLOT_CHARS_MAX)]
    body: Annotated[bytes, Size(1, DRAFT_BYTES_MAX)]
    at_ms: Count
    campaign: OptionalId32  # whose talk it is; empty: of none


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRecord(Document):
    """Somebody I have met. What was compared is about this key; times are 0 for never."""

    given_name: Name
    petname: OptionalName
    verified_ms: Count  # when words or keys were compared and agreed, if they have not differed since
    refused: bool  # the words did not match: no conversation with this key
    differed_ms: Count  # when they showed a key that is not this one, unless it was cleared up
    hints: Hints
    met_ms: Count
    last_seen_ms: Count
    pair: Id32  # a secret of the two of us: the psk of our links comes from it
    introduced_by: OptionalId32  # the person who made us known to each other; empty: an invitation
    introducer_name: OptionalName  # as I knew them then
    introduced_ms: Count
    told_onion: bool = False  # they have my address in Tor

    @property
    def verified(self) -> bool:
        return self.verified_ms > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationRecord(Document):
    """An invitation I made that is still open."""

    code: Id16
    text: Annotated[str, Chars(1, INVITATION_LONG_CHARS_MAX)]
    campaign: OptionalId32
    seat: Seat
    expires_ms: Count
    seed: OptionalId32  # opens a request that comes as a file; empty: it is used over a link only


class ServedWhy(enum.StrEnum):
    USED = "used"
    REVOKED = "revoked"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedRecord(Document):
    """An invitation that could be answered by a file and is open no more."""

    door: Id32  # by which requests to it are known, and nothing in them is opened
    why: ServedWhy
    request: Annotated[bytes, Size(0, 16, between=False)]  # the name of the file that used it, if one did
    until_ms: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonaRecord(Document):
    """My secrets in one campaign; seeds and private keys of 32 bytes.

    The sealing keys are here until the campaign is, and in its keyring from then on. So is the first
    operation key, which goes to a `SeedRecord`.
    """

    author: Id32  # the public half of the first operation key
    operation: OptionalId32
    act: Id32
    link: Id32
    seal: OptionalId32
    prekey: OptionalId32  # of the one-time prekey for whoever admits me
    seal_public: SealPublic
    name: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class IntroductionRecord(Document):
    """Somebody met, or to be met, through an invitation."""

    mine: bool  # I accepted theirs
    code: Annotated[bytes, Size(0, 16)]  # of the invitation while it has not been used; then erased
    person: OptionalId32
    name: OptionalName
    hints: Hints
    handshake: OptionalId32  # hash of the handshake in which we met: the words to compare come from it
    campaign: OptionalId32
    campaign_name: OptionalName
    seat: Seat
    state: IntroductionState
    since_ms: Count
    expires_ms: Count
    card: Card | None  # theirs, or mine
    prekey: OptionalSealPublic  # theirs: a one-time prekey for me, if I admit them
    persona: PersonaRecord | None  # mine, until the campaign has it
    told: bool  # the decision has reached them
    answer: OptionalId32  # the key of an answer that goes as a file: mine to open, theirs to seal
    pair: OptionalId32  # mine, of a request that goes as a file: what I offer for the links of the two


@dataclass(frozen=True, slots=True, kw_only=True)
class AcquaintanceRecord(Document):
    """Somebody whom a contact introduced to me."""

    introducer: Id32
    reference: Id16  # the introducer's number for it
    person: Id32
    name: Name
    hints: Hints
    note: Annotated[str, Chars(0, NOTE_CHARS_MAX)]
    secret: OptionalId32  # the psk of the first links comes from it; erased when I decline
    pair: OptionalId32  # mine, drawn when I accept
    state: AcquaintanceState
    declined: bool  # kept until its date, so that a repetition is not taken for news
    since_ms: Count
    expires_ms: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokeredRecord(Document):
    """Two contacts whom I introduce to each other."""

    first: Id32
    second: Id32
    note: Annotated[str, Chars(0, NOTE_CHARS_MAX)]
    secret: Id32
    first_told: bool  # it is on their disk
    second_told: bool
    since_ms: Count
    expires_ms: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class DismissedRecord(Document):
    """A warning that the user has looked into."""

    at_ms: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignRecord(Document):
    persona: PersonaRecord
    state: MemberState  # mine; `active` from the moment of admission
    peers: Annotated[tuple[ToldPeer, ...], Items(0, 16)]  # whom to turn to until the roster is known
    admitted_by: OptionalId32  # the person who let me in, for the record


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedRecord(Document):
    """A key that signs, or signed, my operations; kept under the campaign and its public half."""

    author: Id32  # whose log: mine, or that of a persona that I had before
    seed: Id32
    from_seq: Count  # the first place that it signs
    from_ms: Count
    closed_ms: Count  # 0: it is in force


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldTo(Document):
    author: Id32
    seq: Annotated[int, Range(0, SEQ_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderRecord(Document):
    """What a member is known to hold, and when they were heard of; times are 0 for never."""

    held: Annotated[tuple[HeldTo, ...], Items(0, AUTHORS_MAX)]  # as their node said
    cited: Annotated[tuple[HeldTo, ...], Items(0, 2 * AUTHORS_MAX)]  # as what they wrote stands behind it
    last_seen_ms: Count
    wrote_ms: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class WithheldRecord(Document):
    """What a member's node certainly kept back of an author's log; kept under campaign, member and author."""

    shown_by: ShownBy
    since_ms: Count
    until_ms: Count
    places: Annotated[tuple[Annotated[int, Range(0, SEQ_MAX)], ...], Items(1, 10_000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedRecord(Document):
    """When it became certain first that a member's node keeps something back; under campaign and member."""

    at_ms: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class ForkNoticeRecord(Document):
    """When this node first saw that a member's log is forked, and whose node brought it."""

    at_ms: Count
    told_by: OptionalId32  # a member; empty: it came with one's own disk, or is not known


@dataclass(frozen=True, slots=True, kw_only=True)
class HintsRecord(Document):
    """Where a member said last that they can be reached."""

    seq: Count  # of the operation that said so
    hints: Hints


@dataclass(frozen=True, slots=True, kw_only=True)
class OnionKey(Record):
    """A key to one of my addresses in Tor, and who has it."""

    key: Id32  # X25519 private key
    who: Annotated[bytes, Size(0, 32)]  # a contact's link key, or an invitation; empty: nobody


@dataclass(frozen=True, slots=True, kw_only=True)
class OnionRecord(Document):
    """One address of mine in Tor: of a campaign, or shared by contacts."""

    seed: Id32  # Ed25519
    until_ms: Count  # served no longer than this; 0: as long as it is told
    keys: Annotated[tuple[OnionKey, ...], Items(1, CLIENTS_PER_ADDRESS)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRecord(Document):
    """How far a channel was read. What comes later to a place before that was not read."""

    depth: Count
    message: Id32
    at_ms: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRecord(Document):
    """An attachment of which chunks are here, or are to come. Its key is with the message, not here."""

    size: Annotated[int, Range(0, ATTACHMENT_BYTES_MAX)]
    mine: bool  # attached here
    wanted: bool  # to be fetched until it is whole
    asked: bool  # by a person
    whole: bool
    used_ms: Count  # when it was attached, asked for or read last
    holders: Annotated[tuple[Id32, ...], Items(0, MEMBERS_MAX)]  # who said they hold it whole


def load(reader: LogReader, cls: type[D], space: str, key: bytes) -> D | None:
    """One record, or None. Raises `Corrupt`."""
    value = reader.document(space, key)
    return None if value is None else record.decode(cls, value)


def load_all(reader: LogReader, cls: type[D], space: str, prefix: bytes = b"") -> Iterator[tuple[bytes, D]]:
    """All records of a space with their keys, without the prefix. Raises `Corrupt`."""
    for key, value in reader.documents(space, prefix):
        yield key[len(prefix) :], record.decode(cls, value)

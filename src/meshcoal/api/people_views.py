"""What the daemon shows about people: who I am, whom I know, who wants to know me, and whom to be wary of.

Law: as in `api.views`, of which this is a part. Words to compare stand in every list there is: which list is
shown is the reader's choice, and two people who compare must choose the same.
"""

from __future__ import annotations

import enum
from typing import Annotated

from meshcoal.api.fields import Hints, Id16, Short, SignedMs
from meshcoal.limits import (
    ACQUAINTANCES_MAX,
    BROKERED_MAX,
    BUNDLE_PART_BYTES,
    CONTACTS_MAX,
    INVITATION_LONG_CHARS_MAX,
    INVITATIONS_MAX,
    SLIP_CLASSES_BYTES,
    WARNINGS_SHOWN_MAX,
)
from meshcoal.wire.bundle import PART_NAME_CHARS
from meshcoal.wire.record import Chars, Count, Id32, Items, OptionalId32, Record, Size
from meshcoal.wire.shape import dataclass
from meshcoal.wire.terms import Seat, WordList

Words = Annotated[tuple[Annotated[str, Chars(1, 32)], ...], Items(0, 24)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpellingView(Record):
    """The same bits as words of one list."""

    word_list: WordList
    words: Words


Spellings = Annotated[tuple[SpellingView, ...], Items(0, len(WordList))]  # one a list, or none at all


def spelled(spellings: tuple[SpellingView, ...], word_list: WordList) -> tuple[str, ...]:
    """The words of one list; none where there are none."""
    return next((one.words for one in spellings if one.word_list is word_list), ())


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityView(Record):
    person: Id32
    name: Short
    fingerprint: Spellings
    hints: Hints
    link_text: Short  # what the identity's QR holds: the public key and nothing else
    word_list: WordList  # in which words are shown here unless asked otherwise


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactView(Record):
    person: Id32
    petname: Short  # mine; empty if I gave none
    given_name: Short  # theirs
    fingerprint: Spellings  # of their key
    words: Spellings  # of both our keys: both of us see the same
    link_text: Short  # what the QR of their key holds
    verified: bool
    verified_ms: SignedMs
    connected: bool
    last_seen_ms: SignedMs
    introduced_by: Short  # the contact who introduced us; empty: we met through an invitation
    introduced_ms: SignedMs
    warned: bool  # stands in a warning that nobody has looked into: see `ListWarnings`


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactsView(Record):
    contacts: Annotated[tuple[ContactView, ...], Items(0, CONTACTS_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationView(Record):
    id: Id16
    text: Annotated[str, Chars(1, INVITATION_LONG_CHARS_MAX)]
    campaign: OptionalId32
    campaign_name: Short
    seat: Seat
    expires_ms: Count
    by_file: bool = False  # it can be answered by a file


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationsView(Record):
    invitations: Annotated[tuple[InvitationView, ...], Items(0, INVITATIONS_MAX)]


class IntroductionState(enum.StrEnum):
    DIALLING = "dialling"  # mine: the inviter has not answered yet
    CARRIED = "carried"  # mine: my request goes as a file, and the answer has not come
    ASKING = "asking"  # theirs: they ask to be admitted, and I decide
    WAITING = "waiting"  # mine: the inviter has not decided yet
    ADMITTED = "admitted"
    CONTACT = "contact"  # an invitation without a campaign: we are contacts now, nothing is left to do
    REFUSED = "refused"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class IntroductionView(Record):
    """Somebody met through an invitation."""

    id: Id16
    mine: bool  # I accepted their invitation; otherwise they accepted mine
    person: OptionalId32  # empty until the first conversation
    name: Short
    words: Spellings  # to compare aloud; empty until the first conversation
    verified: bool
    campaign: OptionalId32
    campaign_name: Short
    seat: Seat
    state: IntroductionState
    since_ms: Count
    warned: bool  # as in `ContactView`
    by_file: bool = False  # the request went as a file, and the answer goes as one
    author: OptionalId32 = b""  # whom I let in, as they are known in the campaign, until they know it


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedRequestView(Record):
    """A request to write down and carry to the inviter."""

    introduction: IntroductionView
    data: Annotated[bytes, Size(SLIP_CLASSES_BYTES[0], BUNDLE_PART_BYTES)]
    name: Annotated[str, Chars(PART_NAME_CHARS, PART_NAME_CHARS)]  # of its file in a folder: all chance


@dataclass(frozen=True, slots=True, kw_only=True)
class IntroductionsView(Record):
    introductions: Annotated[tuple[IntroductionView, ...], Items(0, CONTACTS_MAX)]


# --- Introductions by a contact


class AcquaintanceState(enum.StrEnum):
    OFFERED = "offered"  # I decide
    ACCEPTED = "accepted"  # by me; they have not accepted yet, or could not be reached
    MET = "met"  # we are contacts now


@dataclass(frozen=True, slots=True, kw_only=True)
class AcquaintanceView(Record):
    """Somebody whom a contact wants me to know. Who they are is what that contact says."""

    id: Id16
    introducer: Id32
    introducer_name: Short
    introducer_verified: bool
    person: Id32
    name: Short
    note: Short  # what the introducer says about it
    known: bool  # a contact of mine already
    state: AcquaintanceState
    since_ms: Count
    expires_ms: Count
    warned: bool  # as in `ContactView`


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokeredView(Record):
    """An introduction that I made. What the two decide, I am not told."""

    id: Id16
    first: Id32
    first_name: Short
    first_told: bool  # it is on their disk
    second: Id32
    second_name: Short
    second_told: bool
    since_ms: Count
    expires_ms: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class AcquaintancesView(Record):
    offered: Annotated[tuple[AcquaintanceView, ...], Items(0, ACQUAINTANCES_MAX)]
    made: Annotated[tuple[BrokeredView, ...], Items(0, BROKERED_MAX)]


# --- Keys that are not what one expects


class Comparison(enum.StrEnum):
    """What comparing a contact's key with a text came to."""

    SAME = "same"
    DIFFERENT = "different"  # nobody's key that is known here
    MINE = "mine"  # the text holds my own key: it is for the other person to compare
    OTHER_CONTACT = "other-contact"  # the key of another contact of mine


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedView(Record):
    contact: ContactView
    outcome: Comparison
    other_name: Short  # with `OTHER_CONTACT`: whose key it is


class WarningKind(enum.StrEnum):
    CONTACT = "contact"  # another contact, or somebody introduced, has the name of a contact
    MEMBER = "member"  # two active members of one campaign have the same name
    RETURNED = "returned"  # a member has the name of one who left or was removed
    DIFFERED = "differed"  # the key that a contact showed is not the one that is kept for them
    WITHHELD = (
        "withheld"  # a member's device certainly keeps something back: `CampaignView.withheld` says what
    )
    RELAY = "relay"  # a relay certainly lost, changed or made up something: `RelayView.fault` says what


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningView(Record):
    """A name that stands under another key than before, or a device that keeps something back.

    Names count as the same when they look alike.
    """

    id: Id16
    kind: WarningKind
    subject: Id32  # the newer key: a person, or an author in `campaign`; with `WITHHELD`, `RELAY` whose fault
    name: Short  # what they call themselves; of a relay the address
    known: OptionalId32  # the key that was known by this name before; empty with `WITHHELD` and `RELAY`
    known_name: Short
    known_me: bool  # it is my own name
    known_refused: bool  # a contact that I cut off
    known_verified_ms: SignedMs  # when words were compared with that key
    campaign: OptionalId32  # with `MEMBER`, `RETURNED`, `WITHHELD` and `RELAY`
    campaign_name: Short
    since_ms: SignedMs


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningsView(Record):
    warnings: Annotated[tuple[WarningView, ...], Items(0, WARNINGS_SHOWN_MAX)]

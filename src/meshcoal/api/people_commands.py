"""What a user can ask about people: identity, contacts, invitations, introductions, warnings.

Law: as in `api.commands`, of which this is a part.
"""

from __future__ import annotations

from typing import Annotated

from meshcoal.api.fields import Command, Hints, Id16, Name, OptionalName
from meshcoal.limits import INVITATION_LONG_CHARS_MAX, NOTE_CHARS_MAX
from meshcoal.wire.record import Chars, Count, Id32, OptionalId32
from meshcoal.wire.shape import dataclass
from meshcoal.wire.terms import Role, Seat, WordList

# --- Identity and contacts


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowIdentity(Command):
    """Answered by `IdentityView`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetName(Command):
    """The name others see when they accept an invitation or meet me in a new campaign. `IdentityView`."""

    name: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class SetHints(Command):
    """Addresses, `host:port`, under which others reach this node; empty: where it listens. `IdentityView`."""

    hints: Hints


@dataclass(frozen=True, slots=True, kw_only=True)
class ListContacts(Command):
    """Answered by `ContactsView`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPetname(Command):
    """My own name for a contact; seen by nobody else. Empty: back to the name they gave. `ContactView`."""

    person: Id32
    petname: OptionalName


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmWords(Command):
    """Say whether the words compared aloud matched. A mismatch cuts the contact off. `ContactView`."""

    person: Id32
    match: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetContact(Command):
    """Erase a contact. Campaigns shared with them are untouched. Answered by `Done`."""

    person: Id32


@dataclass(frozen=True, slots=True, kw_only=True)
class SetWordList(Command):
    """The list in which this node shows words to compare, unless asked otherwise. `IdentityView`."""

    word_list: WordList


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareKey(Command):
    """Compare a contact's key with the text that their QR code holds; equal: compared. `ComparedView`."""

    person: Id32
    text: Annotated[str, Chars(1, 1_000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListWarnings(Command):
    """Names that stand under another key than before, until somebody looked. `WarningsView`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DismissWarning(Command):
    """The user has looked into it and keeps both keys. Answered by `WarningsView`."""

    warning: Id16


# --- Invitations


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeInvitation(Command):
    """A one-time invitation; with a campaign, who accepts it asks to be admitted there. `InvitationView`."""

    campaign: OptionalId32
    seat: Seat
    lifetime_ms: Count
    by_file: bool = False  # it can be answered by a file as well: its text is four times as long


@dataclass(frozen=True, slots=True, kw_only=True)
class ListInvitations(Command):
    """Invitations made here and not yet used, revoked or expired. Answered by `InvitationsView`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeInvitation(Command):
    """Answered by `Done`."""

    invitation: Id16


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptInvitation(Command):
    """Dial the inviter and become contacts. Goes on in the background. Answered by `IntroductionView`."""

    text: Annotated[str, Chars(1, 2 * INVITATION_LONG_CHARS_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerInvitation(Command):
    """Accept an invitation by a file that is carried to the inviter. Again, it is the same request.

    What comes back is read like a bundle. Answered by `CarriedRequestView`.
    """

    text: Annotated[str, Chars(1, 2 * INVITATION_LONG_CHARS_MAX)]
    paper: bool = False  # a small part, for codes; else one as large as all on a stick


@dataclass(frozen=True, slots=True, kw_only=True)
class ListIntroductions(Command):
    """People met through invitations, in both directions, and what is still to do. `IntroductionsView`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Admit(Command):
    """Let somebody who accepted an invitation into its campaign. Re-keys. Answered by `CampaignView`."""

    introduction: Id16
    seat: Seat
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse(Command):
    """Turn down somebody who asked to be admitted, or give up an acceptance of one's own. `Done`."""

    introduction: Id16


# --- Introductions by a contact


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduce(Command):
    """Make two contacts of mine known to each other; both must accept. Answered by `BrokeredView`."""

    first: Id32
    second: Id32
    note: Annotated[str, Chars(0, NOTE_CHARS_MAX)] = ""  # both read it


@dataclass(frozen=True, slots=True, kw_only=True)
class ListAcquaintances(Command):
    """People whom contacts want me to know, and introductions that I made. `AcquaintancesView`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerAcquaintance(Command):
    """Accept somebody whom a contact introduces, or decline without a word. `AcquaintancesView`."""

    acquaintance: Id16
    accept: bool

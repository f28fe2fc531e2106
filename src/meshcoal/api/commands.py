"""What a user can ask of the daemon: one record per command.

Law: everything the interface and the command line can do is one of these, and nothing else is. A command
carries whole ids; turning a short name into an id is the client's work. Numbers are the local API's names
for the commands: never reuse one. docs/reference/api.md lists them; a test holds the list complete.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Final

from meshcoal.errors import BadArgument, MalformedCommand, MeshcoalError
from meshcoal.limits import (
    ADDRESSEES_MAX,
    API_PAGE_MAX,
    CHANNELS_MAX,
    COMMENT_CHARS_MAX,
    GOAL_CHARS_MAX,
    HINT_CHARS_MAX,
    HINTS_MAX,
    INVITATION_TEXT_CHARS_MAX,
    LANGUAGES_MAX,
    MESSAGE_CHARS_MAX,
    NAME_CHARS_MAX,
    PARAGRAPHS_MAX,
    PASSPHRASE_BYTES_MAX,
    TEXT_CHARS_MAX,
)
from meshcoal.wire.record import Chars, Count, Family, Id32, Items, Range, Record, Size, TimeMs
from meshcoal.wire.record import OptionalId32 as OptionalId32
from meshcoal.wire.terms import Capacity as Capacity
from meshcoal.wire.terms import Role as Role
from meshcoal.wire.terms import Seat as Seat

Name = Annotated[str, Chars(1, NAME_CHARS_MAX)]
OptionalName = Annotated[str, Chars(0, NAME_CHARS_MAX)]
Language = Annotated[str, Chars(2, 16)]  # BCP 47, lower case, such as `en`, `fa`, `zh-hans`
ChannelId = Annotated[bytes, Size(16)]
Passphrase = Annotated[str, Chars(1, PASSPHRASE_BYTES_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Command(Record):
    """Base of all commands."""

    error: ClassVar[type[MeshcoalError]] = BadArgument


# --- The daemon itself


@dataclass(frozen=True, slots=True, kw_only=True)
class GetStatus(Command):
    """Version, vault state, addresses. Works while locked. Answered by `StatusView`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateVault(Command):
    """Make an identity and its vault. Answered by `StatusView`."""

    name: Name
    passphrase: Passphrase


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlock(Command):
    """Open the vault. Answered by `StatusView`."""

    passphrase: Passphrase


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock(Command):
    """Close the vault, forget its keys and hang up. The daemon stays. Answered by `StatusView`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePassphrase(Command):
    """Wrap the vault's key under a new passphrase. Answered by `Done`."""

    old: Passphrase
    new: Passphrase


@dataclass(frozen=True, slots=True, kw_only=True)
class StopDaemon(Command):
    """End the daemon cleanly. Works while locked. Answered by `Done`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribe(Command):
    """From now on send notices on this connection. Works while locked. Answered by `Done`."""


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

    hints: Annotated[tuple[Annotated[str, Chars(1, HINT_CHARS_MAX)], ...], Items(0, HINTS_MAX)]


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


# --- Invitations


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeInvitation(Command):
    """A one-time invitation; with a campaign, who accepts it asks to be admitted there. `InvitationView`."""

    campaign: OptionalId32
    seat: Seat
    lifetime_ms: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class ListInvitations(Command):
    """Invitations made here and not yet used, revoked or expired. Answered by `InvitationsView`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeInvitation(Command):
    """Answered by `Done`."""

    invitation: Annotated[bytes, Size(16)]


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptInvitation(Command):
    """Dial the inviter and become contacts. Goes on in the background. Answered by `IntroductionView`."""

    text: Annotated[str, Chars(1, 2 * INVITATION_TEXT_CHARS_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListIntroductions(Command):
    """People met through invitations, in both directions, and what is still to do. `IntroductionsView`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Admit(Command):
    """Let somebody who accepted an invitation into its campaign. Re-keys. Answered by `CampaignView`."""

    introduction: Annotated[bytes, Size(16)]
    seat: Seat
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse(Command):
    """Turn down somebody who asked to be admitted, or give up an acceptance of one's own. `Done`."""

    introduction: Annotated[bytes, Size(16)]


# --- Campaigns


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundCampaign(Command):
    """Answered by `CampaignView`."""

    name: Name
    goal: Annotated[str, Chars(0, GOAL_CHARS_MAX)]
    my_name: OptionalName  # how this campaign's members see me; empty: my identity's name
    seat: Seat
    channels: Annotated[tuple[Name, ...], Items(1, CHANNELS_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListCampaigns(Command):
    """Answered by `CampaignsView`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowCampaign(Command):
    """Answered by `CampaignView`."""

    campaign: Id32


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenChannel(Command):
    """Answered by `CampaignView`."""

    campaign: Id32
    name: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveMember(Command):
    """Remove a member and re-key, so that they open nothing that follows. `CampaignView`."""

    campaign: Id32
    author: Id32


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRole(Command):
    """Answered by `CampaignView`."""

    campaign: Id32
    author: Id32
    seat: Seat
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveCampaign(Command):
    """Tell the others and take part no longer; what is here stays readable. `CampaignView`."""

    campaign: Id32


# --- Talk


@dataclass(frozen=True, slots=True, kw_only=True)
class PostMessage(Command):
    """Answered by `MessageView`, after the message is on disk."""

    campaign: Id32
    channel: ChannelId
    text: Annotated[str, Chars(1, MESSAGE_CHARS_MAX)]
    reply_to: OptionalId32 = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListMessages(Command):
    """A page of a channel, oldest first: the newest `limit`, or those before a message. `MessagesView`."""

    campaign: Id32
    channel: ChannelId
    before: OptionalId32 = b""
    limit: Annotated[int, Range(1, API_PAGE_MAX)] = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkRead(Command):
    """Everything up to this message has been seen here. Told to nobody. Answered by `Done`."""

    campaign: Id32
    channel: ChannelId
    message: Id32


# --- Statements


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftStatement(Command):
    """Answered by `StatementView`."""

    campaign: Id32
    language: Language
    title: Name
    text: Annotated[str, Chars(1, TEXT_CHARS_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendStatement(Command):
    """A new revision of the text in one language, or its first text in a further one. `StatementView`."""

    campaign: Id32
    statement: Id32
    language: Language
    title: Name
    text: Annotated[str, Chars(1, TEXT_CHARS_MAX)]
    base: OptionalId32 = b""  # the revision that was edited; empty: a language's first text


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentStatement(Command):
    """Answered by `StatementView`."""

    campaign: Id32
    statement: Id32
    revision: Id32
    paragraph: Annotated[int, Range(0, PARAGRAPHS_MAX)]  # 0 is the whole text
    text: Annotated[str, Chars(1, COMMENT_CHARS_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezeStatement(Command):
    """Fix the texts, addressees and deadline under one digest and open it for signing. `StatementView`."""

    campaign: Id32
    statement: Id32
    revisions: Annotated[
        tuple[Id32, ...], Items(0, LANGUAGES_MAX)
    ]  # one a language; empty: the newest of each
    addressees: Annotated[tuple[Annotated[str, Chars(1, 200)], ...], Items(0, ADDRESSEES_MAX)]
    deadline_ms: TimeMs


@dataclass(frozen=True, slots=True, kw_only=True)
class SignStatement(Command):
    """Sign the frozen text with this digest, and no other. Answered by `StatementView`."""

    campaign: Id32
    statement: Id32
    digest: Id32
    capacity: Capacity
    name: Name  # of the organisation, or of the person
    title: OptionalName = ""
    affiliation: OptionalName = ""  # needed with, and only with, the capacity `AFFILIATED`
    country: OptionalName = ""
    languages_read: Annotated[tuple[Language, ...], Items(0, LANGUAGES_MAX)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawSignature(Command):
    """Before release: the sign-on no longer counts. After: a signed notice. `StatementView`."""

    campaign: Id32
    statement: Id32


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseStatement(Command):
    """Fix the list of signatories and make the package. Answered by `StatementView`."""

    campaign: Id32
    statement: Id32


@dataclass(frozen=True, slots=True, kw_only=True)
class ListStatements(Command):
    """Answered by `StatementsView`."""

    campaign: Id32


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowStatement(Command):
    """Answered by `StatementView`."""

    campaign: Id32
    statement: Id32


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportStatement(Command):
    """The files of a released statement: package, texts, list. The client writes them. `FilesView`."""

    campaign: Id32
    statement: Id32


# --- The network, as far as a user cares


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPeers(Command):
    """Answered by `PeersView`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GetCounters(Command):
    """How often each thing was refused, by code; and traffic. Answered by `CountersView`."""


COMMANDS: Final = Family(
    MalformedCommand,
    (
        (1, GetStatus),
        (2, CreateVault),
        (3, Unlock),
        (4, Lock),
        (5, ChangePassphrase),
        (6, StopDaemon),
        (7, Subscribe),
        (10, ShowIdentity),
        (11, SetName),
        (12, SetHints),
        (13, ListContacts),
        (14, SetPetname),
        (15, ConfirmWords),
        (16, ForgetContact),
        (20, MakeInvitation),
        (21, ListInvitations),
        (22, RevokeInvitation),
        (23, AcceptInvitation),
        (24, ListIntroductions),
        (25, Admit),
        (26, Refuse),
        (30, FoundCampaign),
        (31, ListCampaigns),
        (32, ShowCampaign),
        (33, OpenChannel),
        (34, RemoveMember),
        (35, SetRole),
        (36, LeaveCampaign),
        (40, PostMessage),
        (41, ListMessages),
        (42, MarkRead),
        (50, DraftStatement),
        (51, AmendStatement),
        (52, CommentStatement),
        (53, FreezeStatement),
        (54, SignStatement),
        (55, WithdrawSignature),
        (56, ReleaseStatement),
        (57, ListStatements),
        (58, ShowStatement),
        (59, ExportStatement),
        (70, ListPeers),
        (71, GetCounters),
    ),
)

# Handled by the daemon around the node: these work without an open vault.
DAEMON_COMMANDS: Final = (GetStatus, CreateVault, Unlock, Lock, ChangePassphrase, StopDaemon, Subscribe)

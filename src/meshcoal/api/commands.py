"""What a user can ask of the daemon: one record per command.

Law: everything the interface and the command line can do is one of these, and nothing else is. A command
carries whole ids; turning a short name into an id is the client's work. Numbers are the local API's names
for the commands: never reuse one. docs/reference/api.md lists them; a test holds the list complete.
"""

from __future__ import annotations

from typing import Annotated, Final

from meshcoal.api.addendum_commands import PublishAddendum as PublishAddendum
from meshcoal.api.asking_commands import MarkAsked as MarkAsked
from meshcoal.api.asking_commands import Way as Way
from meshcoal.api.attachment_commands import AppendUpload as AppendUpload
from meshcoal.api.attachment_commands import BeginUpload as BeginUpload
from meshcoal.api.attachment_commands import DropUpload as DropUpload
from meshcoal.api.attachment_commands import FetchAttachment as FetchAttachment
from meshcoal.api.attachment_commands import ListAttachments as ListAttachments
from meshcoal.api.attachment_commands import ReadAttachment as ReadAttachment
from meshcoal.api.attachment_commands import StopAttachment as StopAttachment
from meshcoal.api.browser import DropDraft as DropDraft
from meshcoal.api.browser import KeepDraft as KeepDraft
from meshcoal.api.browser import ListDrafts as ListDrafts
from meshcoal.api.browser import ShowBrowser as ShowBrowser
from meshcoal.api.browser import StartBrowser as StartBrowser
from meshcoal.api.browser import StopBrowser as StopBrowser
from meshcoal.api.bundle_commands import BeginBundle as BeginBundle
from meshcoal.api.bundle_commands import BeginReading as BeginReading
from meshcoal.api.bundle_commands import BundleFor as BundleFor
from meshcoal.api.bundle_commands import EndBundle as EndBundle
from meshcoal.api.bundle_commands import EndReading as EndReading
from meshcoal.api.bundle_commands import HavePart as HavePart
from meshcoal.api.bundle_commands import LookAtPart as LookAtPart
from meshcoal.api.bundle_commands import NextPart as NextPart
from meshcoal.api.bundle_commands import ShowReading as ShowReading
from meshcoal.api.bundle_commands import TakePart as TakePart
from meshcoal.api.call_commands import DecideReplies as DecideReplies
from meshcoal.api.call_commands import Decision as Decision
from meshcoal.api.call_commands import GrantCall as GrantCall
from meshcoal.api.call_commands import ImportReplies as ImportReplies
from meshcoal.api.call_commands import ListOutside as ListOutside
from meshcoal.api.call_commands import ListReplies as ListReplies
from meshcoal.api.call_commands import OpenCall as OpenCall
from meshcoal.api.call_commands import ReplyState as ReplyState
from meshcoal.api.call_commands import ShowCalls as ShowCalls
from meshcoal.api.case_commands import EnterCase as EnterCase
from meshcoal.api.case_commands import ListCases as ListCases
from meshcoal.api.case_commands import OpenCase as OpenCase
from meshcoal.api.case_commands import ShowCase as ShowCase
from meshcoal.api.fields import Command as Command
from meshcoal.api.fields import Name, OptionalName
from meshcoal.api.fields import UploadId as UploadId
from meshcoal.api.history import ShowHistory as ShowHistory
from meshcoal.api.nearby import ShowNearby as ShowNearby
from meshcoal.api.nearby import StartNearby as StartNearby
from meshcoal.api.nearby import StopNearby as StopNearby
from meshcoal.api.office_commands import DecideRequest as DecideRequest
from meshcoal.api.office_commands import GiveMandate as GiveMandate
from meshcoal.api.office_commands import ListOffices as ListOffices
from meshcoal.api.office_commands import MakeOffice as MakeOffice
from meshcoal.api.office_commands import RequestSignature as RequestSignature
from meshcoal.api.office_commands import RevokeMandate as RevokeMandate
from meshcoal.api.organiser_commands import RemoveMember as RemoveMember
from meshcoal.api.organiser_commands import RestoreMember as RestoreMember
from meshcoal.api.organiser_commands import SetRole as SetRole
from meshcoal.api.organiser_commands import SetRules as SetRules
from meshcoal.api.paper_commands import EnterSheet as EnterSheet
from meshcoal.api.paper_commands import GivenLine as GivenLine
from meshcoal.api.paper_commands import ListPaper as ListPaper
from meshcoal.api.paper_commands import StrikeLines as StrikeLines
from meshcoal.api.path_commands import ChoosePaths as ChoosePaths
from meshcoal.api.path_commands import GetTor as GetTor
from meshcoal.api.path_commands import SetBridges as SetBridges
from meshcoal.api.path_commands import SwitchTor as SwitchTor
from meshcoal.api.people_commands import AcceptInvitation as AcceptInvitation
from meshcoal.api.people_commands import Admit as Admit
from meshcoal.api.people_commands import AnswerAcquaintance as AnswerAcquaintance
from meshcoal.api.people_commands import AnswerInvitation as AnswerInvitation
from meshcoal.api.people_commands import CompareKey as CompareKey
from meshcoal.api.people_commands import ConfirmWords as ConfirmWords
from meshcoal.api.people_commands import DismissWarning as DismissWarning
from meshcoal.api.people_commands import ForgetContact as ForgetContact
from meshcoal.api.people_commands import Introduce as Introduce
from meshcoal.api.people_commands import ListAcquaintances as ListAcquaintances
from meshcoal.api.people_commands import ListContacts as ListContacts
from meshcoal.api.people_commands import ListIntroductions as ListIntroductions
from meshcoal.api.people_commands import ListInvitations as ListInvitations
from meshcoal.api.people_commands import ListWarnings as ListWarnings
from meshcoal.api.people_commands import MakeInvitation as MakeInvitation
from meshcoal.api.people_commands import Refuse as Refuse
from meshcoal.api.people_commands import RevokeInvitation as RevokeInvitation
from meshcoal.api.people_commands import SetHints as SetHints
from meshcoal.api.people_commands import SetName as SetName
from meshcoal.api.people_commands import SetPetname as SetPetname
from meshcoal.api.people_commands import SetWordList as SetWordList
from meshcoal.api.people_commands import ShowIdentity as ShowIdentity
from meshcoal.api.posture import ShowPosture as ShowPosture
from meshcoal.api.profiles import ListProfiles as ListProfiles
from meshcoal.api.profiles import RemoveProfile as RemoveProfile
from meshcoal.api.profiles import SetProfile as SetProfile
from meshcoal.api.reaching import ListReach as ListReach
from meshcoal.api.relay_views import AddRelay as AddRelay
from meshcoal.api.relay_views import CheckRelay as CheckRelay
from meshcoal.api.relay_views import CoverRelays as CoverRelays
from meshcoal.api.relay_views import ListRelays as ListRelays
from meshcoal.api.relay_views import RemoveRelay as RemoveRelay
from meshcoal.api.saving import SetSaving as SetSaving
from meshcoal.api.saving import ShowData as ShowData
from meshcoal.api.seal_commands import ConfirmMember as ConfirmMember
from meshcoal.api.seal_commands import ShowMemberWords as ShowMemberWords
from meshcoal.api.seal_commands import SignCounted as SignCounted
from meshcoal.api.seal_commands import SignSealed as SignSealed
from meshcoal.api.seal_commands import WithdrawCounted as WithdrawCounted
from meshcoal.api.seal_commands import WithdrawSealed as WithdrawSealed
from meshcoal.api.search import Search as Search
from meshcoal.api.signing import SigningCommand as SigningCommand
from meshcoal.api.signing import who_signs as who_signs
from meshcoal.api.statement_commands import AmendStatement as AmendStatement
from meshcoal.api.statement_commands import CommentStatement as CommentStatement
from meshcoal.api.statement_commands import DraftStatement as DraftStatement
from meshcoal.api.statement_commands import EnterAftermath as EnterAftermath
from meshcoal.api.statement_commands import ExportAnnex as ExportAnnex
from meshcoal.api.statement_commands import ExportStatement as ExportStatement
from meshcoal.api.statement_commands import FreezeStatement as FreezeStatement
from meshcoal.api.statement_commands import ListStatements as ListStatements
from meshcoal.api.statement_commands import PreviewStatement as PreviewStatement
from meshcoal.api.statement_commands import ReleaseStatement as ReleaseStatement
from meshcoal.api.statement_commands import ShowChase as ShowChase
from meshcoal.api.statement_commands import ShowLetterHolders as ShowLetterHolders
from meshcoal.api.statement_commands import ShowStatement as ShowStatement
from meshcoal.api.statement_commands import SignStatement as SignStatement
from meshcoal.api.statement_commands import WithdrawSignature as WithdrawSignature
from meshcoal.api.steady import SetSteady as SetSteady
from meshcoal.api.steady import ShowSteady as ShowSteady
from meshcoal.api.talk_commands import EditMessage as EditMessage
from meshcoal.api.talk_commands import ListChanged as ListChanged
from meshcoal.api.talk_commands import ListMessages as ListMessages
from meshcoal.api.talk_commands import MarkRead as MarkRead
from meshcoal.api.talk_commands import PinMessage as PinMessage
from meshcoal.api.talk_commands import PostMessage as PostMessage
from meshcoal.api.talk_commands import ReactToMessage as ReactToMessage
from meshcoal.api.talk_commands import ShowMessage as ShowMessage
from meshcoal.api.talk_commands import TakeBackMessage as TakeBackMessage
from meshcoal.api.today import ShowToday as ShowToday
from meshcoal.api.ways import SetPersonWays as SetPersonWays
from meshcoal.api.ways import SetWays as SetWays
from meshcoal.api.ways import ShowPersonWays as ShowPersonWays
from meshcoal.api.ways import ShowWays as ShowWays
from meshcoal.errors import MalformedCommand
from meshcoal.limits import (
    CHANNELS_MAX,
    GOAL_CHARS_MAX,
    PASSPHRASE_BYTES_MAX,
    TALK_DAYS,
    TALK_DAYS_MAX,
)
from meshcoal.wire.authority import MandateScope as MandateScope
from meshcoal.wire.authority import OfficeStep as OfficeStep
from meshcoal.wire.bodies import Need as Need
from meshcoal.wire.body import ChannelId as ChannelId
from meshcoal.wire.naming import NameIn as NameIn
from meshcoal.wire.record import Chars, Family, Id32, Items, Range
from meshcoal.wire.record import OptionalId32 as OptionalId32
from meshcoal.wire.shape import dataclass
from meshcoal.wire.terms import DRAFT_SEATS as DRAFT_SEATS
from meshcoal.wire.terms import AftermathKind as AftermathKind
from meshcoal.wire.terms import Capacity as Capacity
from meshcoal.wire.terms import CaseKind as CaseKind
from meshcoal.wire.terms import Consent as Consent
from meshcoal.wire.terms import Consenter as Consenter
from meshcoal.wire.terms import Means as Means
from meshcoal.wire.terms import NameMode as NameMode
from meshcoal.wire.terms import Role as Role
from meshcoal.wire.terms import Seat as Seat
from meshcoal.wire.terms import Stance as Stance
from meshcoal.wire.terms import Verdict as Verdict
from meshcoal.wire.terms import WordList as WordList

Passphrase = Annotated[str, Chars(1, PASSPHRASE_BYTES_MAX)]


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


# --- Campaigns


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundCampaign(Command):
    """Answered by `CampaignView`."""

    name: Name
    goal: Annotated[str, Chars(0, GOAL_CHARS_MAX)]
    my_name: OptionalName  # how this campaign's members see me; empty: my identity's name
    seat: Seat
    channels: Annotated[tuple[Name, ...], Items(1, CHANNELS_MAX)]
    talk_days: Annotated[int, Range(1, TALK_DAYS_MAX)] = TALK_DAYS  # each device erases older messages


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
class ListForks(Command):
    """Members whose devices gave two different operations at one place, with the proofs. `ForksView`."""

    campaign: Id32


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveCampaign(Command):
    """Tell the others and take part no longer; what is here stays readable. `CampaignView`."""

    campaign: Id32


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewKeys(Command):
    """As after a theft: no copy of my keys opens what others write once they know. `CampaignView`."""

    campaign: Id32


# --- Talk


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowHolders(Command):
    """Who is known to hold a message, a signature or a revision, by its id. Answered by `HoldersView`."""

    campaign: Id32
    operation: Id32


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
        (17, SetWordList),
        (18, CompareKey),
        (20, MakeInvitation),
        (21, ListInvitations),
        (22, RevokeInvitation),
        (23, AcceptInvitation),
        (24, ListIntroductions),
        (25, Admit),
        (26, Refuse),
        (27, Introduce),
        (28, ListAcquaintances),
        (29, AnswerAcquaintance),
        (30, FoundCampaign),
        (31, ListCampaigns),
        (32, ShowCampaign),
        (33, OpenChannel),
        (34, RemoveMember),
        (35, SetRole),
        (36, LeaveCampaign),
        (37, RestoreMember),
        (38, ListForks),
        (39, RenewKeys),
        (40, PostMessage),
        (41, ListMessages),
        (42, MarkRead),
        (43, ShowHolders),
        (210, EditMessage),
        (211, TakeBackMessage),
        (212, ReactToMessage),
        (213, PinMessage),
        (214, ShowMessage),
        (215, Search),
        (216, ShowToday),
        (260, ShowPosture),
        (290, ShowHistory),
        (45, SetRules),
        (46, ShowMemberWords),
        (47, ConfirmMember),
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
        (270, PreviewStatement),
        (62, ShowLetterHolders),
        (63, EnterAftermath),
        (64, SetProfile),
        (65, RemoveProfile),
        (66, ListProfiles),
        (67, ExportAnnex),
        (68, SignSealed),
        (69, WithdrawSealed),
        (146, SignCounted),
        (147, WithdrawCounted),
        (110, MakeOffice),
        (111, GiveMandate),
        (112, RevokeMandate),
        (113, ListOffices),
        (114, RequestSignature),
        (115, DecideRequest),
        (116, PublishAddendum),
        (117, MarkAsked),
        (60, ListWarnings),
        (61, DismissWarning),
        (90, OpenCase),
        (91, EnterCase),
        (92, ListCases),
        (93, ShowCase),
        (94, ShowChase),
        (100, OpenCall),
        (101, ShowCalls),
        (102, GrantCall),
        (103, ImportReplies),
        (104, ListReplies),
        (105, DecideReplies),
        (106, ListOutside),
        (150, EnterSheet),
        (151, StrikeLines),
        (152, ListPaper),
        (80, BeginUpload),
        (81, AppendUpload),
        (82, DropUpload),
        (83, ListAttachments),
        (84, FetchAttachment),
        (85, StopAttachment),
        (86, ReadAttachment),
        (130, BeginBundle),
        (131, HavePart),
        (132, NextPart),
        (133, EndBundle),
        (134, BeginReading),
        (135, LookAtPart),
        (136, TakePart),
        (137, ShowReading),
        (138, EndReading),
        (160, AnswerInvitation),
        (70, ListPeers),
        (125, AddRelay),
        (126, RemoveRelay),
        (127, ListRelays),
        (170, CheckRelay),
        (171, CoverRelays),
        (71, GetCounters),
        (120, StartNearby),
        (121, StopNearby),
        (122, ShowNearby),
        (123, SetWays),
        (124, ShowWays),
        (140, GetTor),
        (141, SwitchTor),
        (142, SetBridges),
        (143, ChoosePaths),
        (180, ListReach),
        (181, SetPersonWays),
        (182, ShowPersonWays),
        (183, SetSaving),
        (184, ShowData),
        (230, StartBrowser),
        (231, StopBrowser),
        (232, ShowBrowser),
        (233, KeepDraft),
        (234, DropDraft),
        (235, ListDrafts),
        (280, ListChanged),
        (190, SetSteady),
        (191, ShowSteady),
    ),
)

# Handled by the daemon around the node: these work without an open vault.
DAEMON_COMMANDS: Final = (
    GetStatus,
    CreateVault,
    Unlock,
    Lock,
    ChangePassphrase,
    StopDaemon,
    Subscribe,
    GetTor,
    SwitchTor,
    SetBridges,
    ChoosePaths,
    StartBrowser,
    StopBrowser,
    ShowBrowser,
)

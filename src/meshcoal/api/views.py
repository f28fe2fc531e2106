"""What the daemon shows: one record per answer, and the notices that say something changed.

Law: a view is complete in itself; a client never has to reach behind it. Texts that came from other people
are raw here: whoever puts them on a screen passes them through `text.sanitise` first.
"""

from __future__ import annotations

import enum
from typing import Annotated, Final

from meshcoal.api.addendum_views import AddendumView as AddendumView
from meshcoal.api.addendum_views import LateView as LateView
from meshcoal.api.attachment_views import AttachedView as AttachedView
from meshcoal.api.attachment_views import AttachmentState as AttachmentState
from meshcoal.api.attachment_views import AttachmentsView as AttachmentsView
from meshcoal.api.attachment_views import AttachmentView as AttachmentView
from meshcoal.api.attachment_views import PartView as PartView
from meshcoal.api.attachment_views import UploadView as UploadView
from meshcoal.api.browser import BrowserView as BrowserView
from meshcoal.api.browser import DraftsView as DraftsView
from meshcoal.api.browser import DraftView as DraftView
from meshcoal.api.bundle_views import Answered as Answered
from meshcoal.api.bundle_views import AnswerNewsView as AnswerNewsView
from meshcoal.api.bundle_views import BundleNewsView as BundleNewsView
from meshcoal.api.bundle_views import BundlePartView as BundlePartView
from meshcoal.api.bundle_views import BundleView as BundleView
from meshcoal.api.bundle_views import ReadingView as ReadingView
from meshcoal.api.bundle_views import RefusedView as RefusedView
from meshcoal.api.bundle_views import RequestNewsView as RequestNewsView
from meshcoal.api.bundle_views import ShipmentView as ShipmentView
from meshcoal.api.call_views import CALLS_SHOWN_MAX as CALLS_SHOWN_MAX
from meshcoal.api.call_views import CallHolderView as CallHolderView
from meshcoal.api.call_views import CallsView as CallsView
from meshcoal.api.call_views import CallView as CallView
from meshcoal.api.call_views import DecidedView as DecidedView
from meshcoal.api.call_views import Imported as Imported
from meshcoal.api.call_views import ImportedOneView as ImportedOneView
from meshcoal.api.call_views import ImportedView as ImportedView
from meshcoal.api.call_views import OutsidersView as OutsidersView
from meshcoal.api.call_views import OutsiderView as OutsiderView
from meshcoal.api.call_views import RepliesView as RepliesView
from meshcoal.api.call_views import ReplyView as ReplyView
from meshcoal.api.case_views import CaseEntryView as CaseEntryView
from meshcoal.api.case_views import CaseLetterView as CaseLetterView
from meshcoal.api.case_views import CaseSummaryView as CaseSummaryView
from meshcoal.api.case_views import CasesView as CasesView
from meshcoal.api.case_views import CaseView as CaseView
from meshcoal.api.case_views import CourseStep as CourseStep
from meshcoal.api.case_views import Publicity as Publicity
from meshcoal.api.case_views import StepState as StepState
from meshcoal.api.case_views import StepView as StepView
from meshcoal.api.chase_views import AskedState as AskedState
from meshcoal.api.chase_views import AskedView as AskedView
from meshcoal.api.chase_views import ChaseView as ChaseView
from meshcoal.api.chase_views import OfficeAskedView as OfficeAskedView
from meshcoal.api.commands import ChannelId, OptionalId32, Role, Seat
from meshcoal.api.counted_views import CountedMine as CountedMine
from meshcoal.api.counted_views import CountedView as CountedView
from meshcoal.api.fields import Short, SignedMs
from meshcoal.api.gap_views import GapView as GapView
from meshcoal.api.gap_views import ShownBy as ShownBy
from meshcoal.api.gap_views import WaitView as WaitView
from meshcoal.api.gap_views import WithheldView as WithheldView
from meshcoal.api.history import Happening as Happening
from meshcoal.api.history import HistoryItemView as HistoryItemView
from meshcoal.api.history import HistoryView as HistoryView
from meshcoal.api.holder_views import HeldProof as HeldProof
from meshcoal.api.holder_views import HoldersView as HoldersView
from meshcoal.api.holder_views import HolderView as HolderView
from meshcoal.api.nearby import NearbyPeerView as NearbyPeerView
from meshcoal.api.nearby import NearbyView as NearbyView
from meshcoal.api.office_commands import MandateView as MandateView
from meshcoal.api.office_commands import OfficesView as OfficesView
from meshcoal.api.office_commands import OfficeView as OfficeView
from meshcoal.api.paper_views import PaperLineView as PaperLineView
from meshcoal.api.paper_views import PaperView as PaperView
from meshcoal.api.paper_views import SheetView as SheetView
from meshcoal.api.path_commands import TorStanding as TorStanding
from meshcoal.api.path_commands import TorView as TorView
from meshcoal.api.people_views import AcquaintanceState as AcquaintanceState
from meshcoal.api.people_views import AcquaintancesView as AcquaintancesView
from meshcoal.api.people_views import AcquaintanceView as AcquaintanceView
from meshcoal.api.people_views import BrokeredView as BrokeredView
from meshcoal.api.people_views import CarriedRequestView as CarriedRequestView
from meshcoal.api.people_views import ComparedView as ComparedView
from meshcoal.api.people_views import Comparison as Comparison
from meshcoal.api.people_views import ContactsView as ContactsView
from meshcoal.api.people_views import ContactView as ContactView
from meshcoal.api.people_views import IdentityView as IdentityView
from meshcoal.api.people_views import IntroductionState as IntroductionState
from meshcoal.api.people_views import IntroductionsView as IntroductionsView
from meshcoal.api.people_views import IntroductionView as IntroductionView
from meshcoal.api.people_views import InvitationsView as InvitationsView
from meshcoal.api.people_views import InvitationView as InvitationView
from meshcoal.api.people_views import Spellings as Spellings
from meshcoal.api.people_views import SpellingView as SpellingView
from meshcoal.api.people_views import WarningKind as WarningKind
from meshcoal.api.people_views import WarningsView as WarningsView
from meshcoal.api.people_views import WarningView as WarningView
from meshcoal.api.people_views import spelled as spelled
from meshcoal.api.posture import Danger as Danger
from meshcoal.api.posture import FindingView as FindingView
from meshcoal.api.posture import PostureView as PostureView
from meshcoal.api.posture import Weakness as Weakness
from meshcoal.api.posture import Weight as Weight
from meshcoal.api.profiles import ProfilesView as ProfilesView
from meshcoal.api.profiles import ProfileView as ProfileView
from meshcoal.api.progress_views import NOT_CATCHING_UP
from meshcoal.api.progress_views import CatchingUpView as CatchingUpView
from meshcoal.api.reaching import NextStep as NextStep
from meshcoal.api.reaching import PathKind as PathKind
from meshcoal.api.reaching import PathView as PathView
from meshcoal.api.reaching import ReachesView as ReachesView
from meshcoal.api.reaching import ReachView as ReachView
from meshcoal.api.relay_views import RelayFault as RelayFault
from meshcoal.api.relay_views import RelayState as RelayState
from meshcoal.api.relay_views import RelaysView as RelaysView
from meshcoal.api.relay_views import RelayView as RelayView
from meshcoal.api.saving import DataView as DataView
from meshcoal.api.saving import SavingLevel as SavingLevel
from meshcoal.api.seal_views import MemberWordsView as MemberWordsView
from meshcoal.api.seal_views import SealedMine as SealedMine
from meshcoal.api.seal_views import SealPhase as SealPhase
from meshcoal.api.seal_views import SealView as SealView
from meshcoal.api.search import FoundKind as FoundKind
from meshcoal.api.search import FoundsView as FoundsView
from meshcoal.api.search import FoundView as FoundView
from meshcoal.api.statement_views import Action as Action
from meshcoal.api.statement_views import AftermathView as AftermathView
from meshcoal.api.statement_views import CommentView as CommentView
from meshcoal.api.statement_views import DecisionView as DecisionView
from meshcoal.api.statement_views import Direction as Direction
from meshcoal.api.statement_views import EntryState as EntryState
from meshcoal.api.statement_views import EntryView as EntryView
from meshcoal.api.statement_views import QuorumView as QuorumView
from meshcoal.api.statement_views import RedLine as RedLine
from meshcoal.api.statement_views import RequestState as RequestState
from meshcoal.api.statement_views import RequestView as RequestView
from meshcoal.api.statement_views import RevisionView as RevisionView
from meshcoal.api.statement_views import StatementPhase as StatementPhase
from meshcoal.api.statement_views import StatementSummaryView as StatementSummaryView
from meshcoal.api.statement_views import StatementsView as StatementsView
from meshcoal.api.statement_views import StatementView as StatementView
from meshcoal.api.statement_views import TallyView as TallyView
from meshcoal.api.steady import SteadyView as SteadyView
from meshcoal.api.talk_views import ChangedView as ChangedView
from meshcoal.api.talk_views import EditionView as EditionView
from meshcoal.api.talk_views import MessageDetailView as MessageDetailView
from meshcoal.api.talk_views import MessageState as MessageState
from meshcoal.api.talk_views import MessagesView as MessagesView
from meshcoal.api.talk_views import MessageView as MessageView
from meshcoal.api.talk_views import ReactionView as ReactionView
from meshcoal.api.today import TodayItemView as TodayItemView
from meshcoal.api.today import TodayKind as TodayKind
from meshcoal.api.today import TodayView as TodayView
from meshcoal.api.ways import Advice as Advice
from meshcoal.api.ways import PersonWaysView as PersonWaysView
from meshcoal.api.ways import Reason as Reason
from meshcoal.api.ways import WaysView as WaysView
from meshcoal.errors import MalformedCommand
from meshcoal.limits import (
    ATTACHMENT_BYTES_MAX,
    ATTACHMENTS_CAMPAIGN_BYTES_MAX,
    AUTHORS_MAX,
    CAMPAIGNS_MAX,
    CASES_SHOWN_MAX,
    CHANNELS_SHOWN_MAX,
    CONTACTS_MAX,
    FORK_BYTES_MAX,
    HINTS_MAX,
    LINKS_MAX,
    MEMBERS_MAX,
    PACKAGE_BYTES_MAX,
    STATEMENTS_SHOWN_MAX,
    WAITS_SHOWN_MAX,
    WITHHELD_SHOWN_MAX,
)
from meshcoal.wire.record import Count, Family, Id32, Items, Range, Record, Size
from meshcoal.wire.shape import dataclass
from meshcoal.wire.terms import DRAFT_SEATS


class VaultState(enum.StrEnum):
    ABSENT = "absent"
    LOCKED = "locked"
    UNLOCKED = "unlocked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Done(Record):
    """It was done, and there is nothing to show for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorView(Record):
    """Why a command was not done: a code of `errors`, and a sentence."""

    code: Short
    message: Short


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusView(Record):
    version: Short
    vault: VaultState
    name: Short  # empty while locked
    process: Count  # process id of the daemon
    listening: Annotated[tuple[Short, ...], Items(0, HINTS_MAX)]
    catching_up: CatchingUpView = NOT_CATCHING_UP  # of all campaigns together


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelView(Record):
    id: ChannelId
    name: Short
    messages: Count
    unread: Count
    mentions: Count = 0  # unread ones that mention me


class MemberState(enum.StrEnum):
    ACTIVE = "active"
    LEFT = "left"
    REMOVED = "removed"


class ForkState(enum.StrEnum):
    """What became of a member whose device gave two different operations at one place."""

    NONE = "none"  # it did not
    OPEN = "open"  # it did, and no other organiser's device has seen it yet
    HALTED = "halted"  # nothing they do counts until an organiser decides
    RESTORED = "restored"  # an organiser let them go on
    OUT = "out"  # they were removed, or left


@dataclass(frozen=True, slots=True, kw_only=True)
class ForkView(Record):
    """A member whose log is forked."""

    author: Id32
    name: Short
    me: bool
    state: ForkState
    seq: Count  # the first place that holds two operations
    operations: Count  # how many stand there
    first: Id32  # two of them, of the least ids
    second: Id32
    noticed_ms: Count  # when this node saw it first
    told_by: Short  # whose node brought it; empty if that is not known
    # As a file that anybody can check, see log.fork; empty where too many signing keys came before.
    proof: Annotated[bytes, Size(0, FORK_BYTES_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForksView(Record):
    forks: Annotated[tuple[ForkView, ...], Items(0, AUTHORS_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberView(Record):
    author: Id32
    name: Short  # my petname for them if they are a contact, else the name they gave
    given_name: Short
    seat: Seat
    role: Role
    state: MemberState
    fork: ForkState
    me: bool
    verified: bool  # words compared with this very person
    introduced_by: Short  # as in `ContactView`, where this member is known to be a contact
    namesake: Short  # a contact of mine by this name; nothing shows that it is the same person
    warned: bool  # as in `ContactView`
    admitted_by: Short
    connected: bool
    last_seen_ms: SignedMs  # when our two nodes last talked; -1: never
    wrote_ms: SignedMs  # the time on the newest thing of theirs that can be read here; -1: nothing is here
    behind: Annotated[
        int, Range(-1, 2**62)
    ]  # operations I hold that they are not known to hold; -1: never met
    # Who wrote what they wrote until then can be proven no more, their clock says; -1: of all of it, it can.
    deniable_ms: SignedMs = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class BusyView(Record):
    """A member whose node writes unusually much: what it writes is taken in behind what others write."""

    author: Id32
    name: Short
    operations: Count  # in the present hour


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignView(Record):
    id: Id32
    name: Short
    goal: Short
    founded_ms: Count
    state: MemberState  # mine
    seat: Seat  # mine
    role: Role  # mine
    channels: Annotated[tuple[ChannelView, ...], Items(0, CHANNELS_SHOWN_MAX)]
    members: Annotated[tuple[MemberView, ...], Items(0, AUTHORS_MAX)]
    gaps: Annotated[tuple[GapView, ...], Items(0, AUTHORS_MAX)]
    statements: Annotated[tuple[StatementSummaryView, ...], Items(0, STATEMENTS_SHOWN_MAX)]
    unopened: Count  # operations here whose key has not arrived
    operations: Count
    heads_digest: Id32  # equal on two nodes exactly when they hold the same operations
    talk_days: Count  # after so many days messages are erased here; 0: not known yet
    busy: Annotated[tuple[BusyView, ...], Items(0, AUTHORS_MAX)]
    catching_up: CatchingUpView = NOT_CATCHING_UP
    waits: Annotated[tuple[WaitView, ...], Items(0, WAITS_SHOWN_MAX)] = ()
    withheld: Annotated[tuple[WithheldView, ...], Items(0, WITHHELD_SHOWN_MAX)] = ()
    file_bytes_max: Count = ATTACHMENT_BYTES_MAX  # as organisers allow; 0: no files
    kept_bytes_max: Count = ATTACHMENTS_CAMPAIGN_BYTES_MAX  # of the campaign's files, on each device
    draft_seats: Annotated[tuple[Seat, ...], Items(1, len(DRAFT_SEATS))] = DRAFT_SEATS  # who writes letters
    witness_seats: Annotated[tuple[Seat, ...], Items(1, len(DRAFT_SEATS))] = DRAFT_SEATS  # who enters paper
    comments_by_seat: bool = False  # who comments is shown as a seat
    cases: Annotated[tuple[CaseSummaryView, ...], Items(0, CASES_SHOWN_MAX)] = ()  # the newest, oldest first
    # Members of each seat whose consent a release needs, as the rules say.
    in_country_quorum: Annotated[int, Range(0, MEMBERS_MAX)] = 1
    exile_quorum: Annotated[int, Range(0, MEMBERS_MAX)] = 0
    ingo_quorum: Annotated[int, Range(0, MEMBERS_MAX)] = 0
    tor_seats: Annotated[tuple[Seat, ...], Items(0, len(Seat))] = ()  # recommended: Tor alone
    apart_seats: Annotated[tuple[Seat, ...], Items(0, len(Seat))] = ()  # recommended: no local networks
    authors_change: bool = True  # members may change and take back what they said
    organisers_hide: bool = False  # organisers may take off the screens what others said


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignSummaryView(Record):
    id: Id32
    name: Short
    goal: Short
    state: MemberState
    members: Count
    connected: Count
    unread: Count
    open_statements: Count  # open, and not signed by me
    missing: Count
    heads_digest: Id32
    catching_up: CatchingUpView = NOT_CATCHING_UP
    alerts: Count = 0  # open cases to which I have said nothing
    due: Count = 0  # dates on which to ask again that have come
    mentions: Count = 0  # unread messages that mention me


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignsView(Record):
    campaigns: Annotated[tuple[CampaignSummaryView, ...], Items(0, CAMPAIGNS_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileView(Record):
    name: Short  # already safe as a file name
    data: Annotated[bytes, Size(0, PACKAGE_BYTES_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesView(Record):
    files: Annotated[tuple[FileView, ...], Items(0, 128)]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerView(Record):
    name: Short
    campaign_name: Short  # empty: a contact outside any campaign
    connected: bool
    transport: Short
    dialled: bool
    since_ms: SignedMs
    last_error: Short  # a code
    next_try_ms: SignedMs


@dataclass(frozen=True, slots=True, kw_only=True)
class PeersView(Record):
    peers: Annotated[tuple[PeerView, ...], Items(0, LINKS_MAX + CONTACTS_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterView(Record):
    code: Short
    count: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class CountersView(Record):
    counters: Annotated[tuple[CounterView, ...], Items(0, 200)]


class NoticeKind(enum.StrEnum):
    """What changed. A client fetches the view it shows; a notice holds no content."""

    STATUS = "status"  # locked, unlocked
    CONTACTS = "contacts"
    INTRODUCTIONS = "introductions"
    CAMPAIGNS = "campaigns"  # one appeared
    CAMPAIGN = "campaign"  # members, channels, gaps; subject: none
    MESSAGES = "messages"  # subject: the channel
    MARKS = "marks"  # a message was changed, taken back, pinned or reacted to; subject: the channel
    ERASED = "erased"  # old messages of the campaign are gone, in all channels
    HELD = "held"  # who holds what
    STATEMENT = "statement"  # subject: the statement
    ALERT = "alert"  # somebody opened a case; subject: the case
    CASE = "case"  # one has changed; subject: the case
    DUE = "due"  # a date on which to ask again has come; subject: the statement
    ATTACHMENT = "attachment"  # subject: the file; while it comes, done of total chunks
    PEERS = "peers"
    RELAYS = "relays"  # one works or not any more, or was seen to do wrong
    PROGRESS = "progress"  # catching up: done of total operations
    WARNINGS = "warnings"  # a name stands under another key than before
    WITHHELD = "withheld"  # a member's device certainly keeps something back; once for each member
    OVERRUN = "overrun"  # notices were dropped because the client was slow: fetch everything again


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice(Record):
    kind: NoticeKind
    campaign: OptionalId32 = b""
    subject: Annotated[bytes, Size(0, 32)] = b""  # an id of whatever length
    by_me: bool = False
    done: Count = 0
    total: Count = 0


VIEWS: Final = Family(
    MalformedCommand,
    (
        (1, Done),
        (2, ErrorView),
        (3, StatusView),
        (4, IdentityView),
        (5, ContactView),
        (6, ContactsView),
        (7, InvitationView),
        (8, InvitationsView),
        (9, IntroductionView),
        (10, IntroductionsView),
        (11, CampaignView),
        (12, CampaignsView),
        (13, MessageView),
        (14, MessagesView),
        (210, MessageDetailView),
        (211, FoundsView),
        (212, TodayView),
        (260, PostureView),
        (290, HistoryView),
        (15, StatementView),
        (16, StatementsView),
        (17, FilesView),
        (18, PeersView),
        (19, CountersView),
        (20, ComparedView),
        (21, WarningsView),
        (22, AcquaintancesView),
        (23, BrokeredView),
        (24, ForkView),
        (25, ForksView),
        (26, HoldersView),
        (27, MemberWordsView),
        (32, Notice),
        (33, ProfilesView),
        (34, OfficesView),
        (125, RelaysView),
        (90, CaseView),
        (91, CasesView),
        (92, ChaseView),
        (80, AttachmentsView),
        (100, CallsView),
        (101, ImportedView),
        (102, RepliesView),
        (103, DecidedView),
        (104, OutsidersView),
        (130, BundleView),
        (131, BundlePartView),
        (132, ReadingView),
        (160, CarriedRequestView),
        (150, PaperView),
        (81, UploadView),
        (82, PartView),
        (120, NearbyView),
        (121, WaysView),
        (140, TorView),
        (180, ReachesView),
        (181, PersonWaysView),
        (182, DataView),
        (230, BrowserView),
        (231, DraftsView),
        (280, ChangedView),
        (190, SteadyView),
    ),
)

"""What is sealed inside an operation: one record per kind.

Law: a body is well-formed by its bytes alone; whether its author may do this is decided from its causal
past (`campaign.authorize`). Field order is wire order: only append. Specified in docs/protocol/bodies.md.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from meshcoal.errors import MalformedBody, MeshcoalError
from meshcoal.limits import (
    ACCEPTED_MAX,
    ADDENDA_MAX,
    ADDRESSEES_MAX,
    ATTACHMENT_BYTES_MAX,
    ATTACHMENTS_CAMPAIGN_BYTES_MAX,
    BATCHES_MAX,
    BRANCHES_MAX,
    BUNDLE_BYTES_MAX,
    CHANNELS_MAX,
    COMMENT_CHARS_MAX,
    CREDITS_MAX,
    GOAL_CHARS_MAX,
    GRACE_MS_MAX,
    LANGUAGES_MAX,
    LOGO_BYTES_MAX,
    MEMBERS_MAX,
    MERGED_MAX,
    NETWORK_MEMBERS_MAX,
    PAPER_SHEETS_MAX,
    PARAGRAPHS_MAX,
    RELAYS_TOLD_MAX,
    RETIRED_SEEDS_MAX,
    SEQ_MAX,
    SIGNATORIES_MAX,
    TALK_DAYS,
    TALK_DAYS_MAX,
    TEXT_CHARS_MAX,
)
from meshcoal.wire import record
from meshcoal.wire.addendum import AddendumBody
from meshcoal.wire.authority import ApprovalBody, MandateBody, OfficeBody, RequestBody, RevokeBody
from meshcoal.wire.body import CHANNEL_ID_BYTES as CHANNEL_ID_BYTES
from meshcoal.wire.body import Attachments, Epochs, OptionalName
from meshcoal.wire.body import Body as Body
from meshcoal.wire.body import ChannelId as ChannelId
from meshcoal.wire.call import Lines as CallLines
from meshcoal.wire.card import Card as Card
from meshcoal.wire.card import Hints as Hints
from meshcoal.wire.card import Name as Name
from meshcoal.wire.card import SealPublic as SealPublic
from meshcoal.wire.case_bodies import CaseBody as CaseBody
from meshcoal.wire.case_bodies import ReportBody as ReportBody
from meshcoal.wire.counted import RingPlace
from meshcoal.wire.desk import DeskBody
from meshcoal.wire.naming import Annex, Names, Tags
from meshcoal.wire.naming import Condition as Condition
from meshcoal.wire.naming import Need as Need
from meshcoal.wire.operation import Kind
from meshcoal.wire.outsider import KeyShares, ListedOutside, Outsider, OutsiderWithdrawal
from meshcoal.wire.paper import ListedSheet
from meshcoal.wire.paper_bodies import PaperBody as PaperBody
from meshcoal.wire.paper_bodies import StrikeBody as StrikeBody
from meshcoal.wire.post import PostBody as PostBody
from meshcoal.wire.post import plain_post
from meshcoal.wire.record import Chars, Id32, Items, Range, Record, Size, TimeMs
from meshcoal.wire.record import OptionalId32 as OptionalId32
from meshcoal.wire.relay_text import Relay
from meshcoal.wire.sealed import OpenedSignOn
from meshcoal.wire.shape import dataclass
from meshcoal.wire.terms import (
    DRAFT_SEATS,
    NAMED_ALONE,
    AftermathKind,
    Capacity,
    Means,
    NameMode,
    Role,
    Seat,
    Stance,
)
from meshcoal.wire.week_keys import WeekKeys

OptionalSealPublic = Annotated[bytes, Size(0, 1216, between=False)]  # empty: none
Language = Annotated[str, Chars(2, 16)]
DraftSeats = Annotated[tuple[Seat, ...], Items(1, len(DRAFT_SEATS))]
AdvisedSeats = Annotated[tuple[Seat, ...], Items(0, len(Seat))]
Addressees = Annotated[tuple[Annotated[str, Chars(1, 200)], ...], Items(0, ADDRESSEES_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSeed(Record):
    error: ClassVar[type[MeshcoalError]] = MalformedBody

    id: ChannelId
    name: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateBody(Body):
    """Founds a campaign. Its author is the first member, and an organiser like any later one."""

    name: Name
    goal: Annotated[str, Chars(0, GOAL_CHARS_MAX)]
    founder: Card
    seat: Seat
    channels: Annotated[tuple[ChannelSeed, ...], Items(1, CHANNELS_MAX)]
    talk_days: Annotated[int, Range(1, TALK_DAYS_MAX)] = TALK_DAYS  # how long messages live on each device


@dataclass(frozen=True, slots=True, kw_only=True)
class AddBody(Body):
    member: Card
    seat: Seat
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveBody(Body):
    """Removes a member. Acts up to `last_seq`, the last one the remover had seen, stand; later ones fall."""

    member: Id32
    last_seq: Annotated[int, Range(-1, SEQ_MAX)]  # -1: none was seen


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveBody(Body):
    """The author takes part no longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleBody(Body):
    member: Id32
    seat: Seat
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class RekeyBody(Body):
    """A new epoch for exactly the present members: its author heals by it, and may publish new prekeys."""

    bundle: Annotated[bytes, Size(0, BUNDLE_BYTES_MAX)] = b""  # of `group.prekeys`; mostly empty
    lacks: Epochs = ()  # whose record keys the author was never given, or lost: whoever holds one hands it
    heals: bool = False  # as after a theft: nobody who knows of it writes under an epoch begun without it


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelBody(Body):
    channel: ChannelSeed


@dataclass(frozen=True, slots=True, kw_only=True)
class HaltBody(Body):
    """A member's log is forked: nothing that they write behind these ends of it counts, until a restore.

    Written by an organiser's node by itself, as soon as it holds both branches.
    """

    member: Id32
    ends: Annotated[tuple[Id32, ...], Items(2, BRANCHES_MAX)]  # all that the writer holds, ascending


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreBody(Body):
    """An organiser's decision to let a halted member go on: what they write after having seen this counts."""

    member: Id32


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesBody(Body):
    """The campaign's rules from now on, in place of those before: files, in bytes; consent, in members."""

    file_bytes_max: Annotated[int, Range(0, ATTACHMENT_BYTES_MAX)]  # without padding; 0: no files
    kept_bytes_max: Annotated[int, Range(0, ATTACHMENTS_CAMPAIGN_BYTES_MAX)]  # on each device, padded
    draft_seats: DraftSeats = DRAFT_SEATS  # whose members may draft and amend
    comments_by_seat: bool = False  # who comments is shown as a seat, not by name
    in_country_quorum: Annotated[int, Range(0, MEMBERS_MAX)] = 1  # of whom a release needs consent
    exile_quorum: Annotated[int, Range(0, MEMBERS_MAX)] = 0
    ingo_quorum: Annotated[int, Range(0, MEMBERS_MAX)] = 0
    witness_seats: DraftSeats = DRAFT_SEATS  # whose members may enter signatures on paper
    tor_seats: AdvisedSeats = ()  # whose devices are recommended to use Tor alone here
    apart_seats: AdvisedSeats = ()  # and whose to keep off local networks
    authors_change: bool = True  # members may change and take back what they said
    organisers_hide: bool = False  # organisers may take off the screens what others said


@dataclass(frozen=True, slots=True, kw_only=True)
class RetireBody(Body):
    """Publishes signing keys that were closed long enough ago: from now on anybody can have used them."""

    author: Id32  # whose they were: the writer's own, or those of a persona that the writer had before
    seeds: Annotated[tuple[Id32, ...], Items(1, RETIRED_SEEDS_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekBody(Body):
    """What the author signs in rings with from now on, and takes shares of sealed sign-ons by."""

    keys: WeekKeys


@dataclass(frozen=True, slots=True, kw_only=True)
class HintsBody(Body):
    """Where the author's node can be reached from now on; replaces what it said before."""

    hints: Hints
    relays: Annotated[tuple[Relay, ...], Items(0, RELAYS_TOLD_MAX)] = ()  # at which all post and look
    board: OptionalId32 = b""  # from this the topics there come; empty without relays


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftBody(Body):
    """Begins a statement: the operation's id is the statement's, and that of its first revision."""

    language: Language
    title: Name
    text: Annotated[str, Chars(1, TEXT_CHARS_MAX)]
    attachments: Attachments = ()
    credit: OptionalName = ""  # how its author wishes to be named beside the text in public; empty: not
    case: OptionalId32 = b""  # what the letter is about


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendBody(Body):
    """A further revision: the operation's id is the revision's."""

    statement: Id32
    base: OptionalId32  # revision it was made from; empty for the first text of a language
    language: Language
    title: Name
    text: Annotated[str, Chars(1, TEXT_CHARS_MAX)]
    merges: Annotated[tuple[Id32, ...], Items(0, MERGED_MAX)] = ()  # texts beside `base` that it takes up
    translates: OptionalId32 = b""  # the revision in another language that it says in its own
    attachments: Attachments = ()
    credit: OptionalName = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentBody(Body):
    statement: Id32
    revision: Id32
    paragraph: Annotated[int, Range(0, PARAGRAPHS_MAX)]  # 0 is the whole text
    text: Annotated[str, Chars(0, COMMENT_CHARS_MAX)]
    stance: Stance = Stance.REMARK
    lifts: OptionalId32 = b""  # a red line of the author's own
    attachments: Attachments = ()
    credit: OptionalName = ""  # of who compared a translation


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezeBody(Body):
    """Fixes one revision a language, addressees and deadlines; `digest` covers their canonical text.

    With `replaces` it is the next version of a text that was frozen before: nobody's signature carries over.
    """

    statement: Id32
    revisions: Annotated[tuple[Id32, ...], Items(1, LANGUAGES_MAX)]  # ordered as the languages are shown
    addressees: Addressees
    deadline_ms: TimeMs  # a sign-on that is dated behind it is late
    digest: Id32  # SHA-256 of the canonical text
    soft_deadline_ms: TimeMs = 0  # until when people are asked to sign; 0: until the deadline
    grace_ms: Annotated[int, Range(0, GRACE_MS_MAX)] = 0  # how long what was signed in time is waited for
    replaces: OptionalId32 = b""  # digest of the version before
    modes: Annotated[tuple[NameMode, ...], Items(1, len(NameMode))] = NAMED_ALONE  # permitted
    topics: Tags = ()  # what it is about and asks for, in words that mandates name
    countries: Tags = ()
    asks: Tags = ()
    checks: Annotated[tuple[Id32, ...], Items(0, CREDITS_MAX * LANGUAGES_MAX)] = ()  # comments that credit

    # Sealed sign-ons open when so many have signed; 0: nobody signs sealed. Until that date, then never.
    sealed_until: Annotated[int, Range(0, MEMBERS_MAX)] = 0
    seal_expires_ms: TimeMs = 0
    paper: bool = False  # signatures on paper may be entered by a witness


@dataclass(frozen=True, slots=True, kw_only=True)
class SignBody(Body):
    """An act: `act_signature`, by the act key over the sign-on's canonical text, stands by itself."""

    statement: Id32
    digest: Id32
    capacity: Capacity
    name: OptionalName
    title: OptionalName
    affiliation: OptionalName
    country: OptionalName
    languages_read: Annotated[tuple[Language, ...], Items(0, LANGUAGES_MAX)]
    act_signature: Annotated[bytes, Size(64)]
    names: Names = ()
    members: Annotated[int, Range(0, NETWORK_MEMBERS_MAX)] = 0
    mode: NameMode = NameMode.NAMED
    logo: Annotated[bytes, Size(0, LOGO_BYTES_MAX)] = b""  # PNG; its digest is signed
    annex: Annex | None = None  # exactly under `ADDRESSEE`; its digest is signed
    condition: Condition | None = None  # its digest is signed
    request: OptionalId32 = b""  # of an office, whose last step this is
    mandate: OptionalId32 = b""  # under which it is signed for an office
    in_ring: RingPlace | None = None  # where others may be counted and not named: exactly who is in the ring


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawBody(Body):
    """An act: takes back the author's sign-on to one frozen text."""

    statement: Id32
    digest: Id32
    act_signature: Annotated[bytes, Size(64)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseBody(Body):
    """An act: fixes which sign-ons stand under the text when it goes out."""

    statement: Id32
    digest: Id32
    sign_ons: Annotated[tuple[Id32, ...], Items(0, SIGNATORIES_MAX)]  # ids of `sign` operations, as tallied
    tally_digest: Id32
    act_signature: Annotated[bytes, Size(64)]
    outside: Annotated[tuple[ListedOutside, ...], Items(0, BATCHES_MAX)] = ()  # by `accept`, ascending
    unsealed: Annotated[tuple[OpenedSignOn, ...], Items(0, MEMBERS_MAX)] = ()  # that were sealed, as tallied
    agreed: Annotated[tuple[Id32, ...], Items(0, MEMBERS_MAX)] = ()  # consent of who did not sign
    not_before_ms: TimeMs = 0  # it is not to be published earlier; 0: at once
    paper: Annotated[tuple[ListedSheet, ...], Items(0, PAPER_SHEETS_MAX)] = ()  # by sheet, ascending
    counted: Annotated[tuple[Id32, ...], Items(0, MEMBERS_MAX)] = ()  # tags of who is not named; ascending


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBody(Body):
    """Opens a call for sign-ons from outside; what is given out follows from it and the frozen text."""

    statement: Id32
    digest: Id32
    until_ms: TimeMs
    asks: Name
    reply_to: CallLines
    data: CallLines
    key: SealPublic
    needed: Annotated[int, Range(1, MEMBERS_MAX)]
    holders: Annotated[tuple[Id32, ...], Items(1, MEMBERS_MAX)]  # organisers who hold a part of the key
    shares: KeyShares


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantBody(Body):
    """A holder agrees that the replies to a call are read: their part of its key, sealed to all holders."""

    statement: Id32
    call: Id32
    share: KeyShares


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptBody(Body):
    """Sign-ons from outside that an organiser takes onto the letter, and what outsiders took back."""

    statement: Id32
    digest: Id32
    sign_ons: Annotated[tuple[Outsider, ...], Items(0, ACCEPTED_MAX)]
    withdrawals: Annotated[tuple[OutsiderWithdrawal, ...], Items(0, ACCEPTED_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class AftermathBody(Body):
    """What happened behind a release: a delivery, a reply, when to ask again, an outcome, reprisals, lessons.

    Not signed for outsiders, and in no file that leaves. What each kind needs is for `statement.aftermath`.
    """

    statement: Id32
    digest: Id32  # SHA-256 of the text that was released
    entry: AftermathKind
    happened_ms: TimeMs  # as the author says
    addressee: Annotated[str, Chars(0, 200)] = ""  # of a delivery
    deliverer: OptionalName = ""  # of a delivery, as the campaign names them; empty: the author
    means: Means = Means.NONE  # of a delivery
    text: Annotated[str, Chars(0, COMMENT_CHARS_MAX)] = ""
    receipt: OptionalId32 = b""  # SHA-256 of a file that shows it, wherever that is
    about: OptionalId32 = b""  # the entry that a reply or a follow-up belongs to
    follow_up_ms: TimeMs = 0  # when to ask again; 0: no need
    corrects: OptionalId32 = b""  # an earlier entry of the author's own that this one replaces
    attachments: Attachments = ()  # the receipt, and whatever else shows it
    addenda: Annotated[int, Range(0, ADDENDA_MAX)] = 0  # of a delivery: how many came with the letter


BODIES: Final[dict[Kind, type[Body]]] = {
    Kind.CREATE: CreateBody,
    Kind.ADD: AddBody,
    Kind.REMOVE: RemoveBody,
    Kind.LEAVE: LeaveBody,
    Kind.ROLE: RoleBody,
    Kind.REKEY: RekeyBody,
    Kind.CHANNEL: ChannelBody,
    Kind.HINTS: HintsBody,
    Kind.HALT: HaltBody,
    Kind.RESTORE: RestoreBody,
    Kind.RETIRE: RetireBody,
    Kind.RULES: RulesBody,
    Kind.WEEK: WeekBody,
    Kind.OFFICE: OfficeBody,
    Kind.MANDATE: MandateBody,
    Kind.REVOKE: RevokeBody,
    Kind.REQUEST: RequestBody,
    Kind.APPROVAL: ApprovalBody,
    Kind.POST: PostBody,
    Kind.DRAFT: DraftBody,
    Kind.AMEND: AmendBody,
    Kind.COMMENT: CommentBody,
    Kind.FREEZE: FreezeBody,
    Kind.SIGN: SignBody,
    Kind.WITHDRAW: WithdrawBody,
    Kind.RELEASE: ReleaseBody,
    Kind.ADDENDUM: AddendumBody,
    Kind.DESK: DeskBody,
    Kind.AFTERMATH: AftermathBody,
    Kind.CASE: CaseBody,
    Kind.REPORT: ReportBody,
    Kind.CALL: CallBody,
    Kind.GRANT: GrantBody,
    Kind.ACCEPT: AcceptBody,
    Kind.PAPER: PaperBody,
    Kind.STRIKE: StrikeBody,
}


# Kinds of bodies, beside messages, that bring files.
ATTACHING: Final = (DraftBody, AmendBody, CommentBody, AftermathBody, PaperBody, CaseBody, ReportBody)


def encode_body(body: Body) -> bytes:
    return record.encode(body)


def decode_body(kind: Kind, data: bytes) -> Body:
    """Inverse of `encode_body`. Raises `MalformedBody` or `OverLimit`."""
    if kind is Kind.POST:
        plain = plain_post(data)
        if plain is not None:
            return plain
    return record.decode(BODIES[kind], data)

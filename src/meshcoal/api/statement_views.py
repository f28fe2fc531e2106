"""What the daemon shows of statements: texts, comments, signatures, the count.

Law: as in `api.views`, of which this is a part.
"""

from __future__ import annotations

import enum
from typing import Annotated

from meshcoal.api.addendum_views import Addenda, LateView
from meshcoal.api.attachment_views import AttachmentView
from meshcoal.api.case_views import Course
from meshcoal.api.counted_views import CountedView
from meshcoal.api.fields import Short, SignedMs, Text
from meshcoal.api.seal_views import SealView
from meshcoal.limits import (
    ADDRESSEES_MAX,
    AFTERMATH_SHOWN_MAX,
    ATTACHMENTS_MAX,
    AUTHORS_MAX,
    CHECKERS_SHOWN_MAX,
    DECISIONS_SHOWN_MAX,
    FOLLOW_UPS_SHOWN_MAX,
    GRACE_MS_MAX,
    HOLDERS_MAX,
    LANGUAGES_MAX,
    MERGED_MAX,
    NEEDS_MAX,
    REQUESTS_SHOWN_MAX,
    SIGNATORIES_MAX,
    STATEMENTS_SHOWN_MAX,
)
from meshcoal.wire.bodies import Need
from meshcoal.wire.naming import Names, Tags
from meshcoal.wire.record import Count, Id32, Items, OptionalId32, Range, Record
from meshcoal.wire.shape import dataclass
from meshcoal.wire.terms import NAMED_ALONE, AftermathKind, Capacity, Means, NameMode, Seat, Stance, Verdict


class StatementPhase(enum.StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    RELEASED = "released"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementSummaryView(Record):
    id: Id32
    title: Short
    phase: StatementPhase
    deadline_ms: SignedMs
    counted: Count
    signed_by_me: bool
    # When to ask again, of all that is open; ascending.
    follow_ups_ms: Annotated[tuple[Count, ...], Items(0, FOLLOW_UPS_SHOWN_MAX)] = ()
    case: OptionalId32 = b""  # what it is about


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementsView(Record):
    statements: Annotated[tuple[StatementSummaryView, ...], Items(0, STATEMENTS_SHOWN_MAX)]
    more: bool = False  # there are older ones


class Direction(enum.StrEnum):
    LEFT_TO_RIGHT = "ltr"
    RIGHT_TO_LEFT = "rtl"


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionView(Record):
    """One text of one language. Several may be current side by side until someone merges them."""

    id: Id32
    language: Short
    direction: Direction
    title: Short
    paragraphs: Annotated[tuple[Text, ...], Items(0, 500)]
    name: Short  # who wrote it
    at_ms: Count
    base: OptionalId32
    merges: Annotated[tuple[Id32, ...], Items(0, MERGED_MAX)]  # texts beside the base that it takes up
    translates: OptionalId32  # the revision in another language that it translates
    stale: bool  # what it translates was changed since
    checked_by: Annotated[tuple[Short, ...], Items(0, CHECKERS_SHOWN_MAX)]  # who compared the two
    current: bool  # nobody has written a successor
    frozen: bool  # stands in the frozen text
    attachments: Annotated[tuple[AttachmentView, ...], Items(0, ATTACHMENTS_MAX)] = ()
    credit: Short = ""  # how its author wishes to be named beside it in public


class RedLine(enum.StrEnum):
    """What became of a red line."""

    NONE = ""  # it is none
    STANDS = "stands"
    REWORDED = "reworded"  # the wording it was about is in no text that counts; its author has not said more
    LIFTED = "lifted"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentView(Record):
    id: Id32
    revision: Id32
    language: Short
    paragraph: Count
    name: Short
    at_ms: Count
    text: Text
    stance: Stance
    red_line: RedLine
    mine: bool
    lifts: OptionalId32  # the red line that its author lifted by this
    attachments: Annotated[tuple[AttachmentView, ...], Items(0, ATTACHMENTS_MAX)] = ()


class EntryState(enum.StrEnum):
    COUNTED = "counted"
    WAITING = "waiting"  # for others, as its author asked
    DOUBLED = "doubled"  # somebody else signed first for the same office
    LATE = "late"
    WITHDRAWN = "withdrawn"
    AFTER_RELEASE = "after-release"  # arrived too late for the release's list
    ADDED = "in-addendum"  # it stands in an addendum to the release
    WITHDRAWN_AFTER_RELEASE = "withdrawn-after-release"
    LAPSED = "lapsed"  # on a version that was replaced, by somebody who has not signed since


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryView(Record):
    """One sign-on in the tally."""

    id: Id32  # of the sign-on
    author: Id32
    member: Short  # the member as this node names them
    capacity: Capacity
    name: Short
    title: Short
    affiliation: Short
    country: Short
    seat: Seat
    at_ms: Count
    state: EntryState
    held_by: Count  # active members known to hold it, me included
    languages_read: Annotated[tuple[Short, ...], Items(0, LANGUAGES_MAX)] = ()
    names: Names = ()  # in other languages and scripts
    members: Count = 0  # of a network
    mode: NameMode = NameMode.NAMED  # what is told of them under the last two stays among members
    logo: bool = False
    needs: Annotated[tuple[Need, ...], Items(0, NEEDS_MAX)] = ()  # on which it counts
    office: Short = ""  # of the campaign, for which it was signed
    mandate: Short = ""  # who let somebody else sign; empty: it was decided step by step, or for no office
    sealed: bool = False  # it came out of an envelope: in nobody's log, and who holds it is not known
    addendum: Count = 0  # in which it stands; 0: in none


@dataclass(frozen=True, slots=True, kw_only=True)
class TallyView(Record):
    digest: Id32  # equal on every node that holds the same operations
    organisations: Count
    individuals: Count  # both kinds
    counted: Count
    in_country: Count
    exile: Count
    ingo: Count
    entries: Annotated[tuple[EntryView, ...], Items(0, SIGNATORIES_MAX)]
    outside: Count = 0  # of those counted, from outside; they are listed by `ListOutside`
    on_paper: Count = 0  # beside those counted, lines of sheets; they are listed by `ListPaper`
    witnesses: Count = 0  # who entered these


class Action(enum.StrEnum):
    """What I may do with a statement now."""

    AMEND = "amend"
    COMMENT = "comment"
    FREEZE = "freeze"
    REVISE = "revise"  # freeze the next version
    SIGN = "sign"
    SIGN_LATE = "sign-late"  # behind the deadline or the release: to stand in an addendum
    WITHDRAW = "withdraw"
    RELEASE = "release"
    ADDENDUM = "addendum"  # publish the next one
    EXPORT = "export"
    ENTER = "enter"  # what happened behind the release
    WITNESS = "witness"  # enter signatures on paper


@dataclass(frozen=True, slots=True, kw_only=True)
class AftermathView(Record):
    """An entry of the log behind a release. It stays inside the campaign."""

    id: Id32
    entry: AftermathKind
    name: Short  # who entered it
    mine: bool
    at_ms: Count  # when it was entered
    happened_ms: Count
    addressee: Short  # of a delivery, as the next two
    deliverer: Short  # who entered it, where nobody else is named
    means: Means
    text: Text
    receipt: OptionalId32  # SHA-256 of a file
    about: OptionalId32  # the first writing of the entry that this one belongs to
    follow_up_ms: SignedMs  # as entered; -1: none
    corrects: OptionalId32  # the first writing of the entry that this one replaces
    replaced: bool  # its author wrote it anew since
    due_ms: SignedMs  # when to ask again about this entry, after all that was entered since; -1: no need
    addenda: Count = 0  # of a delivery: how many came with the letter
    attachments: Annotated[tuple[AttachmentView, ...], Items(0, ATTACHMENTS_MAX)] = ()


class RequestState(enum.StrEnum):
    """Where a request to an office stands."""

    WAITING = "waiting"  # for whoever decides the open step
    TO_SIGN = "to-sign"  # only the last step is open: to sign
    SIGNED = "signed"
    REFUSED = "refused"
    LAPSED = "lapsed"  # the text was changed since


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionView(Record):
    step: Short
    name: Short  # who decided
    at_ms: Count
    verdict: Verdict
    text: Text
    deputy: bool  # stood in for whoever decides this step


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestView(Record):
    """An office was asked to sign: who holds it up, and since when."""

    id: Id32
    office_id: Id32
    office: Short
    name: Short  # who asked
    at_ms: Count
    note: Text
    state: RequestState
    decisions: Annotated[tuple[DecisionView, ...], Items(0, DECISIONS_SHOWN_MAX)]
    step: Short  # the open one; empty: none
    waits_for: Short  # who decides it
    since_ms: SignedMs
    deputies: Annotated[tuple[Short, ...], Items(0, HOLDERS_MAX)]
    deputies_from_ms: SignedMs  # when they may decide
    my_turn: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class QuorumView(Record):
    """Of one seat: how many must sign or agree before the letter goes out, and how many have."""

    seat: Seat
    needed: Count
    have: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementView(Record):
    campaign: Id32
    id: Id32
    title: Short
    phase: StatementPhase
    name: Short  # who began it
    revisions: Annotated[tuple[RevisionView, ...], Items(0, 1_000)]  # oldest first
    comments: Annotated[tuple[CommentView, ...], Items(0, 4_000)]
    version: Count  # of the frozen text, from 1; 0 while a draft
    digest: OptionalId32  # of the frozen text; empty while a draft
    canonical_text: Text  # exactly what is signed; empty while a draft
    addressees: Annotated[tuple[Short, ...], Items(0, ADDRESSEES_MAX)]
    languages: Annotated[tuple[Short, ...], Items(0, LANGUAGES_MAX)]
    deadline_ms: SignedMs
    soft_deadline_ms: SignedMs  # -1: none
    grace_ms: Annotated[int, Range(0, GRACE_MS_MAX)]
    released_ms: SignedMs
    released_by: Short
    # The version that I signed, where the text was changed since and I have not signed the new one; else the
    # version before. What to compare the exact text with; empty for the first version.
    earlier_version: Count
    earlier_text: Text
    lapsed: Annotated[tuple[Short, ...], Items(0, AUTHORS_MAX)]  # members who signed an earlier version only
    unsigned: Annotated[tuple[Short, ...], Items(0, AUTHORS_MAX)]  # while it is open: who could sign
    tally: TallyView
    mine: EntryState | None  # state of my own sign-on
    actions: Annotated[tuple[Action, ...], Items(0, 16)]
    ineffective: Count  # amendments and acts that came too late or without the right, and count for nothing
    # Members whose signature is here and does not count, because their device gave two different operations
    # at one place; they can sign again once an organiser let them go on.
    set_aside: Annotated[tuple[Short, ...], Items(0, AUTHORS_MAX)]
    # Active members known to hold all that matters of it now: the current texts of a draft; else the frozen
    # ones, the freeze, the signatures on the list and the release.
    held_by: Count
    held_of: Count  # active members
    # What happened behind the release, in the order of the log.
    aftermath: Annotated[tuple[AftermathView, ...], Items(0, AFTERMATH_SHOWN_MAX)] = ()
    modes: Annotated[tuple[NameMode, ...], Items(1, len(NameMode))] = NAMED_ALONE  # permitted
    requests: Annotated[tuple[RequestView, ...], Items(0, REQUESTS_SHOWN_MAX)] = ()  # to offices
    topics: Tags = ()
    countries: Tags = ()
    asks: Tags = ()
    case: OptionalId32 = b""  # what it is about
    course: Course = ()  # what comes next, and for whom it waits
    calls: Count = 0  # for sign-ons from outside
    paper: bool = False  # the frozen text takes signatures on paper
    replies: Count = 0  # to them, that wait on this device for a decision
    seal: SealView | None = None  # where it is signed sealed
    quorum: Annotated[tuple[QuorumView, ...], Items(0, 4)] = ()  # while it is open; seats that are needed
    agreed: Annotated[tuple[Short, ...], Items(0, AUTHORS_MAX)] = ()  # who agrees that it goes out
    agreed_by_me: OptionalId32 = b""  # the comment that says so, which I can lift
    addenda: Addenda = ()  # to the release, by their number
    late: LateView | None = None  # who waits for the next one; None: nobody
    not_before_ms: SignedMs = -1  # of a released one: it is not to be published earlier; -1: at once
    unnamed: CountedView | None = None  # where members may be counted and not named

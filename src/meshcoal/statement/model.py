"""What a statement is, once its operations are folded: plain values, no rules.

Law: equal sets of operations give equal values here, on every node and in any order of arrival.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from meshcoal.api.views import EntryState as EntryState
from meshcoal.api.views import RedLine as RedLine
from meshcoal.api.views import StatementPhase as StatementPhase
from meshcoal.ids import AuthorId, CampaignId, Digest, OperationId
from meshcoal.statement.polled import Unnamed
from meshcoal.wire.addendum import AddendumBody
from meshcoal.wire.attachment import Attachment
from meshcoal.wire.authority import MandateBody, OfficeBody
from meshcoal.wire.bodies import (
    Body,
    CallBody,
    FreezeBody,
    GrantBody,
    PaperBody,
    ReleaseBody,
    SignBody,
    WithdrawBody,
)
from meshcoal.wire.desk import DeskBody
from meshcoal.wire.operation import Kind
from meshcoal.wire.outsider import Outsider, OutsiderWithdrawal
from meshcoal.wire.paper import PaperLine, PaperWithdrawal, SheetHead
from meshcoal.wire.plain import Direction
from meshcoal.wire.terms import AftermathKind, Means, Seat, Stance, Verdict

NO_DIGEST: Final = Digest(bytes(32))  # of the tally while nothing is frozen


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """What the roster knows of an author; former members included, for what they signed stands."""

    act: bytes  # 32 bytes, Ed25519: the key on the member's card that signs for outsiders
    seat: Seat
    organiser: bool = False


Roster = Callable[[AuthorId], Signer | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """Offices and mandates that hold at one place of the log."""

    offices: Mapping[OperationId, OfficeBody]
    mandates: Mapping[OperationId, MandateBody]


NO_AUTHORITY: Final = Authority(offices={}, mandates={})


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the campaign is at one place of its log, as far as a release asks."""

    needed: Mapping[Seat, int]  # how many of each seat must consent
    seats: Mapping[AuthorId, Seat]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One operation of a statement: its place in the log, and its opened body."""

    id: OperationId
    author: AuthorId
    seq: int
    depth: int
    kind: Kind
    body: Body
    then: Roster | None = None  # who was who in its past, where that matters: of a release
    authority: Authority | None = None  # in its past: of what speaks for offices
    standing: Standing | None = None  # of a release; None: no consent is asked for

    @property
    def place(self) -> tuple[int, bytes]:
        """Where it stands in the one order that all nodes share: deeper is later, the id breaks ties."""
        return (self.depth, self.id)


class Reason(enum.StrEnum):
    """Why an operation counts for nothing."""

    NOT_AUTHORISED = "not-authorised"
    BAD_TEXT = "bad-text"
    BAD_BASE = "bad-base"
    AFTER_RELEASE = "after-release"
    BAD_FREEZE = "bad-freeze"
    LATER_FREEZE = "later-freeze"
    NO_REVISION = "no-revision"
    NO_RED_LINE = "no-red-line"
    OTHER_TEXT = "other-text"
    BAD_ACT = "bad-act"
    NO_AUTHORITY = "no-authority"
    NAME_MODE = "name-mode"
    NOT_IN_RING = "not-in-ring"
    DOUBLED = "doubled"
    NOTHING_TO_WITHDRAW = "nothing-to-withdraw"
    BAD_RELEASE = "bad-release"
    NO_QUORUM = "no-quorum"
    LATER_RELEASE = "later-release"
    BEFORE_RELEASE = "before-release"
    BAD_ENTRY = "bad-entry"
    BAD_CALL = "bad-call"
    BAD_ADDENDUM = "bad-addendum"
    OTHER_CHAIN = "other-chain"


class Attaching(Protocol):
    """Something that somebody wrote, with files."""

    @property
    def id(self) -> OperationId: ...

    @property
    def author(self) -> AuthorId: ...

    @property
    def at_ms(self) -> int: ...

    @property
    def attachments(self) -> tuple[Attachment, ...]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One text of one language."""

    id: OperationId
    author: AuthorId
    depth: int
    at_ms: int
    language: str
    direction: Direction
    title: str
    paragraphs: tuple[str, ...]
    base: bytes
    merges: tuple[bytes, ...]  # texts that stood beside the base
    translates: bytes  # what it translates; empty: it was written in its language
    stale: bool  # what it translates was changed since
    current: bool
    frozen: bool
    attachments: tuple[Attachment, ...] = ()
    credit: str = ""  # how its author wishes to be named beside it in public


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A remark, a red line, or the end of one."""

    id: OperationId
    author: AuthorId
    at_ms: int
    revision: OperationId
    language: str
    paragraph: int
    text: str
    stance: Stance
    red_line: RedLine
    lifts: bytes
    attachments: tuple[Attachment, ...] = ()
    credit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """The freeze that holds, and what it fixed."""

    id: OperationId
    author: AuthorId
    body: FreezeBody
    version: int  # from 1
    digest: Digest
    canonical_text: bytes
    languages: tuple[str, ...]

    @property
    def deadline_ms(self) -> int:
        return self.body.deadline_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOn:
    """A sign-on whose signature holds."""

    id: OperationId
    author: AuthorId
    depth: int
    act_key: bytes
    body: SignBody
    text_digest: Digest  # SHA-256 of the sign-on's text
    late: bool  # dated behind the deadline by the signatory's own clock, or may be counted already (`Polled`)
    sealed: bool = False  # it came out of an envelope: in no log, named by the SHA-256 of its text
    office: OperationId | None = None  # that it speaks for
    office_name: str = ""
    mandate_giver: AuthorId | None = None  # who decides for the office, where somebody signed under a mandate


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Where one author stands: the sign-on that matters, and what became of it."""

    sign_on: SignOn  # the one on the released list, else the author's last
    state: EntryState
    standing: SignOn | None  # the author's last, unless it was taken back
    withdrawal: WithdrawBody | None  # of exactly `sign_on`
    addendum: int = 0  # the one that holds it; 0: the released list, or nothing that is out


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideSignOn:
    """A sign-on from outside whose signature holds, as an organiser accepted it."""

    accept: OperationId
    at: int  # its place in that operation, from 0
    depth: int
    accepted_by: AuthorId
    said: Outsider
    text_digest: Digest
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideEntry:
    """Where one outsider's key stands."""

    sign_on: OutsideSignOn  # the one on the released list, else the last by its own date
    state: EntryState
    withdrawal: OutsiderWithdrawal | None  # of exactly `sign_on`
    addendum: int = 0  # as of an `Entry`


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperSheet:
    """One writing of a sheet of signatures on paper, whose witness's signature holds."""

    id: OperationId
    author: AuthorId
    depth: int
    head: SheetHead
    body: PaperBody
    text_digest: Digest  # SHA-256 of the sheet's text
    late: bool  # dated behind the deadline

    @property
    def place(self) -> tuple[bytes, int]:
        """What a letter has at most one sheet of that stands: witness and number."""
        return (self.head.act_key, self.head.number)

    @property
    def at_ms(self) -> int:
        return self.body.at_ms

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        return self.body.attachments


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperEntry:
    """Where one line of a sheet stands."""

    sheet: PaperSheet  # the writing on the released list, else the last
    line: PaperLine
    state: EntryState
    withdrawal: PaperWithdrawal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """A call for sign-ons from outside, and who agreed that its replies are read."""

    id: OperationId
    author: AuthorId
    body: CallBody
    grants: tuple[tuple[AuthorId, GrantBody], ...]  # the first of each holder, ascending by author


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapsed:
    """A sign-on on an earlier version, whose author has not signed the one that holds."""

    sign_on: SignOn
    frozen: Frozen  # what was signed


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """The release that holds."""

    id: OperationId
    author: AuthorId
    act_key: bytes
    body: ReleaseBody


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """An addendum that holds, with what it lists."""

    id: OperationId
    author: AuthorId
    depth: int
    act_key: bytes
    body: AddendumBody
    text_digest: Digest  # SHA-256 of its text: what the next one names
    sign_ons: tuple[SignOn, ...]
    outside: tuple[OutsideSignOn, ...]

    @property
    def keys(self) -> tuple[bytes, ...]:
        """Act keys of those it adds."""
        return (*[one.act_key for one in self.sign_ons], *[one.said.act_key for one in self.outside])


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskEntry:
    """What organisers told each other, sealed."""

    id: OperationId
    author: AuthorId
    at_ms: int
    body: DeskBody


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftermath:
    """An entry of the log behind the release, as its author wrote it, and what became of it."""

    id: OperationId
    author: AuthorId
    at_ms: int
    entry: AftermathKind
    happened_ms: int
    addressee: str
    deliverer: str
    means: Means
    text: str
    receipt: bytes
    about: bytes  # the first writing of the entry that this one belongs to, or empty
    follow_up_ms: int  # as written; 0: none
    corrects: bytes  # the first writing of what this one replaces, or empty
    replaced: bool  # its author wrote it anew since
    due_ms: int  # when to ask again about this entry, after all that was entered since; 0: no need
    addenda: int = 0  # of a delivery: how many came with the letter
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What somebody decided on a step of a request."""

    id: OperationId
    author: AuthorId
    at_ms: int
    depth: int
    step: int
    verdict: Verdict
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """An office was asked to sign, and where that stands."""

    id: OperationId
    author: AuthorId
    at_ms: int
    digest: Digest
    office: OperationId
    terms: OfficeBody  # its steps, as they were when it was asked
    note: str
    decisions: tuple[Decision, ...]
    since_ms: int  # when the open step began to wait
    refused: bool
    signed: OperationId | None  # the sign-on that it led to

    @property
    def step(self) -> int:
        """The one that is open, from 0."""
        return sum(one.verdict is Verdict.APPROVE for one in self.decisions)

    @property
    def pending(self) -> bool:
        return not self.refused and self.signed is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement, folded."""

    campaign: CampaignId
    id: OperationId
    author: AuthorId
    at_ms: int
    phase: StatementPhase
    revisions: tuple[Revision, ...]  # in the order of the log
    comments: tuple[Comment, ...]
    frozen: Frozen | None  # the version that holds
    replaced: tuple[Frozen, ...]  # the versions before it, oldest first
    entries: tuple[Entry, ...]  # ascending by act key
    lapsed: tuple[Lapsed, ...]  # ascending by act key; none once released
    released: Released | None
    tally_digest: Digest
    ineffective: tuple[tuple[OperationId, Reason], ...]  # ascending by id
    aftermath: tuple[Aftermath, ...] = ()  # in the order of the log; what replaces an entry stands behind it
    requests: tuple[Request, ...] = ()  # in the order of the log
    case: bytes = b""  # what it is about
    outside: tuple[OutsideEntry, ...] = ()  # ascending by key
    calls: tuple[Called, ...] = ()  # in the order of the log
    desk: tuple[DeskEntry, ...] = ()  # in the order of the log
    addenda: tuple[Added, ...] = ()  # by their number, from 1
    paper: tuple[PaperEntry, ...] = ()  # ascending by witness's key, number, line
    unnamed: Unnamed | None = None  # who is counted and not named; None: the letter has no ring

    @property
    def title(self) -> str:
        """Of the first frozen text; of a draft, the newest text in the language it was begun in."""
        chosen = self.frozen.body.revisions[0] if self.frozen else None
        first = self.revisions[0]
        for revision in reversed(self.revisions):
            if revision.id == chosen or (
                chosen is None and revision.current and revision.language == first.language
            ):
                return revision.title
        return first.title

    def entry_of(self, author: AuthorId) -> Entry | None:
        for entry in self.entries:
            if entry.sign_on.author == author:
                return entry
        return None

    def lapsed_of(self, author: AuthorId) -> Lapsed | None:
        """What this author signed before the text was changed, and has not signed since."""
        for lapsed in self.lapsed:
            if lapsed.sign_on.author == author:
                return lapsed
        return None

    @property
    def language(self) -> str:
        """The first: of the frozen text, else that in which it was begun."""
        return self.frozen.languages[0] if self.frozen else self.revisions[0].language

    def counted(self) -> tuple[SignOn, ...]:
        """Members' sign-ons on the list: now while open, for good once released."""
        return tuple([one.sign_on for one in self.entries if self._listed(one)])

    def counted_outside(self) -> tuple[OutsideSignOn, ...]:
        """Sign-ons from outside on the list, as `counted`; ascending by key."""
        return tuple([one.sign_on for one in self.outside if self._listed(one)])

    def _listed(self, entry: Entry | OutsideEntry) -> bool:
        if self.released and entry.state is EntryState.WITHDRAWN_AFTER_RELEASE:
            return not entry.addendum
        return entry.state is EntryState.COUNTED

    def counted_on_paper(self) -> tuple[PaperEntry, ...]:
        """Lines of sheets on the list, as `counted`."""
        taken = EntryState.WITHDRAWN_AFTER_RELEASE
        return tuple([one for one in self.paper if one.state in (EntryState.COUNTED, taken)])

"""Folds a campaign's statement operations into statements.

Law: keep everything, decide when asked. A statement is a function of the set of its operations and of the
verdicts on them; the order of arrival does not enter. Where two acts compete, the first in (depth, id)
holds, and a release settles which freeze holds. Specified in docs/protocol/statement.md.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from meshcoal.errors import MalformedPackage, OverLimit
from meshcoal.ids import AuthorId, CampaignId, Digest, OperationId
from meshcoal.limits import VERSIONS_MAX
from meshcoal.statement import addenda, aftermath, authority, comments, desk, outside, paper, quorum
from meshcoal.statement.checked import Checked
from meshcoal.statement.freezing import Terms, credited, frozen_text
from meshcoal.statement.lapsed import lapsed_of
from meshcoal.statement.model import (
    NO_DIGEST,
    Frozen,
    Reason,
    Released,
    Revision,
    Roster,
    Row,
    SignOn,
    Statement,
    StatementPhase,
)
from meshcoal.statement.polled import Polled
from meshcoal.statement.revisions import kept_revisions, revisions_of
from meshcoal.statement.tally import (
    ACT_KINDS,
    Ledger,
    all_opened,
    entries,
    fold,
    release_holds,
    tally_digest,
)
from meshcoal.statement.unnamed import unnamed_of
from meshcoal.wire.addendum import AddendumBody
from meshcoal.wire.authority import ApprovalBody, OfficeBody, RequestBody
from meshcoal.wire.bodies import (
    AcceptBody,
    AftermathBody,
    AmendBody,
    CallBody,
    CommentBody,
    DraftBody,
    FreezeBody,
    GrantBody,
    PaperBody,
    ReleaseBody,
    SignBody,
    StrikeBody,
    WithdrawBody,
)
from meshcoal.wire.desk import DeskBody
from meshcoal.wire.operation import Kind
from meshcoal.wire.public_text import (
    digest_of,
)

STATEMENT_KINDS: Final = frozenset(
    {
        Kind.DRAFT,
        Kind.AMEND,
        Kind.COMMENT,
        Kind.FREEZE,
        Kind.SIGN,
        Kind.WITHDRAW,
        Kind.RELEASE,
        Kind.ADDENDUM,
        Kind.DESK,
        Kind.AFTERMATH,
        Kind.CALL,
        Kind.GRANT,
        Kind.ACCEPT,
        Kind.PAPER,
        Kind.STRIKE,
        Kind.REQUEST,
        Kind.APPROVAL,
    }
)

_NOTHING_SAID: Final = CommentBody(
    at_ms=0, statement=bytes(32), revision=bytes(32), paragraph=0, text=""
)  # credits nobody
_ABOUT_A_STATEMENT: Final = (
    AmendBody,
    CommentBody,
    FreezeBody,
    SignBody,
    WithdrawBody,
    ReleaseBody,
    AddendumBody,
    DeskBody,
    AftermathBody,
    CallBody,
    GrantBody,
    AcceptBody,
    PaperBody,
    StrikeBody,
    RequestBody,
    ApprovalBody,
)


class Statements:
    """All statements of one campaign.

    Args:
        roster: act key and seat of an author, present or former. Asked whenever a statement is folded;
            when its answers change, build anew or call `refresh`.
        checked: verdicts on signatures of an earlier instance, to be reused.
        opened: what came out of envelopes that were sealed for a statement.
        polled: the rings of a statement's frozen texts, for those who are counted and not named.
    """

    def __init__(
        self,
        campaign: CampaignId,
        roster: Roster,
        *,
        checked: Checked | None = None,
        opened: Callable[[OperationId], Iterable[SignOn]] | None = None,
        polled: Callable[[OperationId], Iterable[Polled]] | None = None,
    ) -> None:
        self.checked = checked or Checked()
        self._opened = opened or (lambda _: ())
        self._polled = polled or (lambda _: ())
        self._campaign = campaign
        self._roster = roster
        self._rows: dict[OperationId, dict[OperationId, tuple[Row, bool]]] = {}
        self._folded: dict[OperationId, Statement | None] = {}

    def apply(self, row: Row, effective: bool) -> OperationId:
        """Take in one operation, or a new verdict on one held. Cheap. Returns the statement's id.

        Args:
            effective: whether the author might do this at the operation's place in the log
                (`campaign.authorize`); what is ineffective is kept and counts for nothing.
        """
        assert row.kind in STATEMENT_KINDS, "not an operation of a statement"
        statement = _statement_of(row)
        self._rows.setdefault(statement, {})[row.id] = (row, effective)
        self._folded.pop(statement, None)
        return statement

    def refresh(self) -> None:
        """Fold anew what is asked for next: the roster's answers changed."""
        self._folded.clear()

    def ids(self) -> tuple[OperationId, ...]:
        """Statements whose draft is here and effective, oldest first."""
        begun = []
        for statement, rows in self._rows.items():
            row, effective = rows.get(statement, (None, False))
            if row is not None and effective and self.get(statement) is not None:
                begun.append(row.place)
        return tuple([OperationId(place[1]) for place in sorted(begun)])

    def get(self, statement: OperationId) -> Statement | None:
        """The statement as it stands, or None where there is no effective draft of that id."""
        if statement not in self._folded:
            rows = self._rows.get(statement, {})
            gathered = _Gathered(
                opened=tuple(self._opened(statement)),
                polled={one.freeze: one for one in self._polled(statement)},
            )
            self._folded[statement] = _fold(
                self._campaign, statement, rows, self._roster, self.checked, gathered
            )
        return self._folded[statement]


def _statement_of(row: Row) -> OperationId:
    body = row.body
    if isinstance(body, DraftBody):
        return row.id
    assert isinstance(body, _ABOUT_A_STATEMENT), "the body fits the kind"
    return OperationId(body.statement)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gathered:
    """What stands in no log."""

    opened: tuple[SignOn, ...]
    polled: dict[OperationId, Polled]  # by freeze


@dataclass(frozen=True, slots=True, kw_only=True)
class _Freeze:
    """A freeze whose digest holds."""

    row: Row
    frozen: Frozen


def _fold(
    campaign: CampaignId,
    statement: OperationId,
    held: dict[OperationId, tuple[Row, bool]],
    roster: Roster,
    checked: Checked,
    gathered: _Gathered,
) -> Statement | None:
    draft, draft_effective = held.get(statement, (None, False))
    if draft is None or not draft_effective:
        return None
    refused: dict[OperationId, Reason] = {
        row.id: Reason.NOT_AUTHORISED for row, effective in held.values() if not effective
    }
    rows = sorted([row for row, effective in held.values() if effective], key=lambda row: row.place)

    revisions = revisions_of(rows, refused)
    if statement not in revisions:
        return None  # a draft that no language or page can hold begins nothing
    freezes = _freezes(campaign, statement, rows, revisions, refused)
    chains = authority.fold(rows, refused)
    ledgers = {
        digest: _ledger(rows, freeze, roster, checked, gathered, chains)
        for digest, freeze in _first_of_each_digest(freezes).items()
    }
    outsiders = outside.ledgers(rows, [freeze.frozen for freeze in freezes], checked)
    papers = paper.ledgers(rows, [freeze.frozen for freeze in freezes], roster, checked.holds)
    release = _first_release(rows, freezes, ledgers, outsiders, papers, roster, checked, refused)
    versions = _versions(freezes, release)
    holding = versions[-1] if versions else None
    frozen = holding.frozen if holding else None
    ledger = ledgers[frozen.digest] if frozen else Ledger()
    released = _released(release, roster)

    for freeze in freezes:
        if freeze not in versions:
            refused[freeze.row.id] = Reason.LATER_FREEZE
    told = [ledgers[version.frozen.digest] for version in versions]
    for row in rows:
        if row.kind in ACT_KINDS and not any(row.id in ledger.used for ledger in told):
            reasons = [ledger.refused[row.id] for ledger in told if row.id in ledger.refused]
            refused[row.id] = reasons[0] if reasons else Reason.OTHER_TEXT
    drawn_from = outsiders[frozen.digest] if frozen else None
    chain = addenda.fold(rows, release, ledger, drawn_from, roster, checked, refused)
    paper.note_refused(rows, papers, [version.frozen for version in versions], refused)
    kept = kept_revisions(revisions, frozen, release, refused)
    folded = Statement(
        campaign=campaign,
        id=statement,
        author=draft.author,
        at_ms=draft.body.at_ms,
        phase=_phase(frozen, released),
        revisions=kept,
        comments=comments.fold(rows, kept, refused),
        frozen=frozen,
        replaced=tuple([version.frozen for version in versions[:-1]]),
        entries=addenda.entries(entries(ledger, released.body if released else None, roster), chain, ledger),
        lapsed=() if released else lapsed_of([version.frozen for version in versions], ledgers),
        released=released,
        tally_digest=NO_DIGEST,
        ineffective=(),
        requests=authority.requests(chains, _signed_requests(ledgers.values())),
        case=draft.body.case if isinstance(draft.body, DraftBody) else b"",
        aftermath=aftermath.fold(rows, release, refused),
        outside=addenda.outside_entries(
            outside.entries(outsiders, frozen, ledger, released), chain, drawn_from
        ),
        addenda=chain,
        paper=paper.entries(papers, frozen, released),
        desk=desk.fold(rows, [freeze.frozen.digest for freeze in freezes], refused),
        calls=outside.calls(rows, [version.frozen for version in versions], outsiders, refused),
        unnamed=unnamed_of(ledger, released.body if released else None),
    )
    ineffective = tuple(sorted(refused.items()))
    return dataclasses.replace(folded, tally_digest=tally_digest(folded), ineffective=ineffective)


def _signed_requests(ledgers: Iterable[Ledger]) -> dict[OperationId, OperationId]:
    """By request, the sign-on that it led to and that stands."""
    return {
        OperationId(last.body.request): last.id
        for ledger in ledgers
        for last in ledger.last.values()
        if last.body.request and last.id not in ledger.withdrawals
    }


def _phase(frozen: Frozen | None, released: Released | None) -> StatementPhase:
    if released:
        return StatementPhase.RELEASED
    return StatementPhase.OPEN if frozen else StatementPhase.DRAFT


def _freezes(
    campaign: CampaignId,
    statement: OperationId,
    rows: list[Row],
    revisions: dict[OperationId, Revision],
    refused: dict[OperationId, Reason],
) -> list[_Freeze]:
    found: list[_Freeze] = []
    for row in rows:
        if isinstance(row.body, FreezeBody):
            before = [freeze for freeze in found if freeze.frozen.digest == row.body.replaces]
            frozen = None
            if not row.body.replaces or (before and before[0].row.depth < row.depth):
                version = before[0].frozen.version + 1 if before else 1
                frozen = _frozen(campaign, statement, row, row.body, version, revisions, rows)
            if frozen is None:
                refused[row.id] = Reason.BAD_FREEZE
            else:
                found.append(_Freeze(row=row, frozen=frozen))
    return found


def _frozen(
    campaign: CampaignId,
    statement: OperationId,
    row: Row,
    body: FreezeBody,
    version: int,
    revisions: dict[OperationId, Revision],
    rows: list[Row],
) -> Frozen | None:
    chosen = [revisions.get(OperationId(revision)) for revision in body.revisions]
    known = [revision for revision in chosen if revision is not None and revision.depth < row.depth]
    if len(known) != len(chosen):
        return None
    checkers = credited(_checks(rows, row, body), known)
    if checkers is None:
        return None
    try:
        text = frozen_text(
            campaign, statement, known, version=version, terms=Terms.of(body), checkers=checkers
        )
    except (MalformedPackage, OverLimit):
        return None  # counted as refused: no public text can hold it
    digest = digest_of(text)
    if digest != body.digest:
        return None
    return Frozen(
        id=row.id,
        author=row.author,
        body=body,
        version=version,
        digest=digest,
        canonical_text=text,
        languages=tuple([revision.language for revision in known]),
    )


def _checks(
    rows: list[Row], freeze: Row, body: FreezeBody
) -> list[tuple[OperationId, AuthorId, CommentBody]]:
    """The comments that a freeze names, in its order; an empty one for each that it could not have seen."""
    said = {row.id: row for row in rows if isinstance(row.body, CommentBody) and row.depth < freeze.depth}
    found = []
    for check in body.checks:
        row = said.get(OperationId(check))
        text = row.body if row is not None and isinstance(row.body, CommentBody) else _NOTHING_SAID
        found.append((OperationId(check), row.author if row is not None else freeze.author, text))
    return found


def _first_of_each_digest(freezes: list[_Freeze]) -> dict[Digest, _Freeze]:
    first: dict[Digest, _Freeze] = {}
    for freeze in freezes:
        first.setdefault(freeze.frozen.digest, freeze)
    return first


def _ledger(
    rows: list[Row],
    freeze: _Freeze,
    roster: Roster,
    checked: Checked,
    gathered: _Gathered,
    chains: authority.Chains,
) -> Ledger:
    frozen = freeze.frozen

    def speaks_for(row: Row, body: SignBody) -> tuple[OperationId, OfficeBody] | None:
        office = authority.office_of(row, body, chains, frozen)
        identifier = authority.office_id_of(row, body, chains)
        return None if office is None or identifier is None else (identifier, office)

    acts = [
        row
        for row in rows
        if isinstance(row.body, SignBody | WithdrawBody) and row.body.digest == frozen.digest
    ]
    return fold(
        acts,
        digest=frozen.digest,
        deadline_ms=frozen.deadline_ms,
        modes=frozen.body.modes,
        speaks_for=speaks_for,
        roster=roster,
        holds=checked.holds,
        opened=all_opened(gathered.opened, rows, frozen.digest, depth=freeze.row.depth),
        polled=gathered.polled.get(frozen.id),
    )


def _first_release(
    rows: list[Row],
    freezes: list[_Freeze],
    ledgers: dict[Digest, Ledger],
    outsiders: dict[Digest, outside.OutsideLedger],
    papers: dict[Digest, paper.PaperLedger],
    roster: Roster,
    checked: Checked,
    refused: dict[OperationId, Reason],
) -> Row | None:
    holding: Row | None = None
    first = _first_of_each_digest(freezes)
    for row in rows:
        if not isinstance(row.body, ReleaseBody):
            continue
        digest = Digest(row.body.digest)
        ledger = ledgers.get(digest)
        if ledger is None:
            refused[row.id] = Reason.OTHER_TEXT
        elif not release_holds(
            row, ledger, outsiders[digest], papers[digest], digest=digest, roster=roster, holds=checked.holds
        ):
            refused[row.id] = Reason.BAD_RELEASE
        elif not quorum.reached(row, first[digest].frozen.body, rows, _listed(row.body, ledger)):
            refused[row.id] = Reason.NO_QUORUM
        elif holding is None:
            holding = row
        else:
            refused[row.id] = Reason.LATER_RELEASE
    return holding


def _listed(release: ReleaseBody, ledger: Ledger) -> list[AuthorId]:
    named = [ledger.accepted[OperationId(sign_on)].author for sign_on in release.sign_ons]
    return [*named, *[AuthorId(one.author) for one in release.unsealed]]


def _versions(freezes: list[_Freeze], release: Row | None) -> list[_Freeze]:
    """The freeze that holds, and those it replaces, oldest first.

    It is the one that was released. Until one is: the first, then the first that replaces it, and so on.
    """
    first = _first_of_each_digest(freezes)
    if release is not None:
        assert isinstance(release.body, ReleaseBody), "only releases"
        found = [first[Digest(release.body.digest)]]
        while (before := found[0].frozen.body.replaces) and len(found) <= VERSIONS_MAX:
            found.insert(0, first[Digest(before)])
        return found
    found = []
    for freeze in freezes:  # who replaces stands behind what is replaced
        if freeze.frozen.body.replaces == (found[-1].frozen.digest if found else b""):
            found.append(freeze)
    return found


def _released(release: Row | None, roster: Roster) -> Released | None:
    if release is None:
        return None
    signer = roster(release.author)
    assert signer is not None, "a release that holds has a signer"
    assert isinstance(release.body, ReleaseBody), "only releases"
    return Released(id=release.id, author=release.author, act_key=signer.act, body=release.body)

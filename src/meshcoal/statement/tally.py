"""The one deterministic count.

Law: an author's own log decides what they signed and took back; nobody's clock or order of arrival does. One
author and one act key count once. Every node that holds the same operations has the same list and digest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from meshcoal.errors import MalformedPackage
from meshcoal.ids import AuthorId, Digest, OperationId
from meshcoal.statement.checked import Checked as Checked
from meshcoal.statement.conditions import condition_text, holding
from meshcoal.statement.model import (
    NO_DIGEST,
    Entry,
    EntryState,
    Frozen,
    OutsideSignOn,
    Reason,
    Roster,
    Row,
    SignOn,
    Statement,
)
from meshcoal.statement.paper import ListedLines, PaperLedger, counted_lines, told
from meshcoal.statement.polled import Polled, ring_tally
from meshcoal.statement.unnamed import counted_hold
from meshcoal.wire.addendum import AddendumBody
from meshcoal.wire.authority import OfficeBody
from meshcoal.wire.bodies import ReleaseBody, SignBody, WithdrawBody
from meshcoal.wire.logo import check_logo, logo_digest
from meshcoal.wire.naming import annex_text
from meshcoal.wire.operation import Kind
from meshcoal.wire.outsider import OutsiderWithdrawal
from meshcoal.wire.public_text import (
    SignOnFields,
    TallyLine,
    digest_of,
    release_text,
    sign_on_text,
    tally_text,
    withdrawal_text,
)
from meshcoal.wire.sealed import OpenedSignOn
from meshcoal.wire.terms import NAMED_ALONE, NameMode

ACT_KINDS: Final = frozenset({Kind.SIGN, Kind.WITHDRAW})

Holds = Callable[[bytes, bytes, bytes], bool]
SpeaksFor = Callable[[Row, SignBody], tuple[OperationId, OfficeBody] | None]


@dataclass(slots=True, kw_only=True)
class Ledger:
    """All that was signed and taken back under one digest."""

    modes: tuple[NameMode, ...] = NAMED_ALONE  # permitted
    speaks_for: SpeaksFor = lambda _row, _body: None
    polled: Polled | None = None  # the ring of those who may be counted and not named
    accepted: dict[OperationId, SignOn] = field(default_factory=dict)
    withdrawals: dict[OperationId, WithdrawBody] = field(default_factory=dict)  # by sign-on taken back
    last: dict[AuthorId, SignOn] = field(default_factory=dict)
    used: set[OperationId] = field(default_factory=set)
    refused: dict[OperationId, Reason] = field(default_factory=dict)


def fields_of(body: SignBody, act_key: bytes) -> SignOnFields:
    """What a sign-on publishes. Raises `MalformedPackage`."""
    annex = annex_text(body.digest, act_key, body.annex) if body.annex is not None else b""
    condition = condition_text(body.condition) if body.condition is not None else b""
    if body.logo:
        check_logo(body.logo)
    return SignOnFields(
        capacity=body.capacity,
        name=body.name,
        title=body.title,
        affiliation=body.affiliation,
        country=body.country,
        languages_read=body.languages_read,
        signed_ms=body.at_ms,
        names=body.names,
        members=body.members,
        mode=body.mode,
        logo=logo_digest(body.logo) if body.logo else b"",
        annex=digest_of(annex) if annex else b"",
        condition=digest_of(condition) if condition else b"",
    )


def fold(
    rows: Iterable[Row],
    *,
    digest: Digest,
    deadline_ms: int,
    roster: Roster,
    holds: Holds,
    modes: tuple[NameMode, ...] = NAMED_ALONE,
    opened: Iterable[SignOn] = (),
    speaks_for: SpeaksFor = lambda _row, _body: None,
    polled: Polled | None = None,
) -> Ledger:
    """Sign-ons and withdrawals that name `digest`, one author's log after the other.

    Args:
        modes: under which a signatory may stand on the list.
        speaks_for: the office that a sign-on names, if it may speak for it.
        polled: who else is counted, where the letter permits that.
        rows: effective operations of kinds `SIGN` and `WITHDRAW`, in any order, each once.
        opened: sign-ons that came out of envelopes, or that a release says did. They stand where their
            author's own log holds none, and are taken back there.
    """
    logs: dict[AuthorId, list[Row]] = {}
    for row in rows:
        logs.setdefault(row.author, []).append(row)
    ledger = Ledger(modes=modes, speaks_for=speaks_for, polled=polled)
    holders: dict[bytes, tuple[tuple[int, bytes], AuthorId]] = {}
    for author in sorted(logs):
        _fold_author(ledger, author, logs[author], digest, deadline_ms, roster, holds)
    _take_opened(ledger, opened, logs, digest, deadline_ms, roster, holds)
    # A roster that gives two authors one act key must not let that key count twice.
    for author, last in sorted(ledger.last.items()):
        first = min((s.depth, s.id) for s in ledger.accepted.values() if s.author == author)
        holder = holders.get(last.act_key)
        if holder is None:
            holders[last.act_key] = (first, author)
            continue
        loser = max(holder, (first, author))
        holders[last.act_key] = min(holder, (first, author))
        _strike(ledger, loser[1], logs.get(loser[1], []))
    return ledger


def _fold_author(
    ledger: Ledger,
    author: AuthorId,
    rows: list[Row],
    digest: Digest,
    deadline_ms: int,
    roster: Roster,
    holds: Holds,
) -> None:
    signer = roster(author)
    standing: SignOn | None = None
    for row in sorted(rows, key=lambda row: (row.seq, row.id)):
        body = row.body
        if signer is None:
            ledger.refused[row.id] = Reason.NOT_AUTHORISED
        elif isinstance(body, SignBody):
            if standing is not None:
                ledger.refused[row.id] = Reason.DOUBLED
                continue
            if body.mode not in ledger.modes:
                ledger.refused[row.id] = Reason.NAME_MODE
                continue
            silent = ledger.polled is not None and ledger.polled.is_silent(author, body)
            if ledger.polled is not None and not (silent or ledger.polled.fits(author, signer.act, body)):
                ledger.refused[row.id] = Reason.NOT_IN_RING
                continue
            office = ledger.speaks_for(row, body) if body.request or body.mandate else None
            if (body.request or body.mandate) and office is None:
                ledger.refused[row.id] = Reason.NO_AUTHORITY
                continue
            sign_on = _check_sign_on(row, body, signer.act, digest, deadline_ms, holds)
            if sign_on is None:
                ledger.refused[row.id] = Reason.BAD_ACT
                continue
            if office is not None:
                head = AuthorId(office[1].steps[-1].holders[0])
                sign_on = replace(
                    sign_on,
                    office=office[0],
                    office_name=office[1].name,
                    mandate_giver=head if body.mandate else None,
                )
            if silent:
                sign_on = replace(sign_on, late=True)
            standing = sign_on
            ledger.accepted[row.id] = sign_on
            ledger.last[author] = sign_on
            ledger.used.add(row.id)
        elif isinstance(body, WithdrawBody):
            if standing is None:
                ledger.refused[row.id] = Reason.NOTHING_TO_WITHDRAW
                continue
            text = withdrawal_text(digest, signer.act, standing.text_digest, body.at_ms)
            if not holds(signer.act, text, body.act_signature):
                ledger.refused[row.id] = Reason.BAD_ACT
                continue
            ledger.withdrawals[standing.id] = body
            ledger.used.add(row.id)
            standing = None


def _check_sign_on(
    row: Row, body: SignBody, act_key: bytes, digest: Digest, deadline_ms: int, holds: Holds
) -> SignOn | None:
    try:
        text = sign_on_text(digest, act_key, fields_of(body, act_key))
    except MalformedPackage:
        return None  # a value that no public text can hold: the sign-on is counted as refused
    if not holds(act_key, text, body.act_signature):
        return None
    return SignOn(
        id=row.id,
        author=row.author,
        depth=row.depth,
        act_key=act_key,
        body=body,
        text_digest=digest_of(text),
        late=body.at_ms > deadline_ms,
    )


def _take_opened(
    ledger: Ledger,
    opened: Iterable[SignOn],
    logs: dict[AuthorId, list[Row]],
    digest: Digest,
    deadline_ms: int,
    roster: Roster,
    holds: Holds,
) -> None:
    """What was sealed and came out stands, unless its author's log says more."""
    found: dict[AuthorId, list[SignOn]] = {}
    for one in opened:
        signer = roster(one.author)
        if signer is None or signer.act != one.act_key or one.id in ledger.accepted:
            continue
        if one.body.mode not in ledger.modes:
            continue
        if ledger.polled is not None and not ledger.polled.fits(one.author, one.act_key, one.body):
            continue
        row = Row(
            id=one.id, author=one.author, seq=0, depth=one.depth, kind=Kind.SIGN, body=one.body
        )  # judged as if it stood in a log
        sign_on = _check_sign_on(row, one.body, one.act_key, digest, deadline_ms, holds)
        if sign_on is not None and bytes(sign_on.text_digest) == bytes(one.id):
            ledger.accepted[one.id] = replace(sign_on, sealed=True)
            found.setdefault(one.author, []).append(ledger.accepted[one.id])
    for author, mine in found.items():
        if author in ledger.last:
            continue  # what was signed in a log is plain, and goes before
        first = min(mine, key=lambda one: one.id)
        ledger.last[author] = first
        for row in sorted(logs.get(author, []), key=lambda row: (row.seq, row.id)):
            if isinstance(row.body, WithdrawBody):
                text = withdrawal_text(digest, first.act_key, first.text_digest, row.body.at_ms)
                if holds(first.act_key, text, row.body.act_signature):
                    ledger.withdrawals[first.id] = row.body
                    ledger.used.add(row.id)
                    ledger.refused.pop(row.id, None)
                    break


def all_opened(opened: Iterable[SignOn], rows: Iterable[Row], digest: Digest, *, depth: int) -> list[SignOn]:
    """What is known here to have come out, and what releases list of it; to be judged by `fold`.

    Args:
        depth: of the freeze.
    """
    found = [one for one in opened if one.body.digest == digest]
    for row in rows:
        body = row.body
        if isinstance(body, ReleaseBody | AddendumBody) and body.digest == digest:
            listed = [sign_on_of(one, body.statement, digest, depth=depth) for one in body.unsealed]
            found += [one for one in listed if one is not None]
    return found


def sign_on_of(one: OpenedSignOn, statement: bytes, digest: Digest, *, depth: int) -> SignOn | None:
    """A sealed sign-on as one like any other, unchecked; None: no public text can hold it."""
    fields = one.fields
    try:
        name = digest_of(sign_on_text(digest, one.act_key, fields))
    except MalformedPackage:
        return None
    body = SignBody(
        at_ms=fields.signed_ms,
        statement=statement,
        digest=digest,
        capacity=fields.capacity,
        name=fields.name,
        title=fields.title,
        affiliation=fields.affiliation,
        country=fields.country,
        languages_read=fields.languages_read,
        act_signature=one.act_signature,
        names=fields.names,
        members=fields.members,
        mode=fields.mode,
        in_ring=one.in_ring,
    )
    return SignOn(
        id=OperationId(name),
        author=AuthorId(one.author),
        depth=depth,
        act_key=one.act_key,
        body=body,
        text_digest=name,
        late=False,
        sealed=True,
    )


def listed_by(body: ReleaseBody | AddendumBody, ledger: Ledger) -> list[SignOn | None]:
    """What a release or an addendum lists; None for what is not there, or not good."""
    listed = [ledger.accepted.get(OperationId(one)) for one in body.sign_ons]
    for one in body.unsealed:
        made = sign_on_of(one, body.statement, Digest(body.digest), depth=0)
        listed.append(ledger.accepted.get(made.id) if made is not None else None)
    return listed


def _strike(ledger: Ledger, author: AuthorId, log: list[Row]) -> None:
    for sealed in [one.id for one in ledger.accepted.values() if one.author == author and one.sealed]:
        del ledger.accepted[sealed]
        ledger.withdrawals.pop(sealed, None)
    for row in log:
        ledger.accepted.pop(row.id, None)
        ledger.withdrawals.pop(row.id, None)
        ledger.used.discard(row.id)
        ledger.refused[row.id] = Reason.DOUBLED
    del ledger.last[author]


def list_digest(
    digest: Digest,
    sign_ons: Sequence[SignOn],
    outside: Sequence[OutsideSignOn] = (),
    paper: Sequence[ListedLines] = (),
    *,
    ring: bytes = b"",
    tags: tuple[bytes, ...] = (),
) -> Digest:
    """SHA-256 of the list as text, whatever order it comes in.

    Args:
        ring: digest of the ring of those who may be counted and not named; empty: there is none.
        tags: of those who are.
    """
    lines = [
        TallyLine(act_key=s.act_key, sign_on=s.text_digest, capacity=s.body.capacity, name=s.body.name)
        for s in sign_ons
    ]
    lines += [
        TallyLine(
            act_key=one.said.act_key,
            sign_on=one.text_digest,
            capacity=one.said.fields.capacity,
            name=one.said.fields.name,
        )
        for one in outside
    ]
    counted = ring_tally(ring, [(one.act_key, one.body) for one in sign_ons], tags) if ring else None
    return digest_of(tally_text(digest, tuple(lines), told(paper), counted))


def tally_digest(statement: Statement) -> Digest:
    """Of the list as it stands; of a draft, `NO_DIGEST`."""
    frozen = statement.frozen
    if frozen is None:
        return NO_DIGEST
    return listed_digest(statement, frozen)


def listed_digest(statement: Statement, frozen: Frozen) -> Digest:
    """Of the list as it stands under this text."""
    unnamed = statement.unnamed
    return list_digest(
        frozen.digest,
        statement.counted(),
        statement.counted_outside(),
        counted_lines(statement),
        ring=unnamed.polled.poll.public.digest if unnamed else b"",
        tags=unnamed.listed if unnamed else (),
    )


@dataclass(slots=True, kw_only=True)
class OutsideLedger:
    """All that organisers accepted from outside under one digest; what does not hold is left out."""

    accepted: dict[tuple[OperationId, int], OutsideSignOn] = field(default_factory=dict)
    withdrawals: dict[Digest, OutsiderWithdrawal] = field(default_factory=dict)  # by sign-on taken back
    used: set[OperationId] = field(default_factory=set)

    def listed(
        self, body: ReleaseBody | AddendumBody, depth: int, *, late: bool = False
    ) -> list[OutsideSignOn] | None:
        """What a release or an addendum at this depth lists from outside; None where it may not.

        Args:
            late: it may list what is dated behind the deadline.
        """
        found = []
        for one in body.outside:
            for at in one.listed():
                sign_on = self.accepted.get((OperationId(one.accept), at))
                if sign_on is None or (sign_on.late and not late) or sign_on.depth >= depth:
                    return None
                found.append(sign_on)
        return found


def release_holds(
    row: Row,
    ledger: Ledger,
    outsiders: OutsideLedger,
    papers: PaperLedger,
    *,
    digest: Digest,
    roster: Roster,
    holds: Holds,
) -> bool:
    """Whether a release lists nothing but good sign-ons, one an author, under the digest it states.

    A listed sign-on may have been taken back where the releasing node had not seen it: the operation cannot
    tell. One dated behind the deadline may not be listed.
    """
    body = row.body
    assert isinstance(body, ReleaseBody), "only releases"
    signer = roster(row.author)
    listed = listed_by(body, ledger)
    sign_ons = [s for s in listed if s is not None and not s.late and s.depth < row.depth]
    outside = outsiders.listed(body, row.depth)
    paper = papers.listed(body, row.depth)
    if signer is None or outside is None or paper is None or len(sign_ons) != len(listed):
        return False
    if not (sign_ons or outside or paper) or len({s.author for s in sign_ons}) != len(sign_ons):
        return False
    offices = [s.office for s in sign_ons if s.office is not None]
    if len(set(offices)) != len(offices):
        return False
    keys = [s.act_key for s in sign_ons] + [one.said.act_key for one in outside]
    if len(set(keys)) != len(keys):
        return False
    if not counted_hold(ledger, body, sign_ons):
        return False
    ring = ledger.polled.poll.public.digest if ledger.polled is not None else b""
    if list_digest(digest, sign_ons, outside, paper, ring=ring, tags=body.counted) != body.tally_digest:
        return False
    # By the seats in its own past: what an organiser changes of them later does not undo a release.
    if len(counting(sign_ons, row.then or roster)) != len(sign_ons):
        return False
    text = release_text(digest, signer.act, body.tally_digest, body.at_ms, body.not_before_ms)
    return holds(signer.act, text, body.act_signature)


def counting(sign_ons: Sequence[SignOn], roster: Roster) -> frozenset[OperationId]:
    """Those of these whose conditions hold, on the largest list on which they all do."""
    standing = {}
    for sign_on in sign_ons:
        signer = roster(sign_on.author)
        standing[sign_on.id] = (signer.seat if signer else None, sign_on.body.condition)
    return holding(standing)


def first_of_each_office(sign_ons: Sequence[SignOn]) -> list[SignOn]:
    """Those of these that count at most once an office: of several, the first in the order of the log."""
    kept: dict[OperationId, SignOn] = {}
    for sign_on in sorted(sign_ons, key=lambda one: (one.depth, one.id)):
        kept.setdefault(sign_on.office if sign_on.office is not None else sign_on.id, sign_on)
    return list(kept.values())


def entries(ledger: Ledger, released: ReleaseBody | None, roster: Roster) -> tuple[Entry, ...]:
    """Where everyone stands who ever signed, ascending by act key."""
    open_ = [last for last in ledger.last.values() if last.id not in ledger.withdrawals and not last.late]
    once = first_of_each_office(open_)
    met = counting(once, roster)
    doubled = {one.id for one in open_} - {one.id for one in once}
    listed: dict[AuthorId, SignOn] = {}
    for sign_on in listed_by(released, ledger) if released else ():
        assert sign_on is not None, "a release that holds lists what is good"
        listed[sign_on.author] = sign_on
    found = []
    for author, last in ledger.last.items():
        sign_on = listed.get(author, last)
        standing = None if last.id in ledger.withdrawals else last
        if author in listed:
            # Who took it back and signed anew stands by their name.
            state = EntryState.COUNTED if standing else EntryState.WITHDRAWN_AFTER_RELEASE
        elif standing is None:
            state = EntryState.WITHDRAWN
        elif last.late:
            state = EntryState.LATE
        elif released:
            state = EntryState.AFTER_RELEASE
        elif last.id in doubled:
            state = EntryState.DOUBLED
        else:
            state = EntryState.COUNTED if last.id in met else EntryState.WAITING
        withdrawal = ledger.withdrawals.get(sign_on.id)
        found.append(Entry(sign_on=sign_on, state=state, standing=standing, withdrawal=withdrawal))
    return tuple(sorted(found, key=lambda entry: entry.sign_on.act_key))

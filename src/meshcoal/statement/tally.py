"""The one deterministic count.

Law: an author's own log decides what they signed and took back; nobody's clock or order of arrival does. One
author and one act key count once. Every node that holds the same operations has the same list and digest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from meshcoal.crypto.signing import verify
from meshcoal.errors import BadKey, BadSignature, MalformedPackage
from meshcoal.ids import AuthorId, Digest, OperationId
from meshcoal.statement.conditions import condition_text, holding
from meshcoal.statement.model import (
    NO_DIGEST,
    Entry,
    EntryState,
    OutsideSignOn,
    Reason,
    Roster,
    Row,
    SignOn,
    Statement,
)
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
from meshcoal.wire.terms import NAMED_ALONE, NameMode

_CHECKED_MAX: Final = 20_000  # some 3 MiB
ACT_KINDS: Final = frozenset({Kind.SIGN, Kind.WITHDRAW})

Holds = Callable[[bytes, bytes, bytes], bool]


class Checked:
    """Remembers which signatures held, so that folding anew costs hashes and not curve arithmetic.

    Forgets all where it has seen very many. Hand one instance to the next `Statements` when rebuilding.
    """

    def __init__(self) -> None:
        self._verdicts: dict[bytes, bool] = {}

    def holds(self, public: bytes, message: bytes, signature: bytes) -> bool:
        key = hashlib.sha256(public + signature + message).digest()  # both in front have a fixed length
        verdict = self._verdicts.get(key)
        if verdict is None:
            if len(self._verdicts) >= _CHECKED_MAX:
                self._verdicts.clear()
            verdict = self._verdicts[key] = _holds(public, message, signature)
        return verdict


def _holds(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        verify(public, message, signature)
    except (BadKey, BadSignature):
        return False
    return True


@dataclass(slots=True, kw_only=True)
class Ledger:
    """All that was signed and taken back under one digest."""

    modes: tuple[NameMode, ...] = NAMED_ALONE  # permitted
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
) -> Ledger:
    """Sign-ons and withdrawals that name `digest`, one author's log after the other.

    Args:
        modes: under which a signatory may stand on the list.
        rows: effective operations of kinds `SIGN` and `WITHDRAW`, in any order, each once.
    """
    logs: dict[AuthorId, list[Row]] = {}
    for row in rows:
        logs.setdefault(row.author, []).append(row)
    ledger = Ledger(modes=modes)
    holders: dict[bytes, tuple[tuple[int, bytes], AuthorId]] = {}
    for author in sorted(logs):
        _fold_author(ledger, author, logs[author], digest, deadline_ms, roster, holds)
    # A roster that gives two authors one act key must not let that key count twice.
    for author, last in sorted(ledger.last.items()):
        first = min((s.depth, s.id) for s in ledger.accepted.values() if s.author == author)
        holder = holders.get(last.act_key)
        if holder is None:
            holders[last.act_key] = (first, author)
            continue
        loser = max(holder, (first, author))
        holders[last.act_key] = min(holder, (first, author))
        _strike(ledger, loser[1], logs[loser[1]])
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
            sign_on = _check_sign_on(row, body, signer.act, digest, deadline_ms, holds)
            if sign_on is None:
                ledger.refused[row.id] = Reason.BAD_ACT
                continue
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


def _strike(ledger: Ledger, author: AuthorId, log: list[Row]) -> None:
    for row in log:
        ledger.accepted.pop(row.id, None)
        ledger.withdrawals.pop(row.id, None)
        ledger.used.discard(row.id)
        ledger.refused[row.id] = Reason.DOUBLED
    del ledger.last[author]


def list_digest(digest: Digest, sign_ons: Sequence[SignOn], outside: Sequence[OutsideSignOn] = ()) -> Digest:
    """SHA-256 of the list as text, whatever order it comes in."""
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
    return digest_of(tally_text(digest, tuple(lines)))


def tally_digest(statement: Statement) -> Digest:
    """Of the list as it stands; of a draft, `NO_DIGEST`."""
    frozen = statement.frozen
    if frozen is None:
        return NO_DIGEST
    return list_digest(frozen.digest, statement.counted(), statement.counted_outside())


@dataclass(slots=True, kw_only=True)
class OutsideLedger:
    """All that organisers accepted from outside under one digest; what does not hold is left out."""

    accepted: dict[tuple[OperationId, int], OutsideSignOn] = field(default_factory=dict)
    withdrawals: dict[Digest, OutsiderWithdrawal] = field(default_factory=dict)  # by sign-on taken back
    used: set[OperationId] = field(default_factory=set)

    def listed(self, body: ReleaseBody, depth: int) -> list[OutsideSignOn] | None:
        """What a release at this depth lists from outside; None where it may not."""
        found = []
        for one in body.outside:
            for at in one.listed():
                sign_on = self.accepted.get((OperationId(one.accept), at))
                if sign_on is None or sign_on.late or sign_on.depth >= depth:
                    return None
                found.append(sign_on)
        return found


def release_holds(
    row: Row, ledger: Ledger, outsiders: OutsideLedger, *, digest: Digest, roster: Roster, holds: Holds
) -> bool:
    """Whether a release lists nothing but good sign-ons, one an author, under the digest it states.

    A listed sign-on may have been taken back where the releasing node had not seen it: the operation cannot
    tell. One dated behind the deadline may not be listed.
    """
    body = row.body
    assert isinstance(body, ReleaseBody), "only releases"
    signer = roster(row.author)
    listed = [ledger.accepted.get(OperationId(sign_on)) for sign_on in body.sign_ons]
    sign_ons = [s for s in listed if s is not None and not s.late and s.depth < row.depth]
    outside = outsiders.listed(body, row.depth)
    if signer is None or outside is None or len(sign_ons) != len(body.sign_ons):
        return False
    if not (sign_ons or outside) or len({s.author for s in sign_ons}) != len(sign_ons):
        return False
    keys = [s.act_key for s in sign_ons] + [one.said.act_key for one in outside]
    if len(set(keys)) != len(keys):
        return False
    if list_digest(digest, sign_ons, outside) != body.tally_digest:
        return False
    # By the seats in its own past: what an organiser changes of them later does not undo a release.
    if len(counting(sign_ons, row.then or roster)) != len(sign_ons):
        return False
    text = release_text(digest, signer.act, body.tally_digest, body.at_ms)
    return holds(signer.act, text, body.act_signature)


def counting(sign_ons: Sequence[SignOn], roster: Roster) -> frozenset[OperationId]:
    """Those of these whose conditions hold, on the largest list on which they all do."""
    standing = {}
    for sign_on in sign_ons:
        signer = roster(sign_on.author)
        standing[sign_on.id] = (signer.seat if signer else None, sign_on.body.condition)
    return holding(standing)


def entries(ledger: Ledger, released: ReleaseBody | None, roster: Roster) -> tuple[Entry, ...]:
    """Where everyone stands who ever signed, ascending by act key."""
    met = counting(
        [last for last in ledger.last.values() if last.id not in ledger.withdrawals and not last.late], roster
    )
    listed: dict[AuthorId, SignOn] = {}
    for sign_on_id in released.sign_ons if released else ():
        sign_on = ledger.accepted[OperationId(sign_on_id)]
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
        else:
            state = EntryState.COUNTED if last.id in met else EntryState.WAITING
        withdrawal = ledger.withdrawals.get(sign_on.id)
        found.append(Entry(sign_on=sign_on, state=state, standing=standing, withdrawal=withdrawal))
    return tuple(sorted(found, key=lambda entry: entry.sign_on.act_key))

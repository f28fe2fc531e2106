"""Sign-ons from outside: which of them count, and the calls that they answer.

Law: as for members, the list follows from the set of operations alone. One key counts once: of several
sign-ons by one key the one that it dated last stands, whoever accepted which first, and how often; a
withdrawal takes back exactly the sign-on that it names. A key of a member who signed counts as the member.
Specified in docs/protocol/call.md. Ours, unreviewed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from meshcoal.errors import MalformedCall, MalformedPackage, MalformedReply, OverLimit
from meshcoal.ids import AuthorId, Digest, OperationId
from meshcoal.limits import ACCEPTED_BYTES_MAX, ACCEPTED_MAX
from meshcoal.statement.checked import Checked
from meshcoal.statement.model import (
    Called,
    EntryState,
    Frozen,
    OutsideEntry,
    OutsideSignOn,
    Reason,
    Released,
    Row,
)
from meshcoal.statement.tally import Ledger
from meshcoal.statement.tally import OutsideLedger as OutsideLedger
from meshcoal.wire import record
from meshcoal.wire.bodies import AcceptBody, CallBody, GrantBody
from meshcoal.wire.call import Call, call_text
from meshcoal.wire.outsider import (
    ListedOutside,
    Outsider,
    OutsiderWithdrawal,
    Said,
    check_said,
    listed_outside,
    said_text,
)
from meshcoal.wire.public_text import digest_of


def ledgers(rows: Sequence[Row], versions: Iterable[Frozen], checked: Checked) -> dict[Digest, OutsideLedger]:
    """What organisers accepted under each version of the letter; the first freeze of a digest holds."""
    deadlines: dict[Digest, int] = {}
    for frozen in versions:
        deadlines.setdefault(frozen.digest, frozen.deadline_ms)
    return {
        digest: fold(rows, digest=digest, deadline_ms=deadline_ms, checked=checked)
        for digest, deadline_ms in deadlines.items()
    }


def fold(rows: Iterable[Row], *, digest: Digest, deadline_ms: int, checked: Checked) -> OutsideLedger:
    """What organisers accepted under `digest`.

    Args:
        rows: effective operations of the statement, in any order, each once.
    """
    ledger = OutsideLedger()
    for row in rows:
        body = row.body
        if not isinstance(body, AcceptBody) or body.digest != digest:
            continue
        for at, said in enumerate(body.sign_ons):
            text = _signed(digest, said, checked)
            if text is None:
                continue
            ledger.used.add(row.id)
            ledger.accepted[row.id, at] = OutsideSignOn(
                accept=row.id,
                at=at,
                depth=row.depth,
                accepted_by=row.author,
                said=said,
                text_digest=digest_of(text),
                late=said.fields.signed_ms > deadline_ms,
            )
        for withdrawal in body.withdrawals:
            if _signed(digest, withdrawal, checked) is not None:
                ledger.used.add(row.id)
                taken = Digest(withdrawal.sign_on)
                known = ledger.withdrawals.get(taken)
                if known is None or _order(withdrawal) < _order(known):
                    ledger.withdrawals[taken] = withdrawal
    return ledger


def _order(withdrawal: OutsiderWithdrawal) -> tuple[int, bytes]:
    """Of several that take back one sign-on the earliest is told."""
    return (withdrawal.withdrawn_ms, withdrawal.signature)


def _signed(digest: Digest, said: Said, checked: Checked) -> bytes | None:
    try:
        check_said(said)
        text = said_text(digest, said)
    except (MalformedPackage, MalformedReply):
        return None  # a value that no public text can hold: it is counted as refused
    return text if checked.holds(said.act_key, text, said.signature) else None


def entries(
    outsiders: Mapping[Digest, OutsideLedger],
    frozen: Frozen | None,
    members: Ledger,
    released: Released | None,
) -> tuple[OutsideEntry, ...]:
    """Where each outsider's key stands under the version that holds, ascending by key."""
    if frozen is None:
        return ()
    ledger = outsiders[frozen.digest]
    listed: dict[bytes, OutsideSignOn] = {}
    for one in released.body.outside if released else ():
        for at in one.listed():
            sign_on = ledger.accepted[OperationId(one.accept), at]
            listed[sign_on.said.act_key] = sign_on
    last: dict[bytes, OutsideSignOn] = {}
    for sign_on in ledger.accepted.values():
        known = last.get(sign_on.said.act_key)
        if known is None or _rank(sign_on) > _rank(known):
            last[sign_on.said.act_key] = sign_on
    members_keys = {sign_on.act_key for sign_on in members.last.values()}
    found = []
    for key in sorted(last):
        on_list = listed.get(key)
        if on_list is None and key in members_keys:
            continue
        sign_on = on_list or last[key]
        withdrawal = ledger.withdrawals.get(sign_on.text_digest)
        if withdrawal is not None and withdrawal.act_key != key:
            withdrawal = None
        found.append(
            OutsideEntry(
                sign_on=sign_on,
                state=_state(sign_on, withdrawal is not None, on_list is not None, released is not None),
                withdrawal=withdrawal,
            )
        )
    return tuple(found)


def _rank(sign_on: OutsideSignOn) -> tuple[bool, int, bytes, int, bytes, int]:
    """Later is greater. What was accepted twice is the same sign-on; the first acceptance is told."""
    return (
        not sign_on.late,
        sign_on.said.fields.signed_ms,
        sign_on.text_digest,
        -sign_on.depth,
        bytes(255 - byte for byte in sign_on.accept),
        -sign_on.at,
    )


def _state(sign_on: OutsideSignOn, withdrawn: bool, on_list: bool, released: bool) -> EntryState:
    if on_list:
        return EntryState.WITHDRAWN_AFTER_RELEASE if withdrawn else EntryState.COUNTED
    if withdrawn:
        return EntryState.WITHDRAWN
    if sign_on.late:
        return EntryState.LATE
    return EntryState.AFTER_RELEASE if released else EntryState.COUNTED


def listed(sign_ons: Iterable[OutsideSignOn]) -> tuple[ListedOutside, ...]:
    """How a release names them: by operation, ascending."""
    places: dict[OperationId, list[int]] = {}
    for sign_on in sign_ons:
        places.setdefault(sign_on.accept, []).append(sign_on.at)
    return tuple([listed_outside(accept, tuple(at)) for accept, at in sorted(places.items())])


# --- Calls


def calls(
    rows: Iterable[Row],
    versions: Sequence[Frozen],
    outsiders: Mapping[Digest, OutsideLedger],
    refused: dict[OperationId, Reason],
) -> tuple[Called, ...]:
    """Calls for a version of the letter, and who agreed that replies are read; in the order of the log.

    Notes besides which `accept` operations bring nothing that holds for any of the versions.
    """
    digests = {frozen.digest: frozen for frozen in versions}
    found: dict[OperationId, Called] = {}
    for row in rows:
        body = row.body
        if isinstance(body, CallBody):
            frozen = digests.get(Digest(body.digest))
            called = Called(id=row.id, author=row.author, body=body, grants=())
            if frozen is None or not _fits(called, frozen):
                refused[row.id] = Reason.BAD_CALL
                continue
            found[row.id] = called
        elif isinstance(body, GrantBody):
            granted = found.get(OperationId(body.call))
            if granted is None or row.author not in granted.body.holders:
                refused[row.id] = Reason.BAD_CALL
                continue
            grants = dict(granted.grants)
            grants.setdefault(row.author, body)
            found[granted.id] = dataclasses.replace(granted, grants=tuple(sorted(grants.items())))
        elif isinstance(body, AcceptBody) and not any(row.id in outsiders[one].used for one in digests):
            refused[row.id] = Reason.BAD_ACT
    return tuple(found.values())


def _fits(called: Called, frozen: Frozen) -> bool:
    """Whether its holders and parts belong together, and it can be given out."""
    body = called.body
    count = len(body.holders)
    if len(set(body.holders)) != count or not len(body.shares.shares) == len(body.shares.checks) == count:
        return False
    try:
        call_text(call_of(called, frozen))
    except (MalformedCall, OverLimit):
        return False  # counted as refused: nobody could sign by it
    return True


def call_of(called: Called, frozen: Frozen) -> Call:
    """What is given out. Raises `MalformedCall` where a sentence in it cannot stand on a line."""
    body = called.body
    return Call(
        until_ms=body.until_ms,
        needed=body.needed,
        holders=len(body.holders),
        asks=body.asks,
        reply_to=body.reply_to,
        data=body.data,
        key=body.key,
        canonical_text=frozen.canonical_text.decode(),
    )


def frozen_of(digest: bytes, frozen: Frozen | None, replaced: Sequence[Frozen]) -> Frozen | None:
    """The version of the letter with this digest."""
    versions = [*replaced, *([frozen] if frozen else [])]
    return next((one for one in versions if one.digest == digest), None)


# --- Taking up


def batches(
    sign_ons: Iterable[Outsider], withdrawals: Iterable[OutsiderWithdrawal]
) -> Iterable[tuple[tuple[Outsider, ...], tuple[OutsiderWithdrawal, ...]]]:
    """What goes into one operation each: as much as fits, in the order given."""
    held: list[Outsider] = []
    taken: list[OutsiderWithdrawal] = []
    size_bytes = 0
    everything: list[Said] = [*sign_ons, *withdrawals]
    for said in everything:
        more_bytes = len(record.encode(said))
        if len(held) + len(taken) == ACCEPTED_MAX or size_bytes + more_bytes > ACCEPTED_BYTES_MAX:
            yield tuple(held), tuple(taken)
            held, taken, size_bytes = [], [], 0
        size_bytes += more_bytes
        if isinstance(said, OutsiderWithdrawal):
            taken.append(said)
        else:
            held.append(said)
    if held or taken:
        yield tuple(held), tuple(taken)


def me_among(holders: Sequence[bytes], me: AuthorId) -> int:
    """My place among the holders of a call's key, from 1; 0 where I hold none."""
    return holders.index(me) + 1 if me in holders else 0

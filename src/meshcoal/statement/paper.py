"""Signatures on paper: which lines of which sheets count.

Law: as for members, the list follows from the set of operations alone. A letter has one sheet of each witness
and number: the last writing stands, until a release lists one. A line that was taken back stays off in every
writing. Two lines with one name are shown and never made one. Specified in docs/protocol/paper.md.
Ours, unreviewed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from meshcoal.errors import MalformedPackage
from meshcoal.ids import Digest, OperationId
from meshcoal.statement.model import (
    EntryState,
    Frozen,
    PaperEntry,
    PaperSheet,
    Reason,
    Released,
    Roster,
    Row,
    Statement,
)
from meshcoal.wire.bodies import PaperBody, ReleaseBody, StrikeBody
from meshcoal.wire.operation import Kind
from meshcoal.wire.paper import (
    ListedSheet,
    PaperWithdrawal,
    SheetHead,
    line_digest,
    listed_sheet,
    paper_withdrawal_text,
    sheet_text,
    tally_lines,
)
from meshcoal.wire.public_text import digest_of

PAPER_KINDS = frozenset({Kind.PAPER, Kind.STRIKE})
Holds = Callable[[bytes, bytes, bytes], bool]
Place = tuple[bytes, int]  # witness's act key, number
ListedLines = tuple[PaperSheet, tuple[int, ...]]


@dataclass(slots=True, kw_only=True)
class PaperLedger:
    """All that witnesses entered under one digest, and what was taken back of it."""

    accepted: dict[OperationId, PaperSheet] = field(default_factory=dict)  # each writing
    struck: dict[tuple[Place, int], list[PaperWithdrawal]] = field(default_factory=dict)
    refused: dict[OperationId, Reason] = field(default_factory=dict)
    used: set[OperationId] = field(default_factory=set)

    def last(self) -> dict[Place, PaperSheet]:
        """The writing of each sheet that stands: the last in the order of the log."""
        found: dict[Place, PaperSheet] = {}
        for sheet in self.accepted.values():
            known = found.get(sheet.place)
            if known is None or (known.depth, known.id) < (sheet.depth, sheet.id):
                found[sheet.place] = sheet
        return found

    def listed(self, body: ReleaseBody, depth: int) -> list[ListedLines] | None:
        """What a release at this depth lists of sheets; None where it may not."""
        found: list[ListedLines] = []
        for one in body.paper:
            sheet = self.accepted.get(OperationId(one.sheet))
            lines = one.listed()
            if sheet is None or sheet.late or sheet.depth >= depth or not lines:
                return None
            if listed_sheet(one.sheet, lines) != one or not set(lines) <= _numbers(sheet):
                return None
            found.append((sheet, lines))
        if len({sheet.place for sheet, _ in found}) != len(found):
            return None
        return found

    def taken_back(
        self, sheet: PaperSheet, line: int, keys: Sequence[bytes] | None
    ) -> PaperWithdrawal | None:
        """The earliest withdrawal of a line; `keys`: whose alone counts, None: anybody's who might."""
        told = self.struck.get((sheet.place, line), [])
        fit = [one for one in told if keys is None or one.act_key in keys]
        return min(fit, key=lambda one: (one.withdrawn_ms, one.signature), default=None)


def ledgers(
    rows: Sequence[Row], versions: Iterable[Frozen], roster: Roster, holds: Holds
) -> dict[Digest, PaperLedger]:
    """What witnesses entered under each version of the letter; the first freeze of a digest holds."""
    first: dict[Digest, Frozen] = {}
    for frozen in versions:
        first.setdefault(frozen.digest, frozen)
    entered = [row for row in rows if row.kind in PAPER_KINDS]
    return {digest: fold(entered, frozen, roster, holds) for digest, frozen in first.items()}


def fold(rows: Iterable[Row], frozen: Frozen, roster: Roster, holds: Holds) -> PaperLedger:
    """Sheets and withdrawals that name this text.

    Args:
        rows: effective operations of the kinds `PAPER` and `STRIKE`, in any order, each once.
    """
    ledger = PaperLedger()
    strikes = []
    for row in rows:
        body = row.body
        signer = roster(row.author)
        if isinstance(body, StrikeBody) and body.digest == frozen.digest:
            strikes.append((row, body))
        elif not isinstance(body, PaperBody) or body.digest != frozen.digest:
            continue
        elif not frozen.body.paper:
            ledger.refused[row.id] = Reason.NAME_MODE
        elif signer is None:
            ledger.refused[row.id] = Reason.NOT_AUTHORISED
        else:
            sheet = _sheet(row, body, signer.act, frozen, holds)
            if sheet is None:
                ledger.refused[row.id] = Reason.BAD_ACT
            else:
                ledger.accepted[row.id] = sheet
                ledger.used.add(row.id)
    places = {sheet.place for sheet in ledger.accepted.values()}
    for row, body in strikes:
        reason = _take_strike(ledger, row, body, places, roster, holds)
        if reason is None:
            ledger.used.add(row.id)
        else:
            ledger.refused[row.id] = reason
    return ledger


def head_of(body: PaperBody, act_key: bytes) -> SheetHead:
    """What a sheet says beside its lines, as it is signed."""
    return SheetHead(
        act_key=act_key,
        witness=body.witness,
        number=body.number,
        scan=body.scan,
        dated_ms=body.dated_ms,
        entered_ms=body.at_ms,
    )


def signed_text(body: PaperBody, act_key: bytes) -> bytes:
    """What the witness signs. Raises `MalformedPackage`."""
    numbers = [line.line for line in body.lines]
    if numbers != sorted(set(numbers)):
        raise MalformedPackage("lines of a sheet ascend, each once")
    digests = {line.line: bytes(line_digest(line)) for line in body.lines}
    return sheet_text(body.digest, head_of(body, act_key), digests)


def withdrawal_of(body: StrikeBody, act_key: bytes) -> PaperWithdrawal:
    """What is published of it."""
    return PaperWithdrawal(
        act_key=act_key,
        witness=body.witness,
        number=body.number,
        lines=body.lines,
        withdrawn_ms=body.at_ms,
        signature=body.act_signature,
    )


def _sheet(row: Row, body: PaperBody, act_key: bytes, frozen: Frozen, holds: Holds) -> PaperSheet | None:
    try:
        text = signed_text(body, act_key)
    except MalformedPackage:
        return None  # a value that no public text can hold: it is counted as refused
    if not holds(act_key, text, body.act_signature):
        return None
    return PaperSheet(
        id=row.id,
        author=row.author,
        depth=row.depth,
        head=head_of(body, act_key),
        body=body,
        text_digest=digest_of(text),
        late=body.dated_ms > frozen.deadline_ms,
    )


def _take_strike(
    ledger: PaperLedger,
    row: Row,
    body: StrikeBody,
    places: set[Place],
    roster: Roster,
    holds: Holds,
) -> Reason | None:
    place = (bytes(body.witness), body.number)
    signer = roster(row.author)
    then = (row.then or roster)(row.author)
    if signer is None or then is None or not (signer.act == body.witness or then.organiser):
        return Reason.NOT_AUTHORISED
    if place not in places:
        return Reason.NOTHING_TO_WITHDRAW
    withdrawal = withdrawal_of(body, signer.act)
    try:
        text = paper_withdrawal_text(body.digest, withdrawal)
    except MalformedPackage:
        return Reason.BAD_ACT
    if not holds(signer.act, text, body.act_signature):
        return Reason.BAD_ACT
    for line in body.lines:
        ledger.struck.setdefault((place, line), []).append(withdrawal)
    return None


def note_refused(
    rows: Iterable[Row],
    papers: Mapping[Digest, PaperLedger],
    versions: Sequence[Frozen],
    refused: dict[OperationId, Reason],
) -> None:
    """Which operations count under none of the versions, and why."""
    told = [papers[one.digest] for one in versions]
    for row in rows:
        if row.kind in PAPER_KINDS and not any(row.id in ledger.used for ledger in told):
            reasons = [ledger.refused[row.id] for ledger in told if row.id in ledger.refused]
            refused[row.id] = reasons[0] if reasons else Reason.OTHER_TEXT


def entries(
    papers: Mapping[Digest, PaperLedger], frozen: Frozen | None, released: Released | None
) -> tuple[PaperEntry, ...]:
    """Where each line stands under the version that holds; ascending by witness's key, number, line."""
    if frozen is None:
        return ()
    ledger = papers[frozen.digest]
    last = ledger.last()
    listed: dict[Place, ListedLines] = {}
    for one in released.body.paper if released else ():
        sheet = ledger.accepted[OperationId(one.sheet)]
        listed[sheet.place] = (sheet, one.listed())
    found = []
    for place in sorted(last):
        sheet, on_list = listed.get(place, (last[place], ()))
        # Behind a release only who signed for the line, or for the list, can tell the public of it.
        keys = (sheet.head.act_key, released.act_key) if released else ()
        for line in sheet.body.lines:
            if line.line in on_list:
                withdrawal = ledger.taken_back(sheet, line.line, keys)
                state = EntryState.WITHDRAWN_AFTER_RELEASE if withdrawal else EntryState.COUNTED
                found.append(PaperEntry(sheet=sheet, line=line, state=state, withdrawal=withdrawal))
        newest = last[place]
        for line in newest.body.lines:
            if line.line not in on_list:
                withdrawal = ledger.taken_back(newest, line.line, None)
                state = _state(newest, withdrawal is not None, released is not None)
                found.append(PaperEntry(sheet=newest, line=line, state=state, withdrawal=withdrawal))
    return tuple(sorted(found, key=lambda one: (one.sheet.place, one.line.line)))


def _state(sheet: PaperSheet, withdrawn: bool, released: bool) -> EntryState:
    if withdrawn:
        return EntryState.WITHDRAWN
    if sheet.late:
        return EntryState.LATE
    return EntryState.AFTER_RELEASE if released else EntryState.COUNTED


def _numbers(sheet: PaperSheet) -> set[int]:
    return {line.line for line in sheet.body.lines}


# --- The list


def counted_lines(statement: Statement) -> tuple[ListedLines, ...]:
    """The sheets on the list, each with the lines that count; in their order."""
    found: dict[OperationId, tuple[PaperSheet, list[int]]] = {}
    for entry in statement.counted_on_paper():
        found.setdefault(entry.sheet.id, (entry.sheet, []))[1].append(entry.line.line)
    return tuple([(sheet, tuple(lines)) for sheet, lines in found.values()])


def told(listed: Iterable[ListedLines]) -> tuple[str, ...]:
    """What the tally says of them."""
    return tally_lines(
        [(sheet.head.act_key, sheet.head.number, sheet.text_digest, lines) for sheet, lines in listed]
    )


def listed_sheets(listed: Iterable[ListedLines]) -> tuple[ListedSheet, ...]:
    """How a release names them: by operation, ascending."""
    return tuple(
        sorted([listed_sheet(sheet.id, lines) for sheet, lines in listed], key=lambda one: one.sheet)
    )

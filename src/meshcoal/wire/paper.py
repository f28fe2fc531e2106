"""Signatures on paper: the sheet that a witness entered, and what takes lines of it back.

Law: plain text that a person can read and `sha256sum` can hash, as all that the public checks. A sheet names
each of its lines by a salted digest, so that a line can be left out and the witness's signature still holds;
without the salt nobody can try names against what was left out. Specified in docs/protocol/paper.md.
Ours, unreviewed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, ClassVar, Final

from meshcoal.clock import DAY_MS, iso_utc, parse_iso
from meshcoal.errors import MalformedPackage, MeshcoalError
from meshcoal.ids import Digest
from meshcoal.limits import NAME_CHARS_MAX, PAPER_LINES_MAX, PAPER_NUMBER_MAX
from meshcoal.wire.naming import SignOnFields, check_named
from meshcoal.wire.plain import optional_line, required_line, spell_id, spell_time
from meshcoal.wire.public_text import digest_of
from meshcoal.wire.record import Chars, Id32, Items, Range, Record, Size, TimeMs
from meshcoal.wire.shape import dataclass
from meshcoal.wire.terms import Capacity

# First lines, and the contexts of what is hashed and signed (docs/protocol/contexts.md).
_LINE: Final = b"meshcoal paper line 1\n"
_SHEET: Final = b"meshcoal paper sheet 1\n"
_WITHDRAWAL: Final = b"meshcoal paper withdrawal 1\n"

ATTESTED: Final = "I saw these people sign this text on paper."
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

LineNumber = Annotated[int, Range(1, PAPER_LINES_MAX)]
SheetNumber = Annotated[int, Range(1, PAPER_NUMBER_MAX)]
Written = Annotated[str, Chars(0, NAME_CHARS_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperLine(Record):
    """Who signed on one line of a sheet; all but the salt as it stands on the paper."""

    error: ClassVar[type[MeshcoalError]] = MalformedPackage

    line: LineNumber
    salt: Annotated[bytes, Size(32)]
    capacity: Capacity
    name: Annotated[str, Chars(1, NAME_CHARS_MAX)]
    title: Written = ""
    affiliation: Written = ""
    country: Written = ""


PaperLines = Annotated[tuple[PaperLine, ...], Items(1, PAPER_LINES_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut(Record):
    """A line that the witness entered and that is not published: its digest alone."""

    error: ClassVar[type[MeshcoalError]] = MalformedPackage

    line: LineNumber
    digest: Id32


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetHead(Record):
    """What a witness says of a sheet beside its lines."""

    error: ClassVar[type[MeshcoalError]] = MalformedPackage

    act_key: Id32  # the witness's
    witness: Written  # as they wish to be named in public; empty: not
    number: SheetNumber  # of the witness's sheets for this letter
    scan: Id32  # SHA-256 of the file with the scan
    dated_ms: TimeMs  # the day that stands on the sheet: 0:00 UTC of it
    entered_ms: TimeMs


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet(Record):
    """A sheet as the public gets it: lines that are on the list, and the digests of the others."""

    error: ClassVar[type[MeshcoalError]] = MalformedPackage

    head: SheetHead
    lines: Annotated[tuple[PaperLine, ...], Items(0, PAPER_LINES_MAX)]
    left_out: Annotated[tuple[LeftOut, ...], Items(0, PAPER_LINES_MAX)]
    signature: Annotated[bytes, Size(64)]

    @property
    def place(self) -> tuple[bytes, int]:
        """What one letter has at most one sheet of."""
        return (self.head.act_key, self.head.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperWithdrawal(Record):
    """Takes lines of a sheet back, with the signature of `act_key` over `paper_withdrawal_text`."""

    error: ClassVar[type[MeshcoalError]] = MalformedPackage

    act_key: Id32  # of the witness, or of who released
    witness: Id32  # act key of the witness
    number: SheetNumber
    lines: Annotated[tuple[LineNumber, ...], Items(1, PAPER_LINES_MAX)]  # ascending
    withdrawn_ms: TimeMs
    signature: Annotated[bytes, Size(64)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedSheet(Record):
    """Which lines of one sheet are on a release's list: a bit for each line, line 1 the lowest."""

    error: ClassVar[type[MeshcoalError]] = MalformedPackage

    sheet: Id32  # the operation that entered it
    lines: Annotated[bytes, Size(1, PAPER_LINES_MAX // 8)]

    def listed(self) -> tuple[int, ...]:
        """The line numbers, ascending."""
        bits = int.from_bytes(self.lines, "little")
        return tuple([at + 1 for at in range(8 * len(self.lines)) if bits >> at & 1])


def listed_sheet(sheet: bytes, lines: Iterable[int]) -> ListedSheet:
    """Inverse of `listed`, in the one spelling: no byte more than is needed."""
    numbers = tuple(lines)
    bits = sum(1 << (number - 1) for number in numbers)
    return ListedSheet(sheet=sheet, lines=bits.to_bytes((max(numbers) + 7) // 8, "little"))


def line_text(line: PaperLine) -> bytes:
    """What a sheet names by its digest. Raises `MalformedPackage` for what cannot stand on a line."""
    if line.capacity is Capacity.NETWORK:
        raise MalformedPackage("no network signs on paper: it says how many members it has, under a key")
    check_named(shown_fields(line, 0))
    lines = [
        f"salt: {line.salt.hex()}",
        f"line: {line.line}",
        f"capacity: {line.capacity.value}",
        f"name: {required_line(line.name, 'a name')}",
        f"title: {optional_line(line.title, 'a title')}",
        f"affiliation: {optional_line(line.affiliation, 'an affiliation')}",
        f"country: {optional_line(line.country, 'a country')}",
    ]
    return _document(_LINE, lines)


def line_digest(line: PaperLine) -> Digest:
    """SHA-256 of its text. Raises as `line_text`."""
    return digest_of(line_text(line))


def line_digests(sheet: Sheet) -> dict[int, bytes]:
    """Of all lines that the witness entered. Raises `MalformedPackage` where a line stands twice."""
    found: dict[int, bytes] = {}
    both = [(one.line, bytes(line_digest(one))) for one in sheet.lines]
    both += [(one.line, one.digest) for one in sheet.left_out]
    for number, digest in both:
        if number in found:
            raise MalformedPackage("a line of a sheet stands twice")
        found[number] = digest
    return found


def sheet_text(statement: bytes, head: SheetHead, digests: Mapping[int, bytes]) -> bytes:
    """What the witness's act key signs.

    Args:
        digests: of each line's text, by its number.

    Raises:
        MalformedPackage: a value that cannot stand on a line; a day that is none, or after the entering.
    """
    if head.dated_ms % DAY_MS or head.dated_ms > head.entered_ms + DAY_MS:
        raise MalformedPackage("a sheet is dated by a day, which is not after it was entered")
    lines = [
        f"statement: {spell_id(statement)}",
        f"key: {spell_id(head.act_key)}",
        f"witness: {optional_line(head.witness, 'a witness')}",
        f"attests: {ATTESTED}",
        f"sheet: {head.number}",
        f"scan: {spell_id(head.scan)}",
        f"dated: {spell_day(head.dated_ms)}",
        f"entered: {spell_time(head.entered_ms)}",
        *[f"line: {number} {digests[number].hex()}" for number in sorted(digests)],
    ]
    return _document(_SHEET, lines)


def paper_withdrawal_text(statement: bytes, withdrawal: PaperWithdrawal) -> bytes:
    """What takes lines of a sheet back, in each writing of the sheet. Raises `MalformedPackage`."""
    numbers = withdrawal.lines
    if list(numbers) != sorted(set(numbers)):
        raise MalformedPackage("lines that are taken back ascend, each once")
    lines = [
        f"statement: {spell_id(statement)}",
        f"key: {spell_id(withdrawal.act_key)}",
        f"witness: {spell_id(withdrawal.witness)}",
        f"sheet: {withdrawal.number}",
        f"lines: {', '.join([str(number) for number in numbers])}",
        f"withdrawn: {spell_time(withdrawal.withdrawn_ms)}",
    ]
    return _document(_WITHDRAWAL, lines)


def tally_lines(listed: Iterable[tuple[bytes, int, bytes, Iterable[int]]]) -> tuple[str, ...]:
    """What the tally says of sheets: none where there are none, so that other letters' stay as they are.

    Args:
        listed: of each sheet: the witness's act key, its number, SHA-256 of its text, lines that count.
    """
    ordered = sorted([(key, number, digest, tuple(sorted(lines))) for key, number, digest, lines in listed])
    if not ordered:
        return ()
    return (
        f"on paper: {sum(len(lines) for _, _, _, lines in ordered)}",
        f"witnesses: {len({key for key, _, _, _ in ordered})}",
        *[
            f"paper: {key.hex()} {number} {digest.hex()} {','.join([str(line) for line in lines])}"
            for key, number, digest, lines in ordered
        ],
    )


def shown_fields(line: PaperLine, dated_ms: int) -> SignOnFields:
    """A line as other signatories are shown: always by name."""
    return SignOnFields(
        capacity=line.capacity,
        name=line.name,
        title=line.title,
        affiliation=line.affiliation,
        country=line.country,
        languages_read=(),
        signed_ms=dated_ms,
    )


def spell_day(at_ms: int) -> str:
    """`2026-11-18`."""
    return iso_utc(at_ms)[:10]


def read_day(text: str) -> int:
    """Inverse of `spell_day`: 0:00 UTC of the day. Raises `MalformedPackage`."""
    if _DAY.fullmatch(text) is None:
        raise MalformedPackage("a day is not in the form YYYY-MM-DD")
    try:
        at_ms = parse_iso(f"{text}T00:00:00Z")
    except (ValueError, OverflowError) as exc:
        raise MalformedPackage("there is no such day") from exc
    if at_ms < 0 or spell_day(at_ms) != text:
        raise MalformedPackage("a day before 1970")
    return at_ms


def _document(first_line: bytes, lines: list[str]) -> bytes:
    return first_line + ("\n".join(lines) + "\n").encode()

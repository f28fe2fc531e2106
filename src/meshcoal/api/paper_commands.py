"""What a user can ask about signatures on paper: enter a sheet, take lines back, list.

Law: as in `api.commands`, which is where clients take these from.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from meshcoal.api.fields import Command, Name, OptionalName, UploadId
from meshcoal.errors import MalformedCommand, MeshcoalError
from meshcoal.limits import (
    ATTACHMENTS_MAX,
    NOTE_CHARS_MAX,
    PAPER_LINES_MAX,
    PAPER_NUMBER_MAX,
    PAPER_SHEETS_SHOWN_MAX,
)
from meshcoal.wire.record import Chars, Id32, Items, OptionalId32, Range, Record, TimeMs
from meshcoal.wire.shape import dataclass
from meshcoal.wire.terms import Capacity


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenLine(Record):
    """Who signed on a line of a sheet, as a witness read it."""

    error: ClassVar[type[MeshcoalError]] = MalformedCommand

    line: Annotated[int, Range(1, PAPER_LINES_MAX)]
    capacity: Capacity = Capacity.INDIVIDUAL
    name: Name
    title: OptionalName = ""
    affiliation: OptionalName = ""  # needed with, and only with, the capacity `AFFILIATED`
    country: OptionalName = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterSheet(Command):
    """I saw these people sign this text on paper; with `corrects` in place of my sheet. `PaperView`."""

    campaign: Id32
    statement: Id32
    digest: Id32  # of the text on the sheet
    number: Annotated[int, Range(0, PAPER_NUMBER_MAX)] = 0  # 0: the next that is free
    witness: OptionalName = ""  # how I wish to be named beside it in public; empty: not
    scan: Id32  # SHA-256 of the file with the scan
    dated_ms: TimeMs  # the day on the sheet: 0:00 UTC of it
    lines: Annotated[tuple[GivenLine, ...], Items(1, PAPER_LINES_MAX)]
    corrects: bool = False
    note: Annotated[str, Chars(0, NOTE_CHARS_MAX)] = ""  # for the campaign alone
    attachments: Annotated[tuple[UploadId, ...], Items(0, ATTACHMENTS_MAX)] = ()  # the scan; stays inside


@dataclass(frozen=True, slots=True, kw_only=True)
class StrikeLines(Command):
    """Take lines of a sheet back: mine, or as an organiser anybody's. `PaperView`."""

    campaign: Id32
    statement: Id32
    witness: OptionalId32 = b""  # act key of who entered the sheet; empty: mine
    number: Annotated[int, Range(1, PAPER_NUMBER_MAX)]
    lines: Annotated[
        tuple[Annotated[int, Range(1, PAPER_LINES_MAX)], ...], Items(0, PAPER_LINES_MAX)
    ] = ()  # none: all that stand


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPaper(Command):
    """A page of the sheets of a letter, by witness's key and number. `PaperView`."""

    campaign: Id32
    statement: Id32
    after_witness: OptionalId32 = b""
    after_number: Annotated[int, Range(0, PAPER_NUMBER_MAX)] = 0
    limit: Annotated[int, Range(1, PAPER_SHEETS_SHOWN_MAX)] = PAPER_SHEETS_SHOWN_MAX

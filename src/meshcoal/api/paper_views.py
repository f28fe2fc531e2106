"""What the daemon shows of signatures on paper.

Law: as in `api.views`, of which this is a part.
"""

from __future__ import annotations

from typing import Annotated

from meshcoal.api.attachment_views import AttachmentView
from meshcoal.api.fields import Short
from meshcoal.api.statement_views import EntryState
from meshcoal.limits import (
    ATTACHMENTS_MAX,
    NOTE_CHARS_MAX,
    PAPER_DOUBLES_SHOWN_MAX,
    PAPER_LINES_MAX,
    PAPER_NUMBER_MAX,
    PAPER_SHEETS_SHOWN_MAX,
)
from meshcoal.wire.record import Chars, Count, Id32, Items, OptionalId32, Range, Record
from meshcoal.wire.shape import dataclass
from meshcoal.wire.terms import Capacity


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperLineView(Record):
    """One line of a sheet, and where else its name stands."""

    line: Annotated[int, Range(1, PAPER_LINES_MAX)]
    capacity: Capacity
    name: Short
    title: Short
    affiliation: Short
    country: Short
    state: EntryState
    doubles: Annotated[tuple[Short, ...], Items(0, PAPER_DOUBLES_SHOWN_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetView(Record):
    """A sheet, as its witness wrote it last; lines that a release lists, as they stood then."""

    id: Id32
    key: Id32  # act key of the witness
    number: Annotated[int, Range(1, PAPER_NUMBER_MAX)]
    name: Short  # the witness, as this node names them
    mine: bool
    witness: Short  # as they wish to be named in public
    scan: Id32
    dated_ms: Count
    entered_ms: Count
    note: Annotated[str, Chars(0, NOTE_CHARS_MAX)]
    attachments: Annotated[tuple[AttachmentView, ...], Items(0, ATTACHMENTS_MAX)]
    same_scan: bool  # another sheet names the same one
    lines: Annotated[tuple[PaperLineView, ...], Items(0, 2 * PAPER_LINES_MAX)]
    may_strike: bool  # I may take lines of it back


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperView(Record):
    campaign: Id32
    statement: Id32
    digest: OptionalId32  # of the frozen text; empty while a draft
    permitted: bool  # the letter takes signatures on paper
    may_enter: bool  # and I may enter some now
    on_paper: Count  # lines that count
    witnesses: Count  # who entered these
    sheets: Annotated[tuple[SheetView, ...], Items(0, PAPER_SHEETS_SHOWN_MAX)]
    more: bool

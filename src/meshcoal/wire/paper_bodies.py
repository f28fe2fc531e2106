"""What is sealed inside the operations about signatures on paper.

Law: as in `wire.bodies`, which is where others take these from. What the public gets is signed; the note and
the files stay in the campaign.
"""

from __future__ import annotations

from typing import Annotated

from meshcoal.limits import NOTE_CHARS_MAX, PAPER_LINES_MAX
from meshcoal.wire.body import Attachments, Body, OptionalName
from meshcoal.wire.paper import LineNumber, PaperLines, SheetNumber
from meshcoal.wire.record import Chars, Id32, Items, Size, TimeMs
from meshcoal.wire.shape import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperBody(Body):
    """An act: a sheet of signatures on paper, as its witness saw it. The last of a number stands.

    `act_signature`, by the act key over the sheet's text, stands by itself; note and files stay inside.
    """

    statement: Id32
    digest: Id32
    number: SheetNumber  # of the author's sheets for this text
    witness: OptionalName  # how the author wishes to be named beside the sheet in public; empty: not
    scan: Id32  # SHA-256 of the file with the scan
    dated_ms: TimeMs  # the day on the sheet: 0:00 UTC of it
    lines: PaperLines  # ascending
    act_signature: Annotated[bytes, Size(64)]
    note: Annotated[str, Chars(0, NOTE_CHARS_MAX)] = ""
    attachments: Attachments = ()  # the scan


@dataclass(frozen=True, slots=True, kw_only=True)
class StrikeBody(Body):
    """An act: takes lines of a sheet back, in each writing of it. The witness's, or an organiser's."""

    statement: Id32
    digest: Id32
    witness: Id32  # act key of the witness
    number: SheetNumber
    lines: Annotated[tuple[LineNumber, ...], Items(1, PAPER_LINES_MAX)]  # ascending
    act_signature: Annotated[bytes, Size(64)]

"""Lines of signature sheets as a table that a witness typed, in a spreadsheet or at the prompt.

Law: nothing that was typed is lost or passed over: a table is taken whole, or every mistake in it is told by
its line, and the table stays as it is. What fits on a sheet in the end is for the node to say.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from meshcoal.api.commands import Capacity, GivenLine
from meshcoal.errors import BadArgument, MalformedPackage
from meshcoal.limits import NAME_CHARS_MAX, PAPER_LINES_MAX, PAPER_NUMBER_MAX
from meshcoal.wire.paper import read_day
from meshcoal.wire.plain import normalise_line

COLUMNS: Final = ("line", "name", "title", "organisation", "country", "as", "sheet", "dated")
_ALSO: Final = {"affiliation": "organisation", "organization": "organisation", "capacity": "as", "no": "line"}
_CAPACITIES: Final = {
    "": None,  # follows from whether an organisation stands beside the name
    "individual": Capacity.INDIVIDUAL,
    "organisation": Capacity.ORGANISATION,
    "organization": Capacity.ORGANISATION,
    "affiliated": Capacity.AFFILIATED,
    Capacity.AFFILIATED.value: Capacity.AFFILIATED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedSheet:
    """One sheet of a table."""

    number: int  # 0: not said
    dated_ms: int  # -1: not said
    lines: tuple[GivenLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """What is wrong in one line of a table."""

    line: int  # of the file, from 1
    sentence: str


def read_table(text: str) -> tuple[tuple[TypedSheet, ...], tuple[Mistake, ...]]:
    """Sheets of a table, in the order in which they begin, and all that is wrong with it.

    Args:
        text: CSV with headings, divided by commas, semicolons or tabs. `name` is needed; lines without a
            number follow the one before, and without a sheet belong to one sheet.
    """
    first = text.lstrip("\ufeff").split("\n", 1)[0]
    divider = max((",", ";", "\t"), key=first.count)
    reader = csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=divider, strict=True)
    mistakes: list[Mistake] = []
    sheets: dict[int, list[GivenLine]] = {}
    days: dict[int, int] = {}
    try:
        headings = _headings(next(reader, []))
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            at = reader.line_num
            if len(cells) > len(headings):
                mistakes.append(Mistake(line=at, sentence="There are more cells than headings."))
                continue
            row = {heading: normalise_line(cell) for heading, cell in zip(headings, cells, strict=False)}
            try:
                sheet = _number(row.get("sheet", ""), PAPER_NUMBER_MAX, "The sheet")
                lines = sheets.setdefault(sheet, [])
                _note_day(days, sheet, row.get("dated", ""))
                lines.append(given_line(row, before=lines[-1].line if lines else 0))
                if lines[-1].line in [one.line for one in lines[:-1]]:
                    mistakes.append(Mistake(line=at, sentence=f"Line {lines.pop().line} stands twice."))
            except BadArgument as error:
                mistakes.append(Mistake(line=at, sentence=str(error)))
    except csv.Error as error:
        mistakes.append(Mistake(line=reader.line_num, sentence=f"This is no CSV: {error}."))
    except BadArgument as error:
        mistakes.append(Mistake(line=1, sentence=str(error)))
    found = [
        TypedSheet(number=number, dated_ms=days.get(number, -1), lines=tuple(lines))
        for number, lines in sheets.items()
        if lines
    ]
    if not (found or mistakes):
        mistakes.append(Mistake(line=1, sentence="There are no names."))
    return tuple(found), tuple(mistakes)


def given_line(row: dict[str, str], *, before: int) -> GivenLine:
    """One line from its cells.

    Args:
        before: number of the line above it: what has no number of its own follows it.

    Raises:
        BadArgument: something does not fit.
    """
    number = _number(row.get("line", ""), PAPER_LINES_MAX, "The line") or before + 1
    if number > PAPER_LINES_MAX:
        raise BadArgument(
            f"A sheet has at most {PAPER_LINES_MAX} lines: say in a column `sheet` where the next one begins."
        )
    if not row.get("name"):
        raise BadArgument("The name is empty.")
    for what in ("name", "title", "organisation", "country"):
        if len(row.get(what, "")) > NAME_CHARS_MAX:
            raise BadArgument(f"The {what} has more than {NAME_CHARS_MAX} characters.")
    spelled = row.get("as", "").lower()
    if spelled not in _CAPACITIES:
        raise BadArgument("Somebody signs as `individual`, `organisation` or `affiliated`.")
    organisation = row.get("organisation", "")
    capacity = _CAPACITIES[spelled] or (Capacity.AFFILIATED if organisation else Capacity.INDIVIDUAL)
    if (capacity is Capacity.AFFILIATED) != bool(organisation):
        raise BadArgument(
            "An organisation beside the name goes with `affiliated`: a person whose affiliation does not "
            "endorse. An organisation that signs stands in the place of the name."
        )
    return GivenLine(
        line=number,
        capacity=capacity,
        name=row["name"],
        title=row.get("title", ""),
        affiliation=organisation,
        country=row.get("country", ""),
    )


def spell_table(lines: Iterable[GivenLine]) -> str:
    """Lines as a table that `read_table` takes."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS[:6])
    for one in lines:
        word = "affiliated" if one.capacity is Capacity.AFFILIATED else one.capacity.value
        writer.writerow([str(one.line), one.name, one.title, one.affiliation, one.country, word])
    return out.getvalue()


def parse_day(text: str) -> int:
    """`2026-11-18` as its 0:00 UTC. Raises `BadArgument`."""
    try:
        return read_day(text.strip())
    except MalformedPackage:
        raise BadArgument("A day is written like 2026-11-18.") from None


def _headings(cells: list[str]) -> list[str]:
    found = [_ALSO.get(cell.strip().lower().rstrip("."), cell.strip().lower()) for cell in cells]
    unknown = [one for one in found if one not in COLUMNS]
    if "name" not in found or unknown or len(set(found)) != len(found):
        raise BadArgument(
            f"The first line names the columns, each once: `name`, and of these as you need: "
            f"{', '.join([one for one in COLUMNS if one != 'name'])}."
        )
    return found


def _number(text: str, most: int, what: str) -> int:
    """0 where nothing is written."""
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) <= 6 and 1 <= int(text) <= most):
        raise BadArgument(f"{what} is a number from 1 to {most}.")
    return int(text)


def _note_day(days: dict[int, int], sheet: int, text: str) -> None:
    if not text:
        return
    day_ms = parse_day(text)
    if days.setdefault(sheet, day_ms) != day_ms:
        raise BadArgument("A sheet has one date: this line names another.")

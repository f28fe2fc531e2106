"""`meshcoal statement paper`: signatures on paper, entered by a member who saw them given.

Law: nobody attests by accident: what will be signed is shown and a word typed. A table is entered whole or
not at all, sheet by sheet, and entering the same again changes nothing. The scan's file is never published.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import click

from meshcoal.api.commands import EnterSheet, GivenLine, ListPaper, StrikeLines
from meshcoal.api.views import PaperLineView, PaperView, SheetView
from meshcoal.cli import files
from meshcoal.cli.attachment import hand_over_prepared
from meshcoal.cli.find import find_statement, find_statement_id
from meshcoal.cli.leaf import branch, yes_option
from meshcoal.cli.lookup import Thing, pick
from meshcoal.cli.output import plural, progress, say
from meshcoal.cli.paper_shown import (
    GONE,
    all_sheets,
    preview,
    print_sheet,
    tell_count,
    tell_doubles,
    tell_mistakes,
    tell_unentered,
)
from meshcoal.cli.session import Session
from meshcoal.client.paper_list import Mistake, TypedSheet, given_line, parse_day, read_table
from meshcoal.client.scanning import Scan, scan_of
from meshcoal.errors import BadArgument, MeshcoalError, Unknown, WrongPhase
from meshcoal.limits import MIB, PAPER_LINES_MAX, PAPER_NUMBER_MAX

_TABLE_BYTES_MAX: Final = 4 * MIB


@branch("paper")
def paper() -> None:
    """Signatures on paper: enter what you saw signed, list, correct, take back."""


def _sheet_options(command: Any) -> Any:
    for option in (
        click.option("--note", default="", help="For the campaign alone, never published."),
        click.option(
            "--keep-scan", is_flag=True, help="Give the scan to the campaign as a sealed file as well."
        ),
        click.option(
            "--witness", default="", help="How you wish to be named beside the sheet in public; else not."
        ),
        click.option(
            "--from",
            "source",
            type=click.Path(path_type=Path, allow_dash=True),
            help="Names from a CSV file, or `-`. Columns: name, and line, title, organisation, country, as, "
            "sheet, dated.",
        ),
        click.option("--dated", help="The day on the sheet, such as 2026-11-18."),
        click.option(
            "--scan", type=click.Path(path_type=Path, dir_okay=False), help="A scan or photograph of it."
        ),
    ):
        command = option(command)
    return command


@paper.command("add", example="meshcoal statement paper add evin free --scan sheet-1.jpg --dated 2031-11-18")
@click.argument("campaign")
@click.argument("statement")
@click.option("--number", type=click.IntRange(1, PAPER_NUMBER_MAX), help="Of the sheet; else the next.")
@_sheet_options
@yes_option
@click.pass_obj
def add(
    session: Session,
    campaign: str,
    statement: str,
    number: int | None,
    scan: Path | None,
    dated: str | None,
    source: Path | None,
    witness: str,
    keep_scan: bool,
    note: str,
    yes: bool,
) -> int:
    """Enter a sheet, or a table of several: I saw these people sign this text on paper.

    Without --from you are asked for one line after another; an empty name ends the sheet. Nothing is entered
    before you have seen it and typed yes. Exit code 1: the table has mistakes, told by its lines, and
    nothing was entered.
    """
    letter = find_statement(session, campaign, statement)
    if not letter.paper:
        raise WrongPhase(
            "This letter does not take signatures on paper. An organiser can freeze a next version that does "
            "(meshcoal statement revise --paper)."
        )
    if scan is None:
        raise BadArgument("Each sheet needs a scan or a photograph: --scan FILE.")
    read = _scan(scan, keep_scan)
    sheets, mistakes = _table(source) if source is not None else _typed(session)
    if mistakes:
        return tell_mistakes(session, mistakes)
    if number is not None:
        if len(sheets) > 1:
            raise BadArgument("The table has several sheets, with their numbers: leave out --number.")
        sheets = (TypedSheet(number=number, dated_ms=sheets[0].dated_ms, lines=sheets[0].lines),)
    known = {one.number: one for one in all_sheets(session, letter.campaign, letter.id) if one.mine}
    waiting = [(one, _day(one, dated)) for one in sheets]
    there = [one for one, day_ms in waiting if _is_there(one, day_ms, known)]
    new = [(one, day_ms) for one, day_ms in waiting if one not in there]
    if new:
        preview(session, letter, [one for one, _ in new], yes=yes)
        people = plural(sum(len(one.lines) for one, _ in new), "person", "people")
        session.confirm(f"I saw these {people} sign this text on paper. Type yes", yes=yes)
    views: list[PaperView] = []
    for place, (one, day_ms) in enumerate(new, start=1):
        try:
            command = EnterSheet(
                campaign=letter.campaign,
                statement=letter.id,
                digest=letter.digest,
                number=one.number,
                witness=witness,
                scan=read.digest,
                dated_ms=day_ms,
                lines=one.lines,
                note=note,
                attachments=_kept(session, letter.campaign, read, keep_scan),
            )
            views.append(session.ask(command, PaperView))
        except MeshcoalError:
            tell_unentered(session, [rest for rest, _ in new[place - 1 :]], of=len(new))
            raise
        if len(new) > 1 and session.on_terminal() and not session.as_json:
            progress("Sheets", place, len(new))
    shown = [sheet for view in views for sheet in view.sheets]

    def for_people() -> None:
        for one in there:
            say("Sheet {number} is there already, with the same names.", number=one.number)
        for sheet in shown:
            say(
                "Sheet {number}: {count} entered. Scan: {digest}",
                number=sheet.number,
                count=plural(len(sheet.lines), "name is", "names are"),
                digest=sheet.scan.hex(),
            )
        tell_doubles(shown)
        if views:
            tell_count(views[-1])

    answer = {"sheets": shown, "already": [one.number for one in there]}
    session.show(answer, for_people)
    return 0


@paper.command("list", example="meshcoal statement paper list evin free")
@click.argument("campaign")
@click.argument("statement")
@click.option("--doubles", is_flag=True, help="Only names that stand elsewhere on the letter too.")
@click.pass_obj
def list_(session: Session, campaign: str, statement: str, doubles: bool) -> None:
    """List the sheets of a letter, and where a name stands twice."""
    where, letter = find_statement_id(session, campaign, statement)
    first = session.ask(ListPaper(campaign=where, statement=letter), PaperView)
    sheets = all_sheets(session, where, letter, first=first)

    def for_people() -> None:
        if not first.permitted:
            say("This letter does not take signatures on paper.")
            return
        tell_count(first)
        for sheet in sheets:
            lines = [one for one in sheet.lines if one.doubles or not doubles]
            if lines:
                print_sheet(sheet, lines)

    session.show({"on_paper": first.on_paper, "witnesses": first.witnesses, "sheets": sheets}, for_people)


@paper.command("correct", example='meshcoal statement paper correct evin free 3 --line 4 --name "Ana Khalil"')
@click.argument("campaign")
@click.argument("statement")
@click.argument("sheet", type=click.IntRange(1, PAPER_NUMBER_MAX))
@click.option("--line", type=click.IntRange(1, PAPER_LINES_MAX), help="The line that changes, or is new.")
@click.option("--name", help="With --line; as are the next four.")
@click.option("--title")
@click.option("--organisation")
@click.option("--country")
@click.option("--as", "capacity", type=click.Choice(["individual", "organisation", "affiliated"]))
@_sheet_options
@yes_option
@click.pass_obj
def correct(
    session: Session,
    campaign: str,
    statement: str,
    sheet: int,
    line: int | None,
    name: str | None,
    title: str | None,
    organisation: str | None,
    country: str | None,
    capacity: str | None,
    scan: Path | None,
    dated: str | None,
    source: Path | None,
    witness: str,
    keep_scan: bool,
    note: str,
    yes: bool,
) -> int:
    """Enter a sheet of yours anew: one line of it, or all of it with --from.

    What is not said stays as it was. A line that was taken back stays off the letter.
    """
    letter = find_statement(session, campaign, statement)
    known = next(
        (one for one in all_sheets(session, letter.campaign, letter.id) if one.mine and one.number == sheet),
        None,
    )
    if known is None:
        raise Unknown(f"You have entered no sheet {sheet}.")
    if (line is None) == (source is None):
        raise BadArgument("Say what to correct: --line with its details, or --from for the whole sheet.")
    if source is not None:
        sheets, mistakes = _table(source)
        if mistakes:
            return tell_mistakes(session, mistakes)
        if len(sheets) != 1:
            raise BadArgument("The table has several sheets: correct one at a time.")
        lines = sheets[0].lines
    else:
        assert line is not None, "one of both"
        lines = _changed(known, line, name, title, organisation, country, capacity)
    read = _scan(scan, keep_scan) if scan is not None else None
    preview(session, letter, [TypedSheet(number=sheet, dated_ms=-1, lines=lines)], yes=yes)
    session.confirm("Enter it so, in place of what was there? Type yes", yes=yes)
    command = EnterSheet(
        campaign=letter.campaign,
        statement=letter.id,
        digest=letter.digest,
        number=sheet,
        witness=witness or known.witness,
        scan=read.digest if read is not None else known.scan,
        dated_ms=parse_day(dated) if dated is not None else known.dated_ms,
        lines=lines,
        corrects=True,
        note=note or known.note,
        attachments=_kept(session, letter.campaign, read, keep_scan) if read is not None else (),
    )
    view = session.ask(command, PaperView)

    def for_people() -> None:
        say("Sheet {number} is corrected.", number=sheet)
        tell_doubles(view.sheets)
        tell_count(view)

    session.show(view, for_people)
    return 0


@paper.command("withdraw", example="meshcoal statement paper withdraw evin free 3 4 7")
@click.argument("campaign")
@click.argument("statement")
@click.argument("sheet", type=click.IntRange(1, PAPER_NUMBER_MAX))
@click.argument("lines", nargs=-1, type=click.IntRange(1, PAPER_LINES_MAX))
@click.option("--of", "witness", help="Whose sheet it is, where it is not yours; for organisers.")
@yes_option
@click.pass_obj
def withdraw(
    session: Session,
    campaign: str,
    statement: str,
    sheet: int,
    lines: tuple[int, ...],
    witness: str | None,
    yes: bool,
) -> None:
    """Take lines of a sheet back, because somebody asked to be removed; without LINES all of it.

    Before the release they are off the letter, and their names in no file that goes out. After it, a signed
    notice says so beside the list. It is for good.
    """
    where, letter = find_statement_id(session, campaign, statement)
    known = all_sheets(session, where, letter)
    if witness is None:
        mine = [one for one in known if one.mine and one.number == sheet]
    else:
        names = {one.key: one.name for one in known}
        key = pick("witness", witness, [Thing(key, name) for key, name in names.items()])
        mine = [one for one in known if one.key == key and one.number == sheet]
    if not mine:
        raise Unknown("There is no such sheet.")
    wanted = [one for one in mine[0].lines if one.state not in GONE and (not lines or one.line in lines)]
    if not yes:
        for one in wanted:
            say("  {line}  {name}", line=one.line, name=one.name, err=True)
    session.confirm("Take these back, for good? Type yes", yes=yes)
    command = StrikeLines(campaign=where, statement=letter, witness=mine[0].key, number=sheet, lines=lines)
    view = session.ask(command, PaperView)

    def for_people() -> None:
        say("{count} taken back.", count=plural(len(wanted), "line is", "lines are"))
        tell_count(view)

    session.show(view, for_people)


# --- What was typed


def _table(source: Path) -> tuple[tuple[TypedSheet, ...], tuple[Mistake, ...]]:
    return read_table(files.read_text(source, bytes_max=_TABLE_BYTES_MAX))


def _typed(session: Session) -> tuple[tuple[TypedSheet, ...], tuple[Mistake, ...]]:
    """One line after another, asked on the terminal."""
    if not session.on_terminal():
        raise BadArgument("There is no terminal to ask on: give the names with --from.")
    say("Line by line. An empty name ends the sheet; `-` leaves a line out.", err=True)
    lines: list[GivenLine] = []
    number, country = 1, ""
    while number <= PAPER_LINES_MAX:
        name = _prompt(f"{number:2d}  Name")
        if not name:
            break
        if name != "-":
            row = {"line": str(number), "name": name, "title": _prompt("    Title")}
            row["organisation"] = _prompt("    Organisation (does not endorse)")
            row["country"] = country = _prompt("    Country", country)
            try:
                lines.append(given_line(row, before=0))
            except BadArgument as error:
                say("{error}", error=str(error), err=True)
                continue
        number += 1
    if not lines:
        raise BadArgument("No name was typed.")
    return (TypedSheet(number=0, dated_ms=-1, lines=tuple(lines)),), ()


def _prompt(question: str, default: str = "") -> str:
    return str(click.prompt(question, default=default, show_default=bool(default), err=True)).strip()


def _day(sheet: TypedSheet, dated: str | None) -> int:
    if sheet.dated_ms >= 0:
        return sheet.dated_ms
    if dated is None:
        raise BadArgument("Say which day stands on the sheet: --dated 2026-11-18.")
    return parse_day(dated)


def _scan(path: Path, keep: bool) -> Scan:
    read = scan_of(path)
    if keep and read.prepared is None:
        raise BadArgument("The scan is too large to be kept by the campaign: leave out --keep-scan.")
    return read


def _kept(session: Session, campaign: bytes, scan: Scan, keep: bool) -> tuple[bytes, ...]:
    if not keep or scan.prepared is None:
        return ()
    return hand_over_prepared(session, campaign, [scan.prepared])


def _is_there(sheet: TypedSheet, day_ms: int, known: dict[int, SheetView]) -> bool:
    """Whether exactly this was entered before: then there is nothing to do."""
    there = known.get(sheet.number)
    return there is not None and there.dated_ms == day_ms and sheet.lines == _given(there.lines)


def _given(lines: Iterable[PaperLineView]) -> tuple[GivenLine, ...]:
    return tuple(
        [
            GivenLine(
                line=one.line,
                capacity=one.capacity,
                name=one.name,
                title=one.title,
                affiliation=one.affiliation,
                country=one.country,
            )
            for one in lines
        ]
    )


def _changed(
    sheet: SheetView,
    line: int,
    name: str | None,
    title: str | None,
    organisation: str | None,
    country: str | None,
    capacity: str | None,
) -> tuple[GivenLine, ...]:
    lines = {one.line: one for one in _given(sheet.lines)}
    before = lines.get(line)
    row = {
        "line": str(line),
        "name": name if name is not None else before.name if before else "",
        "title": title if title is not None else before.title if before else "",
        "organisation": organisation if organisation is not None else before.affiliation if before else "",
        "country": country if country is not None else before.country if before else "",
        "as": capacity or "",
    }
    if capacity is None and before is not None and before.capacity.value == "organisation":
        row["as"] = "organisation"
    lines[line] = given_line(row, before=0)
    return tuple([lines[number] for number in sorted(lines)])

"""Sheets of signatures on paper, as the command line shows them.

Law: what is about to be signed is shown whole; what stands twice is told and never merged.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from meshcoal.api.commands import ListPaper
from meshcoal.api.views import EntryState, PaperLineView, PaperView, SheetView, StatementView
from meshcoal.cli.attachment import describe
from meshcoal.cli.options import CAPACITY_IN_WORDS
from meshcoal.cli.output import block, plural, say, table
from meshcoal.cli.session import Session
from meshcoal.client.paper_list import Mistake, TypedSheet, spell_table
from meshcoal.wire.paper import spell_day

GONE: Final = (EntryState.WITHDRAWN, EntryState.WITHDRAWN_AFTER_RELEASE)
_STATES: Final = {
    EntryState.COUNTED: "counted",
    EntryState.LATE: "late: does not count",
    EntryState.WITHDRAWN: "taken back",
    EntryState.AFTER_RELEASE: "came after the release",
    EntryState.WITHDRAWN_AFTER_RELEASE: "taken back since the release",
}


def all_sheets(
    session: Session, campaign: bytes, statement: bytes, *, first: PaperView | None = None
) -> list[SheetView]:
    """Page after page; `first`: the one that is here already."""
    page = first or session.ask(ListPaper(campaign=campaign, statement=statement), PaperView)
    found = list(page.sheets)
    known: set[tuple[bytes, int]] = set()
    while page.more and page.sheets:
        last = page.sheets[-1]
        if (last.key, last.number) in known:
            break  # a daemon that gives one page again would be asked for ever
        known.add((last.key, last.number))
        command = ListPaper(
            campaign=campaign, statement=statement, after_witness=last.key, after_number=last.number
        )
        page = session.ask(command, PaperView)
        found += page.sheets
    return found


def preview(session: Session, letter: StatementView, sheets: Iterable[TypedSheet], *, yes: bool) -> None:
    if yes or session.as_json:
        return
    say("{title}, digest {digest}", title=letter.title, digest=letter.digest.hex(), err=True)
    for sheet in sheets:
        say("Sheet {number}:", number=sheet.number or "(the next)", err=True)
        table(
            ("LINE", "NAME", "TITLE", "ORGANISATION", "COUNTRY", "AS"),
            [
                (one.line, one.name, one.title, one.affiliation, one.country, CAPACITY_IN_WORDS[one.capacity])
                for one in sheet.lines
            ],
            err=True,
        )


def print_sheet(sheet: SheetView, lines: list[PaperLineView]) -> None:
    say("")
    say(
        "Sheet {number}, entered by {name}{witness}, dated {day}",
        number=sheet.number,
        name="you" if sheet.mine else sheet.name,
        witness=f", in public {sheet.witness}" if sheet.witness else "",
        day=spell_day(sheet.dated_ms),
    )
    say("  Scan: {digest}", digest=sheet.scan.hex())
    if sheet.same_scan:
        say("  Another sheet names the same scan: a file with several sheets, or a sheet entered twice.")
    for file in sheet.attachments:
        say("  {file}", file=describe(file))
    if sheet.note:
        block(sheet.note)
    table(
        ("LINE", "NAME", "TITLE", "ORGANISATION", "COUNTRY", "STATE", "ALSO AT"),
        [
            (
                one.line,
                one.name,
                one.title,
                one.affiliation,
                one.country,
                _STATES.get(one.state, one.state.value),
                "; ".join(one.doubles),
            )
            for one in lines
        ],
    )


def tell_count(view: PaperView) -> None:
    say(
        "On paper: {count}, entered by {witnesses}.",
        count=view.on_paper,
        witnesses=plural(view.witnesses, "witness", "witnesses"),
    )


def tell_doubles(sheets: Iterable[SheetView]) -> None:
    for sheet in sheets:
        for one in sheet.lines:
            if one.doubles and one.state not in GONE:
                say(
                    "Perhaps twice: {name}, sheet {number}, line {line}; also {places}. Nothing was merged.",
                    name=one.name,
                    number=sheet.number,
                    line=one.line,
                    places="; ".join(one.doubles),
                )


def tell_mistakes(session: Session, mistakes: tuple[Mistake, ...]) -> int:
    def for_people() -> None:
        say(
            "Nothing was entered: {count} to be mended in the table.",
            count=plural(len(mistakes), "line is", "lines are"),
        )
        for one in mistakes:
            say("    line {line}: {sentence}", line=one.line, sentence=one.sentence)

    session.show({"mistakes": mistakes}, for_people)
    return 1


def tell_unentered(session: Session, sheets: list[TypedSheet], *, of: int) -> None:
    """What was typed and not entered is shown, so that it is not lost."""
    if session.as_json:
        return
    say("Not entered: {count} of {of}. As a table, for --from:", count=len(sheets), of=of, err=True)
    for sheet in sheets:
        block(spell_table(sheet.lines), err=True)

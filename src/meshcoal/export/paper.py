"""Signatures on paper, as the exports of a released letter show them.

Law: as in `export.letter`: read out of the package's bytes, in an order that no locale changes. They stand
apart from signatures under keys, and say that witnesses entered them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from meshcoal.export.letter import Letter
from meshcoal.export.naming import signatory_line
from meshcoal.export.speech import Speech
from meshcoal.wire.naming import SignOnFields
from meshcoal.wire.paper import PaperLine, Sheet, shown_fields


@dataclass(frozen=True, slots=True, kw_only=True)
class OnPaper:
    """One line of a sheet."""

    sheet: Sheet
    line: PaperLine
    withdrawn: bool

    @property
    def fields(self) -> SignOnFields:
        """Its line, as those of other signatories."""
        return shown_fields(self.line, self.sheet.head.dated_ms)


def lines_on_paper(letter: Letter) -> tuple[OnPaper, ...]:
    """All of them, by name."""
    taken = {
        (one.witness, one.number, line) for one in letter.package.paper_withdrawals for line in one.lines
    }
    found = [
        OnPaper(sheet=sheet, line=line, withdrawn=(*sheet.place, line.line) in taken)
        for sheet in letter.package.paper
        for line in sheet.lines
    ]
    return tuple(sorted(found, key=lambda one: (one.line.name, one.sheet.place, one.line.line)))


def witnesses(letter: Letter) -> int:
    """Who entered them."""
    return len({sheet.head.act_key for sheet in letter.package.paper if sheet.lines})


def on_paper_in_words(letter: Letter, words: dict[str, Any]) -> str:
    """How many and by how many witnesses, as a sentence; empty where there are none."""
    count = len(lines_on_paper(letter))
    if not count:
        return ""
    sentence: str = words["on_paper"]
    return sentence.replace("{count}", str(count)).replace("{witnesses}", str(witnesses(letter)))


def paper_group(
    letter: Letter, speech: Speech, language: str, words: dict[str, Any]
) -> list[tuple[str, list[str]]]:
    """Heading and lines, as of the other groups of signatories; nothing where there are none."""
    told = [
        signatory_line(speech, one.fields, language) + (f" ({words['withdrew']})" if one.withdrawn else "")
        for one in lines_on_paper(letter)
    ]
    return [(f"{words['paper']} ({speech.spell_number(len(told))})", told)] if told else []

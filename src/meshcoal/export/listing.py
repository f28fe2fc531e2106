"""The list of signatories as a table that spreadsheets open.

Law: CSV (RFC 4180) in UTF-8 with a byte order mark, without which some spreadsheets take it for something
else. A cell that a spreadsheet would run as a formula begins with an apostrophe.
"""

from __future__ import annotations

import csv
import io
from typing import Final

from meshcoal.export.letter import Letter
from meshcoal.export.paper import OnPaper, lines_on_paper
from meshcoal.wire.naming import TO_ADDRESSEE
from meshcoal.wire.paper import spell_day
from meshcoal.wire.plain import spell_time
from meshcoal.wire.terms import NameMode

LIST_SUFFIX: Final = ".signatories.csv"
HEADINGS: Final = (
    "number", "name", "title", "affiliation", "country", "capacity", "languages_read", "signed",
    "withdrew_after_release", "key", "mode", "members", "names", "logo", "addendum", "on_paper", "witness",
    "sheet", "line", "scan",
)  # fmt: skip
_RUNS: Final = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # full-width ones too


def signatories_csv(letter: Letter) -> bytes:
    """The file: a heading, a line for each signatory, by name, those on paper, and one for all not named."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(HEADINGS)
    for number, sign_on in enumerate(letter.sign_ons, start=1):
        fields = sign_on.fields
        row = (
            str(number),
            fields.name or TO_ADDRESSEE,
            fields.title,
            fields.affiliation,
            fields.country,
            fields.capacity.value,
            " ".join(fields.languages_read),
            spell_time(fields.signed_ms),
            "yes" if sign_on.act_key in letter.withdrawn else "no",
            sign_on.act_key.hex(),
            fields.mode.value,
            str(fields.members) if fields.members else "",
            "; ".join([f"{one.language}: {one.name}" for one in fields.names]),
            fields.logo.hex(),
            str(letter.addendum_of.get(sign_on.act_key, "")),
            *("no", "", "", "", ""),
        )
        writer.writerow([_cell(value) for value in row])
    for number, one in enumerate(lines_on_paper(letter), start=len(letter.sign_ons) + 1):
        writer.writerow([_cell(value) for value in _paper_row(number, one)])
    if letter.unnamed:
        whole = dict.fromkeys(HEADINGS, "") | {"mode": NameMode.COUNTED.value, "members": str(letter.unnamed)}
        whole["name"] = "members of the coalition who cannot be named"
        writer.writerow([_cell(whole[heading]) for heading in HEADINGS])
    return out.getvalue().encode("utf-8-sig")


def _paper_row(number: int, one: OnPaper) -> tuple[str, ...]:
    """The key is the witness's; the day is the one on the sheet."""
    line, head = one.line, one.sheet.head
    return (
        str(number),
        line.name,
        line.title,
        line.affiliation,
        line.country,
        line.capacity.value,
        "",
        spell_day(head.dated_ms),
        "yes" if one.withdrawn else "no",
        head.act_key.hex(),
        *("", "", "", "", ""),
        "yes",
        head.witness,
        str(head.number),
        str(line.line),
        head.scan.hex(),
    )


def _cell(value: str) -> str:
    return f"'{value}" if value.lstrip(" \u00a0").startswith(_RUNS) else value

"""The signature sheet: a letter on paper, with its digest and lines for names.

Law: a function of the canonical text alone, so that what people sign by hand is what others sign with keys.
Nothing of it runs or is fetched. What is written on the paper counts when a witness enters it
(docs/protocol/paper.md), and proves nothing by itself. It is in the first of the letter's languages that
meshcoal has words in.
"""

from __future__ import annotations

import io
from typing import Final

import segno

from meshcoal.export.embedding import add_origin
from meshcoal.export.markup import Page, add, data_file
from meshcoal.export.speech import Speech
from meshcoal.export.words import choose_language
from meshcoal.wire.public_text import StatementText, digest_of, parse_canonical_text

SHEET_SUFFIX: Final = ".sheet.html"
LINES: Final = 14
_QUIET_CELLS: Final = 4  # ISO/IEC 18004 section 5.3.8: white around the symbol
_COLUMNS: Final = 5


def signature_sheet(canonical: bytes, *, number: int = 0) -> bytes:
    """The file, for an open or a released letter.

    Args:
        canonical: the canonical text, as it was frozen.
        number: printed on it, so that paper and what is entered of it can be told together; 0: a blank.

    Raises:
        MalformedPackage, OverLimit: it is not a canonical text.
    """
    text = parse_canonical_text(canonical)
    digest = digest_of(canonical).hex()
    page = Page("sheet.html")
    page.allow(script="", style=data_file("style.css") + data_file("sheet.css"))
    page["head-title"].text = text.texts[0].title
    speech = Speech(choose_language([part.language for part in text.texts]), "sheet")
    speech.label(page, beside=False)
    _fill_texts(page, text, speech)
    page["digest"].text = digest
    speech.say(page["sign"], "sheet.sign", beside=False, at=text.deadline_ms)
    page["sheet-number"].text = speech.spell_number(number) if number else ""
    page["witness-code"].text = digest[:8]
    _draw(page, digest)
    for number in range(1, LINES + 1):
        row = add(page["lines"], "tr")
        add(row, "td", speech.spell_number(number))
        for _ in range(_COLUMNS):
            add(row, "td")
    return page.spelled()


def _fill_texts(page: Page, text: StatementText, speech: Speech) -> None:
    for addressee in text.addressees:
        add(add(page["addressees"], "li"), "bdi", addressee)
    for part in text.texts:
        section = add(page["texts"], "section", lang=part.language, dir=part.direction.value)
        add(section, "h2", part.title)
        add_origin(section, part, speech)
        for paragraph in part.paragraphs:
            add(section, "p", paragraph)


def _draw(page: Page, digest: str) -> None:
    """The digest as a QR code: one path, a square for each dark module."""
    symbol = segno.make(digest, error="m", micro=False, boost_error=False)
    rows = [list(row) for row in symbol.matrix_iter(border=_QUIET_CELLS)]
    path = io.StringIO()
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            if dark:
                path.write(f"M{x} {y}h1v1h-1z")
    page["qr"].set("viewBox", f"0 0 {len(rows[0])} {len(rows)}")
    add(page["qr"], "path", d=path.getvalue())

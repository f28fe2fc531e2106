"""The list for spreadsheets, and the sheet for signatures by hand."""

from __future__ import annotations

import csv
import io
import re
import sys
from pathlib import Path
from typing import Final

import pytest
import segno

from meshcoal.errors import MalformedPackage
from meshcoal.export.letter import read_letter
from meshcoal.export.listing import HEADINGS, signatories_csv
from meshcoal.export.sheet import LINES, signature_sheet
from meshcoal.wire.package import encode_package
from meshcoal.wire.public_text import canonical_text
from meshcoal.wire.terms import Capacity

sys.path.insert(0, str(Path(__file__).parent))

from damage import cases, fields, package, sound, statement

CANONICAL: Final = canonical_text(statement())


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_the_list_holds_every_signatory() -> None:
    """Goal: nothing lost, every script kept. Method: read it back and compare with the package."""
    data = signatories_csv(read_letter(encode_package(sound())))
    assert data.startswith(b"\xef\xbb\xbf")
    found = rows(data)
    assert tuple(found[0]) == HEADINGS
    by_key = {one.act_key.hex(): one.fields for one in sound().sign_ons}
    assert {row["key"] for row in found} == set(by_key)
    for row in found:
        of = by_key[row["key"]]
        assert (row["name"], row["title"], row["affiliation"], row["country"]) == (
            of.name, of.title, of.affiliation, of.country
        )  # fmt: skip
        assert row["capacity"] == of.capacity.value
        assert row["languages_read"].split() == list(of.languages_read)
        assert row["withdrew_after_release"] == "no"
    withdrawn = dict(cases())["a withdrawal after the release"]
    assert [
        row["name"]
        for row in rows(signatories_csv(read_letter(withdrawn)))
        if row["withdrew_after_release"] == "yes"
    ] == ["بن جهانی"]


@pytest.mark.parametrize("name", ['=HYPERLINK("x")', "+1", "-1", "@SUM(A1)", "\uff1dA1", "\u00a0=A1"])
def test_no_name_is_a_formula(name: str) -> None:
    """Goal: opening the list runs nothing. Method: names that begin as formulas do; quotes and commas."""
    entries = (fields(name), fields('A "quoted", name', capacity=Capacity.INDIVIDUAL))
    found = rows(signatories_csv(read_letter(encode_package(package(CANONICAL.decode(), entries)))))
    assert {row["name"] for row in found} == {f"'{name}", 'A "quoted", name'}


def test_the_sheet_holds_text_digest_and_lines() -> None:
    """Goal: what is signed by hand is what others sign. Method: read the sheet; draw the QR code again."""
    sheet = signature_sheet(CANONICAL).decode()
    digest = sound().digest.hex()
    assert f'<code id="digest" dir="ltr">{digest}</code>' in sheet
    for text in statement().texts:
        assert f'<section lang="{text.language}" dir="{text.direction.value}"><h2>{text.title}</h2>' in sheet
    assert sheet.count("<tr>") == LINES + 1
    assert "<script" not in sheet
    assert "script-src" not in sheet
    symbol = segno.make(digest, error="m", micro=False, boost_error=False)
    dark = {(x, y) for y, row in enumerate(symbol.matrix_iter(border=4)) for x, one in enumerate(row) if one}
    drawn = {(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", sheet)}
    assert drawn == dark
    assert "<svg " in sheet  # in no namespace of its own: a browser would not draw it


def test_a_sheet_is_made_of_a_canonical_text_alone() -> None:
    """Goal: no sheet of another text. Method: the same bytes twice; a text that is none."""
    assert signature_sheet(CANONICAL) == signature_sheet(CANONICAL)
    with pytest.raises(MalformedPackage):
        signature_sheet(CANONICAL.replace(b"Now.", b"Not now."))

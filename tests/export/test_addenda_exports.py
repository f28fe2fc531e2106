"""Files of a letter with addenda: each says who signed since, and overwrites no older one."""

from __future__ import annotations

import csv
import dataclasses
import io
import sys
from pathlib import Path

from meshcoal.export.files import exports
from meshcoal.export.letter import read_letter
from meshcoal.export.listing import signatories_csv
from meshcoal.export.outgoing import addressee_letters, press_texts
from meshcoal.export.page import is_ours, letter_page
from meshcoal.export.pdf import letter_pdf
from meshcoal.export.reading import examine
from meshcoal.wire.package import encode_package

sys.path.insert(0, str(Path(__file__).parent))

from addenda_damage import added, chain

PACKAGE = encode_package(added())
LETTER = read_letter(PACKAGE)


def test_the_table_has_a_column_with_the_number() -> None:
    """Goal: who sorts the list can tell. Method: read the table of three at the release and two since."""
    rows = list(csv.DictReader(io.StringIO(signatories_csv(LETTER).decode("utf-8-sig"))))
    assert {row["name"]: row["addendum"] for row in rows} == {
        "The ana Centre": "",
        "بن جهانی": "",
        "Chi Nwosu": "",
        "The dov Centre": "1",
        "The mallory Centre": "2",
    }
    assert [row["withdrew_after_release"] for row in rows].count("yes") == 1


def test_texts_for_the_press_and_letters_say_since_when() -> None:
    """Goal: "47 at the release, 12 since". Method: the English and the Persian text, and a letter."""
    press = {name.split(".")[-2]: data.decode() for name, data in press_texts(LETTER)}
    assert "3 at the release, 2 since, in 2 addenda." in press["en"]
    assert "The dov Centre, Bahrain (addendum 1)" in press["en"]
    assert "هنگام انتشار" in press["fa"]
    assert "الحاقیه 2" in press["fa"] or "الحاقیه ۲" in press["fa"]
    ((_, data),) = addressee_letters(LETTER)
    assert "in 2 addenda" in data.decode()


def test_no_file_has_the_name_of_an_older_one() -> None:
    """Goal: the second run is as good as the first. Method: names of all files with 0, 2 and 9 addenda."""
    letters = [encode_package_without(), PACKAGE, chain(9)]
    names = [{name for name, _ in exports(one, outgoing=True)} for one in letters]
    assert all(len(one) == len(names[0]) for one in names)
    assert not names[0] & names[1]
    assert not names[1] & names[2]
    assert all("-addendum-2." in name for name in names[1])


def encode_package_without() -> bytes:
    return encode_package(dataclasses.replace(added(), addenda=()))


def test_the_page_and_the_pdf_are_those_of_this_package() -> None:
    """Goal: both hold the addenda and are judged by them. Method: make, examine, make again."""
    page = letter_page(LETTER)
    assert is_ours(page, PACKAGE)
    assert "addendum 1" in page.decode()
    report = examine(page)
    assert report.sound
    assert report.counts.addenda == 2
    pdf = letter_pdf(LETTER)
    assert pdf == letter_pdf(LETTER)
    told = examine(pdf)
    assert told.sound
    assert [one.severity.value for one in told.findings if one.code == "pdf"] == ["ok"]

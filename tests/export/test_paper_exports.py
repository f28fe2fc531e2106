"""Signatures on paper in every file of a release: told apart, told by whom, and told as withdrawn."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "statement"))

from lettering import Desk
from paperdamage import sound_paper

from meshcoal.export.files import exports
from meshcoal.export.letter import read_letter
from meshcoal.export.listing import signatories_csv
from meshcoal.export.outgoing import addressee_letters, press_texts
from meshcoal.export.page import is_ours, letter_page
from meshcoal.export.paper import lines_on_paper, witnesses
from meshcoal.statement.publication import build
from meshcoal.wire.package import encode_package


def released() -> bytes:
    """A letter signed by one key and by three people on paper, of whom one was taken back since."""
    desk = Desk()
    draft = desk.draft()
    desk.freeze(draft, paper=True)
    desk.sign(draft, "ben")
    desk.paper(draft, "chi", "Ana One", "=Ben Two", "Chi Three")
    desk.release(draft)
    desk.strike(draft, "chi", 1, 3)
    return build(desk.view(draft.id))


def test_the_list_of_signatories_says_who_is_on_paper() -> None:
    """Goal: a spreadsheet tells them apart. Method: read the file back."""
    rows = list(csv.DictReader(io.StringIO(signatories_csv(read_letter(released())).decode("utf-8-sig"))))
    assert [(row["name"], row["on_paper"], row["line"]) for row in rows] == [
        ("The ben Centre", "no", ""),
        ("'=Ben Two", "yes", "2"),
        ("Ana One", "yes", "1"),
        ("Chi Three", "yes", "3"),
    ]
    assert {row["sheet"] for row in rows if row["on_paper"] == "yes"} == {"1"}
    assert {len(row["scan"]) for row in rows if row["on_paper"] == "yes"} == {64}
    assert [row["withdrew_after_release"] for row in rows] == ["no", "no", "no", "yes"]


def test_page_press_text_and_letter_name_them_under_a_heading_of_their_own() -> None:
    """Goal: nobody takes paper for keys. Method: look for count, heading and names in each file."""
    letter = read_letter(released())
    assert (len(lines_on_paper(letter)), witnesses(letter)) == (3, 1)
    (_, press), *_ = press_texts(letter)
    text = press.decode()
    assert "On paper: 3. Witnesses who entered them: 1." in text
    assert "On paper, entered by witnesses (3)" in text
    assert "Chi Three, Bahrain (withdrew after the release)" in text
    page = letter_page(letter)
    assert is_ours(page, letter.data)
    assert b"on paper: 3, entered by witnesses: 1" in page
    assert b"Whether the paper exists" in page
    ((_, outgoing),) = addressee_letters(letter)
    assert b"On paper, entered by witnesses (3)" in outgoing


def test_a_letter_without_paper_says_nothing_of_it() -> None:
    """Goal: no empty headings. Method: a letter signed by keys alone."""
    desk = Desk()
    draft = desk.draft()
    desk.freeze(draft)
    desk.sign(draft, "ben")
    desk.release(draft)
    letter = read_letter(build(desk.view(draft.id)))
    assert b"Whether the paper exists" not in letter_page(letter).split(b"<script")[0]
    assert "n paper" not in press_texts(letter)[0][1].decode()


def test_all_files_of_a_letter_in_nine_scripts_are_made_again_to_the_byte() -> None:
    """Goal: equal packages, equal files. Method: make them twice."""
    data = encode_package(sound_paper())
    assert exports(data, outgoing=True) == exports(data, outgoing=True)


def test_the_pdf_has_them() -> None:
    """Goal: the printed letter tells of paper too. Method: verify the PDF, and compare with one without."""
    from meshcoal.export.pdf import letter_pdf
    from meshcoal.export.reading import examine

    made = letter_pdf(read_letter(released()))
    report = examine(made)
    assert report.sound, report.problems
    assert report.counts.on_paper == 3
    assert {one.code for one in report.findings if one.code == "pdf" and one.severity.value == "ok"} == {
        "pdf"
    }

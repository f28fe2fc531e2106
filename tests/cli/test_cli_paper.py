"""Signatures on paper on the command line, with a real daemon: from the printed sheet to `verify --scan`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from test_cli_e2e import Person

pytestmark = pytest.mark.e2e

TABLE = """sheet,line,name,title,organisation,country,as
1,1,Ana One,Teacher,,Bahrain,
1,2,Ben Two,,Forum,,affiliated
2,1,Chi Three,,,,
2,4,Ana One,,,,
"""


@pytest.fixture
def ana(tmp_path: Path) -> Iterator[Person]:
    person = Person(tmp_path, "ana")
    person.begins()
    yield person
    person.types("daemon", "stop")


def test_from_the_sheet_to_the_scan(ana: Person) -> None:
    """Goal: print, collect, enter, correct, take back, release, compare. Method: each command in turn."""
    today = "2026-01-02"
    ana.types(
        "campaign", "found", "Evin five", "--goal", "A letter", "--seat", "exile", "--channel", "general"
    )
    (ana.folder / "letter.txt").write_text("Release them.\n", encoding="utf-8")
    ana.types("statement", "draft", "evin", "letter.txt", "--language", "en", "--title", "Free the five")
    letter = ("evin", "free")
    freeze = ("statement", "freeze", *letter, "--to", "The judiciary", "--deadline", "3d", "--yes")
    ana.types(*freeze)
    (ana.folder / "scan.jpg.pdf").write_bytes(b"%PDF the scan of two sheets")
    scan = ("--scan", "scan.jpg.pdf", "--dated", today)
    (ana.folder / "names.csv").write_text(TABLE, encoding="utf-8")
    add = ("statement", "paper", "add", *letter, *scan, "--from", "names.csv", "--yes")
    assert ana.types(*add, code=1).endswith("(wrong-phase)\n")
    ana.types("statement", "revise", *letter, "--paper", "--yes")
    ana.types("statement", "sheet", *letter, "sheet.html", "--number", "7")
    assert "Sheet no." in (ana.folder / "sheet.html").read_text(encoding="utf-8")

    (ana.folder / "bad.csv").write_text(TABLE + "2,4,Twice,,,,\n3,1,,,,,\n", encoding="utf-8")
    mistakes = ana.types(*add[:-2], "bad.csv", "--yes", "--json", code=1)
    assert mistakes == ""  # on standard error nothing; the answer is JSON
    assert ana.asks("statement", "paper", "list", *letter)["sheets"] == []

    entered: Any = ana.asks(*add, "--witness", "The Centre", "--keep-scan", "--note", "At the gate")
    assert [sheet["number"] for sheet in entered["sheets"]] == [1, 2]
    again = ana.asks(*add)
    assert (again["sheets"], again["already"]) == ([], [1, 2])
    told = ana.types("statement", "paper", "list", *letter, "--doubles")
    assert "On paper: 4, entered by 1 witness." in told
    assert "Another sheet names the same scan" in told
    assert "At the gate" in told
    assert "Ben Two" not in told
    ana.types("statement", "paper", "correct", *letter, "1", "--line", "2", "--name", "Ben Too", "--yes")
    ana.types("statement", "paper", "correct", *letter, "1", "--line", "9", "--name", "Dov", "--yes")
    ana.types("statement", "paper", "withdraw", *letter, "2", "4", "--yes")
    assert ana.types("statement", "paper", "withdraw", *letter, "2", "4", "--yes", code=1).endswith(
        "(wrong-phase)\n"
    )
    shown = ana.asks("statement", "paper", "list", *letter)
    lines = {
        (sheet["number"], line["line"], line["name"], line["affiliation"]): line["state"]
        for sheet in shown["sheets"]
        for line in sheet["lines"]
    }
    assert lines == {
        (1, 1, "Ana One", ""): "counted",
        (1, 2, "Ben Too", "Forum"): "counted",
        (1, 9, "Dov", ""): "counted",
        (2, 1, "Chi Three", ""): "counted",
        (2, 4, "Ana One", ""): "withdrawn",
    }
    assert "On paper, beside these: 4, entered by 1 witness" in ana.types("statement", "show", *letter)
    assert "scan.jpg.pdf" in ana.types("attachment", "list", "evin")

    ana.types("statement", "release", *letter, "--yes")
    written = ana.asks("statement", "export", *letter, "--to", "out")["files"]
    (package,) = [name for name in written if name.endswith(".meshcoal.json")]
    told = ana.types("verify", package, "--scan", "scan.jpg.pdf")
    assert "On paper: 4, entered by 1 witness." in told
    assert "The scan is that of sheet 1 of the witness" in told
    assert "The scan is that of sheet 2 of the witness" in told
    (ana.folder / "other.pdf").write_bytes(b"%PDF another")
    assert ana.types("verify", package, "--scan", "other.pdf", code=1) == ""
    assert b"At the gate" not in b"".join((ana.folder / name).read_bytes() for name in written)

    ana.types("statement", "paper", "withdraw", *letter, "1", "9", "--yes")
    written = ana.asks("statement", "export", *letter, "--to", "later")["files"]
    (package,) = [name for name in written if name.endswith(".meshcoal.json")]
    assert "Dov, on paper, was taken back" in ana.types("verify", package)


def test_receipts_and_cases_carry_files(ana: Person) -> None:
    """Goal: what shows it is kept with it. Method: a receipt with a delivery, papers of a case."""
    ana.types(
        "campaign", "found", "Evin five", "--goal", "A letter", "--seat", "exile", "--channel", "general"
    )
    (ana.folder / "order.txt").write_text("the order\n", encoding="utf-8")
    (ana.folder / "stamp.txt").write_text("received, stamp\n", encoding="utf-8")
    ana.types("case", "open", "evin", "Dr. Haddad was taken", "--attach", "order.txt")
    (ana.folder / "warrant.txt").write_text("the warrant\n", encoding="utf-8")
    fact = ana.asks("case", "fact", "evin", "haddad", "She is in Evin.", "--attach", "warrant.txt")
    assert [one["name"] for one in fact["attachments"]] == ["order.txt"]
    assert [one["name"] for entry in fact["entries"] for one in entry["attachments"]] == ["warrant.txt"]
    assert "warrant.txt" in ana.types("case", "show", "evin", "haddad")
    (ana.folder / "letter.txt").write_text("Release them.\n", encoding="utf-8")
    ana.types("statement", "draft", "evin", "letter.txt", "--language", "en", "--title", "Free the five")
    ana.types("statement", "freeze", "evin", "free", "--to", "Minister", "--deadline", "3d", "--yes")
    digest = ana.asks("statement", "show", "evin", "free")["digest"]
    sign = ("statement", "sign", "evin", "free", "--as", "individual", "--name", "Ana", "--yes")
    ana.types(*sign, "--digest", digest)
    ana.types("statement", "release", "evin", "free", "--yes")
    deliver = (
        "statement",
        "deliver",
        "evin",
        "free",
        "--by",
        "post",
        "--receipt",
        "stamp.txt",
        "--keep-receipt",
    )
    entered = ana.asks(*deliver)
    assert [one["name"] for one in entered["aftermath"][0]["attachments"]] == ["stamp.txt"]
    assert "stamp.txt" in ana.types("statement", "log", "evin", "free")
    for name in ("stamp.txt", "warrant.txt", "order.txt"):
        ana.types("attachment", "save", "evin", name, "--into", "saved")
        assert (ana.folder / "saved" / name).read_bytes() == (ana.folder / name).read_bytes()

"""Tables of names from paper: taken whole, or each mistake told by its line."""

from __future__ import annotations

import hashlib
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshcoal.api.commands import Capacity, GivenLine
from meshcoal.client.paper_list import parse_day, read_table, spell_table
from meshcoal.client.scanning import scan_of
from meshcoal.errors import BadArgument

WORD = st.text(st.sampled_from("abc äé中م,;\"'="), min_size=1, max_size=12).filter(
    lambda text: text.strip() == text and "  " not in text
)


def test_a_table_of_two_sheets_is_read() -> None:
    """Goal: what a spreadsheet saves. Method: other order of columns, numbers left out, blank rows, a BOM."""
    text = (
        "\ufeffsheet;name;organisation;country;as;dated\r\n"
        "3;Ana One;;Bahrain;;2026-11-18\r\n"
        ";;;;;\r\n"
        "3;Chi Two;Open University;;affiliated;\r\n"
        "4;The Forum;;Kenya;organisation;2026-11-17\r\n"
    )
    sheets, mistakes = read_table(text)
    assert mistakes == ()
    assert [(one.number, one.dated_ms) for one in sheets] == [
        (3, parse_day("2026-11-18")),
        (4, parse_day("2026-11-17")),
    ]
    assert [(one.line, one.name, one.capacity) for one in sheets[0].lines] == [
        (1, "Ana One", Capacity.INDIVIDUAL),
        (2, "Chi Two", Capacity.AFFILIATED),
    ]
    assert sheets[1].lines[0].capacity is Capacity.ORGANISATION


def test_every_mistake_is_told_by_its_line() -> None:
    """Goal: one look mends the table. Method: five mistakes of five kinds between good lines."""
    text = (
        "line,name,organisation,as,dated\n"
        "1,Ana One,,,2026-11-18\n"
        "1,Ben Two,,,\n"
        "x,Chi Three,,,\n"
        "4,,,,\n"
        "5,Dov Four,Forum,organisation,\n"
        "6,Eve Five,,emperor,\n"
        "7,Flo Six,,,2026-11-19\n"
        "8,Gus Seven,,,,,,\n"
        "9,Hal Eight,,,\n"
    )
    sheets, mistakes = read_table(text)
    assert [one.line for one in mistakes] == [3, 4, 5, 6, 7, 8, 9]
    assert "twice" in mistakes[0].sentence
    assert "1 to 40" in mistakes[1].sentence
    assert "empty" in mistakes[2].sentence
    assert [one.name for one in sheets[0].lines] == ["Ana One", "Hal Eight"]


@pytest.mark.parametrize(
    "text", ["", "title\nDr.\n", "name,name\nA,B\n", "name,nonsense\nA,B\n", "name\n", 'name\n"open\n']
)
def test_what_is_no_table_is_told(text: str) -> None:
    """Goal: no silence. Method: no headings, no names, broken CSV."""
    sheets, mistakes = read_table(text)
    assert not sheets
    assert mistakes


def test_more_lines_than_a_sheet_has_are_told() -> None:
    """Goal: a long list is divided by people. Method: 41 names on one sheet."""
    _, mistakes = read_table("name\n" + "\n".join([f"Person {at}" for at in range(41)]))
    assert [one.line for one in mistakes] == [42]


@given(
    st.lists(st.tuples(WORD, WORD, st.sampled_from(list(Capacity)[:3])), min_size=1, max_size=40).map(tuple)
)
def test_tables_come_back(rows: tuple[tuple[str, str, Capacity], ...]) -> None:
    """Goal: what is shown for --from is taken by --from. Method: any lines, with quotes and commas."""
    lines = tuple(
        [
            GivenLine(
                line=at,
                capacity=capacity,
                name=name,
                title=title,
                affiliation=title if capacity is Capacity.AFFILIATED else "",
            )
            for at, (name, title, capacity) in enumerate(rows, start=1)
        ]
    )
    sheets, mistakes = read_table(spell_table(lines))
    assert mistakes == ()
    assert sheets[0].lines == lines


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    """Goal: any file is answered. Method: any text."""
    sheets, mistakes = read_table(text)
    assert sheets or mistakes


@pytest.mark.parametrize("text", ["18.11.2026", "2026-13-01", "", "tomorrow"])
def test_a_day_is_written_in_one_way(text: str) -> None:
    """Goal: nobody guesses which is the month. Method: other ways."""
    with pytest.raises(BadArgument):
        parse_day(text)


def test_the_digest_of_a_picture_is_that_of_what_the_campaign_keeps(tmp_path: Path) -> None:
    """Goal: place and camera are in no digest's file. Method: a PNG with a comment, and without."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    body = zlib.compress(b"\0\0")
    bare = head + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    told = head + chunk(b"tEXt", b"Place\0Karaj") + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    (tmp_path / "scan.png").write_bytes(told)
    scan = scan_of(tmp_path / "scan.png")
    assert scan.digest == hashlib.sha256(bare).digest()
    assert scan.prepared is not None
    assert b"Karaj" not in scan.prepared.data
    with pytest.raises(BadArgument):
        scan_of(tmp_path / "none.png")

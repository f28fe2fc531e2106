"""What `output`, `lookup` and `moments` promise for any text."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshcoal.api.commands import Seat
from meshcoal.cli import output
from meshcoal.cli.lookup import Thing, pick
from meshcoal.cli.moments import parse_moment, when
from meshcoal.clock import DAY_MS, HOUR_MS, MINUTE_MS
from meshcoal.errors import Ambiguous, BadArgument, Unknown
from meshcoal.text.sanitise import cells, clean

NOW_MS = 1_800_000_000_000
ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()))


@given(ANY_TEXT, st.booleans())
def test_json_is_safe_and_exact(text: str, compact: bool) -> None:
    """Goal: nothing invisible gets out, nothing is lost. Method: any text, halves of surrogates too."""
    spelled = output.to_json({"text": text}, compact=compact)
    visible = spelled.replace("\n", "")
    assert not [c for c in visible if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn")]
    assert not compact or "\n" not in spelled
    read = json.loads(spelled)["text"]
    # Two halves that stand together are one character to JSON, which is what UTF-16 makes of them.
    assert read.encode("utf-16-be", "surrogatepass") == text.encode("utf-16-be", "surrogatepass")


def test_json_keeps_letters_of_every_script_readable() -> None:
    """Goal: people can read JSON too. Method: letters stay, joiners are written out."""
    assert output.to_json("آزادی 自由 ဗမာ") == '"آزادی 自由 ဗမာ"'
    assert output.to_json("می\u200cخواهم") == '"می\\u200cخواهم"'


def test_records_become_plain_values() -> None:
    """Goal: bytes, enumerations, tuples and nested records have one form. Method: one of each."""

    @dataclass(frozen=True)
    class Inner:
        seat: Seat

    @dataclass(frozen=True)
    class Outer:
        id: bytes
        parts: tuple[Inner, ...]
        none: None

    assert output.plain(Outer(id=b"\x0f\xff", parts=(Inner(Seat.EXILE),), none=None)) == {
        "id": "0fff",
        "parts": [{"seat": "exile"}],
        "none": None,
    }


@given(st.lists(ANY_TEXT, min_size=2, max_size=2))
def test_a_line_stays_one_line(values: list[str]) -> None:
    """Goal: a name cannot start a line of its own. Method: any text in a cell."""
    for value in values:
        assert "\n" not in output.field(value)
        assert "  " not in output.field(value)


@given(ANY_TEXT, st.integers(40, 120))
def test_wrapping_loses_nothing_and_fits(text: str, columns: int) -> None:
    """Goal: a text shown before signing is whole. Method: join the pieces, measure each."""
    line = clean(text, multiline=False) * 5
    pieces = output.wrap(line, columns)
    assert "".join(pieces).replace(" ", "") == line.replace(" ", "")
    assert all(cells(piece) <= columns for piece in pieces)


def test_wrapped_blocks_keep_their_indent(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Goal: on a terminal no line of a message begins at the edge. Method: a long line, 40 columns."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "60")
    output.block("word " * 40 + "\n" + "x" * 200)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 5
    assert all(line.startswith("    ") and len(line) < 60 for line in lines)


def test_tables_align_wide_and_narrow(capsys: pytest.CaptureFixture[str]) -> None:
    """Goal: columns stand under each other in every script. Method: a wide and a combining name."""
    output.table(("NAME", "SEAT"), [("自由", "exile"), ("e\u0301", "ingo"), ("", "observer")])
    assert capsys.readouterr().out == ("NAME  SEAT\n自由  exile\ne\u0301     ingo\n-     observer\n")


def test_words_are_numbered_four_a_row(capsys: pytest.CaptureFixture[str]) -> None:
    """Goal: two people on the telephone keep their place. Method: six words."""
    output.words(("able", "about", "cabbage", "dad", "each", "fabric"))
    assert capsys.readouterr().out == (
        "     1 able      2 about     3 cabbage   4 dad\n     5 each      6 fabric\n"
    )


@pytest.mark.parametrize(
    ("text", "expected_ms"),
    [
        ("in 24h", NOW_MS + 24 * HOUR_MS),
        ("24h", NOW_MS + 24 * HOUR_MS),
        ("3d", NOW_MS + 3 * DAY_MS),
        ("IN 90 M", NOW_MS + 90 * MINUTE_MS),
        ("2w", NOW_MS + 14 * DAY_MS),
        ("2026-11-22T18:00+04:00", 1_795_356_000_000),
        ("2026-11-22T14:00:00Z", 1_795_356_000_000),
    ],
)
def test_moments(text: str, expected_ms: int) -> None:
    """Goal: both ways to write a deadline work. Method: examples, one instant in two zones."""
    assert parse_moment(text, NOW_MS) == expected_ms


@pytest.mark.parametrize(
    "text",
    ["", "tomorrow", "2026-11-22", "2026-11-22T18:00", "24", "h", "-3d", "9" * 40 + "d", "2026-13-01T00:00Z"],
)
def test_a_moment_without_zone_or_sense_is_refused(text: str) -> None:
    """Goal: no deadline is guessed. Method: times without zone, and nonsense."""
    with pytest.raises(BadArgument, match="zone"):
        parse_moment(text, NOW_MS)


@given(ANY_TEXT)
def test_any_moment_is_a_moment_or_refused(text: str) -> None:
    """Goal: no other exception. Method: any text."""
    try:
        assert parse_moment(text, NOW_MS) >= 0
    except BadArgument:
        return


def test_when_is_utc() -> None:
    """Goal: all members read one time. Method: a known instant, and never."""
    assert when(1_795_356_000_000) == "2026-11-22 14:00 UTC"
    assert when(-1) == ""


ANA, ANABEL, ANA_AGAIN, CHI = (
    Thing(bytes.fromhex(start) + bytes(30), name)
    for start, name in (("a1b2", "Ana"), ("c3d4", "Anabel"), ("a1ff", "ana"), ("0e0f", "自由"))
)


def test_names_are_found_in_any_case_and_by_their_beginning() -> None:
    """Goal: short to type. Method: exact, other case, beginning, other script, id."""
    things = (ANA, ANABEL, CHI)
    assert pick("member", "ANA", things) == ANA.id  # exact wins over the longer name
    assert pick("member", "anab", things) == ANABEL.id
    assert pick("member", "自", things) == CHI.id
    assert pick("member", "c3d4", things) == ANABEL.id
    assert pick("member", ANABEL.id.hex(), things) == ANABEL.id


def test_what_fits_several_is_refused_and_listed() -> None:
    """Goal: nothing is chosen by chance. Method: two of a name, two beginnings."""
    with pytest.raises(Ambiguous, match=r"Ana \(a1b20000\), ana \(a1ff0000\)"):
        pick("member", "ana", (ANA, ANA_AGAIN))
    with pytest.raises(Ambiguous):
        pick("member", "an", (ANA, ANABEL))


def test_a_name_cannot_take_an_id() -> None:
    """Goal: nobody becomes another by a name. Method: Mallory names herself like Ana's id."""
    mallory = Thing(b"\x99" * 32, "a1b2")
    with pytest.raises(Ambiguous):
        pick("member", "a1b2", (ANA, mallory))
    whole = Thing(b"\x98" * 32, ANA.id.hex())
    assert pick("member", ANA.id.hex(), (whole, ANA)) == ANA.id


@pytest.mark.parametrize("wanted", ["", " ", "a1b", "zoe", "\u200b"])
def test_what_fits_nothing_is_unknown(wanted: str) -> None:
    """Goal: three digits and blanks are no id. Method: things that fit nothing."""
    with pytest.raises(Unknown):
        pick("member", wanted, (Thing(b"\xa1\xb2" * 16, "Ben"), CHI))


def test_an_unknown_name_lists_what_there_is() -> None:
    """Goal: the person sees what to type. Method: the list, cut at eight."""
    many = [Thing(bytes([n]) * 32, f"member {n}") for n in range(20)]
    with pytest.raises(Unknown, match=r"member 7 \(07070707\) and 12 more\.$"):
        pick("member", "zoe", many)
    with pytest.raises(Unknown, match="There is no member yet"):
        pick("member", "zoe", ())


def test_titles_are_found_by_any_of_their_words() -> None:
    """Goal: nobody types “Dr. Haddad was taken”. Method: a later word; not for people; two fit."""
    known = [Thing(bytes([1]) * 32, "Dr. Haddad was taken"), Thing(bytes([2]) * 32, "Haddadi and others")]
    assert pick("case", "hadd", known, by_words=True) == bytes([2]) * 32  # a beginning goes first
    assert pick("case", "taken", known, by_words=True) == bytes([1]) * 32
    with pytest.raises(Unknown):
        pick("member", "taken", known)
    with pytest.raises(Ambiguous):
        pick("case", "o", [*known, Thing(bytes([3]) * 32, "The others")], by_words=True)


@given(st.text(), st.lists(st.tuples(st.binary(min_size=16, max_size=16), st.text()), max_size=5))
def test_lookup_never_fails_otherwise(wanted: str, known: list[tuple[bytes, str]]) -> None:
    """Goal: any name anybody chose is no crash. Method: any names."""
    things = [Thing(identifier, name) for identifier, name in known]
    try:
        assert pick("member", wanted, things) in {thing.id for thing in things}
    except (Unknown, Ambiguous):
        return

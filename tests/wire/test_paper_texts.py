"""Signatures on paper: the texts byte for byte, the frozen vectors, and what no text can hold."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from meshcoal.clock import DAY_MS
from meshcoal.errors import MalformedPackage
from meshcoal.statement.verification import verify
from meshcoal.wire.paper import (
    PaperLine,
    SheetHead,
    line_text,
    listed_sheet,
    read_day,
    sheet_text,
    spell_day,
    tally_lines,
)
from meshcoal.wire.terms import Capacity

FOLDER = Path(__file__).parents[1] / "vectors"
sys.path.insert(0, str(FOLDER))

LINE = PaperLine(
    line=4, salt=bytes(range(32)), capacity=Capacity.INDIVIDUAL, name="Ana Khalil", country="Bahrain"
)
HEAD = SheetHead(
    act_key=b"k" * 32,
    witness="The Centre",
    number=3,
    scan=b"s" * 32,
    dated_ms=20_775 * DAY_MS,
    entered_ms=20_775 * DAY_MS + 1_000,
)


def frozen() -> Any:
    return json.loads((FOLDER / "paper.json").read_text(encoding="utf-8"))


def test_a_line_and_a_sheet_are_these_bytes() -> None:
    """Goal: the texts of docs/protocol/paper.md. Method: spell them by hand."""
    assert line_text(LINE) == (
        b"meshcoal paper line 1\nsalt: " + bytes(range(32)).hex().encode() + b"\nline: 4\n"
        b"capacity: individual\nname: Ana Khalil\ntitle: \naffiliation: \ncountry: Bahrain\n"
    )
    assert sheet_text(b"d" * 32, HEAD, {7: b"b" * 32, 4: b"a" * 32}).decode() == (
        f"meshcoal paper sheet 1\nstatement: {'64' * 32}\nkey: {'6b' * 32}\nwitness: The Centre\n"
        "attests: I saw these people sign this text on paper.\n"
        f"sheet: 3\nscan: {'73' * 32}\ndated: 2026-11-18\nentered: 2026-11-18T00:00:01Z\n"
        f"line: 4 {'61' * 32}\nline: 7 {'62' * 32}\n"
    )


def test_the_frozen_vectors_come_out_and_can_be_had_from_the_page_alone() -> None:
    """Goal: anybody can check a sheet. Method: other libraries over the texts in the file."""
    vectors = frozen()
    module = importlib.import_module("make_paper")
    spelled = importlib.import_module("vectorwork").spelled
    assert spelled(module.build()) == (FOLDER / "paper.json").read_text(encoding="utf-8")
    seed = bytes.fromhex(vectors["witness"]["act_seed"])
    sheet = vectors["sheet"]["text"].encode()
    assert Ed25519PrivateKey.from_private_bytes(seed).sign(sheet).hex() == vectors["sheet"]["signature"]
    named = [line.split(" ")[2] for line in sheet.decode().splitlines() if line.startswith("line: ")]
    assert named == [hashlib.sha256(line["text"].encode()).hexdigest() for line in vectors["lines"]]
    package = json.loads(vectors["package"])
    tally = (
        f"meshcoal tally 1\nstatement: {vectors['digest']}\norganisations: 0\nindividuals: 0\n"
        f"on paper: 2\nwitnesses: 1\npaper: {vectors['witness']['act_key']} 3 "
        f"{hashlib.sha256(sheet).hexdigest()} 1,4\n"
    )
    assert hashlib.sha256(tally.encode()).hexdigest() == package["release"]["tally"]
    organiser = Ed25519PublicKey.from_public_bytes(bytes.fromhex(package["paper_withdrawals"][0]["key"]))
    taken = vectors["withdrawal"]
    organiser.verify(bytes.fromhex(taken["signature"]), taken["text"].encode())
    assert "lines: 2, 4\n" in taken["text"]
    report = verify(vectors["package"].encode())
    assert report.sound, report.problems
    assert [(one.line, one.withdrawn) for one in report.on_paper] == [(1, False), (4, True)]


@pytest.mark.parametrize(
    "changed",
    [
        {"capacity": Capacity.NETWORK},
        {"affiliation": "Open University"},
        {"capacity": Capacity.AFFILIATED},
        {"name": "\u200b"},
        {"name": "Ana\u202e"},
        {"country": " Bahrain"},
    ],
)
def test_what_no_line_can_hold_is_refused(changed: dict[str, Any]) -> None:
    """Goal: one spelling, nothing hidden. Method: lines that other sign-ons could not be either."""
    with pytest.raises(MalformedPackage):
        line_text(dataclasses.replace(LINE, **changed))


@pytest.mark.parametrize("dated_ms", [HEAD.dated_ms + 1, HEAD.dated_ms + 2 * DAY_MS])
def test_a_sheet_is_dated_by_a_day_that_was(dated_ms: int) -> None:
    """Goal: no day of tomorrow, no hour. Method: both."""
    with pytest.raises(MalformedPackage):
        sheet_text(bytes(32), dataclasses.replace(HEAD, dated_ms=dated_ms), {1: bytes(32)})


@pytest.mark.parametrize(
    "text", ["2026-02-30", "2026-1-01", "1969-12-31", "20261118", "2026-11-18T", "", "10000-01-01"]
)
def test_days_have_one_spelling(text: str) -> None:
    """Goal: a decoder takes one spelling. Method: others."""
    with pytest.raises(MalformedPackage):
        read_day(text)


@given(st.integers(0, 40_000))
def test_days_come_back(day: int) -> None:
    """Goal: reading undoes spelling. Method: any day of some hundred years."""
    assert read_day(spell_day(day * DAY_MS)) == day * DAY_MS


@given(st.sets(st.integers(1, 40), min_size=1))
def test_listed_lines_come_back(numbers: set[int]) -> None:
    """Goal: a release names lines in the fewest bytes. Method: any set of lines."""
    listed = listed_sheet(bytes(32), numbers)
    assert listed.listed() == tuple(sorted(numbers))
    assert listed.lines[-1] != 0


def test_a_tally_without_sheets_says_nothing_of_paper() -> None:
    """Goal: letters without paper stay as they were. Method: no sheets."""
    assert tally_lines([]) == ()

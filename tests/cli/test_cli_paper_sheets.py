"""Sheets of codes on the command line, against a daemon that answers from a script."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import segno
from click.testing import Result
from PIL import Image

from meshcoal.api.commands import BeginBundle, BeginReading, LookAtPart, NextPart, ShowReading, TakePart
from meshcoal.api.views import BundlePartView, ReadingView
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.wire.slips import codes_of

SLIP = SeededEntropy(b"slip").take(2_048)


@pytest.fixture
def scripted(daemon: Any, build_view: Callable[..., Any]) -> Any:
    view: ReadingView = replace(build_view(ReadingView, "evin"), busy=False, waiting=0, opened=True)
    daemon.answers |= {
        NextPart: BundlePartView(data=SLIP, name="abcdefghijklmnop", more=False, done=1, total=1),
        **dict.fromkeys((BeginReading, LookAtPart, TakePart, ShowReading), view),
    }
    return daemon


def test_a_sheet_is_written(run: Callable[..., Result], scripted: Any, tmp_path: Path) -> None:
    """Goal: a page that prints and says nothing. Method: what is on it besides codes; a second time."""
    target = tmp_path / "sheet.html"
    result = run("paper", "write", "1111", "--to", str(target), "--for", "1111")
    assert result.exit_code == 0, result.output
    assert "Can be opened by" in result.stderr
    page = target.read_text(encoding="utf-8")
    assert page.count("<svg") == 6
    assert "Any 4 of 6" in page
    assert not [
        word for word in ("meshcoal", "evin", "http://", "https://", "<script") if word in page.lower()
    ]
    assert (scripted.asked(BeginBundle).paper, scripted.asked(BeginBundle).files) == (True, False)
    assert run("paper", "write", "1111", "--to", str(target)).exit_code == 2
    again = run("paper", "write", "1111", "--to", str(target), "--force", "--json")
    assert json.loads(again.stdout) == {"path": str(target), "codes": 6, "enough": 4, "pages": 1}


def test_nothing_new_is_no_sheet(run: Callable[..., Result], scripted: Any, tmp_path: Path) -> None:
    """Goal: no empty page. Method: a daemon with nothing to write."""
    scripted.answers[NextPart] = BundlePartView(
        data=b"", name="abcdefghijklmnop", more=False, done=0, total=0
    )
    result = run("paper", "write", "1111", "--to", str(tmp_path / "sheet.html"))
    assert result.exit_code == 1
    assert not list(tmp_path.glob("*.html"))


def test_a_sheet_is_read_from_texts(run: Callable[..., Result], scripted: Any, tmp_path: Path) -> None:
    """Goal: what a telephone's camera tells is enough. Method: two files of lines, four codes in all."""
    codes = codes_of(SLIP)
    (tmp_path / "one.txt").write_text("\n".join([codes[5], "something else", codes[1]]), encoding="utf-8")
    (tmp_path / "two.txt").write_text("\n".join([codes[3].lower(), codes[2]]), encoding="utf-8")
    result = run("paper", "read", "one.txt", "two.txt", "--yes")
    assert result.exit_code == 0, result.output
    assert scripted.asked(LookAtPart).data == SLIP
    assert scripted.asked(TakePart).data == SLIP
    assert "Taken in" in result.stdout
    assert run("paper", "read", "one.txt", "two.txt").exit_code == 2, "nobody said yes"


def test_a_sheet_is_read_from_photos(run: Callable[..., Result], scripted: Any, tmp_path: Path) -> None:
    """Goal: a camera is enough. Method: two photos of a sheet, turned, compressed, with coffee on them."""
    codes = codes_of(SLIP)
    for number, some in enumerate((codes[3:], codes[:3])):
        drawn = []
        for code in some:
            out = io.BytesIO()
            segno.make(code, error="m", micro=False, boost_error=False).save(
                out, kind="png", scale=5, border=4
            )
            drawn.append(Image.open(out).convert("L"))
        side = drawn[0].width
        sheet = Image.new("L", (3 * side, side + 200), 235)
        for at, one in enumerate(drawn):
            sheet.paste(one, (at * side, 100))
        sheet.paste(90, (20, 150, 20 + side // 2, 150 + side // 2))  # coffee
        sheet.rotate(3, expand=True, fillcolor=200).save(tmp_path / f"{number}.jpg", quality=70)
    result = run("paper", "read", "1.jpg", "0.jpg", "--yes")
    assert result.exit_code == 0, result.output
    assert scripted.asked(TakePart).data == SLIP


def test_too_few_codes_are_told(run: Callable[..., Result], scripted: Any, tmp_path: Path) -> None:
    """Goal: people know what to do. Method: three codes of four; a file that is not there."""
    (tmp_path / "one.txt").write_text("\n".join(codes_of(SLIP)[:3]), encoding="utf-8")
    result = run("paper", "read", "one.txt")
    assert result.exit_code == 1
    assert "3 of 4 codes read (of 6). Photograph again: page 1." in result.stderr
    assert run("paper", "read", "none.txt").exit_code == 2

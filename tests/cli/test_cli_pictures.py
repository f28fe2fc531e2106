"""`meshcoal statement read-picture`, without a vault or a daemon."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import segno
from click.testing import Result
from PIL import Image

from meshcoal.wire.qr_parts import parts_of

CALL = "meshcoal-call-1:" + "A" * 2_000 + "."


def draw(text: str, path: Path) -> str:
    segno.make(text, error="l", micro=False, boost_error=False).save(str(path), scale=4, border=4)
    return str(path)


def test_a_call_in_several_codes_is_put_together(tmp_path: Path, run: Callable[..., Result]) -> None:
    """Goal: photos in any order give the call, in a file that `answer` takes. Method: last part first."""
    parts = parts_of(CALL)
    assert len(parts) == 3
    pictures = [draw(part, tmp_path / f"{at}.png") for at, part in enumerate(parts)]
    target = tmp_path / "call.txt"
    result = run("statement", "read-picture", *reversed(pictures), "--to", str(target), "--json")
    code, output = result.exit_code, result.output
    assert code == 0
    assert json.loads(output)["found"] == [{"kind": "call", "text": CALL}]
    assert target.read_text(encoding="utf-8") == CALL + "\n"


def test_missing_parts_are_named(tmp_path: Path, run: Callable[..., Result]) -> None:
    """Goal: one knows what to photograph again. Method: leave the second of three out."""
    parts = parts_of(CALL)
    result = run(
        "statement", "read-picture", draw(parts[0], tmp_path / "a.png"), draw(parts[2], tmp_path / "c.png")
    )
    code, output = result.exit_code, result.output
    assert code == 1
    assert "parts are missing: 2." in output


def test_a_code_cannot_command_the_terminal(tmp_path: Path, run: Callable[..., Result]) -> None:
    """Goal: what a picture says is shown harmlessly. Method: escape sequences and reversed text."""
    result = run("statement", "read-picture", draw("\x1b]0;owned\x07\u202eevil", tmp_path / "evil.png"))
    code, output = result.exit_code, result.output
    assert code == 0
    assert "another text" in output
    assert "\x1b" not in output
    assert "\u202e" not in output


def test_no_code_is_told(tmp_path: Path, run: Callable[..., Result]) -> None:
    """Goal: an empty photo says how to do better. Method: a picture of nothing."""
    path = tmp_path / "empty.png"
    Image.new("L", (100, 100), 255).save(path)
    result = run("statement", "read-picture", str(path))
    code, output = result.exit_code, result.output
    assert code == 1
    assert "No QR code was found." in output

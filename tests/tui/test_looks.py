"""The main screens in Arabic and Chinese, at both sizes, light, dark, in high contrast and without colour."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

sys.path.insert(0, str(Path(__file__).parent))

from meshcoal.tui import bidi
from meshcoal.tui.look import LOOKS
from meshcoal.tui.theme import CALM, CONTRAST, CONTRAST_LIGHT, LIGHT

# Each language is drawn by a process of its own, some fifteen screens: a quarter of a minute each.
pytestmark = pytest.mark.timeout(600)
LANGUAGES = ("ar", "zh_Hans")
UNSEEN = "\u200e\u200f\u061c\u2062\u2063\u2066\u2067\u2068\u2069"


@cache
def drawings(language: str) -> dict[str, Any]:
    program = Path(__file__).with_name("looks.py")
    command = [sys.executable, str(program), language]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    made: dict[str, Any] = json.loads(done.stdout)
    return made


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_row_fills_its_width(language: str) -> None:
    """Goal: no layout breaks. Method: columns of each row, at both sizes; and nothing unseen in it."""
    for name, drawing in drawings(language).items():
        width = int(name.split()[1])
        assert {cell_len(row) for row in drawing["rows"]} == {width}, name
        assert not [row for row in drawing["rows"] if any(char in row for char in UNSEEN)], name


@pytest.mark.parametrize("language", LANGUAGES)
def test_frames_are_straight(language: str) -> None:
    """Goal: a dialogue is a box. Method: where its borders stand, row by row."""
    for size in (80, 120):
        rows = drawings(language)[f"found {size}"]["rows"]
        top = next(at for at, row in enumerate(rows) if "╭" in row)
        bottom = next(at for at, row in enumerate(rows) if "╰" in row)
        edges = {(cell_len(row.split("│")[0]), row.count("│")) for row in rows[top + 1 : bottom]}
        assert len(edges) == 1


def test_arabic_is_joined_and_at_the_right() -> None:
    """Goal: Arabic reads as Arabic. Method: no letter is left unjoined; our first lines end at the right."""
    lone = {word for word in bidi._forms() if len(word) == 1}
    for name, drawing in drawings("ar").items():
        letters = {char for row in drawing["rows"] for char in row}
        assert not letters & lone, name


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_look_says_the_same(language: str) -> None:
    """Goal: nothing is told by colour alone. Method: the text in every look, and what colours are in it."""
    for size in (80, 120):
        plain = drawings(language)[f"home {size}"]
        looks = {one.name: drawings(language)[f"home {size} {one.name}"] for one in LOOKS}
        for look in looks.values():
            assert look["rows"] == plain["rows"]
        assert len({tuple(look["colours"]) for look in looks.values()}) == len(LOOKS)
        assert CALM.background in looks["dark"]["colours"]
        assert LIGHT.background in looks["light"]["colours"]
        assert CONTRAST.background in looks["contrast"]["colours"]
        assert CONTRAST_LIGHT.background in looks["contrast-light"]["colours"]
        assert looks["plain"]["colours"] == []

"""A short form of `make soak`'s monkey, and what it stands on."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))

from monkey import SHORT_S, run
from panes import Screen, Spot

from tools import require_tool

pytestmark = pytest.mark.e2e

SEED = 7


def test_whatever_is_pressed_the_interface_lives() -> None:
    """Goal: no traceback, no stuck screen. Method: a monkey on a live coalition, for some seconds."""
    require_tool("tmux")
    folder = Path(tempfile.mkdtemp(prefix="mc-"))  # short: a socket's path is
    try:
        tally = run(folder, seconds=SHORT_S, seed=SEED)
    finally:
        shutil.rmtree(folder)
    assert tally.moves > SHORT_S
    assert tally.checks
    assert len(tally.places) > 1


def test_a_screen_is_read_cell_by_cell() -> None:
    """Goal: clicks land where words stand. Method: wide letters and escapes before them."""
    told = "\x1b[1m中文\x1b[0m ab\n│ Name   \x1b[7m x\x1b[27m \x1b[48;5;67mc\x1b[49m\n  Save    Cancel"
    seen = Screen(told, cursor=Spot(0, 0), mouse=True, alternate=True, dead=False, title="")
    assert seen.find("ab") == Spot(5, 0)
    assert seen.look(Spot(2, 0)).bold
    assert seen.label("Name") == Spot(2, 1)
    assert seen.label("Nam") is None
    assert seen.look(Spot(10, 1)).reverse
    assert not seen.look(Spot(11, 1)).reverse
    assert seen.lit(Spot(12, 1))
    assert seen.button("Save") == Spot(2, 2)
    assert seen.button("ave") is None

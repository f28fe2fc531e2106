"""Eight people, six ways: the one command, and the picture of it."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))

from eight import CANNOT, TOOLS
from eightmap import LINES, PEOPLE, STATIONS, Way

from tools import leave_out, require_tool

pytestmark = pytest.mark.e2e
PICTURES = Path(__file__).parents[2] / "docs" / "images"
SCRIPT = Path(__file__).parent / "eight.py"


def begin(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), "--short"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"TMPDIR": str(folder)},
        start_new_session=True,
    )


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="mc-"))  # short: a socket's path is
    yield made
    shutil.rmtree(made)


@pytest.mark.timeout(600)
def test_eight_who_share_no_network_sign_one_letter(folder: Path) -> None:
    """Goal: one campaign over LAN, Tor, relay, sticks and paper ends equal on all eight. Method: the command
    of `make paths` in its short form, which fails where anything differs; nothing of it is left behind."""
    for tool in TOOLS:
        require_tool(tool)
    process = begin(folder)
    try:
        told, _ = process.communicate(timeout=540)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)
    if process.returncode == CANNOT:
        leave_out(told.strip())
    assert process.returncode == 0, told
    assert re.search(r"All eight hold the same \d+ operations and count the same eight names\.", told), told
    assert list(folder.iterdir()) == []


def test_the_map_leads_from_everybody_to_everybody() -> None:
    """Goal: the picture is of one campaign, and each way is in it. Method: walk along its lines."""
    places = {one.name for one in (*PEOPLE, *STATIONS)}
    reached = {"Ana"}
    while fresh := {
        end
        for line in LINES
        for end in (line.one, line.other)
        if reached & {line.one, line.other} and end not in reached
    }:
        reached |= fresh
    assert reached == places
    assert {line.way for line in LINES} == set(Way)


def test_the_picture_is_of_this_map() -> None:
    """Goal: the guide shows what is played. Method: draw it again, and compare."""
    spec = importlib.util.spec_from_file_location("eight_drawn", PICTURES / "eight.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    drawn: str = module.drawing()
    assert drawn == (PICTURES / "eight.svg").read_text(encoding="utf-8"), (
        "python docs/images/eight.py docs/images/eight.svg"
    )
    assert "http" not in drawn.replace("http://www.w3.org/2000/svg", "")

"""Every string that reaches a screen comes from a catalogue."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from pseudo import ACCENT, accented, bare_words


@pytest.mark.timeout(600)
def test_no_string_reaches_a_screen_around_the_catalogues() -> None:
    """Goal: nothing stays English for ever. Method: draw all screens in a language of accents.

    One screen in four, in one process; `make soak` draws them all.
    """
    program = Path(__file__).with_name("pseudo.py")
    done = subprocess.run([sys.executable, str(program)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)) > 16


def test_the_walk_sees_a_string_around_the_catalogues() -> None:
    """Goal: the test is not blind. Method: a row of ours, of data, and of neither."""
    row = f"{accented('Sent to %(name)s with `meshcoal find`') % {'name': 'Ana'}}: Nobody knows"
    assert bare_words([row], {"Ana"}) == ["Nobody", "knows"]
    assert accented("Go") == f"G{ACCENT}o{ACCENT}"

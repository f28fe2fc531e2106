"""Another language: the interface begins anew with what was being written, and keeps the choice."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from meshcoal.errors import BadArgument
from meshcoal.tui.settings import FILE, FILE_BYTES_MAX, Settings, read_settings, write_settings

SOURCE = Path(__file__).parents[2] / "src"
# In a process of its own: it forgets modules that other tests hold.
PROGRAM = """
import json, sys
from pathlib import Path
from meshcoal.tui import main

seen = []

def enter(app):
    from meshcoal.tui import shown
    from meshcoal.tui.app import Carried
    from meshcoal.tui.locale import spoken
    from meshcoal.tui.settings import Settings, write_settings

    seen.append([spoken().code, list(app.drafts.values()), id(shown)])
    if len(seen) == 1:
        write_settings(app.home, Settings(language="fa"))
        app.to_carry = Carried(drafts={("here",): "half a sentence"})
    return 7

main.run_app = enter
code = main.run(Path(sys.argv[1]), language="es")
print(json.dumps([code, seen]))
"""


def test_the_interface_begins_anew_in_the_language_chosen(tmp_path: Path) -> None:
    """Goal: every word is another, no draft is lost. Method: choose while it runs."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(SOURCE)},
    )  # fmt: skip
    code, (first, second) = json.loads(done.stdout)
    assert code == 7
    assert first[:2] == ["es", []]
    assert second[:2] == ["fa", ["half a sentence"]]
    assert first[2] != second[2]  # tables of words were made again


def test_settings_are_private_and_come_back(tmp_path: Path) -> None:
    """Goal: a choice holds. Method: write, read, look at the file's mode."""
    home = tmp_path / "home"
    write_settings(home, Settings(language="my", bidi="terminal"))
    assert read_settings(home) == (Settings(language="my", bidi="terminal"), False)
    assert stat.S_IMODE((home / FILE).stat().st_mode) == 0o600
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert [path.name for path in home.iterdir()] == [FILE]


@pytest.mark.parametrize(
    "held",
    [b"", b"[]", b"{", b"\xff", b'{"language": 3}', b"[" * 3000, b'{"language":"' + b"x" * FILE_BYTES_MAX],
)
def test_a_broken_file_keeps_nobody_out(tmp_path: Path, held: bytes) -> None:
    """Goal: the interface opens, and says so. Method: files that are none."""
    (tmp_path / FILE).write_bytes(held)
    assert read_settings(tmp_path) == (Settings(), True)
    assert read_settings(tmp_path / "nowhere") == (Settings(), False)


def test_a_home_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """Goal: no choice is lost silently. Method: a file where the home should be."""
    (tmp_path / "home").write_bytes(b"")
    with pytest.raises(BadArgument, match="cannot be kept"):
        write_settings(tmp_path / "home", Settings())

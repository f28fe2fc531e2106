"""`meshcoal rehearse` as `make run` plays it without a terminal: whole, damaged, interrupted, killed."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from processwork import PATIENCE_S, environment

from meshcoal.rehearsal.cast import CAST
from meshcoal.statement.publication import verify

pytestmark = pytest.mark.e2e


@pytest.fixture
def folder() -> Iterator[Path]:
    """Temporary files, a place to stand, and no home at all."""
    made = Path(tempfile.mkdtemp(prefix="mc-"))  # short: a socket's path is
    (made / "here").mkdir()
    yield made
    shutil.rmtree(made)


def begin(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """Without arguments: what `make run` starts."""
    return subprocess.Popen(
        [sys.executable, "-m", "meshcoal", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder / "here",
        env={**environment(folder), "MESHCOAL_HOME": str(folder / "nobody" / "home")},
    )


def read_until(process: subprocess.Popen[str], pattern: str) -> str:
    """The first line that matches."""
    assert process.stdout is not None
    for line in process.stdout:
        if re.search(pattern, line):
            return line
    raise AssertionError(f"it ended without {pattern!r}: {process.stderr.read() if process.stderr else ''}")


def rest_of(process: subprocess.Popen[str]) -> tuple[str, str]:
    """What it still says until it ends: through the same streams, for `communicate` skips what they hold."""
    assert process.stdout is not None
    assert process.stderr is not None
    with process:
        told, error = process.stdout.read(), process.stderr.read()
        process.wait(timeout=PATIENCE_S)
    return told, error


def daemons(folder: Path) -> dict[str, int]:
    """Name of the home and process id of each daemon whose home is in `folder`."""
    found = {}
    listed = subprocess.run(
        ["ps", "-ww", "-eo", "pid=,args="], capture_output=True, text=True, check=True
    ).stdout
    for line in listed.splitlines():
        number, _, arguments = line.strip().partition(" ")
        at = re.search(rf"meshcoal\.daemon --home ({re.escape(str(folder))}/\S+)", arguments)
        if at:
            found[Path(at[1]).name] = int(number)
    return found


def check_gone(folder: Path) -> None:
    """No daemon is left; one that was just told to end gets its time for it."""
    end = time.monotonic() + PATIENCE_S
    while left := daemons(folder):
        assert time.monotonic() < end, left


def test_it_plays_through_and_leaves_a_verified_letter(folder: Path) -> None:
    """Goal: two commands and a newcomer has seen it work. Method: bare `meshcoal` without a terminal in an
    empty environment; then `verify` on the files it named."""
    process = begin(folder)
    told, error = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, error) == (0, ""), told
    steps = re.findall(r"^\[ *\d+\.\d s\] +(\d+)/(\d+) ", told, re.MULTILINE)
    assert [int(number) for number, _ in steps] == list(range(1, len(steps) + 1))
    assert {int(total) for _, total in steps} == {len(steps)}
    assert "Signed: 4." in told
    assert "[not counted: withdrawn]" in told
    (package,) = re.findall(r"^  (.*\.meshcoal\.json)$", told, re.MULTILINE)
    report = verify(Path(package).read_bytes())
    assert report.sound
    assert len(report.signatories) == 4
    named = re.findall(r"^  (/.*)$", told, re.MULTILINE)
    assert sorted(named) == sorted(str(path) for path in (folder / "here").glob("*/*"))
    assert [path.name for path in folder.iterdir()] == ["here"], "no home, no temporary file"
    check_gone(folder)


def test_two_at_once_do_not_clash_and_one_is_kept(folder: Path) -> None:
    """Goal: rehearsals know nothing of each other. Method: two together, one kept; open a kept home."""
    kept = folder / "here" / "kept"
    both = [begin(folder, "rehearse", "--keep", str(kept)), begin(folder, "rehearse", "--headless")]
    for process in both:
        told, error = process.communicate(timeout=PATIENCE_S)
        assert (process.returncode, error) == (0, ""), told
    assert {path.name for path in kept.iterdir()} == {
        *(part.name.lower() for part in CAST),
        "passphrase.txt",
        "released",
    }
    assert len(list((folder / "here").glob("rehearsal-release-*"))) == 1
    home = str(kept / "chi")
    opened = begin(folder, "--home", home, "unlock", "--passphrase-file", str(kept / "passphrase.txt"))
    told, error = opened.communicate(timeout=PATIENCE_S)
    assert (opened.returncode, error) == (0, ""), told
    read = begin(folder, "--home", home, "read", "REHEARSAL", "alerts")
    told, _ = read.communicate(timeout=PATIENCE_S)
    assert "three teachers were taken" in told
    again = begin(folder, "rehearse", "--keep", str(kept))
    _, error = again.communicate(timeout=PATIENCE_S)
    assert again.returncode == 1
    begin(folder, "--home", home, "daemon", "stop").communicate(timeout=PATIENCE_S)
    check_gone(folder)


def test_a_node_that_dies_makes_it_fail(folder: Path) -> None:
    """Goal: exit code 0 is never given for five of six. Method: kill -9 one daemon in the middle."""
    process = begin(folder)
    read_until(process, "Ben founds the campaign")
    os.kill(daemons(folder)["dov"], signal.SIGKILL)
    told, error = rest_of(process)
    assert process.returncode == 1
    assert "Dov's node does not answer any more." in told, error
    assert "Traceback" not in error
    assert [path.name for path in folder.iterdir()] == ["here"]
    check_gone(folder)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_one_leaves_nothing(folder: Path, number: signal.Signals) -> None:
    """Goal: Ctrl-C and a shutdown are clean. Method: the signal in the middle, twice."""
    process = begin(folder)
    read_until(process, "1/")
    process.send_signal(number)
    process.send_signal(number)
    _, error = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, error) == (128 + number, "")
    assert [path.name for path in folder.iterdir()] == ["here"]
    check_gone(folder)


def test_a_killed_one_takes_its_daemons_along(folder: Path) -> None:
    """Goal: kill -9 leaves no daemon behind, and its files only until the next rehearsal. Method: kill it,
    look for processes, begin another and interrupt that."""
    process = begin(folder)
    read_until(process, "Ben founds the campaign")
    assert len(daemons(folder)) == len(CAST)
    process.kill()
    process.communicate(timeout=PATIENCE_S)
    check_gone(folder)
    assert len(list(folder.iterdir())) == 2, "its files are there still"
    another = begin(folder)
    read_until(another, "1/")
    another.send_signal(signal.SIGTERM)
    another.communicate(timeout=PATIENCE_S)
    assert [path.name for path in folder.iterdir()] == ["here"]

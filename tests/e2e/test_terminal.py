"""`meshcoal rehearse` on a terminal: the interface around six real nodes, and nothing left when it closes."""

from __future__ import annotations

import fcntl
import os
import re
import select
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from processwork import PATIENCE_S, environment

pytestmark = pytest.mark.e2e

ROWS, COLUMNS = 24, 80
CTRL_Q = b"\x11"
READ_BYTES = 65_536


class Terminal:
    """A program on a pseudo-terminal, and everything it has written so far."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self._ours, theirs = os.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", ROWS, COLUMNS, 0, 0))
        self.written = ""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "meshcoal", *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=folder / "here",
            env={
                **environment(folder),
                "MESHCOAL_HOME": str(folder / "nobody" / "home"),
                "TERM": "xterm-256color",
            },
            start_new_session=True,
        )
        os.close(theirs)

    def wait_for(self, pattern: str) -> None:
        """Read until it was written since the program began. Texts are searched without escapes."""
        end = time.monotonic() + PATIENCE_S
        while not re.search(pattern, self.text()):
            assert time.monotonic() < end, self.text()
            assert self._read(), f"it ended: {self.text()}"

    def type(self, keys: bytes) -> None:
        os.write(self._ours, keys)

    def end(self) -> int:
        """Read until it has ended. Returns the exit code."""
        while self._read():
            pass
        os.close(self._ours)
        return self.process.wait(PATIENCE_S)

    def text(self) -> str:
        return re.sub(r"\x1b\[[0-9;?<>=]*[a-zA-Z]", "", self.written)

    def _read(self) -> bool:
        if not select.select([self._ours], [], [], PATIENCE_S)[0]:
            return False
        try:
            data = os.read(self._ours, READ_BYTES)
        except OSError:  # Linux: the other end was closed
            return False
        self.written += data.decode(errors="replace")
        return bool(data)


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="mc-"))  # short: a socket's path is
    (made / "here").mkdir()
    yield made
    shutil.rmtree(made)


def test_closing_the_interface_ends_the_rehearsal(folder: Path) -> None:
    """Goal: the user is led into the case, and quitting leaves nothing. Method: rehearse on a terminal until
    the coach asks for the first act, then Ctrl-Q; look for processes and files."""
    terminal = Terminal(folder, "rehearse")
    terminal.wait_for(r"You are Ana")
    terminal.type(CTRL_Q)
    assert terminal.end() == 0, terminal.text()
    listed = subprocess.run(["ps", "-ww", "-eo", "args="], capture_output=True, text=True, check=True).stdout
    assert str(folder) not in listed
    assert [path.name for path in folder.iterdir()] == ["here"]
    assert list((folder / "here").iterdir()) == []

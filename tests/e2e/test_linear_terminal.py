"""Line by line on a terminal that can do nothing else: from nothing to a signature, with the real daemon."""

from __future__ import annotations

import os
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from processwork import PATIENCE_S, environment

pytestmark = pytest.mark.e2e

PASSPHRASE = "harbour candle eleven river"
DAY_S = 86_400


class PlainTerminal:
    """A pseudo-terminal with TERM=dumb. What it writes ends with a question when it waits."""

    def __init__(self, folder: Path) -> None:
        self._ours, theirs = os.openpty()
        self.written = ""
        self._read_to = 0
        self.process = subprocess.Popen(
            [sys.executable, "-m", "meshcoal"],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**environment(folder), "MESHCOAL_HOME": str(folder / "home"), "TERM": "dumb"},
            start_new_session=True,
        )
        os.close(theirs)

    def asked(self, pattern: str = r"(?:^|\n)[^\n]*(?:> |: )$") -> str:
        """All that was said since the last line was typed, up to a question that ends so."""
        end = time.monotonic() + PATIENCE_S
        while not re.search(pattern, self.new):
            assert time.monotonic() < end, self.written
            assert self._read(), f"it ended: {self.written}"
        return self.new

    @property
    def new(self) -> str:
        return self.written[self._read_to :]

    def type(self, line: str) -> str:
        """Type a line; what is said of it."""
        self._read_to = len(self.written)
        os.write(self._ours, f"{line}\n".encode())
        echo = re.escape(line) if line and line != PASSPHRASE else ""
        return self.asked(echo + r"[^\n]*\n(?:[^\n]*\n)*[^\n]*(?:> |: )$")

    def fill(self, answers: Mapping[str, str]) -> None:
        """Answer what is asked, by the beginning of the question; keep what is not named here."""
        while not self.new.endswith("\n> "):
            question = self.new.rstrip().rsplit("\n", 1)[-1]
            self.type(next((said for label, said in answers.items() if question.startswith(label)), ""))

    def first_button(self) -> str:
        """The number of the button that goes on."""
        return str(re.findall(r"\n(\d+)\. [^\n]+, a button", self.new)[-2])

    def end(self) -> int:
        while self._read():
            pass
        os.close(self._ours)
        return self.process.wait(PATIENCE_S)

    def close(self) -> None:
        """Whatever became of the test: else it would start the daemon again that is stopped."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(PATIENCE_S)

    def _read(self) -> bool:
        if not select.select([self._ours], [], [], PATIENCE_S)[0]:
            return False
        try:
            data = os.read(self._ours, 65_536)
        except OSError:  # Linux: the other end was closed
            return False
        self.written += data.decode(errors="replace").replace("\r\n", "\n")
        return bool(data)


@pytest.fixture
def terminal() -> Iterator[PlainTerminal]:
    made = Path(tempfile.mkdtemp(prefix="mc-"))  # short: a socket's path is
    terminal = PlainTerminal(made)
    yield terminal
    terminal.close()
    subprocess.run(
        [sys.executable, "-m", "meshcoal", "--home", str(made / "home"), "daemon", "stop"],
        env=environment(made),
        check=True,
        capture_output=True,
    )
    shutil.rmtree(made)


def test_from_nothing_to_a_signature_by_lines_alone(terminal: PlainTerminal) -> None:
    """Goal: somebody who cannot see the screen does it all. Method: type lines; look at what is said, that
    nothing in it commands a terminal or holds the passphrase."""
    assert "This terminal cannot draw screens" in terminal.asked()
    terminal.type("start for real")
    terminal.type("Ana")
    terminal.type(PASSPHRASE)
    assert "You are Ana" in terminal.type(PASSPHRASE)

    terminal.type("found")
    terminal.fill({"Name": "Evin five"})
    assert "Evin five" in terminal.type("found it")

    terminal.type("1 open")
    assert "The first words" in terminal.type("send The first words")
    assert "The first words" in terminal.type("again")
    terminal.type("back")

    terminal.type("draft")
    terminal.type("Free them")
    for line in (".0", "Sir,", "", "free them now."):
        terminal.type(line)
    terminal.type(".")
    assert "paragraph 2: free them now." in terminal.type(".save")

    terminal.type("freeze")
    deadline = time.strftime("%Y-%m-%d %H:%M", time.localtime(time.time() + 7 * DAY_S))
    terminal.type("The Minister")
    terminal.type(".")
    terminal.fill({"Deadline": deadline, "Type": "freeze"})
    assert "open for signing" in terminal.type("freeze")

    terminal.type("sign")
    terminal.type("choose")
    terminal.fill({"Name": "Ana's Committee", "Country": "Iran"})
    reviewed = terminal.type(terminal.first_button())
    assert "Ana's Committee" in reviewed
    assert "free them now." in reviewed
    assert "My signature: counted" in terminal.type("write sign") + terminal.type("sign")

    terminal.type("lock")
    os.write(terminal._ours, b".quit\n")
    assert terminal.end() == 0
    assert "\x1b" not in terminal.written
    assert PASSPHRASE not in terminal.written

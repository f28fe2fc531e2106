"""The interface on a real terminal: hostile text changes neither the title nor the screen."""

from __future__ import annotations

import os
import pty
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from meshcoal.tui.app import TERMINAL_GONE_EXIT_CODE
from tools import require_tool

HERE = Path(__file__).parent
SOURCE = HERE.parents[1] / "src"
WAIT_S = 60

# A whole app on the daemon double, whose every text is hostile.
PROGRAM = """
import sys
sys.path[:0] = [{here!r}, {source!r}]
from datetime import UTC
from pathlib import Path
from test_tui_hostile import hostile
from tuidouble import CAMPAIGN, GENERAL, NOW_MS
from meshcoal.tui.app import MeshcoalApp
from meshcoal.tui.main import run_app, terminal_gone
from meshcoal.tui.screens.channel import ChannelScreen

daemon = hostile()

async def connect(home):
    return await daemon.connect()

class Straight(MeshcoalApp):
    def status_arrived(self, status):
        super().status_arrived(status)
        self.push_screen(ChannelScreen(CAMPAIGN, GENERAL, "general"))

app = Straight(Path("/nowhere"), connect, now_ms=lambda: NOW_MS, zone=UTC, terminal_gone=terminal_gone)
sys.exit(run_app(app))
"""


class Terminal:
    """One tmux server of its own, with one pane of 80 by 24."""

    def __init__(self, socket: Path, command: str) -> None:
        self._tmux = [require_tool("tmux"), "-u", "-S", str(socket), "-f", os.devnull]
        self.run("new-session", "-d", "-x", "80", "-y", "24", "-s", "meshcoal", command)
        self.run("set-option", "-g", "remain-on-exit", "on")

    def run(self, *arguments: str) -> str:
        done = subprocess.run([*self._tmux, *arguments], capture_output=True, text=True, check=True)
        return done.stdout

    def screen(self) -> str:
        return self.run("capture-pane", "-p", "-t", "meshcoal")

    def title(self) -> str:
        return self.run("display-message", "-p", "-t", "meshcoal", "#{pane_title}").strip()

    def until(self, words: str) -> str:
        """The screen, once the words stand on it."""
        end = time.monotonic() + WAIT_S
        while words not in (screen := self.screen()):
            assert time.monotonic() < end, screen
            time.sleep(0.05)
        return screen

    def press(self, *keys: str) -> None:
        self.run("send-keys", "-t", "meshcoal", *keys)

    def close(self) -> None:
        self.run("kill-server")


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """The program above."""
    path = tmp_path / "program.py"
    path.write_text(PROGRAM.format(here=str(HERE), source=str(SOURCE)), encoding="utf-8")
    return path


@pytest.fixture
def terminal(tmp_path: Path, program: Path) -> Iterator[Terminal]:
    """The program in tmux; its own server, so that nobody's sessions are touched."""
    # The program's status goes to a file: tmux can forget it.
    command = (
        f"{shlex.join([sys.executable, str(program)])}; echo $? > {shlex.quote(str(tmp_path / 'status'))}"
    )
    terminal = Terminal(tmp_path / "tmux", command)
    yield terminal
    terminal.close()


def test_hostile_text_leaves_the_terminal_alone(terminal: Terminal, tmp_path: Path) -> None:
    """Goal: title, colours and screen stay ours. Method: a channel full of hostile text in tmux."""
    before = terminal.title()
    terminal.until("[bold red]M[/]")
    screen = terminal.until("^R Reply")  # the foot of the screen, drawn last
    assert "[@click=app.bell]link[/]" in screen
    assert "# general" in screen, "the screen was not cleared"
    assert terminal.title() == before
    terminal.press("h", "i")
    terminal.until("hi")
    terminal.press("Escape")
    terminal.until("c Contacts")  # home, whose campaigns are hostile too
    assert terminal.title() == before
    terminal.press("C-q")
    end = time.monotonic() + WAIT_S
    status = tmp_path / "status"
    while not (status.exists() and status.read_text()):
        assert time.monotonic() < end, terminal.screen()
        time.sleep(0.05)
    assert status.read_text().strip() == "0"


def test_the_interface_ends_with_its_terminal(program: Path) -> None:
    """Goal: no program stays behind unseen. Method: close a terminal that sends no signal."""
    ours, its = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color"}
    running = subprocess.Popen(
        [sys.executable, str(program)], stdin=its, stdout=its, stderr=its, env=environment
    )
    os.close(its)
    seen = b""
    while b"^R" not in seen:
        seen += os.read(ours, 65_536)
    os.close(ours)
    assert running.wait(timeout=WAIT_S) == TERMINAL_GONE_EXIT_CODE

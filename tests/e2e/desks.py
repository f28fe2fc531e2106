"""People at terminals: a shell in tmux for each, with a home that is empty; and a page of their screens.

Law: what stands on a page is what stood on a screen, cut at its right and lower edge and nowhere else.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).parent))

from processwork import RealNode, found, meet

from meshcoal.daemon.backing import HomeBacking
from meshcoal.daemon.main import now_ms
from meshcoal.limits import ARGON2_MEMORY_MIN_KIB

SOURCE: Final = Path(__file__).parents[2] / "src"
PASSPHRASE: Final = "correct horse battery staple"
_PATIENCE_S: Final = 45.0
_LOOK_S: Final = 0.1
_STOPS: Final = 2  # what is about to start when the terminal goes is stopped by the second
_STILL_S: Final = 0.4  # a screen that has not changed for so long is drawn


class Desk:
    """Somebody at a terminal of 80 columns and 24 rows."""

    def __init__(self, folder: Path, name: str, inside: tuple[str, ...] = ()) -> None:
        """`inside`: what leads into a network namespace."""
        self.name = name
        self.home = folder / name.lower()
        self.home.mkdir()
        self._tmux = ["tmux", "-u", "-S", str(folder / f"{name.lower()}.tmux"), "-f", os.devnull]
        shell = shlex.join(
            [
                *(*inside, "env", "-i", f"HOME={self.home}", f"PYTHONPATH={SOURCE}", "LANG=C.UTF-8"),
                *(f"PATH={_bin(folder)}:/usr/bin:/bin:/usr/sbin:/sbin", f"TMPDIR={folder}"),
                *("TERM=xterm-256color", "PS1=$ ", "bash", "--norc", "--noprofile"),
            ]
        )
        self._run("new-session", "-d", "-x", "80", "-y", "24", "-c", str(self.home), "-s", "desk", shell)

    @property
    def mesh_home(self) -> Path:
        """Where meshcoal keeps what is theirs."""
        return self.home / ".local" / "share" / "meshcoal"

    def has_identity(self) -> None:
        """They have begun another day: an identity, with the passphrase of these pages."""
        self.mesh_home.mkdir(mode=0o700, parents=True)
        backing = HomeBacking(self.mesh_home, memory_kib=ARGON2_MEMORY_MIN_KIB)
        backing.create(name=self.name, passphrase=PASSPHRASE, now_ms=now_ms()).close()

    # --- Doing

    def press(self, *keys: str) -> None:
        self._run("send-keys", "-t", "desk", *keys)

    def type(self, text: str) -> None:
        self._run("send-keys", "-t", "desk", "-l", text)

    def enter(self, *lines: str) -> None:
        """Each of these, and Enter behind it, once the screen has taken in what was before."""
        for line in lines:
            if line:
                self.type(line)
            time.sleep(_LOOK_S)
            self.press("Enter")
            self.still()

    def shell(self, *lines: str) -> None:
        """Commands on a cleared screen, each when the one before has ended."""
        self.press("C-l")
        for line in lines:
            self.enter(line)
            self.until(r"(?m)^\$\Z")

    def unlock(self) -> None:
        """As people do it on the command line."""
        self.enter("clear", "meshcoal unlock")
        self.until("(?i)passphrase")
        self.enter(PASSPHRASE)
        self.until(r"(?m)^\$\Z")

    # --- Seeing

    def screen(self) -> str:
        told = self._run("capture-pane", "-p", "-t", "desk")
        return "\n".join([line.rstrip() for line in told.splitlines()]).strip("\n")

    def words(self) -> str:
        """All that stands there, lines that were broken joined again."""
        return self._run("capture-pane", "-p", "-J", "-S", "-200", "-t", "desk")

    def has(self, words: str) -> bool:
        """Whether this is on the screen, however its lines are broken."""
        return words in " ".join(self.screen().split())

    def still(self) -> str:
        """The screen, once it has stood for a moment."""
        seen, since = self.screen(), time.monotonic()
        while time.monotonic() - since < _STILL_S:
            time.sleep(_LOOK_S)
            now = self.screen()
            if now != seen:
                seen, since = now, time.monotonic()
        return seen

    def until(self, pattern: str, *, patience_s: float = _PATIENCE_S) -> str:
        """The screen, once this is on it."""
        end = time.monotonic() + patience_s
        while not re.search(pattern, self.screen()):
            assert time.monotonic() < end, f"{self.name} waits for {pattern!r}:\n{self.screen()}"
            time.sleep(_LOOK_S)
        return self.still()

    def close(self) -> None:
        # The terminal first: an open interface starts a daemon that was stopped.
        subprocess.run([*self._tmux, "kill-server"], check=False, capture_output=True)
        for _ in range(_STOPS):
            subprocess.run(
                [sys.executable, "-m", "meshcoal", "--home", str(self.mesh_home), "daemon", "stop"],
                check=False,
                capture_output=True,
                env=os.environ | {"PYTHONPATH": str(SOURCE)},
            )

    def _run(self, *words: str) -> str:
        return subprocess.run([*self._tmux, *words], check=True, capture_output=True, text=True).stdout


def _bin(folder: Path) -> Path:
    """A folder with `meshcoal` in it, as an installation has."""
    made = folder / "bin"
    made.mkdir(exist_ok=True)
    program = made / "meshcoal"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m meshcoal "$@"\n')
    program.chmod(0o700)
    return made


class Prepared(RealNode):
    """The daemon of somebody at a desk, for what is made by program."""

    def __init__(self, folder: Path, desk: Desk) -> None:
        super().__init__(folder, desk.name)
        self.home = desk.mesh_home
        self.passphrase = PASSPHRASE


async def one_campaign(folder: Path, first: Desk, *others: Desk) -> None:
    """They are members of one campaign, have met over the loopback, and their daemons have ended."""
    nodes = [Prepared(folder, desk) for desk in (first, *others)]
    for desk, node in zip((first, *others), nodes, strict=True):
        desk.has_identity()
        await node.start()
        await node.unlock()
    campaign = await found(nodes[0])
    for node in nodes[1:]:
        await meet(nodes[0], node, campaign)
    for node in nodes:
        assert await node.stop() == 0


class Page:
    """One page of `docs/guide/tried/`."""

    def __init__(self, title: str, guide: str, about: str) -> None:
        self._lines = [
            f"# Tried: {title}",
            "",
            f"What stood on the screens when somebody followed [the guide]({guide}) with an empty home, word "
            f"for word. {about} `python tests/e2e/tried.py` makes this page again; names of chance, keys and "
            "words differ each time.",
            "",
        ]

    def says(self, text: str) -> None:
        self._lines += [text, ""]

    def shows(self, desk: Desk, caption: str) -> None:
        """What stands on somebody's screen now."""
        self._lines += [f"**{desk.name}:** {caption}", "", "```text", desk.still(), "```", ""]

    def text(self, folder: Path) -> str:
        """All of it; the folder in which this was played is called `/tmp/play`."""
        return "\n".join(self._lines).replace(str(folder), "/tmp/play").rstrip("\n") + "\n"

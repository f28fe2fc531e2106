"""A program in a window of tmux, as a person sees it: how long until something is painted.

Law: one tmux server for all that is compared; what it passes on is read from its control mode as it comes, so
that nothing polls and nothing is painted for the measurement.
"""

from __future__ import annotations

import codecs
import os
import re
import select
import shlex
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final

COLUMNS: Final = 80
ROWS: Final = 24
_START_PATIENCE_S: Final = 60.0
_ENDING_S: Final = 0.5
_READ_BYTES: Final = 1 << 16
_ESCAPE_CHARS_MAX: Final = 256
_PAINTED_CHARS_MAX: Final = 200_000  # more than one reading brings
_ESCAPE: Final = re.compile(
    r"\x1b(?:\[[0-9;?<>=:]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][0-9A-B]|[=>78])"
)
_OCTAL: Final = re.compile(rb"\\([0-7]{3})")


class Screen:
    """A tmux server of our own with one window at a time."""

    def __init__(self, folder: Path) -> None:
        self._name = f"meshcoal-bench-{os.getpid()}"
        self._unread = b""
        self._painted = ""  # text, without escapes
        self._cut = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._log = ""
        self._runs = False  # something other than what the window began with
        command = ["tmux", "-u", "-L", self._name, "-f", "/dev/null", "-C", "new-session"]
        size = ["-x", str(COLUMNS), "-y", str(ROWS)]
        self._process = subprocess.Popen(
            [*command, *size, "cat"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env={**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"},
        )
        self._say("set-option -g status off")
        self._say("set-option -g remain-on-exit on")
        self._say("set-option -g default-terminal tmux-256color")
        self._until(lambda: "%window" in self._log or "%session-changed" in self._log, 10.0)

    def __enter__(self) -> Screen:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        subprocess.run(["tmux", "-L", self._name, "kill-server"], capture_output=True, check=False)
        self._process.kill()
        self._process.communicate()

    def run(
        self, command: Sequence[str], env: Mapping[str, str], sign: str, patience_s: float = 60.0
    ) -> float:
        """Seconds from starting a program to `sign` on its screen."""
        self.end()
        self._runs = True
        self._painted = ""
        words = shlex.join(["env", *[f"{key}={value}" for key, value in env.items()], *command])
        began = time.perf_counter()
        self._say(f"respawn-pane -k {shlex.quote(words)}")
        return self._seen(sign, _START_PATIENCE_S) - began

    def end(self) -> None:
        """End what runs, and read all it had painted: tmux 3.3 breaks when it is respawned meanwhile."""
        if self._runs:
            os.kill(self.process(), signal.SIGHUP)
            self.rest(_ENDING_S)

    def press(self, *keys: str) -> None:
        """Keys by tmux's names."""
        self._say(f"send-keys {shlex.join(keys)}")

    def type(self, letter: str, patience_s: float = 10.0) -> float:
        """Seconds from typing a letter that stands nowhere on the screen to its being painted."""
        self.rest(0.0)
        self._painted = ""
        began = time.perf_counter()
        self._say(f"send-keys -l {shlex.quote(letter)}")
        return self._seen(letter, patience_s) - began

    def wait_for(self, sign: str, patience_s: float = 30.0) -> None:
        """Until `sign` was painted since the last start or key that was waited for."""
        self._seen(sign, patience_s)

    def shown(self) -> str:
        """What stands on the screen now."""
        told = subprocess.run(
            ["tmux", "-L", self._name, "capture-pane", "-p"], capture_output=True, text=True, check=True
        )
        return told.stdout

    def wait_shown(self, sign: str, patience_s: float = 30.0) -> None:
        """Until `sign` stands on the screen, whenever it was painted."""
        end_s = time.perf_counter() + patience_s
        while sign not in self.shown():
            if time.perf_counter() > end_s:
                raise SystemExit(f"not on the screen: {sign}\n{self.shown()}")
            self.rest(0.05)

    def process(self) -> int:
        """The program in the window."""
        told = subprocess.run(
            ["tmux", "-L", self._name, "display-message", "-p", "#{pane_pid}"],
            capture_output=True,
            text=True,
            check=True,
        )
        return int(told.stdout)

    def rest(self, seconds: float) -> None:
        """Let time pass, and read what is painted meanwhile."""
        end_s = time.perf_counter() + seconds
        while True:
            left_s = end_s - time.perf_counter()
            self._read(max(0.0, left_s))
            if left_s <= 0:
                return

    # --- Control mode

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        assert "\n" not in line
        self._process.stdin.write(line.encode() + b"\n")
        self._process.stdin.flush()

    def _seen(self, sign: str, patience_s: float) -> float:
        self._until(lambda: sign in self._painted, patience_s)
        return time.perf_counter()

    def _until(self, done: Callable[[], bool], patience_s: float) -> None:
        end_s = time.perf_counter() + patience_s
        while not done():
            left_s = end_s - time.perf_counter()
            if left_s <= 0:
                raise SystemExit(f"nothing was painted in time\n{self.shown()}")
            self._read(min(left_s, 0.5))

    def _read(self, patience_s: float) -> bool:
        assert self._process.stdout is not None
        if not select.select([self._process.stdout], [], [], patience_s)[0]:
            return False
        more = os.read(self._process.stdout.fileno(), _READ_BYTES)
        if not more:
            raise SystemExit(f"tmux has ended: {self._log[-500:]}")
        self._unread += more
        *lines, self._unread = self._unread.split(b"\n")
        for line in lines:
            if line.startswith(b"%output "):
                data = line.split(b" ", 2)[2]
                data = _OCTAL.sub(lambda match: bytes([int(match[1], 8)]), data)
                self._paint(data)
            else:
                self._log = (self._log + line.decode(errors="replace") + "\n")[-4_000:]
        return True

    def _paint(self, data: bytes) -> None:
        """Keep the text of what is painted; an escape or a letter may be cut anywhere."""
        text = self._decoder.decode(data)
        text = self._cut + text
        last = text.rfind("\x1b")
        whole = last < 0 or _ESCAPE.match(text, last) is not None or len(text) - last > _ESCAPE_CHARS_MAX
        text, self._cut = (text, "") if whole else (text[:last], text[last:])
        self._painted = (self._painted + _ESCAPE.sub("", text))[-_PAINTED_CHARS_MAX:]

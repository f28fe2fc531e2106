"""A program in a window of tmux, seen cell by cell: letters, what is lit, where the cursor stands.

Law: nothing is waited for by the clock: a wait ends when the screen shows what was waited for, or fails with
the screen as it stands. Each look makes sure that the window is unhurt: no traceback, no stray escapes.
"""

from __future__ import annotations

import itertools
import os
import re
import shlex
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.cells import cell_len

COLUMNS: Final = 80
ROWS: Final = 24
PATIENCE_S: Final = 20.0
_LOOK_S: Final = 0.02
_STILL_S: Final = 0.1
_ESCAPE: Final = re.compile(
    r"\x1b\[([0-9;:]*)m|\x1b\][^\x1b\x07]*(?:\x1b\\|\x07)|\x1b[()][A-Z0-9]|[\x0e\x0f]"
)
# What escapes leave on a screen when somebody takes them for text.
_JUNK: Final = re.compile(r"\x1b|\[<\d+;\d+;\d+[Mm]|\[\?\d+(?:;\d+)*[hlu$]|\[20[01]~|\]\d{1,3};")
_TRACEBACK: Final = re.compile(r"Traceback \(most recent|─ Traceback|^\w*Error: ", re.MULTILINE)
_FACTS: Final = "#{cursor_x} #{cursor_y} #{mouse_any_flag} #{alternate_on} #{pane_dead} #{pane_title}"


@dataclass(frozen=True, slots=True)
class Look:
    """How a piece of the screen is drawn."""

    bold: bool = False
    reverse: bool = False
    ground: str = ""


@dataclass(frozen=True, slots=True)
class Spot:
    """A cell, counted from 0."""

    x: int
    y: int


class Screen:
    """What stood in the window at one moment."""

    def __init__(
        self, told: str, *, cursor: Spot, mouse: bool, alternate: bool, dead: bool, title: str
    ) -> None:
        self.cursor = cursor
        self.mouse = mouse
        self.alternate = alternate
        self.dead = dead
        self.title = title
        self.told = told
        self.rows: list[str] = []
        self._looks: list[list[Look]] = []
        self._columns: list[list[int]] = []  # of each character of a row
        look = Look()
        for line in told.split("\n"):
            row, looks, columns, x, at = "", [], [], 0, 0
            while at < len(line):
                escape = _ESCAPE.match(line, at)
                if escape is not None:
                    look = _drawn(look, escape[1]) if escape[1] is not None else look
                    at = escape.end()
                    continue
                row += line[at]
                looks.append(look)
                columns.append(x)
                x += cell_len(line[at])
                at += 1
            self.rows.append(row)
            self._looks.append(looks)
            self._columns.append(columns)

    @property
    def state(self) -> object:
        """What is equal for two screens that are the same, whether a cursor blinks or not."""
        looks = [list(row) for row in self._looks]
        for row in looks:
            for at in range(len(row) - 2, 0, -1):
                if row[at - 1].ground != row[at].ground != row[at + 1].ground:
                    row[at] = row[at + 1]
        return self.cursor, self.rows, looks

    @property
    def text(self) -> str:
        return "\n".join([row.rstrip() for row in self.rows]).rstrip("\n")

    @property
    def flat(self) -> str:
        """All of it in one line, however it is wrapped and framed."""
        return " ".join(re.sub("[│┃▌]", " ", self.text).split())

    def has(self, words: str) -> bool:
        return " ".join(words.split()) in self.flat

    def find(self, words: str, *, last: bool = False) -> Spot | None:
        """Where these words begin, in one row."""
        found: Spot | None = None
        for y, row in enumerate(self.rows):
            at = row.find(words)
            if at >= 0:
                found = Spot(self._columns[y][at], y)
                if not last:
                    return found
        return found

    def button(self, words: str) -> Spot | None:
        """Where a button says this: away from what stands beside it, as keys in the last row are not."""
        for y, row in enumerate(self.rows):
            match = re.search(rf"(?:^|  ){re.escape(words)}(?=  |\s*$|\s*[│┃])", row)
            if match is not None:
                return Spot(self._columns[y][match.end() - len(words)], y)
        return None

    def label(self, words: str) -> Spot | None:
        """Where a row begins with these words, but for frames and blanks; best where nothing else follows."""
        for end in (r"(?=  |\s*$|\s*[│┃])", r"(?!\w)"):
            for y, row in enumerate(self.rows):
                match = re.search(rf"(?:^|[│┃])\s*({re.escape(words)}){end}", row)
                if match is not None:
                    return Spot(self._columns[y][match.start(1)], y)
        return None

    def caret(self, spot: Spot) -> bool:
        """Whether somebody writes here or further right in this row: one letter stands out. It blinks."""
        row = zip(self.rows[spot.y], self._columns[spot.y], self._looks[spot.y], strict=True)
        field = itertools.takewhile(
            lambda one: one[0] not in "│┃", [one for one in row if one[1] >= spot.x - 3]
        )
        grounds = [(look.ground, look.reverse) for _letter, _x, look in field]
        return any(before != one != after for before, one, after in zip(grounds, grounds[1:], grounds[2:]))

    def look(self, spot: Spot) -> Look:
        """How a cell is drawn."""
        columns = self._columns[spot.y]
        ats = [at for at, x in enumerate(columns) if x <= spot.x]
        return self._looks[spot.y][ats[-1]] if ats else Look()

    @property
    def ground(self) -> str:
        """The colour behind most of it."""
        counted = Counter([look.ground for looks in self._looks for look in looks])
        return counted.most_common(1)[0][0] if counted else ""

    def lit(self, spot: Spot) -> bool:
        """Whether a cell stands out as what is chosen does."""
        look = self.look(spot)
        return look.reverse or look.ground != self.ground


def _drawn(look: Look, codes: str) -> Look:
    """The look after an SGR sequence."""
    bold, reverse, ground = look.bold, look.reverse, look.ground
    given = codes.replace(":", ";").split(";")
    while given:
        code = given.pop(0)
        match code:
            case "" | "0":
                bold, reverse, ground = False, False, ""
            case "1":
                bold = True
            case "22":
                bold = False
            case "7":
                reverse = True
            case "27":
                reverse = False
            case "49":
                ground = ""
            case "38" | "48":
                size = 4 if given[:1] == ["2"] else 2
                colour, given = ";".join(given[:size]), given[size:]
                ground = colour if code == "48" else ground
            case _ if code.isdecimal() and (40 <= int(code) <= 47 or 100 <= int(code) <= 107):
                ground = code
            case _:
                pass
    return Look(bold, reverse, ground)


class Pane:
    """One window with one program, on a tmux server of its own."""

    def __init__(
        self,
        socket: Path,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        tmux: str = "tmux",
        strict: bool = True,
    ) -> None:
        """
        Args:
            socket: tmux's own; a short path.
            command: the program, which gets `environment` and nothing else.
            strict: what looks like an escape is one; false where people write such things.
        """
        self._strict = strict
        self._tmux = [tmux, "-u", "-S", str(socket), "-f", os.devnull]
        self.titles: set[str] = set()
        self._pane = "work"
        words = shlex.join(["env", "-i", *[f"{key}={value}" for key, value in environment.items()], *command])
        size = ["-x", str(COLUMNS), "-y", str(ROWS)]
        self.run("new-session", "-d", *size, "-s", self._pane, "cat")
        self.run("set-option", "-g", "remain-on-exit", "on")
        self.run("set-option", "-g", "status", "off")
        self._command = words
        self.begin()

    def begin(self) -> None:
        """Run the program, instead of what ran."""
        self.run("respawn-pane", "-k", "-t", self._pane, self._command)

    def run(self, *arguments: str) -> str:
        done = subprocess.run([*self._tmux, *arguments], capture_output=True, text=True, check=True)
        return done.stdout

    def close(self) -> None:
        subprocess.run([*self._tmux, "kill-server"], check=False, capture_output=True)

    # --- Doing

    def press(self, *keys: str) -> None:
        """Keys by tmux's names."""
        self.run("send-keys", "-t", self._pane, "--", *keys)

    def type(self, text: str) -> None:
        self.run("send-keys", "-t", self._pane, "-l", "--", text)

    def paste(self, text: str) -> None:
        """As a terminal does it, between the marks of a paste where the program asked for them."""
        subprocess.run([*self._tmux, "load-buffer", "-"], input=text, text=True, check=True)
        self.run("paste-buffer", "-p", "-r", "-t", self._pane)

    def resize(self, columns: int, rows: int) -> None:
        self.run("resize-window", "-t", self._pane, "-x", str(columns), "-y", str(rows))

    def mouse(self, button: int, spot: Spot, *, up: bool = False) -> str:
        """What a terminal sends for the mouse (SGR 1006)."""
        return f"\x1b[<{button};{spot.x + 1};{spot.y + 1}{'m' if up else 'M'}"

    def click(self, spot: Spot) -> None:
        """Move there, press, release."""
        moved = self.mouse(35, spot)
        self.type(moved + self.mouse(0, spot) + self.mouse(0, spot, up=True))

    def wheel(self, spot: Spot, *, down: bool = True) -> None:
        self.type(self.mouse(65 if down else 64, spot))

    # --- Seeing

    def glance(self) -> Screen:
        """The screen, whatever its state."""
        told = self.run("display-message", "-p", "-t", self._pane, _FACTS, ";", "capture-pane", "-p", "-e")
        facts, _, told = told.partition("\n")
        x, y, mouse, alternate, dead, title = (facts + " ").split(" ", 5)
        self.titles.add(title.strip())
        return Screen(
            told.removesuffix("\n"),
            cursor=Spot(int(x), int(y)),
            mouse=mouse == "1",
            alternate=alternate == "1",
            dead=dead == "1",
            title=title.strip(),
        )

    def screen(self) -> Screen:
        """The screen, once looked over for damage."""
        seen = self.glance()
        assert not _TRACEBACK.search(seen.text), seen.text
        assert not (self._strict and _JUNK.search(seen.text)), seen.text
        return seen

    def until(
        self, holds: Callable[[Screen], bool], why: Callable[[], str], *, patience_s: float = PATIENCE_S
    ) -> Screen:
        """The screen, once this holds of it."""
        seen, came = self.soon(holds, patience_s)
        assert came, f"{why()}\n{seen.text}"
        return seen

    def soon(self, holds: Callable[[Screen], bool], patience_s: float) -> tuple[Screen, bool]:
        """The screen, and whether this came to hold of it."""
        end = time.monotonic() + patience_s
        while not holds(seen := self.screen()):
            if seen.dead or time.monotonic() >= end:
                return seen, False
            time.sleep(_LOOK_S)
        return seen, True

    def still(self, moment_s: float = _STILL_S) -> Screen:
        """The screen, once it has stood for a moment."""
        seen, since = self.screen(), time.monotonic()
        while time.monotonic() - since < moment_s:
            time.sleep(_LOOK_S)
            now = self.screen()
            if now.state != seen.state:
                seen, since = now, time.monotonic()
        return seen

    def shows(self, *words: str) -> Screen:
        """The screen, once all of these words stand on it."""
        return self.until(lambda seen: all(seen.has(one) for one in words), lambda: f"waits for {words}")

    def gone(self, words: str) -> Screen:
        """The screen, once these words stand on it no longer."""
        return self.until(lambda seen: not seen.has(words), lambda: f"still there: {words}")

    def pid(self) -> int:
        """The program's process, or that of what it runs in."""
        return int(self.run("display-message", "-p", "-t", self._pane, "#{pane_pid}"))

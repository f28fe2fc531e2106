"""A monkey at the interface of a live coalition: random keys, clicks, wheels, pastes, sizes, locks.

    python tests/e2e/monkey.py --minutes 30 [--seed N] [--replay FILE]

Law: whatever somebody presses, the interface lives, answers, and does not grow; and whatever others write
meanwhile. A run that fails names its seed, prints its last moves and leaves a file with which `--replay`
makes them again.
"""

from __future__ import annotations

import argparse
import gettext
import json
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Final

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[2] / "src"))

from hands import tmux_key
from lively import HOSTILE, SAID, Living
from panes import COLUMNS, ROWS, Pane, Screen, Spot
from processwork import environment

from meshcoal.tui import locale
from meshcoal.tui.actions import ACTIONS
from meshcoal.tui.cover import EVERY_S

Move = tuple[str, ...]

MINUTES: Final = 30.0
SHORT_S: Final = 15.0
LAST_MOVES: Final = 50
ANSWER_S: Final = 30.0  # to show the keys of a screen, however busy the machine is
TRY_S: Final = 2.0
START_S: Final = 60.0
MOMENT_S: Final = 0.05
LOOK_EVERY_S: Final = 1.0
ASK_EVERY_S: Final = 5.0
WEIGH_EVERY_S: Final = 10.0
GROWTH_KIB_MAX: Final = 24 * 1024  # between the first and the last third of what was measured
WARM_S: Final = 120.0  # screens are imported when they are first shown
SIZES: Final = ((80, 24), (80, 24), (120, 40), (60, 16), (200, 50), (100, 30), (40, 12))
PASTES: Final = (
    HOSTILE,
    "MESHCOAL1" + "A" * 300,
    "\x1b[201~\x1b[31m",
    "/etc/passwd",
    "x" * 20_000,
    *SAID,
)
# What would end the game for good. The other words are typed where a form asks for one.
NEVER: Final = ("leave", "remove")
_LOG: Final = "daemon.log"
_TYPED: Final = re.compile('[“"«「]([^”"»」]+)[”"»」]')


def sayings(sentence: str) -> tuple[str, ...]:
    """How the interface says this in each of its languages."""
    folder = Path(locale.__file__).parent
    found = [sentence]
    for path in sorted(folder.glob("*/LC_MESSAGES/meshcoal.mo")):
        with path.open("rb") as file:
            found.append(gettext.GNUTranslations(file).gettext(sentence))
    return tuple(dict.fromkeys(found))


LOCKED: Final = sayings("meshcoal is locked")
TOLD: Final = tuple(
    one.partition("%(passphrase)s")[0].strip()
    for one in sayings("Your vault is locked, and the case waits. Its passphrase here is: %(passphrase)s")
)
KEYS: Final = sayings("Keys")


def pool() -> list[str]:
    """Keys by tmux's names: those of all actions but one, and those that move about."""
    keys = [tmux_key(key) for one in ACTIONS if one.name not in ("quit", "lock") for key in one.keys]
    return keys + ["Tab", "BTab", "Up", "Down", "Left", "Right", "Home", "End", "PPage", "NPage"] * 4


@dataclass(slots=True)
class Tally:
    """What was seen of the interface."""

    moves: int = 0
    starts: int = 0
    checks: int = 0
    slowest_s: float = 0.0
    places: Counter[str] = field(default_factory=Counter)
    memory_kib: list[tuple[float, int]] = field(default_factory=list)  # since the last start: when, how much


class Monkey:
    """Somebody who knows nothing and presses everything."""

    def __init__(self, pane: Pane, passphrase: str, seed: int, status: Path) -> None:
        """`status`: where the program's exit code is written when it ends."""
        self.pane = pane
        self.tally = Tally()
        self.moves: list[Move] = []
        self._passphrase = passphrase
        self._chance = random.Random(seed)
        self._status = status
        self._pool = pool()
        self._words = (*SAID, "yes", "en", "1", "2026-12-01 18:00", "~", "general")

    # --- Choosing

    def choose(self, seen: Screen) -> Move:
        """What to do next, by what stands there."""
        if covered(seen) or (self._locked(seen) and self._chance.random() < 0.8):
            return ("unlock",)
        wanted = _TYPED.search(seen.flat)
        if wanted is not None and wanted[1] not in NEVER and self._chance.random() < 0.15:
            return ("text", wanted[1])
        kinds = (
            "shown",
            "key",
            "text",
            "enter",
            "escape",
            "click",
            "wheel",
            "paste",
            "resize",
            "lock",
            "letter",
        )
        (kind,) = self._chance.choices(kinds, (30, 25, 5, 14, 7, 14, 4, 2, 1, 0.2, 5))
        match kind:
            case "shown":
                return ("key", self._shown(seen))
            case "key":
                return ("key", self._chance.choice(self._pool))
            case "text":
                return ("text", self._chance.choice(self._words)[:200].replace("\n", " "))
            case "letter":
                return ("text", self._chance.choice("abcdefghijklmnopqrstuvwxyz0123456789 ,./"))
            case "enter":
                return ("key", "Enter")
            case "escape":
                return ("key", "Escape")
            case "click":
                spot = self._spot(seen)
                return ("click", str(spot.x), str(spot.y))
            case "wheel":
                spot = self._spot(seen)
                return ("wheel", str(spot.x), str(spot.y), self._chance.choice(("up", "down")))
            case "paste":
                return ("paste", str(self._chance.randrange(len(PASTES))))
            case "resize":
                columns, rows = self._chance.choice(SIZES)
                return ("resize", str(columns), str(rows))
            case _:
                return ("key", "C-l")

    def _shown(self, seen: Screen) -> str:
        """A key that the last row names; most screens are only one such key away from another."""
        named = re.findall(
            r"(?:^| )(\^[A-Z]|F\d|Esc|Enter|Tab|PgUp|\S)(?= \S)", seen.text.rpartition("\n")[2]
        )
        known = [one for one in self._pool if one in named or _as_shown(one) in named]
        return self._chance.choice(known or self._pool)

    def _spot(self, seen: Screen) -> Spot:
        """Mostly somewhere where something is written."""
        if self._chance.random() < 0.8:
            places = [
                (match.start(), y) for y, row in enumerate(seen.rows) for match in re.finditer(r"\S{2,}", row)
            ]
            if places:
                return Spot(*self._chance.choice(places))
        return Spot(self._chance.randrange(COLUMNS), self._chance.randrange(ROWS))

    @staticmethod
    def _locked(seen: Screen) -> bool:
        return any(one in seen.text.partition("\n")[0] for one in LOCKED)

    # --- Doing

    def make(self, move: Move) -> None:
        """One move."""
        self.moves.append(move)
        self.tally.moves += 1
        match move:
            case ("key", key):
                self.pane.press(key)
            case ("text", text):
                self.pane.type(text)
            case ("click", x, y):
                self.pane.click(Spot(int(x), int(y)))
            case ("wheel", x, y, way):
                self.pane.wheel(Spot(int(x), int(y)), down=way == "down")
            case ("paste", number):
                self.pane.paste(PASTES[int(number)])
            case ("resize", columns, rows):
                self.pane.resize(int(columns), int(rows))
            case ("unlock",):
                self.pane.press("End", "C-u")
                self.pane.type(self._what_opens())
                self.pane.press("Enter")
            case _:
                raise AssertionError(move)

    def _what_opens(self) -> str:
        """The passphrase; in a rehearsal the one that its coach tells, which may run over two rows."""
        seen = " ".join(self.pane.screen().text.split())
        for told in TOLD:
            found = re.search(re.escape(told) + r" ?((?:[a-z]+ ){5}[a-z]+)", seen)
            if found is not None:
                return found[1]
        return self._passphrase

    def settle(self, before: Screen) -> None:
        """Give a move a moment to show."""
        self.pane.soon(lambda seen: (seen.told, seen.cursor) != (before.told, before.cursor), MOMENT_S)

    # --- Making sure

    def look(self) -> Screen:
        """The screen; a program that has ended well is started anew, as people do."""
        seen = self.pane.screen()
        if not seen.dead:
            return seen
        code = self._status.read_text(encoding="ascii").strip() if self._status.exists() else "none"
        assert code == "0", f"the interface has ended with {code}\n{seen.text}"
        self.start()
        return self.pane.screen()

    def start(self) -> None:
        """Run the interface, and wait until it is there."""
        self._status.unlink(missing_ok=True)
        self.pane.resize(COLUMNS, ROWS)
        self.pane.begin()
        seen, came = self.pane.soon(lambda seen: seen.alternate and len(seen.rows[0].strip()) > 0, START_S)
        assert came, f"the interface does not start\n{seen.text}"
        self.tally.starts += 1
        self.tally.memory_kib = []

    def answers(self) -> None:
        """It shows the keys of the screen when asked, and puts them away."""
        began = time.monotonic()
        self._until_keys(True, began)
        self._until_keys(False, began)
        self.tally.checks += 1
        self.tally.slowest_s = max(self.tally.slowest_s, time.monotonic() - began)

    def _until_keys(self, wanted: bool, began: float) -> None:
        while True:
            for key in ("F1", "Escape") if wanted else ("Escape",):
                seen = self.look()
                if covered(seen):
                    self.make(("unlock",))
                    self.pane.soon(lambda seen: not covered(seen), TRY_S)
                self.pane.press(key)
                seen, came = self.pane.soon(lambda seen: _shows_keys(seen) is wanted, TRY_S)
                if came:
                    return
            assert time.monotonic() - began < ANSWER_S, f"stuck\n{seen.text}"

    def note(self) -> None:
        """Where it has come to."""
        self.tally.places[self.look().text.partition("\n")[0].strip()[:40]] += 1

    def weigh(self) -> None:
        """Note how much memory the interface takes."""
        kib = resident_kib(self.pane.pid())
        if kib:
            self.tally.memory_kib.append((time.monotonic(), kib))

    def growth_kib(self) -> int:
        """Between the first and the last third since it was warm; 0 where too little was measured."""
        known = self.tally.memory_kib
        warm = [kib for at, kib in known if at - known[0][0] >= WARM_S]
        third = len(warm) // 3
        return int(median(warm[-third:]) - median(warm[:third])) if third >= 2 else 0


def covered(seen: Screen) -> bool:
    """Whether the calendar is shown, which nothing but the passphrase takes away."""
    return seen.rows[0].startswith(f"Every {EVERY_S}.0s")


def _as_shown(key: str) -> str:
    """A key of tmux's as the last row names it."""
    if key.startswith("C-"):
        return "^" + key.removeprefix("C-").upper()
    return {"Escape": "Esc", "PPage": "PgUp"}.get(key, key)


def _shows_keys(seen: Screen) -> bool:
    return any(re.search(rf"│ {re.escape(one)} +│", seen.text) for one in KEYS)


def resident_kib(shell: int) -> int:
    """Of the program that this shell runs; 0 where none runs."""
    told = subprocess.run(
        ["pgrep", "-P", str(shell)], capture_output=True, text=True, check=False
    ).stdout.split()
    for child in told:
        try:
            status = Path(f"/proc/{child}/status").read_text(encoding="ascii")
        except OSError:
            continue  # it has just ended
        found = re.search(r"^VmRSS:\s+(\d+)", status, re.MULTILINE)
        if found is not None:
            return int(found[1])
    return 0


def run(folder: Path, *, seconds: float, seed: int, replay: tuple[Move, ...] = ()) -> Tally:
    """Let a monkey at it. Raises `AssertionError` with what went wrong."""
    living = Living(folder, seed)
    status = folder / "status"
    surroundings = {
        **environment(folder),
        "MESHCOAL_HOME": str(living.coalition.ana.home),
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
    }
    words = f'"$0" -m meshcoal; echo $? > {status}'
    pane: Pane | None = None
    try:
        living.until_together()
        pane = Pane(folder / "tmux", ["sh", "-c", words, sys.executable], surroundings, strict=False)
        monkey = Monkey(pane, living.coalition.ana.passphrase, seed, status)
        monkey.start()
        try:
            _play(monkey, living, seconds, replay)
        except AssertionError as failure:
            kept = Path(tempfile.gettempdir()) / f"meshcoal-monkey-{seed}.json"
            kept.write_text(json.dumps(monkey.moves), encoding="utf-8")
            last = "\n".join([" ".join(move) for move in monkey.moves[-LAST_MOVES:]])
            raise AssertionError(
                f"{failure}\nseed {seed}, after {len(monkey.moves)} moves; the last:\n{last}\n"
                f"again: python tests/e2e/monkey.py --seed {seed} --replay {kept}"
            ) from failure
    finally:
        if pane is not None:
            pane.close()
        living.stop()
    for noise in (living.coalition.ana.noise, living.coalition.ana.home / _LOG):
        told = noise.read_text(encoding="utf-8", errors="replace") if noise.exists() else ""
        assert "Traceback" not in told, told[-4_000:]
    return monkey.tally


def _play(monkey: Monkey, living: Living, seconds: float, replay: tuple[Move, ...]) -> None:
    now = time.monotonic()
    end, look_at, ask_at, weigh_at = now + seconds, now, now + ASK_EVERY_S, now
    given = list(replay)
    while given or (not replay and now < end):
        seen = monkey.look()
        monkey.make(given.pop(0) if given else monkey.choose(seen))
        monkey.settle(seen)
        now = time.monotonic()
        if now >= look_at:
            monkey.note()
            living.check()
            look_at = now + LOOK_EVERY_S
        if now >= ask_at:
            monkey.answers()
            ask_at = time.monotonic() + ASK_EVERY_S
        if now >= weigh_at:
            monkey.weigh()
            weigh_at = now + WEIGH_EVERY_S
    monkey.look()
    monkey.answers()
    grown = monkey.growth_kib()
    assert grown <= GROWTH_KIB_MAX, f"it has grown by {grown} KiB: {monkey.tally.memory_kib}"


def main() -> int:
    parser = argparse.ArgumentParser(description="A monkey at the interface of a live coalition.")
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--replay", type=Path, help="a file that a failing run has left")
    given = parser.parse_args()
    replay: tuple[Move, ...] = ()
    if given.replay is not None:
        replay = tuple(tuple(move) for move in json.loads(given.replay.read_text(encoding="utf-8")))
    folder = Path(tempfile.mkdtemp(prefix="mc-"))
    sys.stdout.write(f"seed {given.seed}\n")
    sys.stdout.flush()
    try:
        tally = run(folder, seconds=60 * given.minutes, seed=given.seed, replay=replay)
    except AssertionError as failure:
        sys.stdout.write(f"{failure}\n")
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    memory = [kib // 1024 for _at, kib in tally.memory_kib]
    sys.stdout.write(
        f"{tally.moves} moves, {tally.starts} starts, {len(tally.places)} headings, {tally.checks} times "
        f"asked for the keys, slowest answer {tally.slowest_s:.1f} s; MiB since the last start: {memory}\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())

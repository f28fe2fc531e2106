"""When the interface locks by itself: nobody touched it for a while, or the machine slept.

Law: this decides and does nothing. Two clocks come in: one that stands while the machine sleeps, one that
goes on. Where they part, it slept. Being late never helps whoever comes late: what is due is due before a key
counts as a touch.
"""

from __future__ import annotations

import enum
import time
from typing import Final, NamedTuple

WARN_S: Final = 20.0
SLEPT_S: Final = 2.0  # clocks are read one after the other, and set by a little at times
MINUTES: Final = 10  # unless somebody chose otherwise
NEVER: Final = "never"
CHOICES: Final = ("1", "5", "", "30", "60", NEVER)  # of `Settings.lock_after`; minutes, "" is ten


class Clocks(NamedTuple):
    """Seconds. `awake` stands while the machine sleeps; `always` goes on."""

    awake: float
    always: float


class Verdict(enum.StrEnum):
    """What is to be done now."""

    NOTHING = "nothing"
    WARN = "warn"
    LOCK = "lock"


def clocks() -> Clocks:
    """The machine's own.

    CLOCK_MONOTONIC stands in sleep on Linux and macOS. CLOCK_BOOTTIME is Linux's; elsewhere the wall clock
    serves, and setting that forward counts as sleep.
    """
    awake = time.monotonic()
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return Clocks(awake, time.time() if boot is None else time.clock_gettime(boot))


def limit_s(chosen: str) -> float | None:
    """Seconds without a touch after which it locks; None for never. What cannot be read counts as unset."""
    if chosen == NEVER:
        return None
    minutes = int(chosen) if chosen.isascii() and chosen.isdigit() and 0 < len(chosen) < 5 else MINUTES
    return 60.0 * max(1, minutes)


class Idle:
    """One window's patience."""

    def __init__(self, limit_s: float | None, now: Clocks) -> None:
        """`limit_s` as of `limit_s()`."""
        self.limit_s = limit_s
        self._touched_s = now.awake
        self._seen = now

    def touched(self, now: Clocks) -> None:
        """Somebody is there."""
        self._touched_s = now.awake
        self._seen = now

    def left_s(self, now: Clocks) -> float:
        """Until it locks; infinite where it never does."""
        if self.limit_s is None:
            return float("inf")
        return self.limit_s - (now.awake - self._touched_s)

    def look(self, now: Clocks) -> Verdict:
        """What is to be done. Answers LOCK once for each sleep; after that it is as if nobody had come."""
        slept = (now.always - self._seen.always) - (now.awake - self._seen.awake)
        self._seen = now
        if slept > SLEPT_S:
            return Verdict.LOCK
        left = self.left_s(now)
        if left <= 0:
            return Verdict.LOCK
        return Verdict.WARN if left <= WARN_S else Verdict.NOTHING

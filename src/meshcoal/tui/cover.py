"""The harmless screen behind which the interface hides: what `watch cal` shows, and nothing of ours.

Law: what is drawn depends on the hour, the machine's name and the size of the window alone; no key, no paste
and no mouse changes it. What is typed is kept unseen until Enter, as `watch` takes keys and does nothing.
"""

from __future__ import annotations

import calendar
from datetime import datetime
from typing import Final

HIDES: Final = "hides"  # of `Settings.cover`: the vault stays open; "" and "locks" lock it
COMMAND: Final = "cal -3"
TITLE: Final = "watch"
EVERY_S: Final = 60  # as it says at its top
TYPED_CHARS_MAX: Final = 1024
FORGET_AFTER_S: Final = 30.0  # what somebody else typed does not spoil a passphrase typed later

_MONTH_CELLS: Final = 20
_GAP: Final = "  "
_TODAY: Final = ("\x1b[7m", "\x1b[27m")


def rows(now: datetime, host: str, width_cells: int, height: int) -> list[str]:
    """The page, row by row, each at most `width_cells` wide but for the sign that marks today."""
    said = f"Every {EVERY_S}.0s: {COMMAND}"
    clock = f"{host}: {now.strftime('%a %b %e %H:%M:%S %Y')}"
    room = width_cells - len(said) - len(clock)
    head = f"{said}{' ' * room}{clock}" if room > 0 else said
    page = [head[:width_cells], "", *_months(now, width_cells)]
    return [*page, *[""] * max(0, height - len(page))][:height]


def _months(now: datetime, width_cells: int) -> list[str]:
    """The month before, this one and the next beside each other, as far as there is room."""
    wanted = [_beside(now, by) for by in (-1, 0, 1)]
    if width_cells < 3 * _MONTH_CELLS + 2 * len(_GAP):
        wanted = [(now.year, now.month)]
    blocks = [_month(year, month, now) for year, month in wanted]
    return [_GAP.join([block[at] for block in blocks]).rstrip() for at in range(len(blocks[0]))]


def _beside(now: datetime, by: int) -> tuple[int, int]:
    months = now.year * 12 + now.month - 1 + by
    return months // 12, months % 12 + 1


def _month(year: int, month: int, now: datetime) -> list[str]:
    block = [f"{calendar.month_name[month]} {year}".center(_MONTH_CELLS), "Su Mo Tu We Th Fr Sa"]
    today = now.day if (year, month) == (now.year, now.month) else 0
    for week in calendar.Calendar(firstweekday=6).monthdayscalendar(year, month):
        block.append(" ".join([_day(day, today) for day in week]))
    return [*block, *[" " * _MONTH_CELLS] * (8 - len(block))]


def _day(day: int, today: int) -> str:
    if not day:
        return "  "
    return f"{_TODAY[0]}{day:2}{_TODAY[1]}" if day == today else f"{day:2}"


def drawn(page: list[str]) -> str:
    """What draws a page on the terminal, whatever stood there."""
    lines = [f"\x1b[{at};1H\x1b[0m\x1b[K{row}" for at, row in enumerate(page, 1)]
    return "\x1b[?25l" + "".join(lines)


class Typed:
    """What is typed without being shown."""

    def __init__(self) -> None:
        self._chars: list[str] = []
        self._last_s = 0.0

    def key(self, key: str, character: str | None, now_s: float) -> str | None:
        """Take a key; answers what was typed when Enter ends it."""
        if now_s - self._last_s > FORGET_AFTER_S:
            self._chars.clear()
        self._last_s = now_s
        if key == "enter":
            typed = "".join(self._chars)
            self._chars.clear()
            return typed
        if key in ("escape", "ctrl+u"):
            self._chars.clear()
        elif key == "backspace":
            del self._chars[-1:]
        elif character and character.isprintable() and len(self._chars) < TYPED_CHARS_MAX:
            self._chars.append(character)
        return None

    def paste(self, text: str, now_s: float) -> None:
        """Take what is pasted, without line feeds."""
        for character in text:
            if character not in "\r\n":
                self.key("", character, now_s)

"""Which serial lines this home uses: chosen at a start, kept across restarts.

Law: without being told otherwise, none. The file `lines` in the home holds one in each row and is the user's
alone; where it cannot be read, none is used.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from meshcoal.errors import BadArgument, ReadOnly
from meshcoal.net.serial import DEFAULT_BAUD

FILE_NAME: Final = "lines"
NONE: Final = "none"
LINES_MAX: Final = 8
_SPELLED: Final = re.compile(r"serial:(/[^@\x00-\x1f]{1,200})(?:@([0-9]{3,7}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChoice:
    """A device and its speed in bits a second."""

    device: Path
    baud: int = DEFAULT_BAUD

    def __str__(self) -> str:
        return f"serial:{self.device}@{self.baud}"


def parse_line(text: str) -> LineChoice:
    """`serial:/dev/ttyUSB0` or `serial:/dev/ttyUSB0@57600`. Raises `BadArgument`."""
    found = _SPELLED.fullmatch(text)
    if found is None:
        raise BadArgument(
            "A line is written serial:DEVICE or serial:DEVICE@SPEED: serial:/dev/ttyUSB0@57600."
        )
    return LineChoice(device=Path(found[1]), baud=int(found[2]) if found[2] else DEFAULT_BAUD)


def kept_lines(home: Path, given: tuple[str, ...] | None) -> tuple[LineChoice, ...]:
    """The lines of a home; where some are given, these from now on (`none`: none any more).

    Raises:
        BadArgument: one is not spelled so, or there are more than eight.
        ReadOnly: the choice cannot be written down.
    """
    file = home / FILE_NAME
    if given is None:
        try:
            return _all(tuple(file.read_text(encoding="utf-8").splitlines()))
        except (OSError, UnicodeDecodeError, BadArgument):
            return ()
    chosen = () if given == (NONE,) else _all(given)
    try:
        file.write_text("".join([f"{line}\n" for line in chosen]), encoding="utf-8")
        file.chmod(0o600)
    except OSError as exc:
        raise ReadOnly(f"The choice of lines cannot be written in the home: {exc.strerror}.") from exc
    return chosen


def _all(texts: tuple[str, ...]) -> tuple[LineChoice, ...]:
    if len(texts) > LINES_MAX:
        raise BadArgument("There are at most eight lines.")
    return tuple([parse_line(text) for text in texts])

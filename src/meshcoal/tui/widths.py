"""Text whose width terminals do not agree on, kept from moving what stands beside it.

Law: whatever width a terminal gives such a run, what follows begins at the column that was meant. Textual
counts columns by Unicode's tables; terminals count the marks of Burmese, Sinhala and other scripts of India
and South-East Asia, and joined emoji, each in their own way. So each block of text with such a run, up to the
next gap, is written between "keep the place" and "back to it, and so many columns on" (DECSC, DECRC, CUF:
ECMA-48 8.3.20 and DEC STD 070), its columns blanked first, and without wrapping at the edge (DECAWM). Where a
terminal takes more columns than the block and its gap have, the end of the block is overwritten.
"""

from __future__ import annotations

import re
from typing import Final

from rich.cells import cell_len
from textual.driver import Driver

# Scripts with marks that take a column of their own in some terminals and none in others.
_SCRIPTS: Final = (
    "\u0900-\u0dff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u1900-\u1aaf\u1b00-\u1c4f\ua880-\ua8ff"
    "\ua930-\ua9ff\uaa00-\uaa7f\uabc0-\uabff\U00011000-\U000114ff"
)
_ALTERS: Final = "\ufe0f\u20e3\U0001f3fb-\U0001f3ff"
_EMOJI: Final = "\u00a9\u00ae\u203c-\u24ff\u25a0-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
_FLAG: Final = "\U0001f1e6-\U0001f1ff"
UNSURE: Final = f"(?:[{_SCRIPTS}]|[{_EMOJI}#*0-9](?:[{_ALTERS}]|\u200d[{_EMOJI}])+|[{_FLAG}]{{2}})"
_HINT: Final = re.compile(f"[{_SCRIPTS}{_ALTERS}{_FLAG}\u200d]")  # what each of them holds; ten times as fast
_STYLE: Final = r"\x1b\[[0-9;:]*m"
# Up to the next gap, border or move; then the blanks of the gap, into which a run may run over.
_BLOCK: Final = re.compile(f"({UNSURE}(?:(?!  )(?:{_STYLE}|[^\x1b\r\n\u2500-\u259f]))*)((?:{_STYLE}| )*)")
_STYLES: Final = re.compile(_STYLE)
_KEEP: Final = "\x1b[?7l\x1b7"
_BACK: Final = "\x1b8"


def placed(data: str) -> str:
    """What is written to the terminal, with each block of unsure text kept to its columns."""
    if data.isascii() or _HINT.search(data) is None:
        return data
    return _BLOCK.sub(_placed, data)


def _placed(block: re.Match[str]) -> str:
    text = block[1]
    columns = cell_len(_STYLES.sub("", block[0]))
    if not columns:
        return block[0]
    blanked = "".join(
        [part if part.startswith("\x1b") else " " * cell_len(part) for part in _parts(block[0])]
    )
    styles = "".join(_STYLES.findall(block[0]))  # what follows counts on them, and going back undoes them
    return f"{_KEEP}{blanked}{_BACK}{text}{_BACK}\x1b[{columns}C{styles}\x1b[?7h"


def _parts(data: str) -> list[str]:
    return re.findall(f"{_STYLE}|[^\x1b]+", data)


def placing(driver: type[Driver]) -> type[Driver]:
    """The driver, writing so."""

    class Placing(driver):  # type: ignore[valid-type, misc]
        def write(self, data: str) -> None:
            super().write(placed(data))

    return Placing

"""A QR code in half blocks: two modules to a character cell, dark on light whatever the theme."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from textual.filter import LineFilter

from meshcoal.tui.look import Colourless, Readable
from meshcoal.tui.widgets.plain import PlainStatic

# Four modules of quiet zone are the standard's wish; two read well on a screen that has a light ground.
QUIET_MODULES: Final = 2
_CELL: Final = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


def qr_rows(text: str) -> tuple[str, ...]:
    """The code as rows of half blocks, at error correction L: the smallest that holds the text."""
    import segno  # 20 ms that most screens need not pay

    matrix = segno.make(text, error="l", micro=False).matrix
    width = len(matrix) + 2 * QUIET_MODULES
    blank = [False] * width
    grid = [blank] * QUIET_MODULES
    grid += [
        [False] * QUIET_MODULES + [bool(module) for module in row] + [False] * QUIET_MODULES for row in matrix
    ]
    grid += [blank] * QUIET_MODULES
    if len(grid) % 2:
        grid.append(blank)
    return tuple(
        "".join([_CELL[top, low] for top, low in zip(grid[at], grid[at + 1], strict=True)])
        for at in range(0, len(grid), 2)
    )


class QrBlock(PlainStatic):
    """A code to photograph."""

    def __init__(self, text: str = "") -> None:
        super().__init__("\n".join(qr_rows(text)) if text else "", classes="qr")

    def get_line_filters(self) -> Sequence[LineFilter]:
        """None that changes colours: a camera needs it dark on light."""
        return [one for one in super().get_line_filters() if not isinstance(one, (Colourless, Readable))]

    def encode(self, text: str) -> None:
        """Show another text's code."""
        self.show("\n".join(qr_rows(text)))

"""QR codes in the terminal, from block characters and no colour."""

from __future__ import annotations

from meshcoal.cli.output import raw_block

_QUIET_CELLS = 2  # ISO/IEC 18004 asks for four; every reader tried takes two, and 80x24 is small


def picture(text: str) -> str:
    """Two rows of modules in each line. Light modules are drawn, since most terminals are dark."""
    import segno

    symbol = segno.make(text, error="l", micro=False, boost_error=False)
    rows = [[bool(module) for module in row] for row in symbol.matrix_iter(border=_QUIET_CELLS)]
    if len(rows) % 2:
        rows.append([True] * len(rows[0]))
    glyphs = {(False, False): "█", (False, True): "▀", (True, False): "▄", (True, True): " "}
    return "\n".join(
        "".join(glyphs[upper, lower] for upper, lower in zip(rows[at], rows[at + 1], strict=True))
        for at in range(0, len(rows), 2)
    )


def draw(text: str) -> None:
    """Print the picture; it never holds a foreign character."""
    raw_block(picture(text))

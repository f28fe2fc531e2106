"""QR codes in the terminal, from block characters and no colour."""

from __future__ import annotations

from meshcoal.cli.output import raw_block, say
from meshcoal.limits import CALL_QR_CHARS_MAX as QR_CHARS_MAX
from meshcoal.wire.qr_parts import parts_of

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


def draw_all(text: str) -> None:
    """One picture where the text fits; else several, read in any order. They hold no foreign character."""
    if len(text) <= QR_CHARS_MAX:
        draw(text)
        return
    parts = parts_of(text)
    for number, part in enumerate(parts, 1):
        say("Code {number} of {count}:", number=number, count=len(parts))
        draw(part)
    say("It takes {count} codes, which are read in any order.", count=len(parts))


def draw(text: str) -> None:
    """Print the picture; it never holds a foreign character."""
    raw_block(picture(text))

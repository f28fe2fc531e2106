"""Codes on paper: a page that any browser prints, with nothing on it but codes and their numbers.

Law: the page names no program, no campaign and nobody; it fetches nothing and runs nothing. Each side says
which of how many it is, so that a missing one is noticed, and the sides of a slip what they have in common.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Final

from meshcoal.limits import SLIP_CODES_PER_PAGE
from meshcoal.wire.slips import codes_of, enough_of, label_of

_COLUMNS: Final = 3
_STYLE: Final = (
    "@page{size:A4;margin:10mm}body{font:11px sans-serif;margin:0}"
    "section{break-after:page;break-inside:avoid}section:last-child{break-after:auto}"
    "p{margin:0 0 1mm;text-align:center}main{display:flex;flex-wrap:wrap}"
    "figure{box-sizing:border-box;width:33.3%;padding:0 1mm;margin:0;text-align:center}"
    "figcaption{font-size:9px}svg{width:100%;height:auto;display:block}"
)
assert SLIP_CODES_PER_PAGE % _COLUMNS == 0


def sheet(slips: Sequence[bytes]) -> bytes:
    """All sides, as HTML: twelve codes on each side of A4, each slip from a new side on."""
    sides = []
    for slip in slips:
        codes, (enough, count), label = codes_of(slip), enough_of(len(slip)), label_of(slip)
        for first in range(0, count, SLIP_CODES_PER_PAGE):
            last = min(count, first + SLIP_CODES_PER_PAGE)
            figures = "".join(
                [
                    f"<figure>{_picture(codes[at])}<figcaption>{label} {at + 1}/{count}</figcaption></figure>"
                    for at in range(first, last)
                ]
            )
            page = first // SLIP_CODES_PER_PAGE + 1
            told = f"{label}, page {page}: codes {first + 1} to {last}. Any {enough} of {count} are enough."
            sides.append((told, figures))
    drawn = [
        f"<section><p>{number}/{len(sides)} &nbsp; {told}</p><main>{figures}</main></section>"
        for number, (told, figures) in enumerate(sides, 1)
    ]
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Sheet</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}"><style>{_STYLE}</style></head>'
        f"<body>{''.join(drawn)}</body></html>"
    ).encode()


def _picture(code: str) -> str:
    import segno

    symbol = segno.make(code, error="m", micro=False, boost_error=False)
    drawn = io.BytesIO()
    symbol.save(drawn, kind="svg", border=4, xmldecl=False, svgns=False, omitsize=True, nl=False)
    return drawn.getvalue().decode()

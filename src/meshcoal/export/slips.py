"""Codes on paper: a page that any browser prints, with nothing on it but codes and their numbers.

Law: the page names no program, no campaign and nobody; it fetches nothing and runs nothing.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Final

_STYLE: Final = (
    "@page{margin:12mm}body{font:12px sans-serif;margin:0}main{display:flex;flex-wrap:wrap}"
    "figure{width:46%;margin:2%;break-inside:avoid;text-align:center}svg{width:100%;height:auto}"
)


def sheet(codes: Sequence[str], enough: int) -> bytes:
    """The page, as HTML. Four codes fit on one side of A4."""
    figures = [
        f"<figure>{_picture(code)}<figcaption>{number}/{len(codes)}</figcaption></figure>"
        for number, code in enumerate(codes, 1)
    ]
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Sheet</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}"><style>{_STYLE}</style></head>'
        f"<body><p>Any {enough} of {len(codes)}, in any order.</p>"
        f"<main>{''.join(figures)}</main></body></html>"
    ).encode()


def _picture(code: str) -> str:
    import segno

    symbol = segno.make(code, error="m", micro=False, boost_error=False)
    drawn = io.BytesIO()
    symbol.save(drawn, kind="svg", border=4, xmldecl=False, svgns=False, omitsize=True, nl=False)
    return drawn.getvalue().decode()

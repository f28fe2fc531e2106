"""Which way a text runs.

Law: the first strong letter decides, as Unicode Standard Annex 9 rules P2 and P3 say; what stands inside an
isolate does not count. A text without a strong letter runs left to right.
"""

from __future__ import annotations

import unicodedata
from typing import Literal

Direction = Literal["ltr", "rtl"]


def base_direction(text: str) -> Direction:
    """`"ltr"` or `"rtl"`: the values of `api.views.Direction`."""
    depth = 0
    for char in text:
        kind = unicodedata.bidirectional(char)
        if kind in ("LRI", "RLI", "FSI"):
            depth += 1
        elif kind == "PDI":
            depth = max(0, depth - 1)
        elif depth == 0:
            if kind == "L":
                return "ltr"
            if kind in ("R", "AL"):
                return "rtl"
    return "ltr"

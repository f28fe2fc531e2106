"""Logos for paper: how large each is drawn, and which of them can be drawn at all.

Law: a logo is a PNG within its bounds (`wire/logo.py`), and is never drawn larger than a line and a half; one
that the setter cannot decode is left out, and never keeps a letter from being set. The same bytes each time.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

from meshcoal.wire.logo import check_logo

HEIGHT_POINTS: Final = 15.0
WIDTH_POINTS: Final = 42.0
UNDECODED: Final = "failed to decode image"  # how the setter begins to say so
_ALONE: Final = b"""#let picture = json(bytes(sys.inputs.picture))
#image(bytes(picture), format: "png")"""


def spelled(logo: bytes) -> dict[str, Any]:
    """What the template is given: the file's bytes as numbers, and the size on paper in points."""
    width, height = check_logo(logo)
    scale = min(HEIGHT_POINTS / height, WIDTH_POINTS / width)
    return {"data": list(logo), "width": round(width * scale, 2), "height": round(height * scale, 2)}


def drawable(logos: Iterable[bytes]) -> frozenset[bytes]:
    """Those of some logos that the setter decodes, each tried alone."""
    import typst

    found = set()
    for logo in logos:
        try:
            typst.compile(_ALONE, ignore_system_fonts=True, sys_inputs={"picture": json.dumps(list(logo))})
        except typst.TypstError as exc:
            if not exc.message.startswith(UNDECODED):
                raise
        else:
            found.add(logo)
    return frozenset(found)

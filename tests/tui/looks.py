"""Draws the main screens in a language, at both sizes and in each look.

A program of its own, since the language is chosen before the interface is imported. Prints JSON: for each
drawing its rows, whole, and the colours that are in it.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "src"), str(Path(__file__).parent)]

from meshcoal.tui import locale  # noqa: E402
from meshcoal.tui.locale.tongues import BY_CODE  # noqa: E402

NAMES = ("start", "home", "channel", "letter-signatures", "found")
LOOKED_AT = "home"  # in every look


async def main() -> None:
    locale.speak(BY_CODE[sys.argv[1]])
    from pictures import SIZES
    from test_tui_snapshots import SCREENS
    from tuirehearsal import FakeRehearsal
    from tuirunning import Running, running

    from meshcoal.tui import look
    from meshcoal.tui.look import LOOKS

    def drawn(run: Running) -> dict[str, Any]:
        strips = run.app.screen._compositor.render_strips()
        styles = [segment.style for strip in strips for segment in strip if segment.style is not None]
        colours = {
            colour.get_truecolor().hex
            for style in styles
            for colour in (style.color, style.bgcolor)
            if colour is not None and not colour.is_default
        }
        return {
            "rows": ["".join([segment.text for segment in strip]) for strip in strips],
            "colours": sorted(colours),
        }

    said: dict[str, Any] = {}
    for name in NAMES:
        make, visit, _words = SCREENS[name]
        for size in SIZES:
            async with running(make(), size=size, rehearsal=FakeRehearsal()) as run:
                await visit(run)
                said[f"{name} {size[0]}"] = drawn(run)
                if name == LOOKED_AT:
                    for one in LOOKS:
                        look.apply(run.app, one.name)
                        await run.rest()
                        said[f"{name} {size[0]} {one.name}"] = drawn(run)
    json.dump(said, sys.stdout, ensure_ascii=False)


if __name__ == "__main__":
    asyncio.run(main())

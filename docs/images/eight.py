"""The picture of the guide's "Eight people, six ways", from the description that the play is built of.

python docs/images/eight.py docs/images/eight.svg
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "e2e"))

from eightmap import LINES, PEOPLE, STATIONS, Line, Person, Station, Way

_WIDTH, _HEIGHT = 1100, 620
_BOX_WIDTH, _BOX_HEIGHT = 180, 96
_COLUMNS: Final = (30, 317, 604, 891)
_ROWS: Final = (70, 262, 454)
_GRID: Final = {
    "Ben": (0, 0),
    "Gita": (1, 0),
    "Chi": (2, 0),
    "Esi": (3, 0),
    "Ana": (0, 1),
    "Dov": (1, 1),
    "Tor": (2, 1),
    "Relay": (3, 1),
    "Hiba": (0, 2),
    "Farah": (3, 2),
}
_TITLE: Final = "One campaign, eight people, no network that all of them share"
_MEANS: Final = {
    Way.LAN: "a cable or a WLAN of their own: nearby",
    Way.TOR: "Tor: onion services",
    Way.RELAY: "a relay that is always on",
    Way.STICK: "a stick that somebody carries",
    Way.PAPER: "pages of codes, printed and photographed",
}
_STYLE: Final = """
text{font-family:system-ui,"DejaVu Sans",sans-serif;font-size:15px;fill:var(--ink)}
.name{font-size:19px;font-weight:600}.title{font-size:22px;font-weight:600}.says{font-size:14px}
.box{fill:var(--box);stroke:var(--ink);stroke-width:1.5}.station{stroke-dasharray:2 3}
.label{fill:var(--paper);stroke:none}path{fill:none;stroke-width:4}
.lan{stroke:var(--lan)}.tor{stroke:var(--tor);stroke-dasharray:16 6}
.relay{stroke:var(--relay);stroke-dasharray:14 5 3 5}
.stick{stroke:var(--stick);stroke-dasharray:3 7;stroke-width:6}
.paper{stroke:var(--sheet);stroke-dasharray:8 4;stroke-width:7}
:root{--paper:#fff;--ink:#1b1b1f;--box:#f3f3ef;--lan:#1f6f43;--tor:#6b3fa0;--relay:#0f5fa8;--stick:#a3470f;
--sheet:#8a1c4a}
@media(prefers-color-scheme:dark){:root{--paper:#16171b;--ink:#ececf0;--box:#25272d;--lan:#6fcf97;
--tor:#c3a1f2;--relay:#7db8f0;--stick:#f0a06a;--sheet:#f08ab4}}
"""


def drawing() -> str:
    """The whole picture, as SVG that fetches nothing."""
    return "".join([f"{line}\n" for line in _lines()])


def _lines() -> Iterator[str]:
    things = (*PEOPLE, *STATIONS)
    assert {one.name for one in things} == set(_GRID), "everybody has a place"
    told = " ".join(f"{line.one} and {line.other}: {line.way}." for line in LINES)
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        'aria-labelledby="title told">'
    )
    yield f'<title id="title">Eight people, six ways</title><desc id="told">{escape(told)}</desc>'
    yield f"<style>{_STYLE}</style>"
    yield f'<rect class="label" width="{_WIDTH}" height="{_HEIGHT}"/>'
    yield f'<text class="title" x="30" y="40">{_TITLE}</text>'
    for line in LINES:
        yield from _line(line)
    for thing in things:
        yield from _box(thing)
    yield from _legend()
    yield "</svg>"


def _middle(name: str) -> tuple[int, int]:
    column, row = _GRID[name]
    return _COLUMNS[column] + _BOX_WIDTH // 2, _ROWS[row] + _BOX_HEIGHT // 2


def _line(line: Line) -> Iterator[str]:
    (x, y), (to_x, to_y) = _middle(line.one), _middle(line.other)
    assert (x == to_x) != (y == to_y), "lines run along the grid"
    yield f'<path class="{_name(line.way)}" d="M{x} {y}L{to_x} {to_y}"/>'
    # A label for each line: nothing is told by colour alone.
    at_x, at_y = (x + to_x) // 2, (y + to_y) // 2
    shift = 'text-anchor="middle" dy="-12"' if y == to_y else 'dx="12" dy="5"'
    yield f'<text class="says" x="{at_x}" y="{at_y}" {shift}>{escape(line.says or line.way)}</text>'


def _box(thing: Person | Station) -> Iterator[str]:
    x, y = _middle(thing.name)
    kind = "box" if isinstance(thing, Person) else "box station"
    radius = 12 if isinstance(thing, Person) else 0
    yield (
        f'<rect class="{kind}" x="{x - _BOX_WIDTH // 2}" y="{y - _BOX_HEIGHT // 2}" width="{_BOX_WIDTH}" '
        f'height="{_BOX_HEIGHT}" rx="{radius}"/>'
    )
    yield f'<text class="name" x="{x}" y="{y - 17}" text-anchor="middle">{escape(thing.name)}</text>'
    for number, words in enumerate(thing.stands):
        at_y = y + 9 + 21 * number
        yield f'<text class="says" x="{x}" y="{at_y}" text-anchor="middle">{escape(words)}</text>'


def _legend() -> Iterator[str]:
    for number, (way, words) in enumerate(_MEANS.items()):
        y = _ROWS[2] - 8 + 27 * number
        yield f'<path class="{_name(way)}" d="M{_COLUMNS[1]} {y}h70"/>'
        yield f'<text x="{_COLUMNS[1] + 86}" y="{y + 5}">{escape(words)}</text>'


def _name(way: Way) -> str:
    return way.name.lower()


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(drawing(), encoding="utf-8")

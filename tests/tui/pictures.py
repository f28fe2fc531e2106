"""Pictures of screens: drawing them, and comparing them with the ones that are kept.

A picture holds one screen in one language: its text at each size, and how each run of it is styled in each
look. A screen is visited once for each language. At rest it is painted in one look after the other, then made
larger and painted again; its text must be the same in all looks, so it is kept once.

Tables of words are made when the interface is imported, so each language has its files of it, imported when
it is drawn first; `speaking` puts them in place.
"""

from __future__ import annotations

import difflib
import gettext
import importlib
import os
import re
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, cast

import tuistill
from rich.cells import cell_len
from rich.style import Style
from textual._context import visible_screen_stack
from textual.strip import Strip
from textual.widget import Widget
from tuidouble import FakeDaemon

if TYPE_CHECKING:
    from tuirunning import Running

    from meshcoal.tui.app import MeshcoalApp

SNAPSHOTS: Final = Path(__file__).parent / "snapshots"
LOOKS: Final = ("dark", "light", "plain")
SIZES: Final = ((80, 24), (120, 40))
LANGUAGES: Final = ("en", "ar", "zh_Hans")
# What must stand on a screen of a language, besides its names and codes: letters of its own.
SCRIPTS: Final = {
    "ar": re.compile("[\u0620-\u064a\ufb50-\ufdff\ufe70-\ufefc]"),
    "zh_Hans": re.compile("[\u4e00-\u9fff]"),
}
LETTERS_MIN: Final = 12
# Examples in sentences of ours which are somebody's name on a screen.
NAMES: Final = {"The Minister of Justice", "the Minister of Justice"}
# Marks of direction, which no terminal is given, and marks of what no font or decoder could show.
UNSEEN: Final = re.compile("[\u200b-\u200f\u061c\u2060-\u2064\u2066-\u2069\ufeff]")
MISSING: Final = re.compile("[\ufffd\u25a1\ue000-\uf8ff]")
_GAP: Final = re.compile(r"%\(\w+\)[sd]|%%|`[^`]*`|\n|\s{2,}")
_FRAMES: Final = re.compile("[\u2500-\u259f]")

Visit = Callable[["Running"], Awaitable[None]]
Make = Callable[[], FakeDaemon]
Screen = tuple[Make, Visit, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Painted:
    """A screen at one size in one look: its rows whole, and for each row its runs of one style."""

    rows: tuple[str, ...]
    runs: tuple[tuple[tuple[int, str], ...], ...]  # columns and style, from the left


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One screen in one language."""

    painted: dict[tuple[int, int], dict[str, Painted]]  # by size, by look
    said: dict[tuple[int, int], str]  # the words on it, however they are wrapped
    heading: str  # as it is drawn

    def text(self) -> str:
        """As it is kept: rows, the styles with a letter each, and which columns of which rows have them."""
        letters: dict[tuple[str, ...], str] = {}
        parts, maps = [], []
        for size, looks in self.painted.items():
            name = size_name(size)
            parts.append(f"== {name}\n")
            parts += [row.rstrip() + "\n" for row in next(iter(looks.values())).rows]
            rows = [_together([painted.runs[at] for painted in looks.values()]) for at in range(size[1])]
            maps.append(f"== {name}: row, then columns of each style\n")
            maps += _map(rows, letters)
        looks_named = " | ".join(next(iter(self.painted.values())))
        parts.append(f"== styles: {looks_named}\n")
        parts += [f"{letter} {' | '.join(styles)}\n" for styles, letter in letters.items()]
        return "".join([*parts, *maps])


def size_name(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


# --- The languages


_files: dict[str, dict[str, ModuleType]] = {}


def _is_of_interface(name: str) -> bool:
    return f"{name}.".startswith("meshcoal.tui.") or name in (
        *("pseudo", "tuirehearsal", "tuirunning", "test_tui_snapshots"),
    )


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Have the files of the interface in a language in place, and put back those that were there."""
    import meshcoal

    before = {name: module for name, module in sys.modules.items() if _is_of_interface(name)}
    package = getattr(meshcoal, "tui", None)
    for name in before:
        del sys.modules[name]
    try:
        if language in _files:
            sys.modules.update(_files[language])
            meshcoal.tui = _files[language]["meshcoal.tui"]
        else:
            locale = importlib.import_module("meshcoal.tui.locale")
            tongues = importlib.import_module("meshcoal.tui.locale.tongues")
            locale.speak(tongues.BY_CODE[language])
        yield
    finally:
        _files[language] = {name: module for name, module in sys.modules.items() if _is_of_interface(name)}
        for name in _files[language]:
            del sys.modules[name]
        sys.modules.update(before)
        if package is not None:
            meshcoal.tui = package


@cache
def english_of(language: str) -> tuple[str, ...]:
    """Pieces of English sentences that the language has words for: none is to stand on its screens."""
    place = Path(__file__).parents[2] / "src/meshcoal/tui/locale" / language / "LC_MESSAGES/meshcoal.mo"
    with place.open("rb") as file:
        words = cast("dict[str | tuple[str, int], str]", cast(Any, gettext.GNUTranslations(file))._catalog)
    found = set()
    for key, said in words.items():
        message = key if isinstance(key, str) else key[0]
        for piece in _GAP.split(message):
            bare = piece.strip(" .,:;()“”")
            words_of = re.findall("[A-Za-z]{2,}", bare)
            if len(words_of) >= 3 and bare not in said and bare not in NAMES:
                found.add(bare)
    return tuple(sorted(found))


# --- Drawing


async def drawn(name: str, language: str) -> Picture:
    """Visit a screen in a language, and paint it at each size and in each look."""
    with speaking(language), tuistill.unpainted():
        make, visit, _words = importlib.import_module("test_tui_snapshots").SCREENS[name]
        running = importlib.import_module("tuirunning").running
        rehearsal = importlib.import_module("tuirehearsal").FakeRehearsal()
        async with running(make(), size=SIZES[0], rehearsal=rehearsal) as run:
            await visit(run)
            return await _painted(run)


async def _painted(run: Running) -> Picture:
    painted: dict[tuple[int, int], dict[str, Painted]] = {}
    order, worn = list(LOOKS), LOOKS[0]
    dress = importlib.import_module("meshcoal.tui.look").apply
    with _only_what_is_seen(run.app):
        for size in SIZES:
            if size != SIZES[0]:
                await run.pilot.resize_terminal(*size)
                await run.rest()
            found: dict[str, Painted] = {}
            for look in order:
                if look != worn:
                    dress(run.app, look)
                    await run.rest()
                    worn = look
                found[look] = _paint(_strips(run.app))
            painted[size] = {look: found[look] for look in LOOKS}
            order.reverse()  # no look is put on twice
    said = {size: _words(painted[size][worn].rows) for size in SIZES}
    return Picture(painted=painted, said=said, heading=_heading(run))


@contextmanager
def _only_what_is_seen(app: MeshcoalApp) -> Iterator[None]:
    """Take away the screens that lie below a whole one: they need no new styles."""
    stack = app._screen_stack
    seen = next(at for at in reversed(range(len(stack))) if not stack[at].is_modal)
    below, stack[:seen] = stack[:seen], []
    try:
        yield
    finally:
        stack[:0] = below


def _heading(run: Running) -> str:
    """What the screen is headed, from left to right as it is drawn."""
    turn = importlib.import_module("tuirunning").drawn
    for selector in ("#dialog-title", "#heading"):
        for widget in run.app.screen.query(selector).results(Widget):
            return UNSEEN.sub("", turn(str(widget.render()).strip()))
    return ""


def _strips(app: MeshcoalApp) -> list[Strip]:
    """The screen's rows. Behind a form nothing is drawn: what it stands on has pictures of its own."""
    app.screen._styles_cache.clear()
    app.screen._set_dirty()  # it may have been drawn already, with what it stands on
    app.screen._layout_cache.clear()
    visible_screen_stack.set([])
    return app.screen._compositor.render_strips()


def _paint(strips: Sequence[Strip]) -> Painted:
    runs = []
    for strip in strips:
        styled = [(segment.cell_length, _sgr(segment.style)) for segment in strip if not segment.control]
        runs.append(tuple([(sum([cells for cells, _ in run]), style) for style, run in _grouped(styled)]))
    return Painted(rows=tuple([strip.text for strip in strips]), runs=tuple(runs))


def _grouped(styled: Sequence[tuple[int, str]]) -> Iterator[tuple[str, list[tuple[int, str]]]]:
    for style, run in groupby(styled, key=lambda one: one[1]):
        yield style, list(run)


@cache
def _sgr(style: Style | None) -> str:
    """A style as the terminal is told it."""
    if style is None:
        return "as the terminal's"
    marks = [
        mark
        for mark in ("bold", "dim", "italic", "underline", "blink", "reverse", "strike")
        if getattr(style, mark)
    ]
    colours = [
        "default" if colour is None or colour.is_default else colour.get_truecolor().hex
        for colour in (style.color, style.bgcolor)
    ]
    return " ".join([*marks, f"{colours[0]} on {colours[1]}"])


def _together(runs: Sequence[Sequence[tuple[int, str]]]) -> list[tuple[int, tuple[str, ...]]]:
    """The runs of a row within which no look changes its style."""
    ends: set[int] = set()
    for one in runs:
        at = 0
        for cells, _style in one:
            at += cells
            ends.add(at)
    places = [(0, one[0][0]) for one in runs]  # of each look: its run, and the column where that run ends
    made, begin = [], 0
    for end in sorted(ends):
        places = [
            (number + 1, until + one[number + 1][0])
            if until <= begin and number + 1 < len(one)
            else (number, until)
            for one, (number, until) in zip(runs, places, strict=True)
        ]
        made.append(
            (end - begin, tuple([one[number][1] for one, (number, _) in zip(runs, places, strict=True)]))
        )
        begin = end
    return made


def _map(
    rows: Sequence[Sequence[tuple[int, tuple[str, ...]]]], letters: dict[tuple[str, ...], str]
) -> Iterator[str]:
    """A line for each row, or for several that are alike."""
    lines = [
        " ".join([f"{cells}{letters.setdefault(styles, _letter(len(letters)))}" for cells, styles in row])
        for row in rows
    ]
    at = 1
    for line, alike in groupby(lines):
        last = at + len(list(alike)) - 1
        yield f"{at if at == last else f'{at}-{last}'}: {line}\n"
        at = last + 1


def _letter(number: int) -> str:
    """a to z, then aa, ab and so on."""
    more, last = divmod(number, 26)
    return (_letter(more - 1) if more else "") + chr(ord("a") + last)


def _words(rows: Sequence[str]) -> str:
    return " ".join(_FRAMES.sub(" ", "\n".join(rows)).split())


# --- Comparing


def kept_at(name: str, language: str) -> Path:
    return SNAPSHOTS / language / f"{name}.txt"


def compare(name: str, language: str, picture: Picture) -> None:
    """Compare with the picture that is kept; with `MESHCOAL_SNAPSHOTS=write` keep this one instead."""
    path, made = kept_at(name, language), picture.text()
    if os.environ.get("MESHCOAL_SNAPSHOTS") == "write":
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(made, encoding="utf-8")
    kept = path.read_text(encoding="utf-8") if path.is_file() else ""
    if kept != made:
        told = difflib.unified_diff(kept.splitlines(), made.splitlines(), "kept", "drawn", lineterm="", n=1)
        raise AssertionError(f"{name} in {language} is not as kept:\n" + "\n".join(told))


def check(picture: Picture, language: str, words: Sequence[str]) -> None:
    """What holds for each screen, whatever it looks like."""
    for size, looks in picture.painted.items():
        where = f"{size_name(size)} in {language}"
        first, *others = looks.values()
        assert len(first.rows) == size[1], where
        assert {cell_len(row) for row in first.rows} == {size[0]}, f"{where}: a row is cut or too long"
        for other in others:
            assert other.rows == first.rows, f"{where}: the looks say different things"
        text, said = "\n".join(first.rows), picture.said[size]
        assert not UNSEEN.findall(text), f"{where}: signs that nobody sees"
        assert not MISSING.findall(text), f"{where}: something could not be shown"
        heading = picture.heading.split()
        there = [word for word in heading if word in said]  # a long one is shortened to its row
        assert len(there) >= max(1, len(heading) / 2), f"{where}: no heading {picture.heading!r}"
        if language == "en":
            for expected in words:
                assert " ".join(expected.split()) in said, f"{where}: {expected!r} is not there"
        else:
            assert len(SCRIPTS[language].findall(text)) >= LETTERS_MIN, (
                f"{where}: hardly a word of the language"
            )
            found = [piece for piece in english_of(language) if piece in said]
            assert not found, f"{where}: English stands there: {found}"

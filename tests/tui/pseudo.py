"""Draws every screen in a language of its own, in which each translated letter wears an accent.

What stands on a screen without accents came there around the catalogues, or is somebody's data. Run as a
program of its own, since the language is chosen before the interface is imported; prints JSON: for each
screen the words that wear none. One screen in four; all of them with `--all`, as `make soak` does.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "src"), str(Path(__file__).parent)]

from meshcoal.tui import locale  # noqa: E402
from meshcoal.tui.locale.tongues import BY_CODE  # noqa: E402

# Keys, units, our name, what the walk through the screens types itself, languages by their own names, and the
# months, which come from CLDR.
KNOWN = {
    *("Esc", "Enter", "Tab", "PgUp", "KiB", "MiB", "Nov", "Dec", "meshcoal", "am", "on", "my", "way", "Eve"),
    *("English", "espan", "ol", "franc", "ais", "portugue", "Soomaali", "Committee", "CPFC", "Evin", "any"),
}
ONE_IN = 4  # without `--all`
ACCENT = "\u0323"  # a dot below: takes no column, and no sentence of ours has one
KEPT = re.compile(r"%\(\w+\)[sd]|%%|`[^`]*`|\^[A-Z]\b|\b(?:Esc|Enter|Tab|PgUp|F1|F2)\b")


def accented(message: str) -> str:
    """The message with a dot below each letter; gaps, commands and keys as they are."""
    made, at = "", 0
    for kept in KEPT.finditer(message):
        made += _dotted(message[at : kept.start()]) + kept[0]
        at = kept.end()
    return made + _dotted(message[at:])


def _dotted(text: str) -> str:
    return "".join([char + ACCENT if char.isalpha() else char for char in text])


class Pseudo:
    """A catalogue that has every sentence."""

    def gettext(self, message: str) -> str:
        return accented(message)

    def ngettext(self, one: str, many: str, count: int) -> str:
        return accented(one if count == 1 else many)

    def pgettext(self, _context: str, message: str) -> str:
        return accented(message)


def words_of(value: Any) -> Iterator[str]:
    """Every word in a value, whatever it is made of."""
    if isinstance(value, str):
        yield from re.findall("[A-Za-z]+", unicodedata.normalize("NFD", value))
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from words_of(getattr(value, field.name))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from words_of(key)
            yield from words_of(item)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for item in value:
            yield from words_of(item)


def bare_words(rows: list[str], data: set[str]) -> list[str]:
    """Words on the screen of which no letter wears an accent, and which are nobody's data.

    What holds figures, slashes or colons is a code, a path or an address; a single letter is a key.
    """
    found = []
    for row in rows:
        for word in re.findall(rf"(?:[\w@:/.+\-]{ACCENT}?)+", unicodedata.normalize("NFD", _said(row))):
            bare = word.strip(".:")
            if re.fullmatch("[a-f]{4}", bare):
                continue  # of a digest, in groups of four
            if bare.isascii() and bare.isalpha() and len(bare) > 1 and not {bare, bare.lower()} & data:
                found.append(bare)
    return found


def _said(row: str) -> str:
    """A row without the commands in it, which are typed so in every language."""
    return re.sub("`[^`]*`", "", row)


async def main() -> None:
    locale.speak(BY_CODE["en"], Pseudo())
    from test_tui_snapshots import SCREENS
    from tuirehearsal import FakeRehearsal
    from tuirunning import running

    said: dict[str, Any] = {}
    named = set(sys.argv[1:]) - {"--all"}
    for number, (name, (make, visit, _words)) in enumerate(SCREENS.items()):
        wanted = name in named if named else "--all" in sys.argv or number % ONE_IN == 0
        if not wanted:
            continue
        daemon = make()
        async with running(daemon, size=(120, 70), rehearsal=FakeRehearsal()) as run:
            await visit(run)
            rows = run.rows()
            drawn = getattr(run.app.screen, "words", ())  # by chance, from a list
        data = set(words_of(vars(daemon))) | set(words_of(drawn))
        said[name] = bare_words(rows, data)
    json.dump(said, sys.stdout, ensure_ascii=False)
    bare = {name: words for name, words in said.items() if set(words) - KNOWN}
    if bare:
        sys.exit(f"Around the catalogues: {bare}")


if __name__ == "__main__":
    asyncio.run(main())

"""Six words drawn by chance, in the user's language: a passphrase that somebody can remember.

Law: chance comes from whoever started the interface, and each word of a list is drawn as often as any
other. What six words are worth is computed, not claimed. The lists are `words/CODE.txt`, 1,296 words each, so
that four dice do as well; docs/guide/first-ten-minutes.md says how.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import Final

from meshcoal.text.folding import fold
from meshcoal.tui.locale.tongues import ENGLISH

LIST_WORDS: Final = 6**4
SUGGESTED_WORDS: Final = 6
Chance = Callable[[int], bytes]  # so many bytes that nobody can foresee

_DRAWN: Final = 1 << 16  # of two bytes
_EVEN: Final = _DRAWN - _DRAWN % LIST_WORDS  # above it some words would come more often than others


def list_code(code: str) -> str:
    """The language whose list goes with a language of the interface: its own, else English."""
    return code if resources.files("meshcoal.tui").joinpath("words", f"{code}.txt").is_file() else ENGLISH


@cache
def listed(code: str) -> tuple[str, ...]:
    """The words of a language that has a list, in their order."""
    path = resources.files("meshcoal.tui").joinpath("words", f"{code}.txt")
    words = tuple(path.read_text(encoding="utf-8").split())
    assert len(words) == LIST_WORDS, "a list has as many words as four dice have throws"
    return words


def suggest(chance: Chance, code: str) -> tuple[str, ...]:
    """So many words, each drawn evenly and for itself."""
    words = listed(list_code(code))
    drawn: list[str] = []
    while len(drawn) < SUGGESTED_WORDS:
        number = int.from_bytes(chance(2), "big")
        if number < _EVEN:
            drawn.append(words[number % LIST_WORDS])
    return tuple(drawn)


def bits(words: int = SUGGESTED_WORDS) -> float:
    """How often what is unknown doubles: so many words drawn evenly from one list."""
    return words * math.log2(LIST_WORDS)


def possibilities(words: int = SUGGESTED_WORDS) -> int:
    """Out of how many one was drawn, rounded down to its first figure: one reads it, and does not reckon."""
    drawn: int = LIST_WORDS**words
    unit: int = 10 ** (len(str(drawn)) - 1)
    return drawn // unit * unit


def same_words(typed: str, words: tuple[str, ...]) -> bool:
    """Whether somebody typed these words; spaces, capitals and accents do not count here."""
    return _bare(typed) == _bare("".join(words))


def _bare(text: str) -> str:
    return "".join(fold(text).split())

"""How long a passphrase holds, in words.

Law: it counts guesses and says for how long they keep a thousand computers busy, at what Argon2id makes a
guess cost; it claims nothing beyond that arithmetic. It counts low: words, names, rows of keys, years and
repeats cost a guesser little. What it cannot see is who chose the words: a song, a verse or a habit falls
sooner than is said.
Nothing is stored, and nothing leaves this file. How it counts: docs/protocol/vault-key.md.
Ours, unreviewed.
"""

from __future__ import annotations

import enum
import itertools
import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

from meshcoal.clock import DAY_MS, HOUR_MS
from meshcoal.limits import PASSPHRASE_CHARS_MIN
from meshcoal.text.folding import fold
from meshcoal.tui.locale import _, spoken
from meshcoal.tui.locale.tongues import ENGLISH
from meshcoal.tui.suggestion import LIST_WORDS, list_code, listed


class Strength(enum.IntEnum):
    EMPTY = 0
    TOO_SHORT = 1
    WEAK = 2
    FAIR = 3
    GOOD = 4


WORDS: Final = {
    Strength.EMPTY: _("Six words drawn by chance are easy to keep and hard to guess."),
    Strength.TOO_SHORT: _("Too short: at least %(least)d characters are needed.")
    % {"least": PASSPHRASE_CHARS_MIN},
    Strength.WEAK: _("Weak: a seized machine gives it up. Six words drawn by chance hold."),
    # Translators: of a passphrase: neither weak nor strong.
    Strength.FAIR: _("Fair, if chance chose it, not you. More words would be better."),
    Strength.GOOD: _("Good, if chance chose it, not you."),
}
GUESS_MS: Final = 700  # the least that a new vault takes where it was made: `crypto.passphrase.TARGET_MIN_S`
MACHINES: Final = 1_000
_YEAR_MS: Final = 365 * DAY_MS
# On average so long, and the sentence; what lasts longer than all has the last one.
_SPANS: Final = (
    (HOUR_MS, _("A thousand computers guess it within an hour.")),
    (DAY_MS, _("A thousand computers guess it within a day.")),
    (30 * DAY_MS, _("A thousand computers guess it within a month.")),
    (_YEAR_MS, _("A thousand computers guess it within a year.")),
    (100 * _YEAR_MS, _("A thousand computers guess it within a hundred years.")),
    (10_000 * _YEAR_MS, _("A thousand computers guess it within ten thousand years.")),
    (None, _("A thousand computers need more than ten thousand years for it.")),
)
_FAIR_FROM: Final = 4  # of the spans
_GOOD_FROM: Final = 6

_LISTED_BITS: Final = math.log2(LIST_WORDS)
_DRAWN_MIN: Final = 4  # words of a list in a row are taken for drawn ones
_WORD_BITS: Final = 12.0  # any other word of a language, or a name: 4,096 that people are likely to take
_CHAR_BITS: Final = 3.3  # a letter or digit, as people choose them
_SIGN_BITS: Final = 4.0
_IDEOGRAM_BITS: Final = 8.0
_MARK_BITS: Final = 1.0
_CHANGE_BITS: Final = 1.5  # from small to capital letters, digits, signs, within a word
_YEAR_BITS: Final = 7.0
_ROW_BITS: Final = 4.0  # a row of keys or of the alphabet, however long
_AGAIN_BITS: Final = 2.0  # what was said before
_LOOKS_BITS: Final = 4.0  # that letters stand as figures which look like them
_LOOKS_LIKE: Final = str.maketrans("0134578@$!", "oieastbasi")
_NEAR_BITS: Final = 1.0  # the user's own name
_SPACELESS: Final = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_JUDGED_CHARS_MAX: Final = 160
_ROWS: Final = (
    "qwertyuiop", "asdfghjkl", "zxcvbnm", "azertyuiop", "qsdfghjklm", "qwertzuiop", "1234567890",
    "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю", "ضصثقفغعهخحجچ", "شسيبلاتنمكگ", "ضصثقفغعهخحجد", "شسيبلاتنمكط",
    "ابتثجحخدذرز", "ابپتثجچحخد"
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """`bits`: of the number of guesses that find it for certain; half of them do on average."""

    grade: Strength
    bits: float


def judge(passphrase: str, near: Sequence[str] = ()) -> Judgement:
    """What can be counted. `near`: names of the user, worth nothing."""
    if not passphrase.strip():
        return Judgement(grade=Strength.EMPTY, bits=0.0)
    counted = _bits(passphrase[:_JUDGED_CHARS_MAX], near)
    if len(passphrase.strip()) < PASSPHRASE_CHARS_MIN:
        return Judgement(grade=Strength.TOO_SHORT, bits=counted)
    span = _span(counted)
    if span >= _GOOD_FROM:
        return Judgement(grade=Strength.GOOD, bits=counted)
    return Judgement(grade=Strength.FAIR if span >= _FAIR_FROM else Strength.WEAK, bits=counted)


def strength(passphrase: str, near: Sequence[str] = ()) -> Strength:
    """The grade alone."""
    return judge(passphrase, near).grade


def said(passphrase: str, near: Sequence[str] = ()) -> str:
    """Marks, the word for it, and how long it holds."""
    judged = judge(passphrase, near)
    marks = "●" * judged.grade + "○" * (Strength.GOOD - judged.grade)
    told = f"{marks}  {WORDS[judged.grade]}"
    return f"{told} {_SPANS[_span(judged.bits)][1]}" if judged.grade >= Strength.WEAK else told


def mean_ms(bits: float) -> float:
    """How long `MACHINES` take on average, at `GUESS_MS` a guess."""
    return math.exp2(bits - 1) * GUESS_MS / MACHINES


def _span(bits: float) -> int:
    time_ms = mean_ms(bits)
    return next(at for at, (most_ms, _words) in enumerate(_SPANS) if most_ms is None or time_ms < most_ms)


def _bits(passphrase: str, near: Sequence[str]) -> float:
    """The cheapest way to say it: at each place the least that leads there."""
    text = fold(passphrase)
    names = {word for one in near for word in fold(one).split() if len(word) > 2}
    words = set(text.split())
    if len(words) >= _DRAWN_MIN and words <= _known(spoken().code) and not words & names:
        return len(words) * _LISTED_BITS
    plain = text.translate(_LOOKS_LIKE)
    cost = _cheapest(text, names) + _changes(passphrase)
    if plain == text:
        return cost
    return min(cost, _cheapest(plain, names) + _changes(passphrase.translate(_LOOKS_LIKE)) + _LOOKS_BITS)


def _cheapest(text: str, names: set[str]) -> float:
    best = [0.0] + [math.inf] * len(text)
    for start in range(len(text)):
        for length, cost in _pieces(text, start, names):
            best[start + length] = min(best[start + length], best[start] + cost)
    return best[len(text)]


def _pieces(text: str, start: int, names: set[str]) -> list[tuple[int, float]]:
    """What may stand at a place, and what it costs a guesser."""
    found = [(1, _char(text, start))]
    for length in range(2, min(16, len(text) - start) + 1):
        piece = text[start : start + length]
        if piece in names:
            found.append((length, _NEAR_BITS))
        if piece in _common():
            found.append((length, math.log2(len(_common()))))
        if piece in _known(spoken().code):
            found.append((length, _LISTED_BITS))
    word = _word(text, start)
    if word > 3 and (start == 0 or not text[start - 1].isalpha()):
        found.append((word, _WORD_BITS))
    row = _row(text, start)
    if row > 2:
        found.append((row, _ROW_BITS))
    again = _again(text, start)
    if again > 2:
        found.append((again, _AGAIN_BITS))
    if (
        text[start : start + 2] in ("19", "20")
        and text[start : start + 4].isdigit()
        and len(text) >= start + 4
    ):
        found.append((4, _YEAR_BITS))
    return found


def _char(text: str, at: int) -> float:
    char = text[at]
    if char.isspace():
        return 0.0
    if at and char == text[at - 1]:
        return 0.5
    category = unicodedata.category(char)
    if category == "Lo" and 0x3400 <= ord(char) <= 0x9FFF:
        return _IDEOGRAM_BITS
    if category[0] == "M":
        return _MARK_BITS
    if category[0] in "LN":
        return _CHAR_BITS
    return _SIGN_BITS if char not in text[:at] else 1.0


def _changes(passphrase: str) -> float:
    """Small, capital, digit, sign: each change within a word, but for the first, which everybody makes."""
    kinds = [_kind(one) for one in passphrase]
    count = sum(one != other and "" not in (one, other) for one, other in itertools.pairwise(kinds))
    return _CHANGE_BITS * max(0, count - 1)


def _kind(char: str) -> str:
    if char.isspace():
        return ""
    if char.isupper():
        return "capital"
    if char.isdigit():
        return "digit"
    return "letter" if char.isalpha() or unicodedata.category(char)[0] == "M" else "sign"


def _word(text: str, start: int) -> int:
    """How long the word is that begins there; nothing in scripts that put no spaces between words."""
    if _SPACELESS.match(text, start):
        return 0
    end = start
    while end < len(text) and (text[end].isalpha() or unicodedata.category(text[end])[0] == "M"):
        end += 1
    return end - start


def _row(text: str, start: int) -> int:
    """How many neighbours follow each other: on the keyboard, or in the alphabet, one way or the other."""
    end = start + 1
    while end < len(text) and _neighbours(text[end - 1 : end + 1]):
        end += 1
    return end - start


def _neighbours(pair: str) -> bool:
    if pair.isalnum() and abs(ord(pair[0]) - ord(pair[1])) <= 1:
        return True
    return any(pair in row or pair[::-1] in row for row in _ROWS)


def _again(text: str, start: int) -> int:
    """How much of what follows was said before."""
    length = 0
    while start + length < len(text) and text[start : start + length + 1] in text[:start]:
        length += 1
    return length


@cache
def _common() -> frozenset[str]:
    """What people take most often, in the languages of the interface."""
    text = resources.files("meshcoal.tui").joinpath("words", "common.txt").read_text(encoding="utf-8")
    return frozenset(fold(one) for one in text.split())


@cache
def _known(code: str) -> frozenset[str]:
    """The words that are drawn in this language, and those in English."""
    return frozenset(fold(word) for one in {list_code(code), ENGLISH} for word in listed(one))

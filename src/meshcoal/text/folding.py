"""What makes two spellings of a word the same when somebody searches, in every script.

Law: what is put into an index and what is looked for go through here alike. Case, accents, Arabic vowel signs
and forms of letters, width and digits of other scripts do not count. In scripts that put no spaces between
words (Chinese, Japanese, Thai, Lao, Khmer, Burmese) every two neighbours stand for a word, and what is looked
for must stand there as it was typed.

Sources: Unicode Standard Annex 15 (NFKD), Unicode Technical Report 10 (search ignores tertiary differences);
the Arabic letters that keyboards write differently are ours.
"""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata
from dataclasses import dataclass
from typing import Final

TERMS_MAX: Final = 16  # of one question
TERM_CHARS_MAX: Final = 64  # of a word; what is longer is cut, on both sides alike

_ASCII_WORD: Final = re.compile(r"[a-z0-9]+")
# Vowel signs, accents and points that are not written as a rule, or differ by keyboard. The marks of Indic
# and Burmese script are vowels that always stand: those stay.
_DROPPED: Final = (
    (0x0300, 0x036F), (0x0483, 0x0487), (0x0591, 0x05C7), (0x0610, 0x061A), (0x0640, 0x0640),
    (0x064B, 0x065F), (0x0670, 0x0670), (0x06D6, 0x06ED), (0x08D3, 0x08FF), (0x1AB0, 0x1AFF),
    (0x1DC0, 0x1DFF), (0x200B, 0x200F), (0x2060, 0x2064), (0x20D0, 0x20FF),
    (0xFE00, 0xFE0F), (0xFE20, 0xFE2F), (0xFEFF, 0xFEFF),
)  # fmt: skip
_SAME: Final = {
    "ٱ": "ا", "ى": "ي", "ی": "ي", "ې": "ي", "ة": "ه", "ە": "ه", "ہ": "ه", "ھ": "ه", "ک": "ك", "ڪ": "ك",
    "ı": "i", "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ё": "е",
}  # fmt: skip
_UNSPACED: Final = (
    (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3005, 0x3007), (0x3040, 0x30FF),
    (0x31F0, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xA9E0, 0xA9FF), (0xAA60, 0xAA7F),
    (0xF900, 0xFAFF), (0x20000, 0x3FFFF),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is looked for: all of it must be there.

    `words` are beginnings of words; `runs` are pieces of text in a script without spaces.
    """

    words: tuple[str, ...]
    runs: tuple[str, ...]

    @property
    def empty(self) -> bool:
        return not self.words and not self.runs


@dataclass(frozen=True, slots=True)
class _Piece:
    """A word, or a run without spaces; where it stands in the folded text."""

    text: str
    start: int
    run: bool


def terms(text: str) -> list[str]:
    """The words by which a text is found, each once."""
    if text.isascii():
        return list(dict.fromkeys([word[:TERM_CHARS_MAX] for word in _ASCII_WORD.findall(text.lower())]))
    found: list[str] = []
    for piece in _pieces(fold(text)):
        found += neighbours(piece.text) if piece.run else [piece.text[:TERM_CHARS_MAX]]
    return list(dict.fromkeys(found))


def question(text: str) -> Question:
    """What somebody typed, as `TERMS_MAX` terms at most; words of signs alone are passed over."""
    words: list[str] = []
    runs: list[str] = []
    for piece in _pieces(fold(text))[:TERMS_MAX]:
        if piece.run:
            runs.append(piece.text[:TERM_CHARS_MAX])
        else:
            words.append(piece.text[:TERM_CHARS_MAX])
    return Question(words=tuple(dict.fromkeys(words)), runs=tuple(dict.fromkeys(runs)))


def neighbours(run: str) -> list[str]:
    """Every two letters, each with its marks, that stand side by side; and the last one alone.

    So that one letter is found as a beginning, wherever it stands.
    """
    clusters: list[str] = []
    for char in run:
        if clusters and unicodedata.category(char)[0] == "M":
            clusters[-1] += char
        else:
            clusters.append(char)
    pairs = [first + second for first, second in itertools.pairwise(clusters)]
    return [*pairs, *clusters[-1:]]


def answers(text: str, asked: Question) -> bool:
    """Whether a text has all that is looked for."""
    return place(text, asked) is not None


def place(text: str, asked: Question) -> tuple[int, int] | None:
    """Begin and end in a text of the first of what is looked for; None where it does not answer."""
    if asked.empty:
        return None
    folded, origins = _folded_with_origins(text)
    pieces = _pieces(folded)
    first: tuple[int, int] | None = None
    for word in asked.words:
        at = next((one.start for one in pieces if not one.run and one.text.startswith(word)), -1)
        if at < 0:
            return None
        first = min(first or (at, at + len(word)), (at, at + len(word)))
    for run in asked.runs:
        at = next((one.start + one.text.find(run) for one in pieces if one.run and run in one.text), -1)
        if at < 0:
            return None
        first = min(first or (at, at + len(run)), (at, at + len(run)))
    assert first is not None, "something was asked for"
    return origins[first[0]], origins[first[1] - 1] + 1


def fold(text: str) -> str:
    """A text without what does not count."""
    if text.isascii():
        return text.lower()
    return "".join([_fold_char(char) for char in text])


@functools.lru_cache(maxsize=16_384)
def _fold_char(char: str) -> str:
    out: list[str] = []
    for one in unicodedata.normalize("NFKD", char.casefold()):
        if _within(ord(one), _DROPPED):
            continue
        if unicodedata.category(one) == "Nd":
            out.append(str(unicodedata.decimal(one)))
        else:
            out.append(_SAME.get(one, one))
    return "".join(out)


def _folded_with_origins(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its characters where it came from."""
    if text.isascii():
        return text.lower(), list(range(len(text)))
    out: list[str] = []
    origins: list[int] = []
    for at, char in enumerate(text):
        folded = _fold_char(char)
        out.append(folded)
        origins += [at] * len(folded)
    return "".join(out), origins


def _pieces(folded: str) -> list[_Piece]:
    pieces: list[_Piece] = []
    begin, kind = 0, 0
    for at, char in enumerate(folded):
        now = _kind(char)
        if now == _MARK:
            now = kind
        if now != kind:
            if kind:
                pieces.append(_Piece(folded[begin:at], begin, kind == _RUN))
            begin, kind = at, now
    if kind:
        pieces.append(_Piece(folded[begin:], begin, kind == _RUN))
    return pieces


_WORD, _RUN, _MARK = 1, 2, 3


@functools.lru_cache(maxsize=16_384)
def _kind(char: str) -> int:
    """Of a word, of a run without spaces, a mark that belongs to what stands before it, or between."""
    category = unicodedata.category(char)
    if category[0] == "M":
        return _MARK
    if category[0] not in "LN":
        return 0
    return _RUN if _within(ord(char), _UNSPACED) else _WORD


def _within(code: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= code <= last for first, last in ranges)

"""Where lines may end: in Chinese and Japanese between characters, in Burmese between syllables.

Law: wrapping changes no text, cuts through no cluster, and makes no row wider than it may be. Textual ends
lines at blanks alone, and where a word is wider than the row anywhere. Here it is by the rules of Unicode's
line breaking algorithm (UAX 14): no row begins with what closes (`。`, `、`, `」`, `！`, `၊`), none ends with
what opens, blanks that do not break do not, and a row is cut at another place only if it has no such place.
Burmese has no blanks between words; its syllables begin at a consonant that is neither stacked under another
nor silenced by an asat, which can be told without a dictionary. Thai, Lao and Khmer words cannot: there only
clusters are kept whole.

Where none of this can matter, Textual's own way is taken.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import textual.content
from rich._wrap import divide_line as _divided_at_blanks
from rich.cells import cell_len, split_graphemes
from textual._wrap import compute_wrap_offsets as _offsets_at_blanks
from textual.document import _wrapped_document

# Ideographs, kana, symbols as wide as them: a line may end before and behind each.
_IDEOGRAPHS: Final = (
    "\u2e80-\u2fff\u3003-\u3007\u3012-\u3013\u3020-\u303f\u3040-\u30ff\u3105-\u312f\u3190-\ua4cf\uf900-\ufaff\ufe30-\ufe4f"
    "\uff01-\uff60\U00020000-\U0003fffd"
)
_BURMESE: Final = "\u1000-\u109f\ua9e0-\ua9fe\uaa60-\uaa7f"
_MATTERS: Final = re.compile(
    f"[{_IDEOGRAPHS}{_BURMESE}\u00a0\u202f\u2060\u200b\u0900-\u0dff\u0e00-\u0fff\u1100-\u137f\u1780-\u17ff"
    "\u3000-\u303f\u200d\ua960-\ua97f\uac00-\ud7ff\U0001f000-\U0001ffff]"
)
_IDEOGRAPH: Final = re.compile(f"[{_IDEOGRAPHS}]")
_IN_BURMESE: Final = re.compile(f"[{_BURMESE}]")
# A consonant or an independent vowel that begins a syllable: not silenced, and nothing stacked under it.
_SYLLABLE: Final = re.compile(
    "[\u1000-\u102a\u103f\u1050-\u1055\u1075-\u1081\uaa60-\uaa7a](?!\u1037?[\u1039\u103a])"
)
_STACKER: Final = "\u1039"

OPENERS: Final = frozenset("([{“‘（［｛「『【〔〖《〈〘〚｢﹁﹃￥＄£")
# What closes, ends or goes on: UAX 14's classes CL, CP, EX, IS, NS, IN and CJ.
_ASCII_CLOSERS: Final = frozenset(")]}”’,.:;!?%…‥")
CLOSERS: Final = frozenset(
    "、。，．・：；？！）］｝」』】〕〗》〉〙〛｣､｡･ー〜～％‰℃々〻ゝゞヽヾ—"
    "ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿ\ufe50\ufe51\ufe52\ufe54\ufe55\ufe56\ufe57"
    "\u104a\u104b\u104f\u1361\u1362\u1363\u1364\u1365\u1366\u1367\u1368\u0964\u0965\u0e2f\u0e46\u17d4\u17d5"
)
_GLUES: Final = frozenset("\u00a0\u202f\u2060\ufeff\u2011")
_BREAKS_BEHIND: Final = frozenset("\u200b\u1361\u0f0b")
# Seen by nobody: what goes with the character behind it, and what goes with the one before.
_BEFORE: Final = frozenset("\u2062\u2063\u2066\u2067\u2068\u200e\u200f\u061c")
_UNSEEN: Final = _BEFORE | {"\u2069"}
_BLANKS: Final = frozenset(" \t\u2003\u2002\u3000")
_VIRAMAS: Final = frozenset("\u094d\u09cd\u0a4d\u0acd\u0b4d\u0c4d\u0ccd\u0d4d\u0dca\u1039\u17d2")


@dataclass(frozen=True, slots=True)
class Cluster:
    """What is never cut: where it begins in its text, its columns, and what is seen first and last of it."""

    at: int
    columns: int
    first: str
    last: str

    @property
    def blank(self) -> bool:
        return self.first in _BLANKS and self.last in _BLANKS


def clusters(text: str) -> list[Cluster]:
    """A text in the pieces that are drawn as one.

    Marks go with their letter, what a joiner or a stacking sign joins goes together, and the unseen signs of
    direction go with the word they stand before.
    """
    spans, _columns = split_graphemes(text)
    begins: list[int] = []
    ahead = -1  # where unseen signs begin that belong to what follows
    for start, end, _columns in spans:
        tail = end
        while tail > start and text[tail - 1] in _BEFORE:
            tail -= 1
        if tail > start:
            if ahead >= 0 or not begins or not _goes_on(text, start):
                begins.append(ahead if ahead >= 0 else start)
            ahead = -1
        if tail < end and ahead < 0:
            ahead = tail
    if ahead >= 0 and not begins:
        begins.append(ahead)
    return [_cluster(text, at, end) for at, end in pairwise([*begins, len(text)])]


def _goes_on(text: str, at: int) -> bool:
    """Whether a character is drawn with the one before it, though it takes columns of its own."""
    if not at or text[at] == " ":
        return False
    char, before = text[at], text[at - 1]
    if unicodedata.category(char)[0] == "M" or before == "\u200d" or "\U0001f3fb" <= char <= "\U0001f3ff":
        return True
    if before in _VIRAMAS and unicodedata.category(char) == "Lo":
        return True
    if "\U0001f1e6" <= char <= "\U0001f1ff" and "\U0001f1e6" <= before <= "\U0001f1ff":
        flags = at
        while flags and "\U0001f1e6" <= text[flags - 1] <= "\U0001f1ff":
            flags -= 1
        return (at - flags) % 2 == 1
    return char == before and char in "—…"


def _cluster(text: str, at: int, end: int) -> Cluster:
    seen = [char for char in text[at:end] if char not in _UNSEEN] or [text[at]]
    return Cluster(at=at, columns=cell_len(text[at:end]), first=seen[0], last=seen[-1])


def may_break(text: str, before: Cluster, behind: Cluster) -> bool:
    """Whether a line may end between two clusters that stand beside each other in a text."""
    if before.last in _GLUES or behind.first in _GLUES or behind.blank:
        return False
    if before.blank:
        return behind.first not in CLOSERS
    if forbidden(before, behind):
        return False
    if before.last in _BREAKS_BEHIND:
        return True
    if _IDEOGRAPH.match(before.last) or _IDEOGRAPH.match(behind.first):
        return True
    if _IDEOGRAPH.match(before.first) and unicodedata.category(before.last)[0] == "M":
        return True
    begins = text.find(behind.first, behind.at)
    return _SYLLABLE.match(text, begins) is not None or (
        _IN_BURMESE.match(before.first) is not None
        and unicodedata.category(behind.first) == "Nd"
        and unicodedata.category(before.first) != "Nd"
    )


def forbidden(before: Cluster, behind: Cluster) -> bool:
    """Whether a line would end with what opens, or the next begin with what closes."""
    return before.last in OPENERS or behind.first in CLOSERS or behind.first in _ASCII_CLOSERS


def offsets(text: str, width_cells: int, *, fold: bool = True, hang: bool = True) -> list[int]:
    """Where in a text its second and further rows begin.

    Args:
        width_cells: of a row.
        fold: whether a word that is wider than a row is cut.
        hang: whether blanks at the end of a row take no room, since nobody draws them.
    """
    pieces = clusters(text)
    found: list[int] = []
    begin, columns, place = 0, 0, -1  # of the row: its first cluster, its columns, the last place to end it
    inked = False  # blanks at the very beginning go with what follows
    at = 0
    while at < len(pieces):
        piece = pieces[at]
        if inked and at > begin and may_break(text, pieces[at - 1], piece):
            place = at
        if columns + piece.columns > width_cells and at > begin and not (hang and piece.blank):
            if place <= begin and not fold:
                columns += piece.columns
                at += 1
                continue
            begin = place if place > begin else _cut(pieces, begin, at)
            place = -1
            found.append(pieces[begin].at)
            columns = sum([one.columns for one in pieces[begin:at]])
            for again in range(begin + 1, at):
                if may_break(text, pieces[again - 1], pieces[again]):
                    place = again
            continue
        inked = inked or not piece.blank
        columns += piece.columns
        at += 1
    return found


def _cut(pieces: list[Cluster], begin: int, at: int) -> int:
    """Where to cut a row that has no place to end: the last one that spares the eye, else at its end."""
    for cut in range(at, begin + 1, -1):
        before, behind = pieces[cut - 1], pieces[cut]
        glued = before.last in _GLUES or behind.first in _GLUES
        if not glued and not behind.blank and not forbidden(before, behind):
            return cut
    return at


def _divided(text: str, width: int, fold: bool = True) -> list[int]:
    """Stands in for what Textual asks where to divide what it draws."""
    if _MATTERS.search(text) is None:
        return _divided_at_blanks(text, width, fold)
    return offsets(text, width, fold=fold)


def _written(
    text: str,
    width: int,
    tab_size: int,
    fold: bool = True,
    precomputed_tab_sections: list[tuple[str, int]] | None = None,
) -> list[int]:
    """Stands in for what Textual asks where to divide what is being written."""
    if "\t" in text or _MATTERS.search(text) is None:
        return _offsets_at_blanks(text, width, tab_size, fold, precomputed_tab_sections)
    return offsets(text, width, fold=fold, hang=False)


def begin() -> None:
    """Have Textual wrap so from now on: it knows no other way to be told."""
    textual.content.divide_line = _divided  # type: ignore[attr-defined]
    _wrapped_document.compute_wrap_offsets = _written  # type: ignore[attr-defined]

"""The one door for foreign text: what came from a peer, a file or the clipboard passes here before it shows.

Law: what comes out moves no cursor, changes no colour or title, reverses no neighbour's text, hides no run of
letters, and reads the same wherever it stands. Cleaning twice is cleaning once. It is for showing only: what
is stored, signed and hashed stays as it was written.

What happens to each kind of character:

    ESC and all other controls (C0, DEL, C1)     U+FFFD, so that an attempt is seen
    line feed, CR LF, U+0085, U+2028, U+2029     a line feed where several lines are wanted, else a space
    tab                                          four spaces, or one in a single line
    embeddings and overrides U+202A to U+202E    dropped: an unclosed one reorders what follows it
    isolates U+2066 to U+2069                    kept, closed at the end of each line, at most four deep
    direction marks, joiners, zero-width space   kept: Persian, Indic scripts, Khmer and Burmese need them
    any other format character, blank fillers    dropped: unseen, they hide text in text (tag characters)
    half of a surrogate pair                     U+FFFD
    unassigned and private use                   U+FFFD: no width or direction is agreed, and in terminal
                                                 fonts private use holds marks like an interface's own
    marks that stack on a letter                 at most eight; one that opens a line gets a dotted circle to
                                                 stand on, else it would sit on our own words

Sources: ECMA-48 and ISO 6429 (controls), Unicode Standard Annex 9 (bidirectional text), Unicode Technical
Report 36 section 3 and Standard Annex 31 section 2.3 (unseen characters).
"""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import Final

REPLACEMENT: Final = "\ufffd"
ELLIPSIS: Final = "…"
DOTTED_CIRCLE: Final = "\u25cc"
MARKS_RUN_MAX: Final = 8
ISOLATES_DEPTH_MAX: Final = 4

_OPENERS: Final = frozenset("\u2066\u2067\u2068")
_CLOSER: Final = "\u2069"
_LINE_BREAK: Final = re.compile("\r\n|[\n\x85\u2028\u2029]")
# Format characters that scripts need: Arabic and Syriac number signs, marks, joiners, Mongolian separator,
# Kaithi number signs.
_FORMATS_KEPT: Final = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e"
    "\u200b\u200c\u200d\u200e\u200f\U000110bd\U000110cd"
)
_UNSEEN_FORMATS: Final = frozenset("\u061c\u180e\u200b\u200c\u200d\u200e\u200f")
# Letters and marks that show nothing: grapheme joiner, Hangul fillers, Khmer inherent vowels.
_FILLERS: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
# Variation selectors for Han, behind the tag characters: dropped with them.
_PLANE_14: Final = range(0xE0000, 0xF0000)

_KEEP, _DROP, _REPLACE, _STACK, _OPEN, _CLOSE = range(6)


def clean(text: str, *, multiline: bool, limit_chars: int | None = None) -> str:
    """`text` as it may be shown.

    Args:
        text: anything, of any length.
        multiline: whether line feeds stay.
        limit_chars: cut to this many characters, the last being an ellipsis. At least 1.

    Returns:
        Text for which `clean` changes nothing any more.
    """
    assert limit_chars is None or limit_chars >= 1, "an ellipsis needs one character"
    if text.isascii() and text.isprintable():
        cleaned = text  # most of what is shown, and free
    else:
        lines = [_clean_line(line, tab="    " if multiline else " ") for line in _LINE_BREAK.split(text)]
        cleaned = ("\n" if multiline else " ").join(lines)
    if limit_chars is None or len(cleaned) <= limit_chars:
        return cleaned
    return _cut(cleaned, limit_chars)


def one_line(text: str, width_cells: int | None = None) -> str:
    """`text` cleaned, in one line, with runs of spaces made one and none at the ends.

    With `width_cells`, at most that many terminal columns, the last an ellipsis where something was cut.
    """
    line = " ".join(clean(text, multiline=False).split())
    line = clean(line, multiline=False)  # splitting also drops rare spaces, which may bare a mark
    if width_cells is None or cells(line) <= width_cells:
        return line
    low, high = 0, len(line)
    while low < high:  # the longest head that fits beside the ellipsis
        middle = (low + high + 1) // 2
        if cells(line[:middle]) <= width_cells - 1:
            low = middle
        else:
            high = middle - 1
    return _clean_line(line[:low].rstrip(), tab=" ") + ELLIPSIS if width_cells > 0 else ""


def cells(text: str) -> int:
    """How many terminal columns cleaned text takes: two for wide East Asian, none for marks and joiners."""
    if text.isascii():
        return len(text)
    return sum([_cells(char) for char in text])


@functools.lru_cache(maxsize=4096)
def _cells(char: str) -> int:
    if char in _UNSEEN_FORMATS or char in _OPENERS or char == _CLOSER:
        return 0
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


@functools.lru_cache(maxsize=8192)
def _kind(char: str) -> int:
    if char in _OPENERS:
        return _OPEN
    if char == _CLOSER:
        return _CLOSE
    if char in _FILLERS or ord(char) in _PLANE_14:
        return _DROP
    category = unicodedata.category(char)
    if category == "Cf":
        if char not in _FORMATS_KEPT:
            return _DROP
        return _STACK if char in _UNSEEN_FORMATS else _KEEP
    if category[0] == "M":
        return _STACK
    if category in ("Cc", "Cs", "Cn", "Co"):
        return _REPLACE
    return _KEEP


def _clean_line(line: str, *, tab: str) -> str:
    out: list[str] = []
    depth = too_deep = stacked = 0
    bare = True  # nothing yet for a mark to stand on
    for char in line:
        if char == "\t":
            out.append(tab)
            stacked, bare = 0, False
            continue
        kind = _kind(char)
        if kind in (_KEEP, _REPLACE):
            out.append(char if kind == _KEEP else REPLACEMENT)
            stacked, bare = 0, False
        elif kind == _STACK:
            if stacked == MARKS_RUN_MAX:
                continue
            if bare and unicodedata.category(char)[0] == "M":
                out.append(DOTTED_CIRCLE)
                bare = False
                stacked = 0
            stacked += 1
            out.append(char)
        elif kind == _OPEN:
            if depth == ISOLATES_DEPTH_MAX:
                too_deep += 1
                continue
            depth += 1
            out.append(char)
        elif kind == _CLOSE:
            if too_deep:
                too_deep -= 1
            elif depth:
                depth -= 1
                out.append(char)
    out.append(_CLOSER * depth)
    return "".join(out)


def _cut(cleaned: str, limit_chars: int) -> str:
    """The longest head that fits with an ellipsis, its isolates closed again."""
    keep = limit_chars - 1
    while True:
        head, newline, last = cleaned[:keep].rpartition("\n")
        closed = head + newline + _clean_line(last, tab=" ")
        if len(closed) <= limit_chars - 1:
            return closed + ELLIPSIS
        keep -= len(closed) - (limit_chars - 1)

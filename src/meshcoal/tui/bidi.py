"""Lines of Arabic, Persian and Hebrew as terminals can draw them: in the order seen, letters joined.

Law: a line is wrapped first and turned afterwards, and what is stored, searched, copied or sent is never
turned. Each cluster keeps its style and its place in the text, so a cursor stands on the letter it means. A
terminal that turns lines by itself is told to let be (ECMA-48 BDSM), or left to do it where somebody says so.

The order is that of Unicode's bidirectional algorithm (UAX 9), computed by python-bidi, whose answer names no
places: each character is therefore followed by two tags that the algorithm does not see (class BN) and that
number it. Joining follows chapter 9.2 of the Unicode standard with the presentation forms that the standard's
own data names; letters without such forms (some of Pashto, Kurdish, Sindhi) stay as they are.
"""

from __future__ import annotations

import enum
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from bidi import get_display
from bidi.mirror import MIRRORED
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter
from textual.strip import Strip

from meshcoal.errors import BadArgument
from meshcoal.tui.locale import spoken

ENVIRONMENT: Final = "MESHCOAL_BIDI"
EXPLICIT: Final = b"\x1b[8l"  # the terminal is to leave the order to us: ECMA-48 8.3.10 BDSM, reset
IMPLICIT: Final = b"\x1b[8h"
LINE_CHARS_MAX: Final = 4096  # beyond it a line is left as it is; no screen is as wide

LEFT_MARK: Final = "\u200e"
RIGHT_MARKS: Final = ("\u200f", "\u061c")
# Of a paragraph's direction, at each of its words: invisible operators of mathematics, which `clean` takes
# out of everybody's text, and which no terminal is given.
_FROM_LEFT_SIGN: Final = "\u2062"
_FROM_RIGHT_SIGN: Final = "\u2063"
_SIGNS: Final = (_FROM_LEFT_SIGN, _FROM_RIGHT_SIGN)
_UNSEEN: Final = frozenset("\u200b\u200c\u200e\u200f\u061c\u2066\u2067\u2068\u2069")
_OPENERS: Final = "\u2066\u2067\u2068"
_CLOSER: Final = "\u2069"
_MARKS: Final = "\u200e\u200f\u061c"
_NOT_NUMBERED: Final = frozenset(_OPENERS + _CLOSER + _MARKS)
_ALEF: Final = "\u05d0"
_JOINER: Final = "\u200d"
_FROM_RIGHT: Final = re.compile(
    "[\u0590-\u08ff\u200f\u2067\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_COLUMN_END: Final = re.compile(" (?=[ │])")
_COLUMN_BEGIN: Final = re.compile("(?: {2,}|^ +|│ +)")
_UNDRAWN: Final = re.compile("[\u200e\u200f\u061c\u2062\u2063\u2066-\u2069]")
_TAG: Final = 0xE0020  # of the characters that are BN, the longest row; `clean` lets none of them in
_TAGS: Final = 96
_LAM: Final = "\u0644"


class Mode(enum.StrEnum):
    """Who turns lines and joins letters."""

    OURS = "ours"
    ORDER = "order"  # we turn, nobody joins: for fonts without the joined forms
    TERMINAL = "terminal"


class _State:
    mode: Mode = Mode.OURS


@dataclass(frozen=True, slots=True)
class Cluster:
    """What is drawn as one: text, and where in the line its first character stood."""

    text: str
    at: int


def begin(mode: Mode) -> None:
    """Work so from now on."""
    _State.mode = mode


def mode() -> Mode:
    return _State.mode


def mode_of(saved: str, environment: Mapping[str, str]) -> Mode:
    """What to do on this terminal: as `MESHCOAL_BIDI` says, as was chosen, or as the terminal is known to do.

    Konsole, mlterm and Apple's Terminal turn lines by themselves and have no way to be told not to. GNOME's
    and its kin, and mintty, do too, but can be told.

    Raises:
        BadArgument: `MESHCOAL_BIDI` is none of the three.
    """
    wanted = environment.get(ENVIRONMENT, "")
    if wanted and wanted not in list(Mode):
        raise BadArgument(f"{ENVIRONMENT} is one of {', '.join(Mode)}.")
    for one in (wanted, saved):
        if one in list(Mode):
            return Mode(one)
    terminal = environment.get("TERM_PROGRAM", "") == "Apple_Terminal"
    if terminal or environment.get("KONSOLE_VERSION") or environment.get("TERM", "").startswith("mlterm"):
        return Mode.TERMINAL
    return Mode.OURS


# --- Which way a text runs


def runs_from_right(text: str) -> bool:
    """Whether anything in it runs from right to left."""
    return not text.isascii() and _FROM_RIGHT.search(text) is not None


def interface_from_right() -> bool:
    """Whether the language of the interface does."""
    return spoken().from_right


def line_from_right(line: str) -> bool:
    """Whether a drawn line runs from the right: as its paragraph, its first letter, or the interface."""
    first = line.lstrip(" ")[:1]
    if first in _SIGNS:
        return first == _FROM_RIGHT_SIGN
    return written_from_right(line)


def written_from_right(text: str) -> bool:
    """Whether a text does: by its first letter outside isolates, else as the interface."""
    if text.isascii():
        return interface_from_right() and not any(map(str.isalpha, text))
    depth = 0
    for char in text:
        kind = unicodedata.bidirectional(char)
        depth += (char in _OPENERS) - (char == _CLOSER and depth > 0)
        if depth == 0 and kind in ("L", "R", "AL"):
            return kind != "L"
    return interface_from_right()


def turns(line: str, *, from_right: bool) -> bool:
    """Whether a line is drawn otherwise than it is written."""
    return _State.mode is not Mode.TERMINAL and (from_right or runs_from_right(line))


def directed(text: str) -> str:
    """A text in which each paragraph keeps its direction however it is wrapped.

    Where a paragraph has letters of both directions, each word of it begins with an unseen sign of its own
    direction; `turned` reads it at the beginning of a line and draws none. Not the marks that Unicode has
    for this: between two words they would take a phrase apart.
    """
    if _State.mode is Mode.TERMINAL or not runs_from_right(text):
        return text
    return "\n".join([_directed(paragraph) for paragraph in text.split("\n")])


def _directed(paragraph: str) -> str:
    from_left = any(unicodedata.bidirectional(char) == "L" for char in paragraph)
    if not from_left or not runs_from_right(paragraph):
        return paragraph
    sign = _FROM_RIGHT_SIGN if written_from_right(paragraph) else _FROM_LEFT_SIGN
    return sign + paragraph.replace(" ", " " + sign)


def isolated(text: str) -> str:
    """A name or another text of somebody's inside a sentence, which it is not to reorder."""
    if not text or not (runs_from_right(text) or interface_from_right()):
        return text
    return f"\u2068{text}{_CLOSER}"


def left_to_right(text: str) -> str:
    """Codes, digests, addresses and words to compare: they run from the left in every language."""
    if not interface_from_right():
        return text
    return "\n".join([f"{LEFT_MARK}\u2066{line}{_CLOSER}" for line in text.split("\n")])


# --- Order


def in_order(line: str, *, from_right: bool) -> list[Cluster]:
    """The clusters of one line from left to right as they are drawn; blanks at its end included."""
    body = line.rstrip(" ")
    blanks = [Cluster(" ", at) for at in range(len(body), len(line))]
    clusters = _ordered(body, from_right=from_right)
    return [*reversed(blanks), *clusters] if from_right else [*clusters, *blanks]


def _ordered(line: str, *, from_right: bool) -> list[Cluster]:
    if not from_right and not runs_from_right(line):
        return _plain(line)
    if len(line) > LINE_CHARS_MAX:
        return _plain(line)
    joined = _joined(line) if _State.mode is not Mode.ORDER else list(line)
    for at, char in enumerate(joined):
        gap = _gap(line, at) if not char else -1
        if gap >= 0:
            joined[gap] += " "
    tails = _tails(line)
    found: list[Cluster] = []
    for at, mirrored in _places(line, from_right=from_right):
        if at in tails:
            continue  # drawn with the character it stands on
        text = joined[at] if joined[at] != line[at] else mirrored
        end = at + 1
        while end in tails:
            text += joined[end]
            end += 1
        text = "".join([char for char in text if char not in _UNSEEN])
        if text:
            found.append(Cluster(text, at))
    return found


def _gap(line: str, at: int) -> int:
    """Where the column goes that a lam and an alef save together: to the blanks before the next column of a
    table, else behind those before this one; -1 where there are none."""
    after = _COLUMN_END.search(line, at)
    if after is not None:
        return after.start()
    before = [found.end() - 1 for found in _COLUMN_BEGIN.finditer(line, 0, at)]
    return before[-1] if before else -1


def _plain(line: str) -> list[Cluster]:
    tails = _tails(line)
    found: list[Cluster] = []
    for at, char in enumerate(line):
        if char in (LEFT_MARK, *RIGHT_MARKS, *_OPENERS, _CLOSER):
            continue
        if at in tails and found:
            found[-1] = Cluster(found[-1].text + char, found[-1].at)
        else:
            found.append(Cluster(char, at))
    return found


def _tails(line: str) -> frozenset[int]:
    """Places of characters that are drawn with the one before: marks, selectors, what a joiner joins."""
    tails: set[int] = set()
    for at, char in enumerate(line):
        if at == 0 or char.isascii():
            continue
        combines = (
            unicodedata.category(char)[0] == "M" or char == _JOINER or "\U0001f3fb" <= char <= "\U0001f3ff"
        )
        emoji = line[at - 1] == _JOINER and at - 1 in tails and ord(char) >= 0x2190
        if combines or emoji:
            tails.add(at)
    return frozenset(tails)


def _places(line: str, *, from_right: bool) -> list[tuple[int, str]]:
    """Each character's place in the line, in the order drawn, and what is drawn for it (brackets turn)."""
    open_, numbered = 0, []
    for at, char in enumerate(line):
        if char in _OPENERS:
            open_ += 1
            numbered.append(char)
        elif char == _CLOSER:
            if open_:  # else it closes nothing here: its opener stands on the line before
                open_ -= 1
                numbered.append(char)
        elif char in _MARKS:
            numbered.append(char)
        else:
            numbered.append(char + chr(_TAG + at // _TAGS) + chr(_TAG + at % _TAGS))
    # The end of a line resolves as a strong letter of its direction would; with it, no tag ends the line.
    numbered.append(_CLOSER * open_ + (_ALEF if from_right else "a"))
    drawn = get_display("".join(numbered), base_dir="R" if from_right else "L")
    drawn = drawn.removeprefix(_ALEF) if from_right else drawn.removesuffix("a")
    places: list[tuple[int, str]] = []
    start = 0
    while start < len(drawn):
        if drawn[start] in _NOT_NUMBERED:
            start += 1
            continue
        one, two, three = drawn[start : start + 3]
        if _tag(one) < 0:
            places.append((_tag(two) * _TAGS + _tag(three), one))
        else:  # a run from the right: turned with its tags
            places.append((_tag(two) * _TAGS + _tag(one), MIRRORED.get(three, three)))
        start += 3
    return places


def _tag(char: str) -> int:
    number = ord(char) - _TAG
    return number if 0 <= number < _TAGS else -1


# --- Joining


@cache
def _forms() -> dict[str, dict[str, str]]:
    """For each letter, or lam with an alef, its form alone, at the end, in the middle, at the beginning."""
    forms: dict[str, dict[str, str]] = {}
    for code in (*range(0xFB50, 0xFC00), *range(0xFE80, 0xFEFD)):
        kind, *letters = unicodedata.decomposition(chr(code)).split(" ")
        word = "".join([chr(int(letter, 16)) for letter in letters])
        # Ligatures but for lam with alef are a matter of taste, and would hide letters from a cursor.
        if kind and (len(word) == 1 or (len(word) == 2 and word[0] == _LAM and code >= 0xFEF5)):
            forms.setdefault(word, {})[kind.strip("<>")] = chr(code)
    return forms


def _joined(line: str) -> list[str]:
    """Each character as it is drawn beside its neighbours; a lam before an alef takes the alef in."""
    forms = _forms()
    made = list(line)
    letters = [at for at, char in enumerate(line) if unicodedata.category(char) != "Mn"]
    for number, at in enumerate(letters):
        char = line[at]
        if char not in forms or not made[at]:
            continue
        before = line[letters[number - 1]] if number else ""
        after = line[letters[number + 1]] if number + 1 < len(letters) else ""
        from_before = _joins_onward(before) and _joins_back(char)  # a hamza alone joins nothing
        if char == _LAM and after and _LAM + after in forms:
            ligature = forms[_LAM + after]
            made[at] = ligature["final" if from_before else "isolated"]
            made[letters[number + 1]] = ""
            continue
        to_after = _joins_onward(char) and _joins_back(after)
        wanted = ("isolated", "final", "initial", "medial")[from_before + 2 * to_after]
        made[at] = forms[char].get(wanted, char)
    return made


def _joins_onward(char: str) -> bool:
    """Whether a letter joins the one after it."""
    return char in ("\u0640", _JOINER) or "initial" in _forms().get(char, {})


def _joins_back(char: str) -> bool:
    """Whether a letter joins the one before it."""
    return char in ("\u0640", _JOINER) or "final" in _forms().get(char, {})


# --- What is drawn


class Turner(LineFilter):
    """Turns each line of each widget, between its borders; asked last, after wrapping and styling."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The line as the terminal is to show it, as wide as it was."""
        text = "".join([segment.text for segment in segments])
        if text.isascii() and not interface_from_right():
            return segments
        if not any(map(str.isalnum, text)):
            return segments  # nothing to turn, or a drawing, such as a QR code
        start = 1 if _is_border(segments[0]) else 0
        end = len(segments) - 1 if len(segments) > 1 and _is_border(segments[-1]) else len(segments)
        inner = Strip(segments[start:end])
        return [*segments[:start], *turned(inner, inner.cell_length), *segments[end:]]


def _is_border(segment: Segment) -> bool:
    return len(segment.text) == 1 and "\u2500" <= segment.text <= "\u259f"


def turned(strip: Strip, width_cells: int, *, from_right: bool | None = None) -> Strip:
    """A line of a widget as the terminal is to show it: turned, joined, at the right where it belongs there.

    Args:
        width_cells: of the widget; a line that stands at the right is filled up to it.
        from_right: which way the line runs; None to go by its first mark, else by the interface.
    """
    if _State.mode is Mode.TERMINAL:
        return strip
    text = strip.text
    if from_right is None:
        from_right = line_from_right(text)
    if not from_right and not runs_from_right(text) and _UNDRAWN.search(text) is None:
        return strip
    width = strip.cell_length
    if from_right and width < width_cells:
        strip, width = strip.extend_cell_length(width_cells, _last_style(strip)), width_cells
    drawn: list[str] = []
    styles: list[Style | None] = []
    for segment in strip:
        if not segment.control:
            chars = [char for char in segment.text if char not in _SIGNS]
            drawn += chars
            styles += [segment.style] * len(chars)
    clusters = in_order("".join(drawn), from_right=from_right)
    missing = width - sum([cell_len(cluster.text) for cluster in clusters])
    pieces = [Segment(cluster.text, styles[cluster.at]) for cluster in clusters]
    if missing > 0:  # marks of direction are drawn as nothing, lam and alef as one
        blank = Segment(" " * missing, styles[-1])
        pieces = [blank, *pieces] if from_right else [*pieces, blank]
    return Strip(Segment.simplify(pieces))


def place_in_line(line: str, cell: int, width_cells: int, *, from_right: bool) -> int:
    """The place in a line's text of what is drawn `cell` columns from the left; its length where nothing is.

    The line is drawn in `width_cells` columns, at their right end where it runs from the right.
    """
    clusters = in_order(line, from_right=from_right)
    if from_right:
        cell -= width_cells - sum([cell_len(cluster.text) for cluster in clusters])
    for cluster in clusters:
        cell -= cell_len(cluster.text)
        if cell < 0:
            return cluster.at
    return len(line)


def _last_style(strip: Strip) -> Style | None:
    segments = [segment for segment in strip if not segment.control]
    return segments[-1].style if segments else None

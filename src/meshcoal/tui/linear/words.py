"""What is drawn with signs, said in words; and nothing that a terminal would obey.

Law: only signs of the interface's own are replaced, and only where it puts them: at the beginning of a line,
behind a gap of two blanks, or between commas. What is to be read letter for letter is left as it is, but for
what commands a terminal.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from meshcoal.tui import hiding
from meshcoal.tui.locale import _

# Blocks, borders, and the signs by which lines are turned elsewhere.
_DRAWN: Final = re.compile("[\u2500-\u259f]+")
_UNSEEN: Final = re.compile("[\u200e\u200f\u061c\u2062\u2063\u2066-\u2069]")
_GAP: Final = re.compile(r"(?<=[^\s:,.;!?]) {2,}(?=\S)")  # columns and facts stand apart by blanks
_HERE: Final = r"(?:(?<=^)|(?<=  )|(?<=, ))"
_TAKEN_OUT: Final = re.compile(r"\[-(.+?)-\]")
_PUT_IN: Final = re.compile(r"\{\+(.+?)\+\}")
_PARAGRAPH: Final = re.compile(r"^(\s*)([+-]?\s?)¶(\d+)")
_GRADE: Final = re.compile(r"^\s*[●○]{2,}\s*")
_RADIO: Final = re.compile(r"^\([●× ]?\)\s*")


def _signs() -> tuple[tuple[re.Pattern[str], str], ...]:
    words = (
        ("!!", ""),  # what follows is a word in capitals
        ("!", _("Attention:")),
        ("✓", _("yes,")),
        ("✗", _("no,")),
        ("…", _("waiting,")),
        ("✎", ""),
        ("●", ""),
        ("·", ""),
        ("▤", _("file:")),
        ("┆", _("in answer to:")),
        ("↳", ""),
        ("→", ""),
        ("▸", ""),
        ("»", _("comment:")),
        ("–", ""),
        ("?", _("perhaps:")),
    )
    return tuple([(re.compile(f"{_HERE}{re.escape(sign)} "), f"{word} ".lstrip()) for sign, word in words])


class _Made:
    signs: tuple[tuple[re.Pattern[str], str], ...] = ()


def harmless(text: str) -> str:
    """Without anything that a terminal takes for a command, without marks of direction, and without names
    where those are hidden.
    """
    text = _UNSEEN.sub("", hiding.in_text(text))
    return "".join([char for char in text if char == "\n" or unicodedata.category(char) != "Cc"])


def exact(text: str) -> list[str]:
    """Lines as they are, for what is to be compared or signed."""
    return harmless(text).split("\n")


def worded(text: str) -> list[str]:
    """Lines with the interface's signs in words, and without those that only draw."""
    if not _Made.signs:
        _Made.signs = _signs()
    return [line for line in [_line(line) for line in harmless(text).split("\n")] if line]


def _line(line: str) -> str:
    line = _GRADE.sub("", line.rstrip().lstrip(" "))
    line = line.replace(" · ", ", ").replace(" → ", ", ")
    line = re.sub(r"^(\d+) (?=[✓✗…])", r"\1  ", line)  # an entry's number
    for sign, word in _Made.signs:
        line = sign.sub(word, line)
    line = _PARAGRAPH.sub(_paragraph, line)
    line = _TAKEN_OUT.sub(lambda found: _("(taken out: %(words)s)") % {"words": found[1]}, line)
    line = _PUT_IN.sub(lambda found: _("(put in: %(words)s)") % {"words": found[1]}, line)
    return " ".join(_GAP.sub(", ", _DRAWN.sub("", line).strip()).split())


def _paragraph(found: re.Match[str]) -> str:
    said = _("paragraph %(number)s:") % {"number": found[3]}
    return f"{found[2].strip()} {said}".strip()

"""A text of several lines, written and mended without a cursor.

Law: `.show`, and a line that begins with a full stop and a figure, mend; every other line is added at the
end.
"""

from __future__ import annotations

from collections.abc import Sequence

from meshcoal.text.sanitise import clean
from meshcoal.tui.locale import _

_NUMBER_CHARS_MAX = 6


def how_to_write(label: str, text: str) -> str:
    """What to say before the first line."""
    if not text:
        return _("%(field)s: write line by line; a full stop alone on a line ends it.") % {"field": label}
    return _(
        "%(field)s: what you write is added at the end; a full stop alone ends it. “.3 words” puts words "
        "in the place of line 3, “.3” takes line 3 out, “.0” takes all out, “.show” says what stands "
        "there."
    ) % {"field": label}


def edited(text: str, typed: str) -> tuple[str, Sequence[str]]:
    """The text after a line was typed, and what to say of it."""
    lines = text.split("\n") if text else []
    if typed == ".show":
        return text, [f"{number}. {line}" for number, line in enumerate(lines, 1)]
    command, _space, words = typed.partition(" ")
    if not (command.startswith(".") and command[1:].isdecimal() and len(command) <= _NUMBER_CHARS_MAX):
        lines.append(clean(typed, multiline=False))
        return "\n".join(lines), ()
    at = int(command[1:])
    if at > len(lines):
        return text, (_("There is no line %(number)d.") % {"number": at},)
    put = [clean(words, multiline=False)] if words else []
    if at == 0:
        lines = put
    else:
        lines[at - 1 : at] = put
    return "\n".join(lines), ()

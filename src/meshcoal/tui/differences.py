"""What changed between two revisions, so that a person sees every word of it.

Law: marks tell, colour only helps: `[-gone-]` and `{+come+}` inside a paragraph, `-` and `+` before whole
ones. Nothing that differs is left out; equal paragraphs are named by number, not repeated.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from meshcoal.tui.locale import _, ngettext
from meshcoal.tui.widgets.plain import Styled, lines, styled

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")
GONE = "$error strike"
COME = "$success bold"


def differences(before: Sequence[str], after: Sequence[str]) -> Styled:
    """Two lists of paragraphs, compared."""
    drawn: list[Styled] = []
    for kind, b_from, b_to, a_from, a_to in difflib.SequenceMatcher(
        None, before, after, autojunk=False
    ).get_opcodes():
        old, new = before[b_from:b_to], after[a_from:a_to]
        if kind == "equal":
            drawn.append(_same(a_from + 1, len(new)))
            continue
        for at in range(max(len(old), len(new))):
            if at >= len(old):
                drawn.append(styled((f"+ ¶{a_from + at + 1} ", "bold"), (new[at], COME)))
            elif at >= len(new):
                drawn.append(styled((f"- ¶{b_from + at + 1} ", "bold"), (old[at], GONE)))
            else:
                drawn.append(styled((f"~ ¶{a_from + at + 1} ", "bold"), _words(old[at], new[at])))
    return lines(drawn)


def title_difference(before: str, after: str) -> Styled:
    """Two titles, compared."""
    if before == after:
        return styled((_("  title unchanged"), "dim"))
    return styled((_("~ title "), "bold"), _words(before, after))


def _same(first: int, count: int) -> Styled:
    sentence = ngettext("  %(count)d paragraph unchanged", "  %(count)d paragraphs unchanged", count)
    return styled((sentence % {"count": count} + _(" (from ¶%(first)d)") % {"first": first}, "dim"))


def _words(old: str, new: str) -> Styled:
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    parts: list[str | tuple[str, str] | Styled] = []
    for kind, b_from, b_to, a_from, a_to in difflib.SequenceMatcher(
        None, before, after, autojunk=False
    ).get_opcodes():
        gone, come = "".join(before[b_from:b_to]), "".join(after[a_from:a_to])
        if kind == "equal":
            parts.append(come)
            continue
        if gone:
            parts.append((f"[-{gone}-]", GONE))
        if come:
            parts.append((f"{{+{come}+}}", COME))
    return styled(*parts)

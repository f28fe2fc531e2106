"""A word on how good a passphrase is.

Law: judged by length and variety alone, and says so; it promises no number of years. Nothing is stored,
and nothing leaves this function. Ours, unreviewed.
"""

from __future__ import annotations

import enum
import re
from typing import Final

from meshcoal.limits import PASSPHRASE_CHARS_MIN
from meshcoal.tui.locale import _


class Strength(enum.IntEnum):
    EMPTY = 0
    TOO_SHORT = 1
    WEAK = 2
    FAIR = 3
    GOOD = 4


WORDS: Final = {
    Strength.EMPTY: _("Five or more words chosen by chance are easy to keep and hard to guess."),
    Strength.TOO_SHORT: _("Too short: at least %(least)d characters are needed.")
    % {"least": PASSPHRASE_CHARS_MIN},
    Strength.WEAK: _("Weak: a seized machine gives it up. Add words that have nothing to do with you."),
    Strength.FAIR: _("Fair: more words chosen by chance would be better."),
    Strength.GOOD: _("Long and varied. It is good if chance chose it, not you."),
}
_SEQUENCES: Final = ("abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "01234567890")


def strength(passphrase: str) -> Strength:
    """What length and variety say. Repeats and runs of neighbours count once."""
    if not passphrase:
        return Strength.EMPTY
    if len(passphrase) < PASSPHRASE_CHARS_MIN:
        return Strength.TOO_SHORT
    weight = _weight(passphrase)
    words = len(set(re.findall(r"\w{3,}", passphrase.lower())))
    if weight >= 24 and (words >= 5 or len(set(passphrase)) >= 16):
        return Strength.GOOD
    if weight >= 14 and (words >= 3 or len(set(passphrase)) >= 10):
        return Strength.FAIR
    return Strength.WEAK


def _weight(passphrase: str) -> int:
    """Characters that do not merely repeat or continue what stands before them."""
    text = passphrase.lower()
    count = 0
    for at, char in enumerate(text):
        pair = text[at - 1 : at + 1] if at else ""
        follows = any(pair in row or pair[::-1] in row for row in _SEQUENCES) if len(pair) == 2 else False
        repeats = at >= 3 and text[at - 2 : at + 1] in text[: at - 1]
        if not (pair == char * 2 or follows or repeats):
            count += 1
    return count

"""Names that look alike: one spelling for all of them, to find a name under another key.

Law: names that most people would take for each other have the same skeleton. It errs on that side: a warning
too many can be dismissed, one too few is not seen. It is for comparing only, and never shown.

What does not count: case, width and other forms of a letter (NFKC, Unicode Standard Annex 15), marks on it,
unseen and format characters, blanks, punctuation, and from which script of Latin, Cyrillic, Greek and
Armenian a letter comes that looks the same in them. Arabic letters that differ by keyboard only (ي and ی,
ك and ک) are one. The table of look-alikes is ours and short; that of Unicode Technical Standard 39 has
thousands. Ours, unreviewed.
"""

from __future__ import annotations

import unicodedata
from typing import Final

# What looks like what, after case and marks are gone. Digits and strokes are written for letters.
_LOOKS: Final = {
    # Cyrillic
    "а": "a", "в": "b", "е": "e", "ѕ": "s", "і": "i", "ј": "j", "к": "k", "м": "m", "н": "h", "о": "o",
    "р": "p", "с": "c", "т": "t", "у": "y", "х": "x", "ԁ": "d", "һ": "h", "ӏ": "i", "ԛ": "q", "ԝ": "w",
    "ь": "b", "г": "r", "п": "n", "и": "u", "ш": "w", "ү": "y", "ө": "o", "ғ": "f", "з": "e", "б": "b",
    # Greek
    "α": "a", "β": "b", "γ": "y", "ε": "e", "ζ": "z", "η": "n", "ι": "i", "κ": "k", "μ": "u", "ν": "v",
    "ο": "o", "ρ": "p", "σ": "o", "ς": "c", "τ": "t", "υ": "u", "χ": "x", "ω": "w",
    # Armenian
    "ա": "w", "հ": "h", "ո": "n", "ս": "u", "օ": "o", "ց": "g", "զ": "q", "յ": "j",
    # Latin letters with a stroke or without a dot
    "ı": "i", "ł": "i", "ø": "o", "đ": "d", "ħ": "h", "ŧ": "t", "ɑ": "a", "ɡ": "g", "ɩ": "i", "ʋ": "v",
    "æ": "ae", "œ": "oe", "ſ": "s", "ƒ": "f", "ɪ": "i", "ʀ": "r", "ɴ": "n",
    # Digits and strokes
    "0": "o", "1": "i", "l": "i", "|": "i", "5": "s", "$": "s", "@": "a", "!": "i", "8": "b", "6": "b",
    "3": "e", "9": "g",
    # Arabic and Persian
    "ي": "ی", "ى": "ی", "ك": "ک", "ة": "ه", "ە": "ه", "ہ": "ه", "أ": "ا", "إ": "ا", "ٱ": "ا", "ۀ": "ه",
}  # fmt: skip
_PAIRS: Final = (("rn", "m"), ("vv", "w"))


def skeleton(name: str) -> str:
    """What is left of a name when everything that is easily mistaken is taken out.

    Returns:
        Text to compare; empty only where nothing in the name can be seen.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    seen = [
        char for char in unicodedata.normalize("NFKD", folded) if unicodedata.category(char)[0] not in "MCZ"
    ]
    looks = "".join([_look(char) for char in seen])
    plain = "".join([char for char in looks if unicodedata.category(char)[0] not in "PS"]) or looks
    for pair, one in _PAIRS:
        plain = plain.replace(pair, one)
    return plain


def alike(one: str, other: str) -> bool:
    """Whether two names are easily mistaken for each other."""
    left = skeleton(one)
    return bool(left) and left == skeleton(other)


def _look(char: str) -> str:
    """Followed to its end: a table of look-alikes may lead from one to the next."""
    seen = char
    while seen in _LOOKS:
        seen = _LOOKS[seen]
    return seen

"""What counts as one emoji: the form of a reaction.

Law: decided by code points alone, from ranges that are fixed here: nodes whose Unicode tables are of
different years reach one verdict. Letters are not in them, so that no reaction is a text in disguise.
Source: Unicode Technical Standard 51, section 1.4.9 (the shape of emoji sequences), widened to whole blocks.
"""

from __future__ import annotations

import re
from typing import Final

from meshcoal.limits import EMOJI_CHARS_MAX

_BASE: Final = (
    "[\\u00a9\\u00ae\\u203c\\u2049\\u2122\\u2139\\u2190-\\u21ff\\u2300-\\u23ff\\u24c2\\u25a0-\\u27bf\\u2934\\u2935"
    "\\u2b00-\\u2bff\\u3030\\u303d\\u3297\\u3299\\U0001f000-\\U0001f1e5\\U0001f200-\\U0001faff]"
)
_STYLE: Final = "[\\ufe0e\\ufe0f]?[\\U0001f3fb-\\U0001f3ff]?"  # text or picture, and a skin tone
_TAGS: Final = "(?:[\\U000e0020-\\U000e007e]{1,8}\\U000e007f)?"  # flags of regions
_ONE: Final = f"{_BASE}{_STYLE}{_TAGS}"
_FLAG: Final = "[\\U0001f1e6-\\U0001f1ff]{2}"
_KEYCAP: Final = "[0-9#*]\\ufe0f?\\u20e3"
_EMOJI: Final = re.compile(f"(?:{_ONE}(?:\\u200d{_ONE}){{0,5}}|{_FLAG}|{_KEYCAP})")


def is_emoji(text: str) -> bool:
    """Whether a text is exactly one emoji, of `EMOJI_CHARS_MAX` characters at most."""
    return len(text) <= EMOJI_CHARS_MAX and _EMOJI.fullmatch(text) is not None

"""How a language writes dates, numbers and lists, and in which order its letters stand.

Law: figures are 0 to 9 in every language, since codes, times and counts are read out, typed and compared with
paper. All else comes from Unicode's CLDR by way of `formats.json`, which `make catalogues` writes.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Final

MONTHS_A_YEAR: Final = 12
# Letters that stand elsewhere than Unicode numbers them: behind which letter, and as which of those there.
# CLDR, root collation and that of the language.
_MOVED: Final[dict[str, dict[str, tuple[str, int]]]] = {
    "es": {"ñ": ("n", 1)},
    "fa": {
        "پ": ("ب", 1), "چ": ("ج", 1), "ژ": ("ز", 1), "ک": ("ق", 1), "ك": ("ق", 1), "گ": ("ق", 2),
        "و": ("ن", 1), "ی": ("ه", 1), "ي": ("ه", 1),
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Formats:
    """One language's. Patterns have the gaps `day`, `month` by name, `number` of the month, `year`."""

    months: tuple[str, ...]
    day: str
    day_of_year: str
    decimal: str
    group: str
    comma: str  # between the parts of a list

    def number(self, count: int) -> str:
        """With its thousands apart: `19,700`, `19 700`."""
        return f"{count:,}".replace(",", self.group)

    def decimals(self, value: float, places: int = 1) -> str:
        """`3.4`, or `3,4`."""
        whole, point, rest = f"{value:,.{places}f}".partition(".")
        return whole.replace(",", self.group) + (self.decimal if point else "") + rest

    def date(self, day: date, *, year: bool) -> str:
        """`22 Nov`, with or without its year."""
        pattern = self.day_of_year if year else self.day
        month = self.months[day.month - 1]
        return pattern % {"day": day.day, "month": month, "number": day.month, "year": day.year}

    def list(self, parts: Sequence[str]) -> str:
        """`Ana, Ben, Chi`."""
        return self.comma.join(parts)


@cache
def formats_of(code: str) -> Formats:
    """Those of a language of the interface."""
    text = resources.files(__package__).joinpath("formats.json").read_text(encoding="utf-8")
    table = json.loads(text)["languages"][code]
    months = tuple(table.pop("months"))
    made = Formats(months=months, **table)
    assert len(made.months) == MONTHS_A_YEAR, "a year has twelve months"
    return made


def collation_key(text: str, code: str) -> tuple[tuple[tuple[str, int], ...], str]:
    """What names are sorted by: accents and capitals count only between names that are else the same.

    Chinese stands in the order of its characters' numbers, not of their sounds: that takes a table of its
    own.
    """
    folded = unicodedata.normalize("NFC", text.casefold())
    moved = _MOVED.get(code, {})
    letters: list[tuple[str, int]] = []
    for char in folded:
        if char in moved:
            letters.append(moved[char])
        else:
            plain = unicodedata.normalize("NFD", char)
            letters.extend([(one, 0) for one in plain if not unicodedata.combining(one)])
    return tuple(letters), folded

"""Sentences for pages in the reader's language: looked up by key, gaps filled, set as elements.

Law: no words stand in a page's template or script; each comes from one table, in each language by the same
keys (`words/`, and the English findings from `statement/sentences.py`). What fills a gap is shown as its kind
asks, and is text, never markup. All languages but English are unreviewed translations, and pages say so.
"""

from __future__ import annotations

import functools
import json
import re
import xml.etree.ElementTree as Tree
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from meshcoal.clock import iso_utc
from meshcoal.export.markup import Page, add, append
from meshcoal.export.words import SOURCE_LANGUAGE, known_languages, own_names, table_in, words_in
from meshcoal.statement.sentences import FINDINGS, GAPS, Gap, Template
from meshcoal.text.calendars import Calendar, in_calendar
from meshcoal.wire.plain import direction_of

Value = str | int | Sequence[str]

# Of the words around a letter, those that pages show too.
_OF_LETTERS: Final = (
    "signatories", "organisations", "networks", "individuals", "affiliated", "to", "deadline", "version",
    "released", "digest", "withdrew", "cannot", "cannot_know", "unreviewed", "embargo",
    "cannot_know_of_paper",
)  # fmt: skip
_BASICS: Final = ("name", "direction", "digits", "comma", "date", "months")
_OF_EVERY_PAGE: Final = ("language", "to_addressee", "written", "translated", "translated_by", "compared")
_TELLING: Final = ("page", "command")  # what says what a check found
_OF_COMMAND: Final = ("page.", "pdf.")  # findings that no page can make of itself
# What pages fill in beside findings.
_PAGE_GAPS: Final[Mapping[str, str]] = {
    **GAPS, "names": "names", "tongue": "language", "needed": Gap.NUMBER, "most": Gap.NUMBER, "word": "word",
    "file": Gap.CODE,
}  # fmt: skip
# The readers' own calendar, before the Gregorian date; browsers know it by this name.
_OWN_CALENDARS: Final[Mapping[str, Mapping[str, Any]]] = {
    "fa": {
        "calendar": "persian",
        "months": (
            "فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر",
            "دی", "بهمن", "اسفند",
        ),
        "date": "{day} {month} {year} خورشیدی، برابر با {gregorian}",
    },
}  # fmt: skip
_OWN_CALENDAR_YEARS: Final = range(1800, 2250)  # Gregorian, in which all agree about its leap years
_GAP: Final = re.compile(r"{([a-z]+)}")
_DIGIT: Final = re.compile("[0-9]")


def plural_category(language: str, count: int) -> str:
    """CLDR's plural category of a whole number, in the languages there are words in."""
    tens, hundreds = count % 10, count % 100
    match language:
        case "ar":
            small = {0: "zero", 1: "one", 2: "two"}.get(count)
            return small or ("few" if 3 <= hundreds <= 10 else "many" if hundreds >= 11 else "other")
        case "ru":
            if tens == 1 and hundreds != 11:
                return "one"
            return "few" if 2 <= tens <= 4 and not 12 <= hundreds <= 14 else "many"
        case "fa" | "fr" | "pt":
            return "one" if count in (0, 1) else "other"
        case "en" | "es":
            return "one" if count == 1 else "other"
        case _:
            return "other"


@functools.cache
def tables(kind: str) -> Mapping[str, Mapping[str, Any]]:
    """For each language what it is made of, and its words by key: those of all pages, and of one kind.

    Args:
        kind: the folder of `words/` that the page's own words stand in.
    """
    found = {}
    for language in sorted(known_languages()):
        whole = words_in(language)
        words: dict[str, Template] = {}
        for name in _OF_LETTERS:
            words |= _flat(f"letter.{name}", whole[name])
        english = language == SOURCE_LANGUAGE
        findings = FINDINGS if english else table_in("findings", language)
        if kind in _TELLING:
            words |= {
                f"finding.{key}": one
                for key, one in findings.items()
                if kind == "command" or not key.startswith(_OF_COMMAND)
            }
        for key, template in table_in("page", language).items():
            if kind in _TELLING or key in _OF_EVERY_PAGE:
                words[f"page.{key}"] = template
        if kind != "page":
            words |= {f"{kind}.{key}": one for key, one in table_in(kind, language).items()}
        found[language] = {name: whole[name] for name in _BASICS} | {"words": words}
        if language in _OWN_CALENDARS:
            found[language]["own"] = _OWN_CALENDARS[language]
    return found


def _flat(key: str, value: str | list[str]) -> dict[str, Template]:
    if isinstance(value, str):
        return {key: value}
    return {f"{key}.{number}": one for number, one in enumerate(value)}


@functools.cache
def words_script(kind: str) -> str:
    """The tables as three constants for a page's script."""

    def spelled(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)

    tables_said = (("GAPS", _PAGE_GAPS), ("TONGUES", own_names()), ("WORDS", tables(kind)))
    return "".join([f"const {name} = {spelled(table)};\n" for name, table in tables_said])


class Speech:
    """One language, as a page shows it that is not checked yet: with English beside it, if it is another."""

    def __init__(self, language: str, kind: str = "page") -> None:
        self.language = language
        self._kind = kind
        self._tables = tables(kind)
        self._own = self._tables[language]
        self.direction: str = self._own["direction"]
        self.comma: str = self._own["comma"]

    def keys(self, stem: str) -> tuple[str, ...]:
        """`stem.0`, `stem.1` and so on, as many as there are."""
        return tuple([key for key in self._own["words"] if re.fullmatch(re.escape(stem) + r"\.[0-9]+", key)])

    def text(self, key: str, **values: Value) -> str:
        """The sentence as text."""
        parts = self._parts(key, values)
        return "".join([part if isinstance(part, str) else self._text(*part) for part in parts])

    def say(self, element: Tree.Element, key: str, *, beside: bool = True, **values: Value) -> Tree.Element:
        """Set a sentence as the last of an element, and the English behind it on a page in another language.

        Args:
            beside: with the English.
        """
        self._set(element, key, values)
        if beside and self.language != SOURCE_LANGUAGE:
            append(element, " ")
            english = add(element, "span", lang=SOURCE_LANGUAGE, dir="ltr", **{"class": "english"})
            Speech(SOURCE_LANGUAGE, self._kind)._set(english, key, values)
        return element

    def label(self, page: Page, *, beside: bool = True) -> None:
        """Fill each element of a page that names its words, and say in which language the page is.

        Args:
            beside: with the English, except in the choices of a form.
        """
        page.root.set("lang", self.language)
        page.root.set("dir", self.direction)
        for element in page.root.iter():
            if key := element.get("data-word"):
                self.say(element, key, beside=beside and element.tag != "option")
            if key := element.get("data-label"):
                element.set("aria-label", self.text(key))

    def moment(self, parent: Tree.Element, at_ms: int) -> None:
        """A time, in words."""
        made = add(parent, "time", datetime=iso_utc(at_ms), title=iso_utc(at_ms))
        add(made, "bdi", self.spell_moment(at_ms))

    def spell_number(self, number: int | str) -> str:
        digits: str = self._own["digits"]
        return _DIGIT.sub(lambda digit: digits[int(digit[0])], str(number))

    def spell_moment(self, at_ms: int) -> str:
        at = datetime.fromtimestamp(at_ms // 1000, tz=UTC)
        date: str = self._own["date"]
        gregorian = date.format(
            day=self.spell_number(at.day),
            month=self._own["months"][at.month - 1],
            year=self.spell_number(at.year),
            time=self.spell_number(f"{at:%H:%M:%S}"),
        )
        own = _OWN_CALENDARS.get(self.language)
        if own is None or at.year not in _OWN_CALENDAR_YEARS:
            return gregorian
        year, month, day = in_calendar(at.date(), Calendar.PERSIAN)
        before: str = own["date"]
        return before.format(
            day=self.spell_number(day),
            month=own["months"][month - 1],
            year=self.spell_number(year),
            gregorian=gregorian,
        )

    def apart(self, name: str) -> str:
        """A name in a line of text, between isolates (UAX 9) where it runs otherwise than the line."""
        return name if direction_of(name) == self.direction else f"\u2068{name}\u2069"

    def tongue(self, tag: str) -> str:
        """A language by its own name, where that is known."""
        return str(self._tables[tag]["name"] if tag in self._tables else own_names().get(tag, tag))

    # --- Parts

    def _parts(self, key: str, values: Mapping[str, Value]) -> list[str | tuple[str, Value]]:
        template: Template = self._own["words"][key]
        if not isinstance(template, str):
            count = values["count"]
            assert isinstance(count, int), "a plural form is chosen by a number"
            template = template.get(plural_category(self.language, count), template["other"])
        pieces = _GAP.split(template)
        return [
            (_PAGE_GAPS[piece], values[piece]) if place % 2 else piece for place, piece in enumerate(pieces)
        ]

    def _text(self, kind: str, value: Value) -> str:
        match kind:
            case Gap.NUMBER:
                return self.spell_number(str(value))
            case Gap.TIME:
                assert isinstance(value, int), "a time is in milliseconds"
                return self.spell_moment(value)
            case Gap.NAME:
                return self.apart(str(value)) if value else self.text("page.to_addressee")
            case "names":
                assert not isinstance(value, (str, int)), "several names"
                return self.comma.join([self.apart(name) for name in value])
            case "language":
                return self.tongue(str(value))
            case _:
                return str(value)

    def _set(self, element: Tree.Element, key: str, values: Mapping[str, Value]) -> None:
        for part in self._parts(key, values):
            if isinstance(part, str):
                append(element, part)
                continue
            kind, value = part
            match kind:
                case Gap.TIME:
                    assert isinstance(value, int), "a time is in milliseconds"
                    self.moment(element, value)
                case "names":
                    assert not isinstance(value, (str, int)), "several names"
                    for place, name in enumerate(value):
                        if place:
                            append(element, self.comma)
                        add(element, "bdi", name)
                case Gap.NAME:
                    add(element, "bdi", str(value) or self.text("page.to_addressee"))
                case Gap.CODE:
                    add(element, "code", str(value), dir="ltr")
                case Gap.ENGLISH:
                    add(element, "bdi", str(value), lang=SOURCE_LANGUAGE, dir="ltr")
                case "language" if str(value) in self._tables or str(value) in own_names():
                    add(element, "bdi", self.tongue(str(value)), lang=str(value))
                case "language":
                    add(element, "code", str(value), dir="ltr")
                case "word":
                    add(add(element, "strong"), "bdi", str(value))
                case _:
                    append(element, self._text(kind, value))

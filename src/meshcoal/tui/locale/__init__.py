"""The interface's words, dates and numbers in the user's language.

Law: whole sentences with named gaps, never glued pieces: other languages order words differently. What a
catalogue lacks stays English. The language is chosen before anything else of the interface is imported, for
tables of words are made once; `tui.main` imports it all anew when somebody chooses another.

The catalogues are made by `make catalogues` (docs/internals/translating.md).
"""

from __future__ import annotations

import gettext as _gettext
from importlib import resources
from typing import Final, Protocol

from meshcoal.tui.locale.formats import Formats, formats_of
from meshcoal.tui.locale.tongues import BY_CODE, ENGLISH, Tongue

DOMAIN: Final = "meshcoal"


class Words(Protocol):
    """A catalogue, as far as it is used here."""

    def gettext(self, message: str, /) -> str: ...

    def ngettext(self, msgid1: str, msgid2: str, n: int, /) -> str: ...

    def pgettext(self, context: str, message: str, /) -> str: ...


class _Spoken:
    """What is spoken now."""

    tongue: Tongue = BY_CODE[ENGLISH]
    words: Words = _gettext.NullTranslations()


def speak(tongue: Tongue, words: Words | None = None) -> None:
    """Speak a language from now on; `words` stands in for its catalogue."""
    _Spoken.tongue = tongue
    _Spoken.words = words if words is not None else catalogue(tongue)


def catalogue(tongue: Tongue) -> Words:
    """The words of a language; English where there are none."""
    if tongue.code == ENGLISH:
        return _gettext.NullTranslations()
    made = resources.files(__package__).joinpath(tongue.code, "LC_MESSAGES", f"{DOMAIN}.mo")
    if not made.is_file():
        return _gettext.NullTranslations()
    with made.open("rb") as file:
        return _gettext.GNUTranslations(file)


def spoken() -> Tongue:
    """The language that is spoken."""
    return _Spoken.tongue


def formats() -> Formats:
    """How it writes dates, numbers and lists."""
    return formats_of(_Spoken.tongue.code)


def _(message: str) -> str:
    """The message in the user's language."""
    return _Spoken.words.gettext(message)


def ngettext(one: str, many: str, count: int) -> str:
    """The form that goes with `count`; the caller fills in the gaps."""
    return _Spoken.words.ngettext(one, many, count)


def pgettext(context: str, message: str) -> str:
    """The message in the user's language; `context` says which of an English word's meanings is meant."""
    return _Spoken.words.pgettext(context, message)


def marked(message: str) -> str:
    """The message as it is, to be found for the catalogues and translated where it is shown."""
    return message

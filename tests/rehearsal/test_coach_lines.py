"""What the rehearsal says can be said in every language."""

from __future__ import annotations

import gettext
from collections.abc import Iterator
from pathlib import Path

import pytest

from meshcoal.rehearsal.cast import CAST
from meshcoal.rehearsal.coach import both, line
from meshcoal.tui import locale
from meshcoal.tui.locale.tongues import BY_CODE
from meshcoal.tui.rehearsal import in_words


class Backwards:
    """Every sentence in capitals, but for its gaps."""

    def gettext(self, message: str) -> str:
        return message.upper().replace("%(NAME)S", "%(name)s").replace("%(ABOUT)S", "%(about)s")

    def ngettext(self, one: str, many: str, count: int) -> str:
        return self.gettext(one if count == 1 else many)

    def pgettext(self, _context: str, message: str) -> str:
        return self.gettext(message)


@pytest.fixture
def backwards() -> Iterator[None]:
    locale.speak(BY_CODE["en"], Backwards())
    yield
    locale.speak(BY_CODE["en"], gettext.NullTranslations())


def test_a_line_is_english_and_knows_its_parts() -> None:
    """Goal: lists and terminals show it as it is. Method: one with gaps, two in a row, one alone."""
    up = line("%(name)s is up (%(about)s).", name="Ben", about="founds")
    assert up == "Ben is up (founds)."
    assert both(up, "Done.") == "Ben is up (founds). Done."
    assert both("Done.", "") == "Done."
    assert in_words(both(up, line("%(count)d of 5 %%", count=3))) == "Ben is up (founds). 3 of 5 %"


@pytest.mark.usefixtures("backwards")
def test_a_line_is_said_in_the_users_language() -> None:
    """Goal: sentence and what fills it are translated. Method: a language of capitals."""
    up = line("%(name)s is up (%(about)s).", name="Ben", about="founds")
    assert in_words(both(up, "Done.")) == "BEN IS UP (FOUNDS). DONE."
    assert in_words("Plain, 5 %.") == "PLAIN, 5 %."
    assert in_words("") == ""


def test_what_the_cast_is_about_stands_in_the_catalogues() -> None:
    """Goal: no line stays English for want of a mark. Method: look for each in the template."""
    text = Path(locale.__file__).with_name("meshcoal.pot").read_text(encoding="utf-8")
    for part in CAST:
        assert part.about in text

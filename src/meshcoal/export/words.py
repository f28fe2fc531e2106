"""The words that meshcoal puts around a letter, and what its pages say, in the languages of letters.

Law: each language has the same words, as data. A language that nobody wrote is English; a letter's own words
are never translated here. All but English are unreviewed, and say so (docs/known-weaknesses.md).
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable
from importlib import resources
from typing import Any, Final

SOURCE_LANGUAGE: Final = "en"


@functools.cache
def known_languages() -> frozenset[str]:
    """Tags of the languages there are words in."""
    folder = resources.files("meshcoal.export").joinpath("words")
    return frozenset(
        [one.name.removesuffix(".json") for one in folder.iterdir() if one.name.endswith(".json")]
    )


@functools.cache
def words_in(language: str) -> dict[str, Any]:
    """The words of one language that is known: each a text, or a list of texts."""
    path = resources.files("meshcoal.export").joinpath("words", f"{language}.json")
    words: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return words


@functools.cache
def table_in(kind: str, language: str) -> dict[str, Any]:
    """Sentences of one kind (a folder of `words/`) by key: each a text, or its forms by plural category."""
    path = resources.files("meshcoal.export").joinpath("words", kind, f"{language}.json")
    table: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return table


def own_names() -> dict[str, str]:
    """What languages call themselves in which letters are written and there are no words here."""
    return table_in("tongues", "own")


def choose_language(tags: Iterable[str]) -> str:
    """The first of a letter's languages that there are words in; English where there are none.

    A tag that is not known by itself is tried without its last part: `zh-hans` is `zh`.
    """
    for tag in tags:
        parts = tag.split("-")
        for length in range(len(parts), 0, -1):
            if (shorter := "-".join(parts[:length])) in known_languages():
                return shorter
    return SOURCE_LANGUAGE

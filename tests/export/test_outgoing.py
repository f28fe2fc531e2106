"""Texts for the press, letters to addressees, and the words around them in each language."""

from __future__ import annotations

import dataclasses
import re
import sys
from pathlib import Path
from typing import Final

import pytest

from meshcoal.export.files import embargo_ms, exports
from meshcoal.export.letter import read_letter
from meshcoal.export.outgoing import addressee_letters, press_texts
from meshcoal.export.speech import Speech
from meshcoal.export.words import choose_language, known_languages, words_in
from meshcoal.statement.sentences import CANNOT_KNOW
from meshcoal.wire.package import encode_package
from meshcoal.wire.plain import Direction, direction_of
from meshcoal.wire.public_text import canonical_text

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "statement"))

from damage import TEXTS, embargoed, fields, package, sound, statement
from lettering import DEADLINE_MS

LETTER: Final = read_letter(encode_package(sound()))


def test_each_language_has_a_text_for_the_press() -> None:
    """Goal: the local press is not second. Method: every text of the letter, its title first, whole,
    with the names, the digest, and how to check."""
    made = dict(press_texts(LETTER))
    assert len(made) == len(TEXTS)
    for language, _, title, paragraphs in TEXTS:
        text = made[f"{LETTER.stem}.press.{language}.txt"].decode()
        assert text.index(title) < text.index(paragraphs[0]) < text.index(paragraphs[-1])
        assert words_in(choose_language([language]))["press"] in text
        for one in sound().sign_ons:
            assert one.fields.name in text
        for addressee in statement().addressees:
            assert addressee in text
        assert LETTER.package.digest.hex() in text
        assert f"meshcoal verify {LETTER.stem}.html" in text


def test_each_addressee_has_a_letter() -> None:
    """Goal: each can be handed over by itself. Method: one a name, in every language, to them alone."""
    made = addressee_letters(LETTER)
    assert [name for name, _ in made] == [f"{LETTER.stem}.letter-01.html", f"{LETTER.stem}.letter-02.html"]
    for (_, data), addressee in zip(made, statement().addressees, strict=True):
        page = data.decode()
        assert f'<p id="addressee"><bdi>{addressee}</bdi></p>' in page
        for language, direction, title, _ in TEXTS:
            assert f'<section lang="{language}" dir="{direction.value}"><h2>{title}</h2>' in page
        others = [one for one in statement().addressees if one != addressee]
        assert not [one for one in others if one in page]
        assert "<script" not in page


def test_hostile_names_stay_text() -> None:
    """Goal: an addressee or signatory cannot become markup. Method: markup as both."""
    bad = "<img src=x onerror=alert(1)>"
    text = canonical_text(statement(addressees=(bad,))).decode()
    made = addressee_letters(read_letter(encode_package(package(text, (fields(bad),)))))
    assert b"<img" not in made[0][1]
    assert made[0][1].count(b"&lt;img") == 2


def test_who_withdrew_is_marked() -> None:
    """Goal: nobody is quoted who took their name back. Method: mark one as withdrawn, read both files."""
    key = LETTER.sign_ons[0].act_key
    letter = dataclasses.replace(LETTER, withdrawn=frozenset({key}))
    for _, data in (*press_texts(letter), *addressee_letters(letter)):
        assert any(words_in(one)["withdrew"] in data.decode() for one in known_languages())


def test_they_are_made_where_they_are_asked_for() -> None:
    """Goal: `--all` is one act. Method: names with and without."""
    plain = {name for name, _ in exports(encode_package(sound()))}
    everything = {name for name, _ in exports(encode_package(sound()), outgoing=True, pdf=False)}
    assert len(everything - plain) == len(TEXTS) + 2


@pytest.mark.parametrize("language", sorted(known_languages()))
def test_words_are_whole_in_each_language(language: str) -> None:
    """Goal: no language lacks a word. Method: same keys, lists as long, places kept, direction."""
    english, words = words_in("en"), words_in(language)
    assert list(words) == list(english)
    assert words["language"] == language
    for name, value in words.items():
        assert type(value) is type(english[name]), name
        assert len(value) == len(english[name]) or isinstance(value, str), name
        if name != "unreviewed":
            assert all([value] if isinstance(value, str) else value), name
    assert set(re.findall(r"{\w+}", words["counts"])) == {
        "{organisations}", "{individuals}",
    }  # fmt: skip
    assert direction_of(words["signatories"]) is Direction(words["direction"])
    assert bool(words["unreviewed"]) is (language != "en")


def test_english_says_what_the_command_says() -> None:
    """Goal: paper and program agree on what cannot be known. Method: compare."""
    assert tuple(words_in("en")["cannot_know"]) == CANNOT_KNOW


def test_a_language_is_chosen_by_its_tag() -> None:
    """Goal: `zh-hans` is Chinese, what nobody wrote is English. Method: tags."""
    assert choose_language(["zh-hans"]) == "zh"
    assert choose_language(["xx", "fa"]) == "fa"
    assert choose_language(["xx"]) == "en"
    assert {"es", "fr", "ar", "fa", "ru", "zh", "my", "pt"} < known_languages()


def test_an_embargo_stands_first() -> None:
    """Goal: an editor cannot overlook it. Method: the first line of each text for the press."""
    letter = read_letter(encode_package(embargoed(sound(), DEADLINE_MS)))
    for (name, held), (_, free) in zip(press_texts(letter), press_texts(LETTER), strict=True):
        words = words_in(choose_language([name.split(".")[2]]))
        moment = Speech(words["language"]).spell_moment(DEADLINE_MS)
        assert held.decode().splitlines()[0] == f"{words['embargo']}: {moment}"
        assert words["embargo"] not in free.decode()
    assert embargo_ms(letter.data) == DEADLINE_MS
    assert embargo_ms(LETTER.data) == 0

"""The lists of words, what is drawn from them, and what is said of them."""

from __future__ import annotations

import itertools
import math
import sys
import unicodedata
from collections import Counter
from gettext import NullTranslations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.crypto.passphrase import TARGET_MIN_S, one_spelling
from meshcoal.limits import PASSPHRASE_CHARS_MIN
from meshcoal.text.folding import fold
from meshcoal.tui.locale import speak, spoken
from meshcoal.tui.locale.tongues import BY_CODE, TONGUES
from meshcoal.tui.strength import GUESS_MS, MACHINES, Strength, judge, mean_ms, said
from meshcoal.tui.suggestion import LIST_WORDS, bits, list_code, listed, possibilities, same_words, suggest

WORDS = Path(__file__).parents[2] / "src" / "meshcoal" / "tui" / "words"
LISTS = sorted(path.stem for path in WORDS.glob("*.txt") if path.stem != "common")
SCRIPTS = {"ar": "ARABIC", "fa": "ARABIC", "ru": "CYRILLIC", "zh_Hans": "CJK", "my": "MYANMAR"}
SPACELESS = ("zh_Hans", "my")
LETTERS_MAX = 8
LETTERS_MAX_OF = {"my": 12}  # a syllable takes several


def letters(word: str) -> int:
    return sum(unicodedata.category(char)[0] != "M" for char in word)


def test_each_list_is_of_a_language_of_the_interface() -> None:
    """Goal: no list lies about unused, and the filled languages have theirs. Method: compare the codes."""
    assert set(LISTS) <= {tongue.code for tongue in TONGUES}
    assert {list_code(tongue.code) for tongue in TONGUES} == set(LISTS)


@pytest.mark.parametrize("code", LISTS)
def test_a_list_is_what_the_page_says(code: str) -> None:
    """Goal: the bits that are said are the bits there are. Method: count words, and those that differ."""
    words = listed(code)
    assert len(words) == len({fold(word) for word in words}) == LIST_WORDS == 6**4
    assert len({one_spelling(word) for word in words}) == LIST_WORDS
    assert (WORDS / f"{code}.txt").read_text(encoding="utf-8") == "".join([f"{word}\n" for word in words])


@pytest.mark.parametrize("code", LISTS)
def test_its_words_can_be_typed_and_read(code: str) -> None:
    """Goal: short words of the language's own script, spelled one way. Method: look at every letter."""
    script = SCRIPTS.get(code, "LATIN")
    for word in listed(code):
        assert unicodedata.is_normalized("NFC", word), word
        assert 1 <= letters(word) <= LETTERS_MAX_OF.get(code, LETTERS_MAX), word
        assert word == word.lower(), word
        for char in word:
            assert unicodedata.name(char).split()[0].startswith(script), word
    if code == "zh_Hans":
        assert {len(word) for word in listed(code)} == {2}


def test_without_spaces_it_is_still_clear_which_words() -> None:
    """Goal: words typed without spaces lose no bits. Method: none begins with another one."""
    for code in [code for code in SPACELESS if code in LISTS]:
        words = sorted(fold(word) for word in listed(code))
        assert not [pair for pair in itertools.pairwise(words) if pair[1].startswith(pair[0])]


@pytest.mark.parametrize("code", LISTS)
def test_the_least_of_six_words_is_long_enough(code: str) -> None:
    """Goal: no suggestion is refused. Method: the six shortest words of a list, in their one spelling."""
    shortest = sorted(listed(code), key=len)[:6]
    assert len(one_spelling(" ".join(shortest))) >= PASSPHRASE_CHARS_MIN


def test_each_word_is_drawn_as_often() -> None:
    """Goal: no word is likelier. Method: every value that two bytes can have, fed in turn."""
    values = iter(range(1 << 16))
    seen: Counter[str] = Counter()
    for _time in range(50 * LIST_WORDS // 6):
        seen.update(suggest(lambda count: next(values).to_bytes(count, "big"), "en"))
    assert set(seen) == set(listed("en"))
    assert set(seen.values()) == {50}


def test_what_is_past_the_even_part_is_drawn_anew() -> None:
    """Goal: the remainder favours nobody. Method: a number past it, then a good one, six times."""
    numbers = iter([0xFFFF, 1, 64_800, 2, 3, 4, 5, 6])
    drawn = suggest(lambda count: next(numbers).to_bytes(count, "big"), "en")
    assert drawn == tuple([listed("en")[at] for at in (1, 2, 3, 4, 5, 6)])


def test_six_words_are_worth_what_is_said() -> None:
    """Goal: no claim beyond arithmetic. Method: compute bits, possibilities and years."""
    assert int(bits()) == 62
    assert possibilities() == 4 * 10**18
    assert math.isclose(bits(), math.log2(LIST_WORDS**6))
    assert LIST_WORDS**6 > 4 * 10**18
    assert GUESS_MS == TARGET_MIN_S * 1_000
    years = mean_ms(bits()) / (365 * 86_400_000)
    assert 52_000_000 < years < 53_000_000
    assert mean_ms(11.0) == 1_024 * GUESS_MS / MACHINES


def test_our_own_suggestions_are_good() -> None:
    """Goal: the screen never scolds for what it proposed. Method: fifty of them."""
    chance = SeededEntropy(b"good").take
    for _time in range(50):
        drawn = suggest(chance, spoken().code)
        judged = judge(" ".join(drawn))
        assert judged.grade is Strength.GOOD or len(set(drawn)) < 6
        assert judged.bits <= bits() + 0.001
        assert same_words("".join(drawn).upper(), drawn)


def test_a_language_without_a_list_has_the_english_one() -> None:
    """Goal: nobody stands without words. Method: a language whose list nobody wrote."""
    assert list_code("so") == "en"
    assert suggest(SeededEntropy(b"so").take, "so")[0] in listed("en")


@given(st.text(max_size=40))
def test_any_text_is_judged(text: str) -> None:
    """Goal: typing never fails. Method: any text; what is longer is never worth less than nothing."""
    judged = judge(text, near=(text[:5],))
    assert judged.bits >= 0
    assert said(text)


@pytest.mark.parametrize("code", LISTS)
def test_each_languages_suggestions_are_good_in_it(code: str) -> None:
    """Goal: no language is scolded for its own words. Method: fifty suggestions, judged in it."""
    chance = SeededEntropy(code.encode()).take
    before = spoken()
    speak(BY_CODE[code], NullTranslations())
    try:
        for _time in range(50):
            drawn = suggest(chance, code)
            assert judge(" ".join(drawn)).grade is Strength.GOOD or len(set(drawn)) < 6
    finally:
        speak(before)

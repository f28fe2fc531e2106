"""Words: the lists are whole, the words follow from the bytes, and comparing does not depend on the side."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.crypto.fingerprint import (
    LANGUAGES,
    comparison_words,
    fingerprint,
    pair_words,
    passphrase_suggestion,
    word_list,
    words,
)
from meshcoal.errors import BadArgument
from meshcoal.wire.terms import WordList


@pytest.mark.parametrize("language", LANGUAGES)
def test_lists_are_whole(language: str) -> None:
    """Goal: 11 bits a word, none twice. Method: count, compare, look at ends of the BIP-39 lists."""
    listed = word_list(language)
    assert len(listed) == len(set(listed)) == 2048
    assert (listed[0], listed[-1]) == {"english": ("abandon", "zoo"), "russian": ("абзац", "ящик")}[language]
    assert all(word.isalpha() and word == word.lower() for word in listed)


def test_the_english_list_is_that_of_bip_39() -> None:
    """Goal: others can check our words. Method: the list's well-known SHA-256."""
    text = "".join(f"{word}\n" for word in word_list("english"))
    assert hashlib.sha256(text.encode()).hexdigest() == (
        "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda"
    )


def test_words_spell_the_hash() -> None:
    """Goal: another program can make the same words. Method: compute them by the written rule."""
    bits = "".join(f"{byte:08b}" for byte in hashlib.blake2b(b"data", person=b"meshcoal-words-1").digest())
    listed = word_list("english")
    expected = [listed[int(bits[11 * place : 11 * place + 11], 2)] for place in range(46)]
    assert list(words(b"data", 46)) == expected
    assert list(words(b"data", 5)) == expected[:5]


def test_a_fingerprint_is_twelve_words_of_one_key() -> None:
    """Goal: a changed key shows. Method: keys that differ in one bit, in each language."""
    person = bytes(range(32))
    for language in LANGUAGES:
        own = fingerprint(person, language)
        assert len(own) == 12
        for bit in range(256):
            other = (int.from_bytes(person, "big") ^ 1 << bit).to_bytes(32, "big")
            assert fingerprint(other, language) != own
    assert fingerprint(person) == fingerprint(person, "english")


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_comparison_words_are_the_same_on_both_sides(a: bytes, b: bytes) -> None:
    """Goal: both people read the same. Method: swap the keys."""
    assert comparison_words(bytes(32), a, b) == comparison_words(bytes(32), b, a)
    assert len(comparison_words(bytes(32), a, b)) == 6


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_pair_words_are_the_same_on_both_sides(a: bytes, b: bytes) -> None:
    """Goal: both people read the same at any time, and another key shows. Method: swap and change keys."""
    for language in LANGUAGES:
        assert pair_words(a, b, language) == pair_words(b, a, language)
        assert len(pair_words(a, b, language)) == 12
    other = bytes([a[0] ^ 1]) + a[1:]
    assert (pair_words(other, b) == pair_words(a, b)) == ({other, b} == {a, b})


def test_pair_words_are_those_of_the_page() -> None:
    """Goal: another program can make them. Method: the example of docs/protocol/introduction.md."""
    a, b = bytes(range(32)), bytes(range(32, 64))
    assert " ".join(pair_words(a, b)) == (
        "cruise lady cry clump boring suit differ pause box field famous flavor"
    )
    assert " ".join(pair_words(a, b, "russian")) == (
        "дневник никуда догадка грош вкус тонкий завтра прийти влияние коллега кисть копать"
    )


def test_every_list_can_be_asked_for() -> None:
    """Goal: what the interface offers exists. Method: compare the API's names with the lists."""
    assert tuple(one.value for one in WordList) == LANGUAGES


def test_comparison_words_depend_on_all_they_should() -> None:
    """Goal: somebody in between shows. Method: change the handshake and each key."""
    a, b, c, h = b"a" * 32, b"b" * 32, b"c" * 32, b"h" * 32
    found = {
        comparison_words(h, a, b),
        comparison_words(c, a, b),
        comparison_words(h, c, b),
        comparison_words(h, a, c),
    }
    assert len(found) == 4
    assert fingerprint(a)[:6] != comparison_words(h, a, b)


def test_suggestions_are_drawn_evenly_from_the_whole_list() -> None:
    """Goal: 66 bits. Method: 3,000 draws of six reach nearly all words, none unduly often, none repeated."""
    entropy = SeededEntropy(b"suggestions")
    drawn = [passphrase_suggestion(entropy) for _ in range(3000)]
    assert len(set(drawn)) == 3000
    counts: dict[str, int] = {}
    for phrase in drawn:
        assert len(phrase) == 6
        for word in phrase:
            counts[word] = counts.get(word, 0) + 1
    assert len(counts) > 2030  # expected 2,047.7 of 2,048
    assert max(counts.values()) < 30  # expected 8.8 each


def test_an_unknown_language_is_told() -> None:
    """Goal: a clear answer. Method: ask for a list that does not exist, or for a path."""
    for language in ("klingon", "../words/english", ""):
        with pytest.raises(BadArgument, match="english and russian"):
            words(b"", 1, language)

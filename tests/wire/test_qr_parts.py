"""Texts in several QR codes."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshcoal.limits import QR_PART_CHARS, QR_PARTS_MAX
from meshcoal.wire.qr_parts import PREFIX, joined, parts_of

TEXTS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=3_000)


@given(st.lists(TEXTS, min_size=1, max_size=3, unique=True), st.integers(0, 2**32))
def test_parts_in_any_order_give_back_every_text(texts: list[str], seed: int) -> None:
    """Goal: order, repeats and several texts at once do no harm. Method: shuffle parts, each twice."""
    codes = [part for text in texts for part in parts_of(text)] * 2
    random.Random(seed).shuffle(codes)
    whole, missing = joined(codes)
    assert sorted(whole) == sorted(texts)
    assert missing == {}


@given(st.lists(st.text(max_size=60), max_size=6))
def test_anything_may_stand_in_a_code(texts: list[str]) -> None:
    """Goal: foreign codes break nothing. Method: any texts; what is no part comes out as it is."""
    whole, missing = joined([*texts, *[PREFIX + text for text in texts]])
    assert missing == {}
    assert set(texts) <= set(whole)


def test_what_is_missing_is_named() -> None:
    """Goal: a person knows which code to photograph. Method: leave two of five out."""
    parts = parts_of("a" * (5 * QR_PART_CHARS))
    assert len(parts) == 5
    whole, missing = joined([parts[4], parts[0], parts[2]])
    assert whole == ()
    assert list(missing.values()) == [(2, 4)]


def test_a_changed_part_makes_nothing_whole() -> None:
    """Goal: no text comes out that nobody wrote. Method: change a letter of one part."""
    parts = list(parts_of("a" * (2 * QR_PART_CHARS)))
    parts[1] = parts[1][:-1] + "b"
    assert joined(parts) == ((), {parts[0].split(":")[1]: (1, 2)})


@pytest.mark.parametrize("place", ["0/2", "3/2", "1/99", "01/2", "1/1x", "1/0"])
def test_an_impossible_place_is_no_part(place: str) -> None:
    """Goal: counts are bounded. Method: numbers that cannot be; each stands as a text of its own."""
    text = f"{PREFIX}{'0' * 16}:{place}:abc"
    assert joined([text]) == ((text,), {})


def test_a_short_text_needs_no_parts() -> None:
    """Goal: one code is not made into two. Method: the longest that fits, and one character more."""
    assert parts_of("a" * QR_PART_CHARS) == ("a" * QR_PART_CHARS,)
    assert len(parts_of("a" * (QR_PART_CHARS + 1))) == 2
    assert len(parts_of("a" * (QR_PART_CHARS * QR_PARTS_MAX))) == QR_PARTS_MAX
    assert all(len(part) <= 858 for part in parts_of("a" * 16_000))  # version 20-L holds as many bytes

"""Slips in codes: any few are enough, in any order, among any others; and no code says anything."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.limits import SLIP_CLASSES_BYTES, SLIP_CODES_PER_PAGE
from meshcoal.wire.slips import (
    codes_of,
    enough_of,
    label_of,
    pages_of,
    slips_in,
    text_slips,
    texts_in,
    texts_of,
)


def slip_of(size: int, seed: int = 0) -> bytes:
    return SeededEntropy(f"{seed}".encode()).take(size)


@pytest.mark.parametrize("size", SLIP_CLASSES_BYTES)
def test_any_few_are_enough(size: int) -> None:
    """Goal: a torn sheet still tells. Method: many choices of as few codes as must do, in any order."""
    slip, (enough, count) = slip_of(size), enough_of(size)
    codes = codes_of(slip)
    assert (len(codes), len(set(codes))) == (count, count)
    dice = random.Random(5)
    for _ in range(25):
        assert slips_in(dice.sample(codes, enough)) == ((slip,), ())
    assert slips_in(codes[-enough:]) == ((slip,), ())


def test_one_less_is_not() -> None:
    """Goal: how much lacks is told. Method: one code less; the same one twice does not help."""
    codes = codes_of(slip_of(4_096))
    whole, (lacking,) = slips_in([*codes[:7], codes[0]])
    assert whole == ()
    assert (lacking.held, lacking.needed, lacking.of) == (7, 8, 10)


def test_the_pages_to_photograph_again_are_named() -> None:
    """Goal: nobody photographs all of it twice. Method: leave out one page, and a single code of another."""
    slip = slip_of(32_768)
    codes, page = codes_of(slip), SLIP_CODES_PER_PAGE
    assert pages_of(len(slip)) == 7
    kept = [code for at, code in enumerate(codes) if at // page not in (2, 4) and at != 0]
    _, (lacking,) = slips_in(kept)
    assert (lacking.label, lacking.pages) == (label_of(slip), (3, 5, 1))
    assert lacking.missing == (0, *range(2 * page, 3 * page), *range(4 * page, 5 * page))


@settings(max_examples=40, deadline=None)
@given(text=st.text(min_size=1, max_size=5_000))
def test_a_text_comes_back_from_its_codes(text: str) -> None:
    """Goal: long texts last on paper. Method: any text, one code in five lost, among other texts."""
    slips = text_slips(text)
    codes = [code for slip in slips for at, code in enumerate(codes_of(slip)) if at % 6]
    assert texts_in(["MESHCOAL1ABC", *reversed(codes)]) == (("MESHCOAL1ABC", text), ())
    assert texts_of([slip_of(2_048), *slips, slips[0]]) == (text,)


def test_a_long_text_takes_several_slips_and_a_damaged_one_none() -> None:
    """Goal: whole or not at all. Method: a text that does not pack, with a slip lost, changed, or a bomb."""
    text = SeededEntropy(b"text").take(100_000).hex()
    slips = text_slips(text)
    assert len(slips) > 1
    assert texts_of(reversed(slips)) == (text,)
    assert texts_of(slips[1:]) == ()
    assert texts_of([slips[0][:100] + bytes([slips[0][100] ^ 1]) + slips[0][101:], *slips[1:]]) == ()
    (bomb,) = text_slips("0" * 200_000)
    assert len(bomb) == 2_048
    assert texts_of([bomb]) == ("0" * 200_000,)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_what_comes_out_is_what_went_in(data: st.DataObject) -> None:
    """Goal: never another text. Method: codes lost, mixed, changed by a letter, in small ones, and junk."""
    size = data.draw(st.sampled_from(SLIP_CLASSES_BYTES[:2]))
    first, second = slip_of(size, 1), slip_of(size, 2)
    codes = [*codes_of(first), *codes_of(second)]
    chosen = data.draw(st.lists(st.sampled_from(codes), max_size=len(codes)))
    changed = []
    for code in chosen:
        at = data.draw(st.integers(-1, len(code) - 1))
        letter = data.draw(st.sampled_from("AZ27"))
        changed.append(code if at < 0 else (code[:at] + letter + code[at + 1 :]).lower())
    changed += data.draw(st.lists(st.text(max_size=40), max_size=3))
    whole, _ = slips_in(data.draw(st.permutations(changed)))
    assert set(whole) <= {first, second}


def test_several_sheets_at_once() -> None:
    """Goal: a heap of photos will do. Method: two slips, mixed, with line breaks as a telephone adds them."""
    first, second = slip_of(2_048, 1), slip_of(8_192, 2)
    codes = [*codes_of(first), *codes_of(second)]
    random.Random(3).shuffle(codes)
    whole, lacking = slips_in([f" {code[:400]}\n{code[400:]} " for code in codes])
    assert (set(whole), lacking) == ({first, second}, ())


def test_a_code_looks_like_chance() -> None:
    """Goal: nothing to recognise. Method: all zeros; letters at each place over the codes of many slips."""
    codes = [code for seed in range(40) for code in codes_of(slip_of(2_048, seed))]
    assert all(re.fullmatch(r"[A-Z2-7]{834}", code) for code in codes)
    for at in range(833):
        assert len({code[at] for code in codes}) > 20, f"letter {at} repeats"

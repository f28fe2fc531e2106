"""One spelling for what somebody looks for, in every script."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshcoal.text.folding import TERMS_MAX, answers, fold, place, question, terms


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("The HEARING moved", "hear"),
        ("Évin, prisión", "evin prision"),
        ("Straße 12", "strasse"),
        ("مُحَاكَمَة الدكتورة", "محاكمه"),
        ("على الطريق", "علي"),
        ("آزادی برای همه", "ازادي"),
        ("کتاب", "كتاب"),
        ("می‌خواهم", "میخواهم"),
        ("ساعت ۱۲", "12"),
        ("Ёлка", "елка"),
        ("自由人权组织", "人权"),
        ("自由人权组织", "组"),
        ("自由人权", "权"),
        ("လွတ်လပ်ခွင့်", "လပ်"),
        ("ประชาธิปไตย", "ธิป"),
        ("ආදරය", "ආද"),
        ("ሰላም ነው", "ሰላ"),
        ("ｆｕｌｌ　ｗｉｄｔｈ", "full width"),
        ("gate-4 at nine", "gate 4"),
    ],
)
def test_found(text: str, asked: str) -> None:
    """Goal: what a person would take for the same is found. Method: a text and a question in each script."""
    wanted = question(asked)
    assert answers(text, wanted)
    assert answers("before " + text + " behind", wanted)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("hearing", "earing"),
        ("自由人权", "由权"),
        ("one two", "one three"),
        ("لا", "نعم"),
        ("", "x"),
        ("abc", ""),
    ],
)
def test_not_found(text: str, asked: str) -> None:
    """Goal: all must be there, words from their beginning, runs as typed. Method: near misses."""
    assert not answers(text, question(asked))


@given(text=st.text(max_size=40), cut=st.data())
def test_a_piece_of_a_text_is_found_by_the_index_too(text: str, cut: st.DataObject) -> None:
    """Goal: the index names whatever answers. Method: any words of any text, by terms and by comparing."""
    words = terms(text)
    if not words:
        return
    asked = question(" ".join(cut.draw(st.lists(st.sampled_from(words), max_size=3))))
    for word in asked.words:
        assert not answers(text, asked) or any(one.startswith(word) for one in words)
    if answers(text, asked):
        found = place(text, asked)
        assert found is not None
        assert 0 <= found[0] < found[1] <= len(text)


@given(st.text(max_size=60))
def test_folding_is_stable(text: str) -> None:
    """Goal: index and question meet. Method: fold twice; and what is found whole answers itself."""
    assert fold(fold(text)) == fold(text)
    asked = question(text)
    assert len(asked.words) + len(asked.runs) <= TERMS_MAX
    if not asked.empty:
        assert answers(text, asked)


def test_the_place_is_that_of_the_text_as_written() -> None:
    """Goal: what is lit up is what was found. Method: folding that makes text before it longer or shorter."""
    text = "Straße, مُحَاكَمَة: Évin"
    for asked, lit in (("evin", "Évin"), ("strasse", "Straße"), ("محاكمه", "مُحَاكَمَة")):
        begin, end = place(text, question(asked)) or (0, 0)
        assert text[begin:end] == lit

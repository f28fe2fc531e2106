"""Paragraphs of two languages beside each other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from meshcoal.text.aligning import Pair, Pairing, aligned

WORDINGS = st.lists(st.sampled_from("abcdef"), max_size=8)


def test_a_translation_follows_its_source_by_number() -> None:
    """Goal: nothing is marked where nothing changed. Method: three paragraphs and their translation."""
    now = ["a", "b", "c"]
    assert aligned(3, 3, now, now) == tuple([Pair(n, n, Pairing.SAME) for n in range(3)])


def test_what_was_changed_put_in_and_taken_out_since_is_told_apart() -> None:
    """Goal: the translator sees what to do. Method: one of each between the source now and as translated."""
    then = ["taken at four", "her brother", "we ask"]
    now = ["taken at five", "we ask", "by friday"]
    assert aligned(3, 3, now, then) == (
        Pair(0, 0, Pairing.CHANGED),
        Pair(None, 1, Pairing.OTHER_ALONE),
        Pair(1, 2, Pairing.SAME),
        Pair(2, None, Pairing.ONE_ALONE),
    )


def test_a_translation_of_other_length_keeps_all_its_paragraphs() -> None:
    """Goal: no paragraph is left out. Method: a translation longer, and one shorter, than its source."""
    now = ["a", "b"]
    assert aligned(2, 3, now, now)[-1] == Pair(None, 2, Pairing.OTHER_ALONE)
    assert aligned(2, 1, now, now)[-1] == Pair(1, None, Pairing.ONE_ALONE)


def test_unrelated_texts_stand_by_number() -> None:
    """Goal: two texts of which neither translates the other can still be read together. Method: no source."""
    assert aligned(1, 2) == (Pair(0, 0, Pairing.SAME), Pair(None, 1, Pairing.OTHER_ALONE))


@given(WORDINGS, WORDINGS, st.integers(0, 9), st.integers(0, 9))
def test_each_paragraph_stands_once_and_in_order(
    one_says: list[str], other_says: list[str], one_count: int, other_count: int
) -> None:
    """Goal: what is read side by side is the whole of both texts. Method: any wordings and lengths."""
    pairs = aligned(one_count, other_count, one_says, other_says)
    assert [pair.one for pair in pairs if pair.one is not None] == list(range(one_count))
    assert [pair.other for pair in pairs if pair.other is not None] == list(range(other_count))
    for pair in pairs:
        assert (pair.other is None) == (pair.pairing is Pairing.ONE_ALONE)
        assert (pair.one is None) == (pair.pairing is Pairing.OTHER_ALONE)

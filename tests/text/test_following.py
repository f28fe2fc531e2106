"""Where a paragraph is in another wording of a text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from meshcoal.text.following import Standing, followed

THEN = ("She was taken at four.", "We ask for her release.", "All of us.")


def test_a_paragraph_is_followed_when_others_come_and_go_before_it() -> None:
    """Goal: a comment moves with its words. Method: put one in before, take one out."""
    assert followed(2, THEN, ("New.", *THEN)) == (3, Standing.SAME)
    assert followed(3, THEN, THEN[1:]) == (2, Standing.SAME)


def test_a_paragraph_that_was_moved_is_found() -> None:
    """Goal: the very words are found wherever they stand. Method: put the last one first."""
    assert followed(1, THEN, (THEN[1], THEN[2], THEN[0])) == (3, Standing.SAME)


def test_a_paragraph_that_was_changed_says_so() -> None:
    """Goal: nobody takes a comment for one on the new words. Method: change the words in place."""
    assert followed(2, THEN, (THEN[0], "Let her go.", THEN[2])) == (2, Standing.CHANGED)


def test_a_paragraph_that_is_gone_says_so() -> None:
    """Goal: what is about words that are gone is not put beside others. Method: take them out."""
    assert followed(2, THEN, (THEN[0], THEN[2])) == (0, Standing.GONE)
    assert followed(4, THEN, THEN) == (0, Standing.GONE)


def test_the_whole_text_stays_the_whole_text() -> None:
    """Goal: what is about everything stays so. Method: a text that has nothing in common."""
    assert followed(0, THEN, ("Other.",)) == (0, Standing.SAME)


WORDS = st.lists(st.sampled_from(("a", "b", "c", "d")), max_size=6)


@given(then=WORDS, now=WORDS)
def test_every_place_exists_and_same_means_same(then: list[str], now: list[str]) -> None:
    """Goal: never beside words that are not there, never "same" of other words, nothing called changed or
    gone that still stands. Method: any two texts."""
    for number, words in enumerate(then, start=1):
        there, standing = followed(number, then, now)
        assert 0 <= there <= len(now)
        assert (there == 0) == (standing is Standing.GONE)
        assert (standing is Standing.SAME) == (words in now)
        if standing is Standing.SAME:
            assert now[there - 1] == words

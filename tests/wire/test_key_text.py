"""The text of a key: one spelling, forgiving to read, and a slip is never taken for another key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshcoal.errors import MalformedKeyText
from meshcoal.wire.key_text import KEY_PREFIX, decode_key_text, encode_key_text

KEYS = st.binary(min_size=32, max_size=32)


@given(KEYS)
def test_what_is_written_is_read(person: bytes) -> None:
    """Goal: round trip, in letters that make a small QR code. Method: any key."""
    text = encode_key_text(person)
    assert decode_key_text(text) == person
    assert len(text) == 68
    assert text.isalnum()
    assert text == text.upper()


def test_the_text_is_that_of_the_page() -> None:
    """Goal: another program can make it. Method: the example of docs/protocol/introduction.md."""
    assert encode_key_text(bytes(range(32))) == (
        "MESHCOALKEY1AAAQEAYEAUDAOCAJBIFQYDIOB4IBCEQTCQKRMFYYDENBWHA5DYPZTLIC"
    )


@given(KEYS, st.sampled_from([" ", "\n", "-", "\r\n", "\t"]), st.integers(1, 20))
def test_case_and_breaks_do_not_matter(person: bytes, gap: str, every: int) -> None:
    """Goal: mail programs and people may break it. Method: lower case, gaps every few letters."""
    text = encode_key_text(person).lower()
    assert decode_key_text(gap.join(text[at : at + every] for at in range(0, len(text), every))) == person


@given(KEYS, st.integers(0, 67), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
def test_a_wrong_letter_is_a_slip_and_not_another_key(person: bytes, at: int, letter: str) -> None:
    """Goal: no false alarm. Method: change one letter anywhere."""
    text = encode_key_text(person)
    if text[at] != letter:
        with pytest.raises(MalformedKeyText):
            decode_key_text(text[:at] + letter + text[at + 1 :])


@pytest.mark.parametrize("text", ["", "hello", KEY_PREFIX, "MESHCOAL1AAAA", "00" * 32, KEY_PREFIX + "1" * 56])
def test_what_is_no_key_is_refused(text: str) -> None:
    """Goal: totality. Method: nothing, an invitation, hexadecimal, letters outside the alphabet."""
    with pytest.raises(MalformedKeyText):
        decode_key_text(text)

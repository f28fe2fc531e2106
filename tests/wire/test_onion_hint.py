"""Onion addresses with their client keys: one spelling, and no other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshcoal.errors import MalformedOnion
from meshcoal.limits import HINT_CHARS_MAX
from meshcoal.wire.onion import OnionHint, decode_onion, encode_onion, is_onion, onion_name

# The Tor Project's own service, with the key that its address holds.
KNOWN = "2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid"

hints = st.builds(
    OnionHint,
    service=st.binary(min_size=32, max_size=32),
    port=st.integers(1, 65_535),
    client=st.one_of(st.just(b""), st.binary(min_size=32, max_size=32)),
)


def test_a_known_address_is_read_and_written() -> None:
    """Goal: our checksum is that of tor. Method: a public address of others' making, there and back."""
    hint = decode_onion(f"{KNOWN}.onion:80")
    assert onion_name(hint.service) == KNOWN
    assert hint.port == 80
    assert hint.client == b""


@given(hints)
def test_what_is_written_is_read(hint: OnionHint) -> None:
    """Goal: nothing is lost, and it fits where addresses stand. Method: any keys and port, there and back."""
    text = encode_onion(hint)
    assert decode_onion(text) == hint
    assert is_onion(text)
    assert len(text) <= HINT_CHARS_MAX


@pytest.mark.parametrize("place", range(56))
def test_one_wrong_letter_is_noticed(place: int) -> None:
    """Goal: no damaged address is dialled. Method: change each letter of one in turn."""
    for letter in "ab":
        if letter != KNOWN[place]:
            with pytest.raises(MalformedOnion):
                decode_onion(f"{KNOWN[:place]}{letter}{KNOWN[place + 1 :]}.onion:80")


@given(st.text(max_size=200))
def test_anything_else_is_refused(text: str) -> None:
    """Goal: no other text passes. Method: any text; what passes is the one spelling."""
    try:
        hint = decode_onion(text)
    except MalformedOnion:
        return
    assert encode_onion(hint) == text


@pytest.mark.parametrize(
    "text",
    [
        f"{KNOWN}.onion",
        f"{KNOWN}.onion:0",
        f"{KNOWN}.onion:65536",
        f"{KNOWN}.onion:080",
        f"{KNOWN.upper()}.onion:80",
        f"www.{KNOWN}.onion:80",
        f"{KNOWN}.onion:80\n",
        f"{'a' * 51}b@{KNOWN}.onion:80",
        f"{'a' * 52}@{KNOWN}.onion:80 x",
        "expyuzz4wqqyqhjn.onion:80",
    ],
)
def test_other_spellings_are_refused(text: str) -> None:
    """Goal: one spelling. Method: near misses: capitals, padding bits, subdomains, version 2, no port."""
    with pytest.raises(MalformedOnion):
        decode_onion(text)

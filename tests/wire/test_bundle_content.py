"""The content of a part: one spelling, bounds, padding that comes off again, and how many parts there are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshcoal.errors import MalformedBundle, OverLimit
from meshcoal.limits import BUNDLE_PART_BYTES
from meshcoal.wire.bundle import (
    Content,
    FilePiece,
    PlacedChunk,
    decode_content,
    encode_content,
    padded_parts,
)

ROOM = 4_096
some_bytes = st.binary(min_size=1, max_size=60)
pieces = st.builds(
    FilePiece,
    file=st.binary(min_size=32, max_size=32),
    manifest=some_bytes,
    chunks=st.lists(st.builds(PlacedChunk, place=st.integers(1, 643), sealed=some_bytes), max_size=3).map(
        tuple
    ),
)
contents = st.builds(
    Content,
    bundle=st.binary(min_size=16, max_size=16),
    number=st.integers(0, 2**40),
    mine=st.binary(min_size=16, max_size=16),
    made_ms=st.integers(0, 2**45),
    first_ms=st.integers(0, 2**45),
    last_ms=st.integers(0, 2**45),
    runs=st.lists(some_bytes, max_size=4).map(tuple),
    operations=st.lists(some_bytes, max_size=4).map(tuple),
    items=st.lists(some_bytes, max_size=4).map(tuple),
    files=st.lists(pieces, max_size=3).map(tuple),
)


@given(contents)
def test_it_comes_back_as_it_was(content: Content) -> None:
    """Goal: nothing is lost in a part. Method: any content, padded and read."""
    padded = encode_content(content, ROOM)
    assert len(padded) == ROOM
    assert decode_content(padded) == content


@given(st.binary(max_size=300))
def test_junk_has_a_code(data: bytes) -> None:
    """Goal: what opens and is nonsense is refused. Method: any bytes, with and without the mark."""
    for tried in (data, data + b"\x80", data + b"\x80" + bytes(9)):
        with pytest.raises((MalformedBundle, OverLimit)):
            decode_content(tried)


@given(contents, st.data())
def test_a_changed_byte_never_passes_unseen(content: Content, data: st.DataObject) -> None:
    """Goal: one spelling. Method: change a byte of the padding: refused, or another content."""
    padded = bytearray(encode_content(content, ROOM))
    at = data.draw(st.integers(0, ROOM - 1))
    padded[at] ^= data.draw(st.integers(1, 255))
    try:
        found: Content | None = decode_content(bytes(padded))
    except (MalformedBundle, OverLimit):
        found = None
    assert found != content


def test_numbers_of_parts_are_few() -> None:
    """Goal: a number tells little. Method: what each becomes, how many there are, what they cost."""
    found = [padded_parts(count) for count in range(1, 2_001)]
    assert found[:12] == [1, 2, 3, 4, 5, 6, 7, 8, 10, 10, 12, 12]
    assert len(set(found)) < 100
    assert all(count <= more <= count * 1.12 + 1 for count, more in enumerate(found, 1))
    assert all(padded_parts(more) == more for more in found)
    assert BUNDLE_PART_BYTES == 2**20

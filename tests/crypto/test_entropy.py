"""Entropy: the real one differs, the seeded one repeats."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from meshcoal.crypto.entropy import Entropy, OsEntropy, SeededEntropy


def test_the_systems_entropy_gives_what_is_asked_for() -> None:
    """Goal: right sizes and no repeats. Method: take some."""
    source: Entropy = OsEntropy()
    assert source.take(0) == b""
    taken = {source.take(32) for _ in range(50)}
    assert len(taken) == 50
    assert {len(part) for part in taken} == {32}


@given(st.binary(max_size=40), st.lists(st.integers(0, 200), max_size=8))
def test_a_seeded_stream_does_not_depend_on_how_it_is_cut(seed: bytes, sizes: list[int]) -> None:
    """Goal: repeatable. Method: take in parts and at once."""
    parts, whole = SeededEntropy(seed), SeededEntropy(seed)
    assert b"".join(parts.take(size) for size in sizes) == whole.take(sum(sizes))


def test_seeded_streams_differ_and_stay_as_they_are() -> None:
    """Goal: a recorded seed replays in a later version. Method: known bytes; another seed has others."""
    assert SeededEntropy(b"seed").take(100) != SeededEntropy(b"seee").take(100)
    assert SeededEntropy(b"seed").take(8).hex() == "cd9159ed253b598c"


def test_a_seeded_stream_does_not_repeat() -> None:
    """Goal: no short cycle. Method: 2,000 blocks, all different."""
    source = SeededEntropy(b"")
    assert len({source.take(64) for _ in range(2000)}) == 2000

"""Shares over GF(2^8): enough give the secret, fewer give nothing."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshcoal.crypto import sharing


def slow_product(a: int, b: int) -> int:
    """In GF(2^8) with AES's polynomial, bit by bit (FIPS 197, section 4.2)."""
    product = 0
    while b:
        product ^= a if b & 1 else 0
        a = a << 1 ^ (0x11B if a & 0x80 else 0)
        b >>= 1
    return product


def slow_share(coefficients: list[bytes], place: int) -> bytes:
    out = bytearray(len(coefficients[0]))
    power = 1
    for coefficient in coefficients:
        for at, value in enumerate(coefficient):
            out[at] ^= slow_product(value, power)
        power = slow_product(power, place)
    return bytes(out)


def test_products_are_those_of_the_field() -> None:
    """Goal: the tables are right. Method: AES's own example, and all products beside slow ones."""
    assert slow_product(0x57, 0x83) == 0xC1  # FIPS 197, section 4.2
    for factor in range(1, 256):
        table = sharing._times(factor)
        assert table == bytes([slow_product(value, factor) for value in range(256)])


@given(parts=st.lists(st.binary(min_size=4, max_size=4), min_size=1, max_size=6), place=st.integers(1, 255))
@settings(max_examples=50, deadline=None)
def test_a_share_is_the_polynomial_s_value(parts: list[bytes], place: int) -> None:
    """Goal: Horner's rule is right. Method: beside powers summed one by one."""
    assert sharing.share(parts, place) == slow_share(parts, place)


@given(
    secret=st.binary(min_size=32, max_size=32),
    others=st.lists(st.binary(min_size=32, max_size=32), max_size=9),
    places=st.sets(st.integers(1, 255), min_size=10, max_size=10),
)
@settings(max_examples=50, deadline=None)
def test_enough_shares_give_the_secret(secret: bytes, others: list[bytes], places: set[int]) -> None:
    """Goal: any shares will do, as long as there are enough. Method: random polynomials and places."""
    parts = [secret, *others]
    shares = {place: sharing.share(parts, place) for place in sorted(places)[: len(parts)]}
    assert sharing.combine(shares) == secret


def test_every_subset_of_three_of_six() -> None:
    """Goal: no subset is left out. Method: all of them; those of two give something else."""
    parts = [b"the secret of us", b"0123456789abcdef", b"another 16 bytes"]
    shares = {place: sharing.share(parts, place) for place in (1, 2, 3, 100, 200, 255)}
    for chosen in itertools.combinations(shares, 3):
        assert sharing.combine({place: shares[place] for place in chosen}) == parts[0]
    for pair in itertools.combinations(shares, 2):
        assert sharing.combine({place: shares[place] for place in pair}) != parts[0]


def test_fewer_shares_fit_every_secret() -> None:
    """Goal: k - 1 shares say nothing at all. Method: for one byte and k = 3, two shares, and each of the 256
    secrets: exactly one polynomial goes through them, so none is likelier than another."""
    held = {1: 0x5A, 7: 0xC3}
    for secret in range(256):
        fitting = 0
        for first in range(256):
            # a + b*x + c*x^2 = y at x = 1: c = y - a - b
            second = held[1] ^ secret ^ first
            fitting += slow_share([bytes([secret]), bytes([first]), bytes([second])], 7) == bytes([held[7]])
        assert fitting == 1


@pytest.mark.parametrize("place", [0, 256])
def test_the_secret_s_own_place_is_no_share(place: int) -> None:
    """Goal: nobody gets the secret for a share. Method: ask for it."""
    with pytest.raises(AssertionError):
        sharing.share([b"secret"], place)

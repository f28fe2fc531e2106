"""Shares of a secret: any `threshold` of them give it back, fewer say nothing (Shamir 1979).

Law: byte by byte over GF(2^8) with the polynomial of AES (x^8 + x^4 + x^3 + x + 1), as SLIP-39 does it; the
secret stands at 0, share j at j, for j from 1 to 255. A field of bytes takes every secret as it is and gives
every share the secret's size; a prime field would refuse some and bias others. Tables are looked up by
secret bytes, so the time a share takes may tell somebody on the same processor about it.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Final

SHARES_MAX: Final = 255


def _tables() -> tuple[bytes, bytes]:
    """Powers of 3, twice over so that sums of logarithms need no modulus, and logarithms to the base 3."""
    powers, logs, value = bytearray(510), bytearray(256), 1
    for exponent in range(255):
        powers[exponent] = powers[exponent + 255] = value
        logs[value] = exponent
        value ^= value << 1 ^ (0x11B if value & 0x80 else 0)
    return bytes(powers), bytes(logs)


_POWERS, _LOGS = _tables()


def share(coefficients: Sequence[bytes], place: int) -> bytes:
    """The polynomial's value at `place` (1 to 255). `coefficients`: the secret, then threshold - 1 others.

    All of one size. The others must be as hard to guess as the secret.
    """
    assert 1 <= place <= SHARES_MAX, "shares stand at 1 to 255"
    size, table = len(coefficients[0]), _times(place)
    value = bytes(size)
    for coefficient in reversed(coefficients):  # Horner's rule
        assert len(coefficient) == size, "all coefficients are of one size"
        value = _sum(value.translate(table), coefficient)
    return value


def combine(shares: Mapping[int, bytes]) -> bytes:
    """What stands at 0 on the polynomial of least degree through these shares (Lagrange).

    With fewer shares than the threshold, or a wrong one among them, something else comes out: callers check
    it against a commitment.
    """
    assert shares, "nothing comes of no shares"
    value = bytes(len(next(iter(shares.values()))))
    for place, held in sorted(shares.items()):
        assert 1 <= place <= SHARES_MAX, "shares stand at 1 to 255"
        weight = 0  # of place, as a logarithm
        for other in shares:
            if other != place:
                weight += _LOGS[other] - _LOGS[other ^ place]
        value = _sum(value, held.translate(_times(_POWERS[weight % 255])))
    return value


@functools.lru_cache(maxsize=256)
def _times(factor: int) -> bytes:
    """Each byte times `factor`, which is not 0."""
    log = _LOGS[factor]
    return bytes([0] + [_POWERS[_LOGS[value] + log] for value in range(1, 256)])


def _sum(one: bytes, other: bytes) -> bytes:
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).to_bytes(len(one), "big")

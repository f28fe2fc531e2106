"""edwards25519 and ristretto255 once more, slowly and from the RFCs alone: the second opinion of the tests.

Extended coordinates and complete addition (RFC 8032, 5.1.4), double-and-add, no library. Written from the
pages docs/protocol/ring-signatures.md names, not from `meshcoal.crypto.ristretto`, of which it takes nothing.
"""

from __future__ import annotations

import hashlib

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
I = pow(2, (P - 1) // 4, P)  # noqa: E741, the root of -1

Point = tuple[int, int, int, int]
ZERO: Point = (0, 1, 1, 0)


def add(a: Point, b: Point) -> Point:
    left, right = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    c, d = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = right - left, d - c, d + c, right + left
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(scalar: int, point: Point) -> Point:
    total = ZERO
    while scalar:
        if scalar & 1:
            total = add(total, point)
        point, scalar = add(point, point), scalar >> 1
    return total


def affine(x: int, y: int) -> Point:
    return x, y, 1, x * y % P


def _root(square: int) -> int | None:
    """The even root, where there is one (RFC 8032, 5.1.1)."""
    root = pow(square, (P + 3) // 8, P)
    if (root * root - square) % P:
        root = root * I % P
    if (root * root - square) % P:
        return None
    return min(root, P - root, key=lambda value: value & 1)


_Y = 4 * pow(5, P - 2, P) % P
_X = _root((_Y * _Y - 1) * pow(D * _Y * _Y + 1, P - 2, P) % P)
assert _X is not None
BASE: Point = affine(_X, _Y)


def spell_curve(point: Point) -> bytes:
    """RFC 8032, 5.1.2."""
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def read(data: bytes) -> Point:
    """RFC 9496, 4.3.1, on fractions as they are defined, not as they are computed quickly."""
    s = int.from_bytes(data, "little")
    assert s < P
    assert s % 2 == 0
    u, w = (1 - s * s) % P, (1 + s * s) % P
    # x^2 = 4 s^2 / (-d u^2 - w^2), the even root; y = u / w
    root = _root(4 * s * s * pow(-D * u * u - w * w, P - 2, P) % P)
    assert root is not None
    y = u * pow(w, P - 2, P) % P
    assert root * y % P % 2 == 0
    assert y
    return affine(root, y)


def to_group(message: bytes, label: bytes) -> Point:
    """hash_to_ristretto255: RFC 9380, 5.3.1 and appendix B; the map is RFC 9496, 4.3.4."""
    tail = label + bytes([len(label)])
    b0 = hashlib.sha512(bytes(128) + message + b"\x00\x40\x00" + tail).digest()
    wide = hashlib.sha512(b0 + b"\x01" + tail).digest()
    return add(_map(wide[:32]), _map(wide[32:]))


def _map(half: bytes) -> Point:
    t = int.from_bytes(half, "little") % 2**255 % P
    r = I * t * t % P
    u, v = (r + 1) * (1 - D * D) % P, (-1 - r * D) * (r + D) % P
    s, c = _root(u * pow(v, P - 2, P) % P), P - 1
    if s is None:
        root = _root(I * u * pow(v, P - 2, P) % P)
        assert root is not None
        s, c = root * t % P, r
        s = -min(s, P - s, key=lambda value: value & 1) % P
    n = (c * (r - 1) * (D - 1) ** 2 - v) % P
    even = _root((-D - 1) % P)
    assert even is not None
    w0, w1, w2, w3 = 2 * s * v, n * (P - even), 1 - s * s, 1 + s * s
    return w0 * w3 % P, w2 * w1 % P, w1 * w3 % P, w0 * w2 % P

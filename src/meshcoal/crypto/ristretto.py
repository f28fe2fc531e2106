"""ristretto255 (RFC 9496): a group of prime order, for ring signatures, tags and blinded passwords.

Law: an element has one spelling, and what is not that spelling is refused where it enters. Everything a
secret is multiplied with goes through libsodium, which takes the same time for every scalar; only what is
public (spelling, unspelling, hashing to the group) is worked out in Python's integers.

PyNaCl's libsodium is built without ristretto255. It has the curve underneath, edwards25519, and refuses to
multiply points outside the subgroup of prime order. An element X is therefore held as 4X: whichever of the
four curve points that stand for X was taken, four times it is the same point, and in that subgroup.
docs/design/0019-ristretto.md says what else was tried; docs/protocol/ring-signatures.md what it is used for.
"""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass, field
from typing import Final

import nacl.bindings

from meshcoal.crypto.entropy import Entropy
from meshcoal.errors import BadKey

ELEMENT_BYTES: Final = 32
SCALAR_BYTES: Final = 32
UNIFORM_BYTES: Final = 64
LABEL_BYTES_MAX: Final = 255  # of a domain separation tag (RFC 9380, section 5.3.1)
ORDER: Final = 2**252 + 27742317777372353535851937790883648493

_DECODED_MAX: Final = 4096  # ring keys are met again and again; they are public
_P: Final = 2**255 - 19
_D: Final = -121665 * pow(121666, -1, _P) % _P
_SQRT_M1: Final = pow(2, (_P - 1) // 4, _P)
_ONE_MINUS_D_SQ: Final = (1 - _D * _D) % _P
_D_MINUS_ONE_SQ: Final = (_D - 1) ** 2 % _P
_IDENTITY: Final = b"\x01" + bytes(31)  # the curve's neutral point, as RFC 8032 spells it
_ZERO: Final = bytes(SCALAR_BYTES)
_FOUR: Final = b"\x04" + bytes(31)
_QUARTER: Final = pow(4, -1, ORDER).to_bytes(32, "little")
_SHA512_BLOCK_BYTES: Final = 128
_SHA512_BYTES: Final = 64


@dataclass(frozen=True, slots=True)
class Element:
    """A member of the group. Made by `decode`, `base_times`, `hash_to_group` and by sums and multiples."""

    quadrupled: bytes = field(repr=False)
    """RFC 8032's 32 bytes of four times the element: of one spelling, and cheaper to have than `encode`."""

    def __add__(self, other: Element) -> Element:
        return Element(nacl.bindings.crypto_core_ed25519_add(self.quadrupled, other.quadrupled))

    def __sub__(self, other: Element) -> Element:
        return Element(nacl.bindings.crypto_core_ed25519_sub(self.quadrupled, other.quadrupled))

    @classmethod
    def identity(cls) -> Element:
        """What changes nothing when it is added."""
        return cls(_IDENTITY)

    @property
    def is_identity(self) -> bool:
        return self.quadrupled == _IDENTITY

    def times(self, scalar: bytes) -> Element:
        """`scalar` (32 bytes, little-endian, below the order) times the element, in constant time."""
        assert len(scalar) == SCALAR_BYTES, "a scalar is 32 bytes"
        # libsodium refuses these two, because nobody should agree on a key with them.
        if scalar == _ZERO or self.is_identity:
            return Element(_IDENTITY)
        return Element(nacl.bindings.crypto_scalarmult_ed25519_noclamp(scalar, self.quadrupled))

    def encode(self) -> bytes:
        """The element's one spelling, 32 bytes. RFC 9496, section 4.3.2. Not in constant time."""
        if self.is_identity:
            return bytes(ELEMENT_BYTES)
        return _spell(*_point(self.times(_QUARTER).quadrupled))


def base_times(scalar: bytes) -> Element:
    """`scalar` times the generator, in constant time."""
    if scalar == _ZERO:
        return Element(_IDENTITY)
    four = nacl.bindings.crypto_core_ed25519_scalar_mul(scalar, _FOUR)
    return Element(nacl.bindings.crypto_scalarmult_ed25519_base_noclamp(four))


@functools.lru_cache(maxsize=_DECODED_MAX)
def decode(data: bytes) -> Element:
    """The element that these 32 bytes spell. RFC 9496, section 4.3.1.

    Raises:
        BadKey: not 32 bytes; not the one spelling of an element; or the identity, which is nobody's key.
    """
    if type(data) is not bytes or len(data) != ELEMENT_BYTES:
        raise BadKey("a group element is 32 bytes")
    s = int.from_bytes(data, "little")
    if s == 0:
        raise BadKey("the group's identity is nobody's key")
    if s >= _P or s & 1:
        raise BadKey("the group element is not in its one canonical spelling")
    ss = s * s % _P
    u1, u2 = (1 - ss) % _P, (1 + ss) % _P
    u2_squared = u2 * u2 % _P
    v = (-_D * u1 * u1 - u2_squared) % _P
    square, inverse = _sqrt_ratio(1, v * u2_squared % _P)
    x = _absolute(2 * s * inverse * u2)
    y = u1 * inverse * inverse * u2 * v % _P
    if not square or x * y % _P & 1 or y == 0:
        raise BadKey("the bytes spell no group element")
    return _quadruple(x, y)


def from_uniform(uniform: bytes) -> Element:
    """The one-way map of RFC 9496, section 4.3.4, from 64 uniform bytes. Not in constant time."""
    assert len(uniform) == UNIFORM_BYTES, "the map takes 64 bytes"
    return _map(uniform[:32]) + _map(uniform[32:])


def hash_to_group(message: bytes, label: bytes) -> Element:
    """hash_to_ristretto255 (RFC 9380, appendix B) with SHA-512. Nobody knows its logarithm.

    Not in constant time: what is hashed should be public, or blinded where timing can be watched.
    """
    return from_uniform(expand(message, label, UNIFORM_BYTES))


def hash_to_scalar(message: bytes, label: bytes) -> bytes:
    """A scalar that follows from a message: RFC 9497, section 4.1."""
    return reduce_scalar(expand(message, label, UNIFORM_BYTES))


def expand(message: bytes, label: bytes, size: int) -> bytes:
    """expand_message_xmd with SHA-512 (RFC 9380, section 5.3.1): `size` bytes, 1 to 16,320."""
    assert 1 <= len(label) <= LABEL_BYTES_MAX, "a label is 1 to 255 bytes"
    blocks = -(-size // _SHA512_BYTES)
    assert 1 <= blocks <= 255, "at most 255 blocks come out"
    label_prime = label + bytes([len(label)])
    first = bytes(_SHA512_BLOCK_BYTES) + message + size.to_bytes(2, "big") + b"\x00" + label_prime
    b0 = int.from_bytes(hashlib.sha512(first).digest(), "big")
    block, out = 0, b""
    for number in range(1, blocks + 1):
        mixed = (b0 ^ block).to_bytes(_SHA512_BYTES, "big")
        digest = hashlib.sha512(mixed + bytes([number]) + label_prime).digest()
        block, out = int.from_bytes(digest, "big"), out + digest
    return out[:size]


# --- Scalars: 32 bytes, little-endian, below the order


def is_scalar(data: bytes) -> bool:
    """Whether these bytes are the one spelling of a scalar; zero is one."""
    return len(data) == SCALAR_BYTES and int.from_bytes(data, "little") < ORDER


def reduce_scalar(wide: bytes) -> bytes:
    """The scalar that 64 bytes leave over when divided by the order."""
    assert len(wide) == UNIFORM_BYTES, "64 bytes are reduced, so that no scalar is likelier than another"
    return nacl.bindings.crypto_core_ed25519_scalar_reduce(wide)


def random_scalar(entropy: Entropy) -> bytes:
    """A uniform scalar, never zero."""
    while True:
        scalar = reduce_scalar(entropy.take(UNIFORM_BYTES))
        if scalar != _ZERO:
            return scalar


def multiply(a: bytes, b: bytes) -> bytes:
    """a * b modulo the order, in constant time."""
    return nacl.bindings.crypto_core_ed25519_scalar_mul(a, b)


def subtract(a: bytes, b: bytes) -> bytes:
    """a - b modulo the order, in constant time."""
    return nacl.bindings.crypto_core_ed25519_scalar_sub(a, b)


def invert(scalar: bytes) -> bytes:
    """1 / scalar modulo the order, in constant time; not of zero."""
    assert scalar != _ZERO, "zero has no inverse"
    return nacl.bindings.crypto_core_ed25519_scalar_invert(scalar)


# --- The field, and the curve behind the spelling


def _sqrt_ratio(u: int, v: int) -> tuple[bool, int]:
    """RFC 9496, section 4.2: whether u/v is a square, and the root of u/v or of i * u/v that is even."""
    v3 = v * v * v % _P
    r = u * v3 * pow(u * v3 * v3 * v, (_P - 5) // 8, _P) % _P
    check = v * r * r % _P
    minus_u = -u % _P
    square = check == u % _P
    if check in (minus_u, minus_u * _SQRT_M1 % _P):
        r = r * _SQRT_M1 % _P
    return square or check == minus_u, _absolute(r)


def _absolute(x: int) -> int:
    x %= _P
    return _P - x if x & 1 else x


_, _INVSQRT_A_MINUS_D = _sqrt_ratio(1, (-1 - _D) % _P)
# RFC 9496, section 4.1: the root of a*d - 1 that is odd.
_SQRT_AD_MINUS_ONE: Final = _P - _sqrt_ratio((-_D - 1) % _P, 1)[1]


def _quadruple(x: int, y: int) -> Element:
    point = (y | (x & 1) << 255).to_bytes(32, "little")
    twice = nacl.bindings.crypto_core_ed25519_add(point, point)
    return Element(nacl.bindings.crypto_core_ed25519_add(twice, twice))


def _point(encoded: bytes) -> tuple[int, int]:
    """x and y of a point that libsodium spelled (RFC 8032, section 5.1.3)."""
    number = int.from_bytes(encoded, "little")
    y = number & (1 << 255) - 1
    square, x = _sqrt_ratio((y * y - 1) % _P, (_D * y * y + 1) % _P)
    assert square, "libsodium gives points of the curve"
    return (_P - x if x & 1 != number >> 255 else x), y


def _spell(x: int, y: int) -> bytes:
    """RFC 9496, section 4.3.2, for a point with z = 1."""
    u1 = (1 + y) * (1 - y) % _P
    u2 = x * y % _P
    _, inverse = _sqrt_ratio(1, u1 * u2 * u2 % _P)
    den1, den2 = inverse * u1 % _P, inverse * u2 % _P
    z_inverse = den1 * den2 * x * y % _P
    den_inverse = den2
    if x * y * z_inverse % _P & 1:
        x, y = y * _SQRT_M1 % _P, x * _SQRT_M1 % _P
        den_inverse = den1 * _INVSQRT_A_MINUS_D % _P
    if x * z_inverse % _P & 1:
        y = -y % _P
    return _absolute(den_inverse * (1 - y)).to_bytes(32, "little")


def _map(half: bytes) -> Element:
    """RFC 9496, section 4.3.4, MAP: Elligator 2 on the Jacobi quartic."""
    t = int.from_bytes(half, "little") & (1 << 255) - 1
    r = _SQRT_M1 * t * t % _P
    u = (r + 1) * _ONE_MINUS_D_SQ % _P
    v = (-1 - r * _D) * (r + _D) % _P
    square, s = _sqrt_ratio(u, v)
    c = -1
    if not square:
        s, c = -_absolute(s * t) % _P, r
    n = (c * (r - 1) * _D_MINUS_ONE_SQ - v) % _P
    ss = s * s % _P
    w1, w3 = n * _SQRT_AD_MINUS_ONE % _P, (1 + ss) % _P
    inverse = pow(w1 * w3, -1, _P)
    return _quadruple(2 * s * v * w3 * inverse % _P, (1 - ss) * w1 * inverse % _P)

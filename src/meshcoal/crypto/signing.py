"""Ed25519 (RFC 8032): who wrote it.

Law: one key, one signature, one verdict, on every machine. A public key is refused unless it is the one
canonical spelling of a point in the prime-order subgroup; a signature is refused unless S is below the group
order. Otherwise a small-order key can carry a signature that "holds" for any text in some libraries and for
none in others, and a statement's tally would depend on who counts.
"""

from __future__ import annotations

import functools
from typing import Final

import nacl.bindings
import nacl.exceptions

from meshcoal.errors import BadKey, BadSignature

SEED_BYTES: Final = 32
PUBLIC_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64

_CHECKED_KEYS_MAX: Final = (
    4096  # each check multiplies by the group order: 44 us, so known keys are remembered
)
_ORDER: Final = 2**252 + 27742317777372353535851937790883648493


class SigningKey:
    """A private Ed25519 key, made from 32 bytes of seed."""

    __slots__ = ("_secret", "public")

    def __init__(self, seed: bytes) -> None:
        assert type(seed) is bytes, "a seed is bytes"
        assert len(seed) == SEED_BYTES, "a seed is 32 bytes"
        self.public, self._secret = nacl.bindings.crypto_sign_seed_keypair(seed)

    @classmethod
    def from_seed(cls, seed: bytes) -> SigningKey:
        """The key of a 32-byte seed; the same seed always gives the same key."""
        return cls(seed)

    @property
    def seed(self) -> bytes:
        """32 bytes, secret."""
        return self._secret[:SEED_BYTES]

    def sign(self, message: bytes) -> bytes:
        """64 bytes. The message begins with its context (docs/protocol/contexts.md)."""
        return nacl.bindings.crypto_sign(message, self._secret)[:SIGNATURE_BYTES]

    def __repr__(self) -> str:
        return "SigningKey(...)"


def verify(public: bytes, message: bytes, signature: bytes) -> None:
    """Return only if `signature` is by the holder of `public` over `message`.

    Raises:
        BadKey: `public` fails `check_public`.
        BadSignature: not 64 bytes, S not below the group order, or not a signature over this message.

    Source: RFC 8032 section 5.1.7, the equation without the cofactor, as libsodium checks it.
    """
    check_public(public)
    if type(signature) is not bytes or len(signature) != SIGNATURE_BYTES:
        raise BadSignature("a signature is 64 bytes")
    # libsodium checks this as well; it is here because our verdict rests on it.
    if int.from_bytes(signature[32:], "little") >= _ORDER:
        raise BadSignature("the signature is not in its one canonical spelling")
    try:
        nacl.bindings.crypto_sign_open(signature + message, public)
    except nacl.exceptions.BadSignatureError as exc:
        raise BadSignature("the signature does not hold") from exc


def check_public(public: bytes) -> None:
    """Refuse a public key that could make two libraries disagree. Call it wherever such a key enters.

    Raises:
        BadKey: not 32 bytes; y not below 2^255 - 19 (all non-canonical spellings); not on the curve;
            of small order; or with a small-order component (outside the prime-order subgroup).
    """
    if type(public) is not bytes or len(public) != PUBLIC_BYTES:
        raise BadKey("a signing key is 32 bytes")
    if not _is_sound(public):
        raise BadKey("the signing key is of small order or not in its one canonical spelling")


@functools.lru_cache(maxsize=_CHECKED_KEYS_MAX)
def _is_sound(public: bytes) -> bool:
    return bool(nacl.bindings.crypto_core_ed25519_is_valid_point(public))

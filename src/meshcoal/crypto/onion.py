"""Keys of onion services, in the forms tor takes.

Law: the service's key is an Ed25519 seed of 32 bytes; tor gets it expanded, as its control protocol asks for
it, and nothing here keeps the expanded form. Source: RFC 8032, section 5.1.5; tor's control-spec,
`ADD_ONION`.
"""

from __future__ import annotations

import hashlib
from typing import Final

from meshcoal.crypto.agreement import AgreementKey
from meshcoal.crypto.signing import SigningKey

EXPANDED_BYTES: Final = 64


def service_public(seed: bytes) -> bytes:
    """The 32-byte Ed25519 public key of which the onion address is made."""
    return SigningKey.from_seed(seed).public


def expanded(seed: bytes) -> bytes:
    """64 bytes, secret: the clamped scalar and the prefix for nonces."""
    assert len(seed) == 32, "a seed is 32 bytes"
    digest = bytearray(hashlib.sha512(seed).digest())
    digest[0] &= 248
    digest[31] &= 63
    digest[31] |= 64
    return bytes(digest)


def client_public(private: bytes) -> bytes:
    """The 32-byte X25519 public key that the service lists, of a client's 32-byte private key."""
    return AgreementKey.from_private(private).public

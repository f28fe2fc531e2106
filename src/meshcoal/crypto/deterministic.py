"""A sealer that can be repeated to the byte. For the simulator only: NEVER outside it.

Law: passes the same contract as `agreement.XWingSealer` (tests/contract/test_sealer.py), with the same sizes
and the same errors, but draws its chance from the `Entropy` it is given. It is X25519 alone, padded to the
size of X-Wing, so it gives no protection against a quantum computer. Ours, unreviewed, and for no secret.
"""

from __future__ import annotations

import hashlib
from typing import Final

from meshcoal.crypto.agreement import (
    PUBLIC_BYTES,
    SEALER_KEM_BYTES,
    SEALER_OVERHEAD_BYTES,
    SEALER_PUBLIC_BYTES,
    SEALER_SEED_BYTES,
    AgreementKey,
    check_agreement_public,
)
from meshcoal.crypto.entropy import Entropy
from meshcoal.crypto.sealing import NONCE_BYTES, derive, seal, unseal
from meshcoal.errors import BadKey, BadSeal

_CONTEXT: Final = b"meshcoal simulator seal 1"
_SEED_CONTEXT: Final = b"meshcoal simulator seed 1"
_ZERO_NONCE: Final = bytes(NONCE_BYTES)


class DeterministicSealer:
    """`Sealer` for the simulator: the n-th seal of a world is the same in every run of its seed."""

    public_bytes: int = SEALER_PUBLIC_BYTES

    def __init__(self, entropy: Entropy) -> None:
        self._entropy = entropy

    def public_of(self, seed: bytes) -> bytes:
        return _stretch(_key(seed).public, SEALER_PUBLIC_BYTES)

    def check_public(self, public: bytes) -> None:
        _agreement_half(public)

    def seal(self, public: bytes, plaintext: bytes, info: bytes) -> bytes:
        recipient = _agreement_half(public)
        ephemeral = AgreementKey(self._entropy.take(32))
        head = _stretch(ephemeral.public, SEALER_KEM_BYTES)
        key = derive(ephemeral.exchange(recipient), _CONTEXT, ephemeral.public + recipient + info)
        return head + seal(key, _ZERO_NONCE, plaintext, head)

    def open(self, seed: bytes, sealed: bytes, info: bytes) -> bytes:
        key = _key(seed)
        if len(sealed) < SEALER_OVERHEAD_BYTES:
            raise BadSeal("the seal is too short")
        head, ciphertext = sealed[:SEALER_KEM_BYTES], sealed[SEALER_KEM_BYTES:]
        ephemeral = head[:PUBLIC_BYTES]
        try:
            shared = key.exchange(ephemeral)
        except BadKey as exc:
            raise BadSeal("the seal does not hold") from exc
        return unseal(derive(shared, _CONTEXT, ephemeral + key.public + info), _ZERO_NONCE, ciphertext, head)


def _key(seed: bytes) -> AgreementKey:
    assert len(seed) == SEALER_SEED_BYTES, "a seed is 32 bytes"
    return AgreementKey(derive(seed, _SEED_CONTEXT))


def _stretch(public: bytes, size: int) -> bytes:
    """A public key followed by bytes that follow from it: the size of the real thing, one spelling."""
    return public + hashlib.shake_256(public).digest(size - len(public))


def _agreement_half(public: bytes) -> bytes:
    if type(public) is not bytes or len(public) != SEALER_PUBLIC_BYTES:
        raise BadKey(f"a sealing key is {SEALER_PUBLIC_BYTES} bytes")
    # The real key is ML-KEM first, X25519 last; here the order is of no consequence.
    half = public[:PUBLIC_BYTES]
    check_agreement_public(half)
    if public != _stretch(half, SEALER_PUBLIC_BYTES):
        raise BadKey("the sealing key is not in its one canonical spelling")
    return half

"""A sealer and a KEM that can be repeated to the byte. For the simulator only: NEVER outside it.

Law: they pass the same contracts as `agreement.XWingSealer` and `kem.MLKEM768` (tests/contract/), with the
same sizes and errors, but draw their chance from the `Entropy` they are given. The sealer is X25519 alone,
padded to the size of X-Wing; the KEM is a hash and hides nothing at all from who sees its ciphertext, so that
a link of the simulator is as good as its X25519. Ours, unreviewed, and for no secret.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
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
from meshcoal.crypto.kem import (
    KEM_CIPHERTEXT_BYTES,
    KEM_PUBLIC_BYTES,
    KEM_SECRET_BYTES,
    KEM_SEED_BYTES,
    KemKey,
)
from meshcoal.crypto.sealing import NONCE_BYTES, derive, seal, unseal
from meshcoal.errors import BadKey, BadSeal

_CONTEXT: Final = b"meshcoal simulator seal 1"
_SEED_CONTEXT: Final = b"meshcoal simulator seed 1"
_KEM_CONTEXT: Final = b"meshcoal simulator kem 1"
_KEM_CHANCE_BYTES: Final = 32
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

    def opener(self, seed: bytes) -> Callable[[bytes, bytes], bytes]:
        return functools.partial(self.open, seed)


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


class _DeterministicKey:
    __slots__ = ("_seed", "public")

    def __init__(self, seed: bytes) -> None:
        self._seed = seed
        self.public = _stretch(derive(seed, _KEM_CONTEXT, b"public"), KEM_PUBLIC_BYTES)

    def decapsulate(self, ciphertext: bytes) -> bytes:
        if len(ciphertext) != KEM_CIPHERTEXT_BYTES:
            raise BadKey(f"a KEM ciphertext is {KEM_CIPHERTEXT_BYTES} bytes")
        chance = ciphertext[:_KEM_CHANCE_BYTES]
        if ciphertext != _ciphertext(chance, self.public):
            return derive(self._seed, _KEM_CONTEXT, b"rejected" + ciphertext)
        return _secret(chance, self.public)


class DeterministicKem:
    """`Kem` for the simulator: the n-th encapsulation of a world is the same in every run of its seed."""

    # Another name than the real one: a link of the simulator's kind and a real one never come about.
    name: str = "Simulated"

    def __init__(self, entropy: Entropy) -> None:
        self._entropy = entropy

    def key_of(self, seed: bytes) -> KemKey:
        assert len(seed) == KEM_SEED_BYTES, "a KEM seed is 64 bytes"
        return _DeterministicKey(seed)

    def encapsulate(self, public: bytes) -> tuple[bytes, bytes]:
        if len(public) != KEM_PUBLIC_BYTES:
            raise BadKey(f"a KEM key is {KEM_PUBLIC_BYTES} bytes")
        if public != _stretch(public[:PUBLIC_BYTES], KEM_PUBLIC_BYTES):
            raise BadKey("the KEM key is not in its one canonical spelling")
        chance = self._entropy.take(_KEM_CHANCE_BYTES)
        return _ciphertext(chance, public), _secret(chance, public)


def _ciphertext(chance: bytes, public: bytes) -> bytes:
    tail = KEM_CIPHERTEXT_BYTES - _KEM_CHANCE_BYTES
    return chance + hashlib.shake_256(chance + public).digest(tail)


def _secret(chance: bytes, public: bytes) -> bytes:
    return derive(chance, _KEM_CONTEXT, b"secret" + public, KEM_SECRET_BYTES)

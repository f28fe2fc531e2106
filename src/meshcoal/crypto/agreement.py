"""Agreeing on a key: X25519 (RFC 7748) for links, HPKE with X-Wing for what is sealed to one person.

Law: a public key is refused, wherever it enters, when it is of small order or not in its one canonical
spelling; and no agreement ever yields the all-zero secret. What is sealed to a person stays closed to a
future quantum computer: X-Wing joins X25519 with ML-KEM-768 and holds while either holds.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from meshcoal.errors import BadKey, BadSeal, Unsupported

PRIVATE_BYTES: Final = 32
PUBLIC_BYTES: Final = 32
SHARED_BYTES: Final = 32

SEALER_SEED_BYTES: Final = 32
SEALER_PUBLIC_BYTES: Final = 1184 + 32  # ML-KEM-768 encapsulation key, X25519 public key
SEALER_KEM_BYTES: Final = 1088 + 32  # ML-KEM-768 ciphertext, ephemeral X25519 public key
SEALER_OVERHEAD_BYTES: Final = SEALER_KEM_BYTES + 16

_MLKEM_PUBLIC_BYTES: Final = 1184
_MLKEM_SEED_BYTES: Final = 64
_FIELD: Final = 2**255 - 19
_PARSED_KEYS_MAX: Final = 512

# u-coordinates of order 1, 2, 4 and 8 on the curve and its twist, in canonical spelling.
_SMALL_ORDER_U: Final = frozenset(
    {
        0,
        1,
        _FIELD - 1,
        325606250916557431795983626356110631294008115727848805560023387167927233504,
        39382357235489614581723060781553021112529911719440698176882885853963445705823,
    }
)


class AgreementKey:
    """A private X25519 key: 32 bytes, clamped when used."""

    __slots__ = ("_key", "private", "public")

    def __init__(self, private: bytes) -> None:
        assert type(private) is bytes, "a private key is bytes"
        assert len(private) == PRIVATE_BYTES, "a private key is 32 bytes"
        self.private = private
        self._key = X25519PrivateKey.from_private_bytes(private)
        self.public = self._key.public_key().public_bytes_raw()

    @classmethod
    def from_private(cls, private: bytes) -> AgreementKey:
        """The key of 32 uniform bytes."""
        return cls(private)

    def exchange(self, public: bytes) -> bytes:
        """32 bytes that the holder of `public` computes as well. Derive keys from it; never use it as one.

        Raises:
            BadKey: `public` fails `check_agreement_public`, or the result is all zeros (RFC 7748, 6.1).
        """
        check_agreement_public(public)
        try:
            shared = self._key.exchange(X25519PublicKey.from_public_bytes(public))
        except ValueError as exc:
            raise BadKey("the agreement key is of small order") from exc
        if shared == bytes(SHARED_BYTES):
            raise BadKey("the agreement key is of small order")
        return shared

    def __repr__(self) -> str:
        return "AgreementKey(...)"


def check_agreement_public(public: bytes) -> None:
    """Refuse an X25519 public key that has a second spelling or yields a known secret.

    Stricter than RFC 7748 section 5, which masks the high bit and reduces: with one spelling per key,
    two different byte strings are two different people.

    Raises:
        BadKey: not 32 bytes, high bit set, u not below 2^255 - 19, or u of small order.
    """
    if type(public) is not bytes or len(public) != PUBLIC_BYTES:
        raise BadKey("an agreement key is 32 bytes")
    u = int.from_bytes(public, "little")
    if u >= _FIELD:
        raise BadKey("the agreement key is not in its one canonical spelling")
    if u in _SMALL_ORDER_U:
        raise BadKey("the agreement key is of small order")


class Sealer(Protocol):
    """Seals bytes so that one person can open them. Contract: tests/contract/test_sealer.py."""

    public_bytes: int

    def public_of(self, seed: bytes) -> bytes:
        """The public key of a 32-byte secret seed."""

    def check_public(self, public: bytes) -> None:
        """Raises `BadKey` unless `public` is a sound key in its one canonical spelling."""

    def seal(self, public: bytes, plaintext: bytes, info: bytes) -> bytes:
        """Seal to the holder of `public`; adds `SEALER_OVERHEAD_BYTES`. Raises `BadKey`.

        `info` binds the seal to its place (context, campaign, sender, recipient, ...) and is not sent.
        The sender is not authenticated: a signature around it does that.
        """

    def open(self, seed: bytes, sealed: bytes, info: bytes) -> bytes:
        """Inverse of `seal`. Raises `BadSeal` for another key or `info`, a changed byte or a wrong length."""

    def opener(self, seed: bytes) -> Callable[[bytes, bytes], bytes]:
        """`open` for one seed, of (sealed, info): what follows from the seed alone is done once."""


class XWingSealer:
    """HPKE base mode (RFC 9180), X-Wing KEM 0x647a, HKDF-SHA256, ChaCha20-Poly1305, one message per key.

    The seed is 32 bytes, expanded by SHAKE256 to the 64 bytes of an ML-KEM-768 seed (d, z) and an X25519
    private key (draft-connolly-cfrg-xwing-kem section 5.2). Public key: 1184 + 32 bytes. Sealed: 1120 bytes
    of KEM ciphertext, the ciphertext, a 16-byte tag. Randomness comes from OpenSSL, so a seed does not
    reach it: the simulator uses `crypto.deterministic`.

    Raises:
        Unsupported: on construction, when the installed OpenSSL has no ML-KEM.
    """

    public_bytes: int = SEALER_PUBLIC_BYTES

    def __init__(self) -> None:
        try:
            _private(bytes(SEALER_SEED_BYTES))
            self._suite = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
        except UnsupportedAlgorithm as exc:
            raise Unsupported(
                "This machine's OpenSSL has no ML-KEM. Install the official `cryptography` wheel,"
                " or OpenSSL 3.5 or later."
            ) from exc

    def public_of(self, seed: bytes) -> bytes:
        mlkem, x25519 = _halves(seed)
        return mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()

    def check_public(self, public: bytes) -> None:
        _parse(public)

    def seal(self, public: bytes, plaintext: bytes, info: bytes) -> bytes:
        try:
            return self._suite.encrypt(plaintext, _parse(public), info=info)
        except ValueError as exc:  # an agreement that came out as zero
            raise BadKey("the sealing key is not sound") from exc

    def open(self, seed: bytes, sealed: bytes, info: bytes) -> bytes:
        return self.opener(seed)(sealed, info)

    def opener(self, seed: bytes) -> Callable[[bytes, bytes], bytes]:
        private = _private(seed)

        def opened(sealed: bytes, info: bytes) -> bytes:
            if len(sealed) < SEALER_OVERHEAD_BYTES:
                raise BadSeal("the seal is too short")
            try:
                return self._suite.decrypt(sealed, private, info=info)
            except (InvalidTag, ValueError) as exc:
                raise BadSeal("the seal does not hold") from exc

        return opened


def _halves(seed: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    assert type(seed) is bytes, "a seed is bytes"
    assert len(seed) == SEALER_SEED_BYTES, "a seed is 32 bytes"
    expanded = hashlib.shake_256(seed).digest(_MLKEM_SEED_BYTES + PRIVATE_BYTES)
    return (
        MLKEM768PrivateKey.from_seed_bytes(expanded[:_MLKEM_SEED_BYTES]),
        X25519PrivateKey.from_private_bytes(expanded[_MLKEM_SEED_BYTES:]),
    )


def _private(seed: bytes) -> MLKEM768X25519PrivateKey:
    return MLKEM768X25519PrivateKey(*_halves(seed))


@functools.lru_cache(maxsize=_PARSED_KEYS_MAX)
def _parse(public: bytes) -> MLKEM768X25519PublicKey:
    """Raises `BadKey`. Parsed keys are public, so remembering them gives nothing away."""
    if type(public) is not bytes or len(public) != SEALER_PUBLIC_BYTES:
        raise BadKey(f"a sealing key is {SEALER_PUBLIC_BYTES} bytes")
    x25519 = public[_MLKEM_PUBLIC_BYTES:]
    check_agreement_public(x25519)
    try:
        # Refuses coefficients not below q (FIPS 203 section 7.2, "modulus check").
        mlkem = MLKEM768PublicKey.from_public_bytes(public[:_MLKEM_PUBLIC_BYTES])
    except ValueError as exc:
        raise BadKey("the sealing key is not in its one canonical spelling") from exc
    return MLKEM768X25519PublicKey(mlkem, X25519PublicKey.from_public_bytes(x25519))
